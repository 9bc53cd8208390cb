"""Cuts Markdown into leaves as it streams in, looking at each line once."""

from __future__ import annotations

from dataclasses import replace

from plugsky_tui.frontends.markdown.blocks import BlockParser, State
from plugsky_tui.frontends.markdown.leaves import Code, Leaf, Paragraph, Table
from plugsky_tui.frontends.markdown.lines import LONGEST, cut_at, patterns


class Splitter:
    """`feed` text as it comes, then `peek` to see it with its unfinished last line, at the end `finish`.

    `leaves` is the result so far. A leaf that is not the last never changes again.
    """

    def __init__(self) -> None:
        self._parser = BlockParser()
        self._pending: list[str] = []  # the pieces of the unfinished last line
        self._offset = 0  # where that line begins
        self._kept: tuple[State, int, int] | None = None  # what to go back to after a peek

    @property
    def leaves(self) -> list[Leaf]:
        return self._parser.leaves

    def feed(self, text: str) -> int:
        """Take the next piece of text. The number of the first leaf that may have changed."""
        changed = self._forget_peek()
        self._pending.append(text)
        if "\n" in text:
            *lines, rest = "".join(self._pending).split("\n")
            for line in lines:
                self._take(line)
            self._pending = [rest]
        elif sum(map(len, self._pending)) <= LONGEST:
            return changed
        self._pending = [self._take_parts("".join(self._pending))]
        return changed

    def peek(self) -> None:
        """Add the unfinished line to `leaves` as what it looks to be. The next `feed` takes it out again."""
        if self._kept is not None:
            return
        line = "".join(self._pending)
        if not line or (not self._parser.state.mid and self._undecided(line)):
            return
        last = self.leaves[-1].end if self.leaves else 0
        self._kept = self._parser.state, len(self.leaves), last
        self._parser.state = replace(self._parser.state)
        self._parser.trying = True
        self._parser.line(line, self._offset, self._offset + len(line))
        self._parser.trying = False

    def finish(self) -> int:
        """Take the last line as complete. As `feed`."""
        changed = self._forget_peek()
        rest, self._pending = "".join(self._pending), []
        if rest:
            self._take(rest)
        self._parser.state = State()
        return changed

    # --- Lines -----------------------------------------------------------------------------------------------

    def _forget_peek(self) -> int:
        """Go back to before the peek. The number of the first leaf that may change from now on."""
        if self._kept is not None:
            self._parser.state, count, end = self._kept
            self._kept = None
            del self.leaves[count:]
            if count:
                last = self.leaves[-1]
                last.end = end
                if isinstance(last, Paragraph | Code | Table):
                    last.partial = None
        return len(self.leaves) - (self._parser.state.open is not None)

    def _undecided(self, line: str) -> bool:
        state = self._parser.state
        if state.fence:
            return state.fence != " " and not line.strip(" >" + state.fence[0])
        return patterns().undecided.match(line) is not None

    def _take(self, line: str) -> None:
        line = self._take_parts(line)
        self._parser.line(line, self._offset, self._offset + len(line))
        self._parser.state.mid = False
        self._offset += len(line) + 1

    def _take_parts(self, line: str) -> str:
        """Take the beginning of a line that is too long, part by part; what is left of it."""
        place = 0
        while len(line) - place > LONGEST:
            part = line[place : place + LONGEST]
            if not self._parser.state.fence:
                part = part[: cut_at(part)]
            self._parser.line(part, self._offset, self._offset + len(part))
            self._parser.state.mid = True
            self._offset += len(part)
            place += len(part)
        return line[place:]
