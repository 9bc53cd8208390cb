"""The same request with other edges: what a model quotes around the text it means, and the file does not have there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plugsky_tui.workspace.edits.places import Place, ends_line, starts_line

_LEADING = re.compile(r"(?:[ \t]*\r?\n)+")
_TRAILING = re.compile(r"(?<=\n)(?:[ \t]*\r?\n)+\Z|(?<=\n)[ \t]+\Z")
_BLANK_LINE = re.compile(r"[ \t]*\r?\n")


@dataclass(slots=True)
class Request:
    """`old` and `new` as they are looked for, `without` what was left out, and where a place must lie to count."""

    old: str
    new: str
    without: str = ""
    at_line_start: bool = False
    at_line_end: bool = False
    at_file_end: bool = False

    def allows(self, text: str, place: Place) -> bool:
        if self.at_line_start and not starts_line(text, place.start):
            return False
        if self.at_line_end and not ends_line(text, place.end):
            return False
        return not (self.at_file_end and text[place.end :].strip(" \t"))


def requests(text: str, old: str, new: str) -> Iterator[Request]:
    """The request as it is; without the line end that the file lacks at its end; without blank lines around it."""
    yield Request(old, new)
    if old.endswith("\n") and text and text[-1] not in "\r\n" and old.strip():
        yield Request(
            _unended(old),
            _unended(new),
            "without the line end that the file does not have at its end",
            at_file_end=True,
        )
    leading, trailing = _LEADING.match(old), _TRAILING.search(old)
    if not old.strip() or (leading is None and trailing is None):
        return
    core = old[leading.end() if leading else 0 : trailing.start() if trailing else len(old)]
    yield Request(
        core,
        _trimmed(new, _count(leading), _count(trailing)),
        "without the blank lines around it",
        at_line_start=leading is not None,
        at_line_end=trailing is not None,
    )


def _unended(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _count(blank: re.Match[str] | None) -> int:
    return blank[0].count("\n") if blank else 0


def _trimmed(new: str, leading: int, trailing: int) -> str:
    """`new` without as many blank lines at its start and end, where it has them."""
    for _ in range(leading):
        line = _BLANK_LINE.match(new)
        if line is None:
            break
        new = new[line.end() :]
    for _ in range(trailing):
        shorter = _unended(new).rstrip(" \t") if new.endswith("\n") else new
        if not shorter.endswith("\n"):
            break
        new = shorter
    return new
