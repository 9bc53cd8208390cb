"""The search without ripgrep: run as a program of its own, it reads an order and writes what `rg --json` would.

Standard library only, and nothing of this package: it is started by its path, in isolation.
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from typing import Any

_CLASSES = {  # as in POSIX and ripgrep, for ASCII
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
_CLASS = re.compile(r"\[:(\w+):\]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def compiled(pattern: str, ignore_case: bool, over_lines: bool) -> re.Pattern[str]:
    r"""`pattern` for `re`, with the few things ripgrep writes otherwise (`[[:alpha:]]`, `\z`). re.error where it is wrong."""
    pattern = _CLASS.sub(lambda found: _CLASSES.get(found[1], found[0]), pattern)
    pattern = re.sub(r"(?<!\\)((?:\\\\)*)\\z", r"\1\\Z", pattern)
    return re.compile(pattern, (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if over_lines else 0))


def search(path: str, expression: re.Pattern[str], over_lines: bool, context: int) -> Iterator[dict[str, Any]]:
    """The messages for one file; none where nothing in it matches."""
    data = _content(path)
    if data is None:
        return
    text = _decoded(data)
    lines = _LINE.findall(text)
    hits = _hits_over_lines(text, lines, expression) if over_lines else _hits(lines, expression)
    first = next(hits, None)
    if first is None:
        return
    name = _value(path)
    yield {"type": "begin", "data": {"path": name}}
    if "\0" in text:
        yield {"type": "end", "data": {"path": name, "binary_offset": text.index("\0")}}
        return
    matching = {first, *hits}
    wanted = sorted({at for hit in matching for at in range(hit - context, hit + context + 1) if 0 <= at < len(lines)})
    for at in wanted:
        kind = "match" if at in matching else "context"
        yield {"type": kind, "data": {"path": name, "lines": _value(lines[at]), "line_number": at + 1}}
    yield {"type": "end", "data": {"path": name, "binary_offset": None}}


def _hits(lines: list[str], expression: re.Pattern[str]) -> Iterator[int]:
    for at, line in enumerate(lines):
        if expression.search(line.rstrip("\r\n") if line.endswith("\n") else line):
            yield at


def _hits_over_lines(text: str, lines: list[str], expression: re.Pattern[str]) -> Iterator[int]:
    last = line = start = 0
    for found in expression.finditer(text):
        while line < len(lines) - 1 and start + len(lines[line]) <= found.start():
            start += len(lines[line])
            line += 1
        end = line + found[0].removesuffix("\n").count("\n")
        yield from range(max(line, last), min(end, len(lines) - 1) + 1)
        last = end + 1


def _content(path: str) -> bytes | None:
    """The bytes of a regular file; None for anything else, and for what cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        try:
            return file.read() if stat.S_ISREG(os.fstat(handle).st_mode) else None
        except OSError:
            return None


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
    expression = compiled(order["pattern"], order["ignore_case"], order["over_lines"])
    for path in order["paths"]:
        for message in search(path, expression, order["over_lines"], order["context"]):
            sys.stdout.write(json.dumps(message) + "\n")


if __name__ == "__main__":
    main()
