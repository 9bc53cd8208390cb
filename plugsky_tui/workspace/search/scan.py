"""The search without ripgrep: run as a program of its own, it reads an order and writes what `rg --json` would.

Standard library only, and nothing of this package: it is started by its path, in isolation.
"""

from __future__ import annotations

import base64
import errno
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LONE_RETURN = "\udc0d"  # as if it were no letter: to ripgrep it is part of a line's end, wherever it stands
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
_AS_CONTROL = bytes(range(128)) + b"\x01" * 128
_LONG_LINE = 10_000  # characters
SIZE_LIMIT = 256 * 1024 * 1024  # bytes of one file: it is read as a whole


@dataclass(slots=True)
class Expressions:
    """The pattern for plain ASCII, and for text with more than that; `anywhere` finds whether a text can have it in a
    line at all, where it can be found out; `needle` is in each file that has it. `returns`: a carriage return at the end of a line is part of the line."""

    plain: re.Pattern[str]
    careful: re.Pattern[str]
    anywhere: re.Pattern[str] | None
    needle: bytes
    over_lines: bool
    returns: bool


def compiled(pattern: str, careful: str, *, ignore_case: bool, over_lines: bool, returns: bool) -> Expressions:
    """re.error where one is wrong."""
    flags = (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if over_lines else 0)
    # What looks around may see other lines, and an end of line may have a carriage return before it.
    plain_enough = not over_lines and not re.search(r"\(\?|\\[AZ]|\$", pattern)
    return Expressions(
        re.compile(pattern, flags),
        re.compile(careful, flags),
        re.compile(pattern, flags | re.MULTILINE) if plain_enough else None,
        _needle(pattern, flags),
        over_lines,
        returns,
    )


def _needle(pattern: str, flags: int) -> bytes:
    """The longest text that every match has in it, b"" where none is known: most files are done with by looking for it."""
    try:
        from re import _parser  # type: ignore[attr-defined]  # the same since 3.11; without it we are only slower

        parsed = _parser.parse(pattern, flags)
        if parsed.state.flags & re.IGNORECASE:
            return b""
        runs = "".join(chr(value) if str(kind) == "LITERAL" else "\n" for kind, value in parsed)
        return max(runs.split("\n"), key=len).encode("utf-8")
    except (ImportError, AttributeError, TypeError, ValueError):
        return b""


class HasLongLinesError(Exception):
    """Repetitions may take the square of a line's length: such files are searched when all others are."""


def search(path: str, expressions: Expressions, context: int, *, long_lines: bool = True) -> Iterator[dict[str, Any]]:
    """The messages for one file; none where nothing in it matches. HasLongLinesError only without `long_lines`."""
    name = _value(path)
    data, problem = _content(path)
    if problem:
        yield {"type": "skipped", "data": {"path": name, "problem": problem}}
    if not data or (expressions.needle not in data and not data.startswith(_WIDE)):
        return
    text = _binary_text(data) if _is_binary(data) and expressions.plain.pattern.isascii() else _decoded(data)
    if not long_lines and len(text) > _LONG_LINE and max(map(len, text.split("\n"))) > _LONG_LINE:
        raise HasLongLinesError
    binary_offset = text.find("\0")
    if binary_offset >= 0 and not expressions.over_lines:
        text = text.replace("\0", "\n")  # as ripgrep has it
    if expressions.anywhere is not None and text.isascii() and not expressions.anywhere.search(text):
        return
    lines = _LINE.findall(text)
    hits = _hits_over_lines(text, lines, expressions) if expressions.over_lines else _hits(lines, expressions, text)
    first = next(hits, None)
    if first is None:
        return
    yield {"type": "begin", "data": {"path": name}}
    if binary_offset >= 0:
        yield {"type": "end", "data": {"path": name, "binary_offset": binary_offset}}
        return
    matching = dict([first, *hits])
    wanted = sorted({at for hit in matching for at in range(hit - context, hit + context + 1) if 0 <= at < len(lines)})
    for at in wanted:
        kind = "match" if at in matching else "context"
        submatches = [_in_bytes(lines[at], matching[at])] if at in matching else []
        body = {"path": name, "lines": _value(lines[at]), "line_number": at + 1, "submatches": submatches}
        yield {"type": kind, "data": body}
    yield {"type": "end", "data": {"path": name, "binary_offset": None}}


