"""Everything that is printed, in order. What stands on the paper stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from shutil import get_terminal_size
from typing import IO, TYPE_CHECKING, Literal, TextIO, cast

from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.text import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# What a line is, for its colour. It is never told by the colour alone.
Role = Literal["", "prompt", "title", "faint", "tool", "error", "warning", "added", "removed", "code", "output"]
Line = tuple[Role, str]

STYLES: dict[Role, str] = {
    "": "",
    "prompt": "bold cyan",
    "title": "bold",
    "faint": "dim",
    "tool": "cyan",
    "error": "red",
    "warning": "yellow",
    "added": "green",
    "removed": "red",
    "code": "cyan",
    "output": "",
}
_AS_IT_IS: frozenset[Role] = frozenset({"added", "removed", "code", "output"})  # no break is put between their words


class Paper:
    """Prints on `stream`. All text is cleaned here: nothing that a terminal would obey goes through.

    `gone` is called once where nobody reads any more; what is printed after that is lost.
    """

    def __init__(self, stream: TextIO, manner: Manner, gone: Callable[[], None] = lambda: None) -> None:
        self._stream = stream
        self._manner = manner
        self._gone = gone
        self._lost = False
        self._mid = False  # the last line is not ended yet
        self._blank = True  # the last line is empty, or there is none
        self._notes: list[Line] = []
        self._console: Console | None = None
        self.styles = dict(STYLES)

    @property
    def width(self) -> int:
        """Columns; 0 where lines are not to be broken: the terminal, or whoever reads, does it better."""
        return 0 if self._manner.plain or self._manner.spoken else max(self._rich().width, 10)

    def line(self, text: str = "", role: Role = "") -> None:
        """One line, or several where `text` has line ends."""
        self.end_line()
        text = clean(text)
        if self._manner.plain or self._manner.spoken:
            self._write(text + "\n")
            return
        if not self.styles[role] and text.isascii() and len(text) < get_terminal_size().columns and "\t" not in text:
            self._write(text + "\n")  # as it is: what is printed before the first prompt should not wait for rich
            return
        from rich.text import Text

        styled = Text(text, self.styles[role])
        if role in _AS_IT_IS:
            self.styled(styled)
            return
        for line in styled.wrap(self._rich(), self.width):
            line.rstrip()
            self.styled(line)

    def gap(self) -> None:
        """An empty line, for the eye, where there is none yet."""
        self.end_line()
        if not (self._blank or self._manner.spoken):
            self._write("\n")

    def lines(self, lines: Iterable[Line]) -> None:
        for role, text in lines:
            self.line(text, role)

    def styled(self, text: Text) -> None:
        """One line with several looks, or several lines, not broken here; its words must be clean already."""
        self.end_line()
        self._rich().print(text, soft_wrap=True)

    def part(self, text: str) -> None:
        """A piece of a line, as it comes; it must be clean already. A note waits until a line ends in it."""
        if not text:
            return
        if self._notes and "\n" in text:
            head, _, text = text.partition("\n")
            self._write(head + "\n")
            self._mid = False
            self._flush_notes()
        if text:
            self._write(text)
            self._mid = not text.endswith("\n")

    def note(self, text: str) -> None:
        """Something beside what is being printed: after the line that is being written."""
        self._notes.append(("faint", text))
        if not self._mid:
            self._flush_notes()

    def end_line(self) -> None:
        if self._mid:
            self._write("\n")
            self._mid = False
        self._flush_notes()

    def marker(self, text: str) -> None:
        """What stands before a line to be typed; whoever types ends it."""
        self.end_line()
        self._write(text)

    def escape(self, sequence: str) -> None:
        """Say something to the terminal itself, where it understands escape sequences; untrusted text never."""
        if not self._manner.plain:
            self._write(sequence)

    def _flush_notes(self) -> None:
        notes, self._notes = self._notes, []
        self.lines(notes)

    def _rich(self) -> Console:
        if self._console is None:
            from rich.console import Console

            self._console = Console(
                file=cast("IO[str]", _Guarded(self._write)),  # rich only writes and flushes
                force_terminal=True,
                no_color=not self._manner.colour,
                markup=False,
                emoji=False,
                highlight=False,
            )
        return self._console

    def _write(self, text: str) -> None:
        if self._lost:
            return
        self._blank = text.endswith("\n\n") or (text == "\n" and not self._mid)
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:  # the terminal was closed, or what reads our output has ended
            self._lost = True
            self._gone()


class _Guarded:
    """The file that rich prints to."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write

    def flush(self) -> None:
        """Each write is flushed already."""
