"""What a search has found, put together from the messages of `rg --json`, whoever writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

MESSAGE_LIMIT = 1024 * 1024  # bytes of one match: a longer line is named, not kept
_SUBMATCHES = b',"submatches":['
_SUBMATCH = re.compile(rb'\{"match":\{"(?:text|bytes)":"(?:[^"\\]|\\.)*"\},"start":\d+,"end":\d+\}')


@dataclass(slots=True)
class Line:
    """`number` is 0 where it is not known; `cut`: the line is too long to be kept, and the text not all of it.

    `place` is the character at which its first match starts; 0 also where that is not known, or the match is empty.
    """

    number: int
    text: str
    matches: bool
    cut: bool = False
    place: int = 0


@dataclass(slots=True)
class FileMatches:
    """`path` is relative to the folder searched; a `binary` file has no lines."""

    path: str
    lines: list[Line] = field(default_factory=list)
    binary: bool = False

    @property
    def count(self) -> int:
        return sum(line.matches for line in self.lines)


@dataclass(slots=True)
class Found:
    """`cut_short` says why not everything was searched, "" where it was; `skipped` has files that could not be read,
    each with the reason."""

    files: list[FileMatches]
    skipped: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    cut_short: str = ""


class Collector:
    """Puts the messages of `rg --json` together, file by file.

    Without `places`, nothing is kept of where in their lines the matches are.
    """

    def __init__(self, *, places: bool) -> None:
        self._places = places
        self.found = Found([])
        self.count = 0
        self._file = FileMatches("")

    def finish(self) -> None:
        """Take up the file that the search was stopped in."""
        if self._file.lines:
            self._file.binary = any("\0" in line.text for line in self._file.lines)
            self._take_file()

    def _take_file(self) -> None:
        if self._file.binary:
            self._file.lines = []
        self.found.files.append(self._file)
        self._file = FileMatches("")

    def take(self, message: bytes) -> None:
        try:
            data: dict[str, Any] = json.loads(message)
        except ValueError:
            whole, there, rest = message.partition(_SUBMATCHES)  # of which there may be a great many
            if there:
                first = _SUBMATCH.match(rest)
                self.take(whole + there + (first[0] if first else b"") + b"]}}")
            else:
                self.count += 1
                self._file.lines.append(Line(0, "(a match in a very long line)", True))
            return
        body = data["data"]
        match data["type"]:
            case "begin":
                self._file = FileMatches(_text(body["path"]).removeprefix("./"))
            case "match" | "context" as kind:
                self.count += kind == "match"
                number = body["line_number"] or 0
                cut = len(message) > MESSAGE_LIMIT and len(message.partition(_SUBMATCHES)[0]) > MESSAGE_LIMIT
                lines = _text(body["lines"]).removesuffix("\n").split("\n")
                place = _place(lines[0], body.get("submatches")) if self._places and not cut else 0
                for at, line in enumerate(lines):
                    self._file.lines.append(Line(number + at, line.removesuffix("\r"), kind == "match", cut, place))
            case "skipped":
                self.found.skipped[_text(body["path"])] = body["problem"]
            case "end":
                self._file.binary = body["binary_offset"] is not None
                self._take_file()


def _place(line: str, submatches: list[dict[str, Any]] | None) -> int:
    """Where the first match starts, in characters; messages have it in bytes. What is found at the very end of a
    line is left out, and so are empty matches: ripgrep does not name all of those."""
    if not submatches or submatches[0]["start"] == submatches[0]["end"]:
        return 0
    place: int = submatches[0]["start"]
    if not line.isascii():
        place = len(line.encode("utf-8", "surrogateescape")[:place].decode("utf-8", "surrogateescape"))
    return place if place < len(line.removesuffix("\r")) else 0


def _text(value: dict[str, str]) -> str:
    """A text of ripgrep's: as it is, or in base64 where it is not UTF-8."""
    if "text" in value:
        return value["text"]
    from base64 import b64decode

    return b64decode(value["bytes"]).decode("utf-8", "surrogateescape")
