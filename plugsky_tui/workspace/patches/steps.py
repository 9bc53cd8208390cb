"""What a patch says, whatever its format: files to add, delete and update, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Union

from plugsky_tui.kernel.errors import ToolError

Sign = Literal[" ", "-", "+"]


class PatchError(ToolError):
    """The patch is not in a format that can be read, or does not fit the file."""

    code = "patch"


@dataclass(slots=True)
class Hunk:
    """A run of lines: kept (" "), removed ("-") and added ("+"), without their line ends.

    `anchors` are lines it lies behind, the outermost first. `heading` is what a unified diff shows after its line
    numbers, `start` its first line number (from 1): both only ever help to choose between places. `at_end`: it ends
    with the file. `old_ended` and `new_ended` are False where the last old or new line is said to have no line end.
    `line` is where it begins in the patch.
    """

    lines: list[tuple[Sign, str]] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    heading: str = ""
    start: int | None = None
    at_end: bool = False
    old_ended: bool = True
    new_ended: bool = True
    line: int = 0

    @property
    def old(self) -> list[str]:
        return [text for sign, text in self.lines if sign != "+"]

    @property
    def new(self) -> list[str]:
        return [text for sign, text in self.lines if sign != "-"]

    @property
    def added(self) -> list[str]:
        return [text for sign, text in self.lines if sign == "+"]

    @property
    def changed(self) -> tuple[int, int]:
        """The first changed of its old lines, and the one behind the last: without the lines kept around them."""
        first = last = None
        at = 0
        for sign, _ in self.lines:
            if sign != " ":
                first = at if first is None else first
                last = at + (sign == "-")
            at += sign != "+"
        return (at, at) if first is None or last is None else (first, last)

    def unended(self) -> None:
        r"""`\ No newline at end of file`: said of the line above it."""
        sign = self.lines[-1][0] if self.lines else " "
        if sign != "+":
            self.old_ended = False
        if sign != "-":
            self.new_ended = False

    def trim(self) -> None:
        """Take off empty lines at the end that have no sign: they part hunks, or were left there by a heredoc."""
        while self.lines and self.lines[-1] == (" ", ""):
            self.lines.pop()


@dataclass(slots=True)
class AddFile:
    """A new file of `text` (with "\\n" line ends)."""

    path: str
    text: str


@dataclass(slots=True)
class DeleteFile:
    """`hunks` are the lines it is said to hold; none where that is not said."""

    path: str
    hunks: list[Hunk] = field(default_factory=list)


@dataclass(slots=True)
class UpdateFile:
    """`target` is where it is moved to, or copied with `keeps_source`; "" where it stays."""

    path: str
    hunks: list[Hunk] = field(default_factory=list)
    target: str = ""
    keeps_source: bool = False


Step = Union[AddFile, DeleteFile, UpdateFile]