def _hits(lines: list[str], expressions: Expressions, text: str) -> Iterator[tuple[int, tuple[int, int]]]:
    """The number of each line that matches, from 0, and where its first match starts and ends."""
    plain = text.isascii()
    for at, line in enumerate(lines):
        if line.endswith("\n"):
            line = line[:-1] if expressions.returns else line[:-1].removesuffix("\r")
        if plain and (expressions.returns or "\r" not in line):
            found = expressions.plain.search(line)
        else:
            found = expressions.careful.search(line if expressions.returns else line.replace("\r", _LONE_RETURN))
        if found:
            yield at, found.span()


def _hits_over_lines(text: str, lines: list[str], expressions: Expressions) -> Iterator[tuple[int, tuple[int, int]]]:
    """The number of each line that a match is in, from 0; where in it is not looked at."""
    expression = expressions.plain if text.isascii() else expressions.careful
    last = line = start = 0
    for found in expression.finditer(text):
        while line < len(lines) - 1 and start + len(lines[line]) <= found.start():
            start += len(lines[line])
            line += 1
        end = line + found[0].removesuffix("\n").count("\n")
        yield from ((at, (0, 0)) for at in range(max(line, last), min(end, len(lines) - 1) + 1))
        last = end + 1


def _in_bytes(line: str, span: tuple[int, int]) -> dict[str, int]:
    start, end = span if line.isascii() else (len(line[:at].encode("utf-8", "surrogateescape")) for at in span)
    return {"start": start, "end": end}


def _content(path: str) -> tuple[bytes, str]:
    """The bytes of a regular file, b"" for anything else; and why it was not read, "" where that needs no words."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b"", ""  # gone since it was listed
    except OSError as error:
        return b"", "" if error.errno == errno.ELOOP else error.strerror or "cannot be opened"
    with os.fdopen(handle, "rb") as file:
        try:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                return b"", ""
            if about.st_size > SIZE_LIMIT:
                return b"", f"larger than {SIZE_LIMIT >> 20} MiB, which takes ripgrep"
            return file.read(SIZE_LIMIT + 1), ""
        except OSError as error:
            return b"", error.strerror or "cannot be read"


def _is_binary(data: bytes) -> bool:
    return b"\0" in data and not data.startswith(_WIDE)


def _binary_text(data: bytes) -> str:
    """What is not ASCII as a control character: of a binary file is only said whether it matches, and this is fast."""
    return data.translate(_AS_CONTROL).decode("ascii")


def _decoded(data: bytes) -> str:
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(codec, "replace" if codec != "utf-8" else "surrogateescape")
    return data.decode("utf-8", "surrogateescape")


def _value(text: str) -> dict[str, str]:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return {"bytes": base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")}
    return {"text": text}


def main() -> None:
    order = json.load(sys.stdin)
    expressions = compiled(
        order["pattern"],
        order["careful"],
        ignore_case=order["ignore_case"],
        over_lines=order["over_lines"],
        returns=order["returns"],
    )
    later: list[str] = []
    for path in order["paths"]:
        try:
            _tell(search(path, expressions, order["context"], long_lines=False))
        except HasLongLinesError:
            later.append(path)
    sys.stdout.flush()
    for path in later:
        _tell(search(path, expressions, order["context"]))


def _tell(messages: Iterator[dict[str, Any]]) -> None:
    for message in messages:
        sys.stdout.write(json.dumps(message, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
