"""Modes, and what keys do in them. Pure: a key, the text and the caret go in, the text and the caret come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plugsky_tui.frontends.tui.vim import motions
from plugsky_tui.frontends.tui.vim.objects import around
from plugsky_tui.frontends.tui.vim.parsing import Command, parse
from plugsky_tui.frontends.tui.vim.places import after, before, first_letter, line_end, line_start, on_line

Mode = Literal["insert", "normal", "visual", "visual line"]
Wish = Literal["", "undo", "redo", "earlier", "later"]

_OPPOSITE = {"f": "F", "F": "f", "t": "T", "T": "t"}


@dataclass(slots=True)
class Outcome:
    """`taken` False: the key means nothing here, and is for whoever is asked next. `selection` is from where to where text
    is selected. `wish` is for the owner of the text: its undo, or prompts of earlier times (k above the first line)."""

    text: str
    at: int
    taken: bool = True
    selection: tuple[int, int] | None = None
    wish: Wish = ""


class Vim:
    """Begins in insert mode. Keys are characters as typed, or names: "escape", "enter", "ctrl+r"."""

    def __init__(self) -> None:
        self.mode: Mode = "insert"
        self._text, self._at = "", 0
        self._keys: list[str] = []
        self._wish: Wish = ""
        self._register, self._whole_lines = "", False
        self._anchor = 0
        self._column: int | None = None  # where j and k aim at
        self._found: tuple[str, str] | None = None  # the last f, F, t or T
        self._change: list[str] = []  # the keys of the last change,
        self._typed = ""  # and what was typed in its insert mode
        self._began: tuple[int, int] | None = None  # of insert mode: characters before and behind the caret
        self._repeating = False

    @property
    def pending(self) -> bool:
        """Whether keys wait for more of them."""
        return bool(self._keys)

    def reset(self) -> None:
        """The text is another one, such as none."""
        self.mode, self._keys, self._began, self._column = "insert", [], None, None

    def press(self, key: str, text: str, at: int) -> Outcome:
        self._text, self._wish = text, ""
        if self.mode == "insert":
            return self._inserting(key, at)
        self._at = at if self.mode == "normal" else self._at  # in visual mode the caret shown is beside the one meant
        self._at = min(self._at, len(text))
        if key == "escape":
            return self._escape()
        if len(key) > 1 and key != "ctrl+r" and not (key == "enter" and self._keys):
            self._keys = []
            return Outcome(text, at, taken=False)
        self._keys.append(key)
        command = parse(self._keys, visual=self.mode != "normal")
        if command == "more":
            return self._outcome()
        keys, self._keys = self._keys, []
        if isinstance(command, Command):
            self._run(command, keys)
        return self._outcome()

    # --- modes ------------------------------------------------------------------------------------

    def _inserting(self, key: str, at: int) -> Outcome:
        if key != "escape":
            if self._began is None:
                self._began = at, len(self._text) - at
            return Outcome(self._text, at, taken=False)
        if self._began is not None and self._change:
            self._typed = self._text[self._began[0] : max(len(self._text) - self._began[1], self._began[0])]
        self.mode, self._began = "normal", None
        self._at = before(self._text, at) if at > line_start(self._text, at) else at
        return self._outcome()

    def _escape(self) -> Outcome:
        """Out of a visual mode, or of a command; with neither, it is nobody's."""
        idle = self.mode == "normal" and not self._keys
        self.mode, self._keys = "normal", []
        outcome = self._outcome()
        outcome.taken = not idle
        return outcome

    def _insert(self, at: int) -> None:
        self.mode, self._at = "insert", at
        self._began = at, len(self._text) - at

    def _outcome(self) -> Outcome:
        selection = None
        if self.mode == "normal":
            self._at = on_line(self._text, self._at)
        elif self.mode != "insert":
            self._at = min(self._at, len(self._text))
            selection = self._selected()
        return Outcome(self._text, self._at, selection=selection, wish=self._wish)

    def _selected(self) -> tuple[int, int]:
        start, end = sorted((self._anchor, self._at))
        if self.mode == "visual line":
            return line_start(self._text, start), min(line_end(self._text, end) + 1, len(self._text))
        return start, after(self._text, end)

    # --- commands ---------------------------------------------------------------------------------

    def _run(self, command: Command, keys: list[str]) -> None:
        if command.kind != "motion" or command.name not in "jk":
            self._column = None
        before_text = self._text
        match command.kind:
            case "motion":
                self._motion(command)
            case "object":
                self._object(command)
            case "line":
                self._lines(command)
            case "simple" if self.mode == "normal":
                self._simple(command)
            case "simple":
                self._on_selection(command)
        changed = self._text != before_text or self.mode == "insert"
        if changed and not self._wish and not self._repeating and command.name not in (".", "u", "ctrl+r"):
            self._change, self._typed = keys, ""

    def _motion(self, command: Command) -> None:
        found = self._target(command)
        if found is None:
            if not command.operator and self.mode == "normal" and command.name in "jk":
                self._wish = "earlier" if command.name == "k" else "later"
            return
        if not command.operator:
            if command.name in "jk" and self._column is None:
                self._column = self._at - line_start(self._text, self._at)
            self._at = found.at
            return
        start, end = sorted((self._at, found.at))
        if found.span == "lines":
            self._operate(command.operator, line_start(self._text, start), line_end(self._text, end), lines=True)
            return
        if found.span == "inclusive":
            end = after(self._text, end)
        elif command.name in "wW":
            end = self._within_line(start, end)
        self._operate(command.operator, start, end)

    def _target(self, command: Command) -> motions.Target | None:
        name, letter = command.name, command.argument
        if name in (";", ","):
            if self._found is None:
                return None
            kind, letter = self._found
            kind = kind if name == ";" else _OPPOSITE[kind]
            return motions.find(self._text, self._at, kind + letter, command.count or 1, again=True)
        if name in _OPPOSITE:
            self._found = name, letter
        here = self._text[self._at : self._at + 1]
        if command.operator == "c" and name in "wW" and here and not here.isspace():
            # cw changes to the end of the word, not to the next one; also of a word of one letter.
            return motions.target("e" if name == "w" else "E", self._text, self._at - 1, command.count)
        return motions.target(name, self._text, self._at, command.count, argument=letter, column=self._column)

    def _within_line(self, start: int, end: int) -> int:
        """The last word of a line, deleted with w, does not take the line's end along."""
        piece = self._text[start:end]
        head, newline, tail = piece.rpartition("\n")
        while newline and not tail.strip() and head.strip():
            end = start + len(head)
            head, newline, tail = head.rpartition("\n")
        return end

    def _object(self, command: Command) -> None:
        span = around(command.name[1], self._text, self._at, inner=command.name[0] == "i")
        if span is None:
            return
        if command.operator:
            paragraph = command.name[1] == "p"
            start, end = span
            if paragraph and end > start and self._text[end - 1] == "\n":
                end -= 1
            self._operate(command.operator, start, end, lines=paragraph)
            return
        start, end = span
        if end > start:
            self._anchor, self._at = start, before(self._text, end)

    def _lines(self, command: Command) -> None:
        start, end = line_start(self._text, self._at), line_end(self._text, self._at)
        for _ in range((command.count or 1) - 1):
            if end >= len(self._text):
                break
            end = line_end(self._text, end + 1)
        self._operate(command.operator, start, end, lines=True)

    def _operate(self, operator: str, start: int, end: int, *, lines: bool = False) -> None:
        """d, c or y, from `start` to `end`; of `lines` the last newline is not in that."""
        self._register, self._whole_lines = self._text[start:end], lines
        if operator == "y":
            self._at = self._at if lines and self.mode == "normal" and start <= self._at <= end else start
            return
        if operator == "c":
            self._replace(start, end, "")
            self._insert(start)
            return
        if lines:
            if end < len(self._text):
                end += 1
            elif start > 0:
                start -= 1
        self._replace(start, end, "")
        self._at = first_letter(self._text, min(start, len(self._text))) if lines else start
        if lines and start >= len(self._text):
            self._at = first_letter(self._text, line_start(self._text, len(self._text)))

    def _replace(self, start: int, end: int, new: str) -> None:
        self._text = self._text[:start] + new + self._text[end:]

    # --- simple ones ------------------------------------------------------------------------------

    def _simple(self, command: Command) -> None:
        text, at, count = self._text, self._at, command.count or 1
        match command.name:
            case "u":
                self._wish = "undo"
            case "ctrl+r":
                self._wish = "redo"
            case "x" | "s":
                end = motions.target("l", text, at, count)
                if end is not None and (end.at > at or command.name == "s"):
                    self._operate("c" if command.name == "s" else "d", at, end.at)
            case "X":
                start = motions.target("h", text, at, count)
                if start is not None and start.at < at:
                    self._operate("d", start.at, at)
            case "D" | "C":
                self._operate(command.name.lower(), at, line_end(text, at))
            case "S":
                self._lines(Command("line", "c", count, "c"))
            case "Y":
                self._lines(Command("line", "y", count, "y"))
            case "i" | "a" | "I" | "A" | "o" | "O":
                self._begin_inserting(command.name)
            case "J":
                for _ in range(max(count - 1, 1)):
                    self._join()
            case "r":
                self._put_letter(command.argument, count)
            case "~":
                end_of_line = min(at + count, line_end(text, at))
                self._replace(at, end_of_line, text[at:end_of_line].swapcase())
                self._at = end_of_line + len(self._text) - len(text)
            case "p" | "P":
                self._put(command.name == "p", count)
            case "v" | "V":
                self.mode, self._anchor = "visual" if command.name == "v" else "visual line", at
            case ".":
                self._again(command.count)
            case _:
                pass

    def _begin_inserting(self, name: str) -> None:
        text, at = self._text, self._at
        match name:
            case "i":
                self._insert(at)
            case "a":
                self._insert(at if at >= line_end(text, at) else after(text, at))
            case "I":
                self._insert(first_letter(text, at))
            case "A":
                self._insert(line_end(text, at))
            case "o":
                end_of_line = line_end(text, at)
                self._replace(end_of_line, end_of_line, "\n")
                self._insert(end_of_line + 1)
            case "O":
                start_of_line = line_start(text, at)
                self._replace(start_of_line, start_of_line, "\n")
                self._insert(start_of_line)
            case _:
                pass

    def _join(self) -> None:
        end = line_end(self._text, self._at)
        if end >= len(self._text):
            return
        following = first_letter(self._text, end + 1)
        blank = "" if following == line_end(self._text, following) or self._text[:end].endswith((" ", "\n")) else " "
        self._replace(end, following, blank if end > line_start(self._text, end) else "")
        self._at = end

    def _put_letter(self, letter: str, count: int) -> None:
        end = motions.target("l", self._text, self._at, count)
        start = self._at
        if end is None or count > line_end(self._text, start) - start:
            return
        self._replace(start, end.at, letter if letter == "\n" else letter * count)
        self._at = start + (1 if letter == "\n" else count - 1)

    def _put(self, behind: bool, count: int) -> None:
        if not self._register and not self._whole_lines:
            return
        text, at = self._text, self._at
        if self._whole_lines:
            piece = "\n".join([self._register] * count)
            place = line_end(text, at) if behind else line_start(text, at)
            self._replace(place, place, f"\n{piece}" if behind else f"{piece}\n")
            self._at = first_letter(self._text, place + 1 if behind else place)
            return
        place = at if not behind or at >= line_end(text, at) else after(text, at)
        piece = self._register * count
        self._replace(place, place, piece)
        self._at = place + (0 if "\n" in piece else max(len(piece) - 1, 0))

    def _again(self, count: int | None) -> None:
        """The last change once more; with `count` instead of its own."""
        keys = self._change
        if not keys:
            return
        if count is not None:
            keys = [*str(count), *_without_count(keys)]
        command = parse(keys, visual=False)
        if not isinstance(command, Command):
            return
        self._repeating = True
        try:
            self._run(command, keys)
        finally:
            self._repeating = False
        if self.mode == "insert":
            self._replace(self._at, self._at, self._typed)
            self._at += len(self._typed)
            self.mode, self._began = "normal", None
            self._at = before(self._text, self._at) if self._at > line_start(self._text, self._at) else self._at

    # --- visual modes -----------------------------------------------------------------------------

    def _on_selection(self, command: Command) -> None:
        name = command.name
        if name in ("v", "V"):
            wanted: Mode = "visual" if name == "v" else "visual line"
            self.mode = "normal" if self.mode == wanted else wanted
            return
        if name == "o":
            self._anchor, self._at = self._at, self._anchor
            return
        start, end = self._selected()
        lines = self.mode == "visual line" or name in "XDSCY"
        if lines:
            start, end = line_start(self._text, start), line_end(self._text, max(start, before(self._text, end)))
        self.mode = "normal"
        match name:
            case "d" | "x" | "X" | "D":
                self._operate("d", start, end, lines=lines)
            case "c" | "s" | "S" | "C":
                self._operate("c", start, end, lines=lines)
            case "y" | "Y":
                self._operate("y", start, end, lines=lines)
                self._at = start
            case "p":
                old, whole = self._register, self._whole_lines
                self._operate("c", start, end, lines=lines)
                self.mode, self._began = "normal", None
                self._replace(start, start, f"\n{old}\n" if whole and not lines else old)
                self._at = start
            case "~" | "u":
                piece = self._text[start:end]
                self._replace(start, end, piece.swapcase() if name == "~" else piece.lower())
                self._at = start
            case "r":
                piece = self._text[start:end]
                self._replace(start, end, "".join("\n" if one == "\n" else command.argument for one in piece))
                self._at = start
            case "J":
                self._at = start
                for _ in range(max(self._text.count("\n", start, end), 1)):
                    self._join()
            case _:
                pass


def _without_count(keys: list[str]) -> list[str]:
    place = 0
    while place < len(keys) and keys[place].isdigit() and not (place == 0 and keys[place] == "0"):
        place += 1
    return keys[place:]
