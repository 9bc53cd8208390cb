"""A file as lines and their ends, numbered as `read` numbers them."""

from __future__ import annotations

from dataclasses import dataclass

from plugsky_tui.workspace.text import split_lines


@dataclass(slots=True)
class FileLines:
    r"""`texts` without line ends; `ends` has for each its "\n", "\r\n" or "\r", "" for a last line without one."""

    texts: list[str]
    ends: list[str]

    @classmethod
    def of(cls, text: str) -> FileLines:
        lines = cls([], [])
        alone = "\n" not in text  # else a "\r" that no "\n" follows is a character like any other
        for line in split_lines(text):
            bare = line.removesuffix("\n")
            if alone or bare != line:
                bare = bare.removesuffix("\r")
            lines.texts.append(bare)
            lines.ends.append(line[len(bare) :])
        return lines
