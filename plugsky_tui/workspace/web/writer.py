"""Markdown being written block by block: paragraphs in lists and quotations, with what stands before their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DEEPEST = 12  # lists in lists: what is deeper is written as if it were not
_SPACE = re.compile(r"[ \t\r\n\f]+")
BREAK = "\0"  # a line end that is meant; no page holds this character when it comes here


@dataclass(slots=True)
class _Container:
    """A quotation (`marker` "> ") or a list item (its bullet, on its first line only)."""

    tag: str
    marker: str
    begun: bool = False


class Writer:
    def __init__(self) -> None:
        self.blocks: list[str] = []
        self._containers: list[_Container] = []
        self._too_deep: list[str] = []
        self._tight = False  # the last block stood in a list

    def enter(self, tag: str, marker: str) -> None:
        """A quotation or a list item begins."""
        if len(self._containers) < _DEEPEST:
            self._containers.append(_Container(tag, marker))
        else:
            self._too_deep.append(tag)

    def leave(self, tag: str, within: str = "") -> None:
        """It ends, and what was left open within it; only where it lies in the innermost `within`."""
        if tag in self._too_deep:
            self._too_deep.remove(tag)
            return
        for at in range(len(self._containers) - 1, -1, -1):
            if self._containers[at].tag == within:
                return
            if self._containers[at].tag == tag:
                del self._containers[at:]
                self._too_deep.clear()
                self._tight = self._tight and bool(self._containers)  # the next list is another one
                return

    def paragraph(self, text: str) -> bool:
        """Text with its white space put right; False where there is none."""
        lines = [_SPACE.sub(" ", line).strip() for line in text.split(BREAK)]
        lines = [line for line in lines if line]
        if not lines:
            return False
        self.block(lines)
        return True

    def block(self, lines: list[str]) -> None:
        """Lines as they are, each behind what its containers put before it."""
        first, rest = "", ""
        in_list = False
        for one in self._containers:
            if one.marker == "> ":
                first += "> "
                rest += "> "
                continue
            in_list = True
            indent = " " * len(one.marker)
            first += indent if one.begun else one.marker
            rest += indent
            one.begun = True
        text = "\n".join(f"{rest if at else first}{line}".rstrip() for at, line in enumerate(lines))
        if self.blocks:
            self.blocks.append("\n" if in_list and self._tight else "\n\n")
        self.blocks.append(text)
        self._tight = in_list

    def text(self, start: int = 0, end: int | None = None) -> str:
        """Of the blocks from `start` to before `end`; they count the separators too."""
        return "".join(self.blocks[start:end]).strip("\n")
