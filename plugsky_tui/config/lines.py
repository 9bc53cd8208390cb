"""On which line of a TOML text each key stands.

tomllib gives values without places, and a message about a wrong value should name the line. The
text has been parsed before, so this reads on without checking: table headers, keys (bare, quoted,
dotted) and, to be skipped, values over several lines.
"""

from __future__ import annotations

import re

Key = tuple[str, ...]  # list entries count by number, as text: ("hooks", "after_tool", "0", "run")

_PART = re.compile(r"""[ \t]*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+))[ \t]*""")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}


def key_lines(text: str) -> dict[Key, int]:
    """Key -> line (from 1), tables included. Keys of inline tables stand on the line of their table."""
    found: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    at, line = 0, 1
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        start = at
        while start < end and text[start] in " \t\r":
            start += 1
        if start == end or text[start] == "#":
            at, line = end + 1, line + 1
            continue
        if text[start] == "[":
            many = text.startswith("[[", start)
            table, _ = _key(text, start + (2 if many else 1))
            table = _numbered(table, counts)
            if many:
                found.setdefault(table, line)
                number = counts.get(table, 0)
                counts[table] = number + 1
                table = (*table, str(number))
            found.setdefault(table, line)
            at, line = end + 1, line + 1
            continue
        key, stop = _key(text, start)
        found.setdefault(table + key, line)
        at, lines = _skip_value(text, stop + 1)
        line += lines
    return found


def line_of(found: dict[Key, int], key: Key) -> int | None:
    """The line of `key`, or of the nearest table around it."""
    while key:
        if key in found:
            return found[key]
        key = key[:-1]
    return None


def _key(text: str, at: int) -> tuple[Key, int]:
    """A dotted key at `at`, and the place behind it (on "=", "]" or whatever follows)."""
    parts: list[str] = []
    while match := _PART.match(text, at):
        quoted, literal, bare = match.groups()
        parts.append(
            _ESCAPE.sub(_unescape, quoted) if quoted is not None else (literal if literal is not None else bare)
        )
        at = match.end()
        if not text.startswith(".", at):
            break
        at += 1
    return tuple(parts), at


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _SIMPLE.get(match[3], match[3])


def _numbered(table: Key, counts: dict[Key, int]) -> Key:
    """`[hooks.stop.x]` below `[[hooks.stop]]` belongs to the last entry so far."""
    out: Key = ()
    for part in table[:-1]:
        out = (*out, part)
        if out in counts:
            out = (*out, str(counts[out] - 1))
    return (*out, *table[-1:])


def _skip_value(text: str, at: int) -> tuple[int, int]:
    """Behind the line end that closes the value starting at `at`, and how many line ends were passed."""
    depth, lines = 0, 0
    while at < len(text):
        char = text[at]
        if char == "\n":
            lines += 1
            at += 1
            if depth == 0:
                return at, lines
        elif char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        elif char in "\"'":
            stop = _string_end(text, at)
            lines += text.count("\n", at, stop)
            at = stop
        else:
            depth += (char in "[{") - (char in "]}")
            at += 1
    return at, lines


def _string_end(text: str, at: int) -> int:
    quote = text[at]
    mark = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(mark)
    while at < len(text):
        if quote == '"' and text[at] == "\\":
            at += 2
        elif text.startswith(mark, at):
            at += len(mark)
            while len(mark) == 3 and text.startswith(quote, at):  # up to two quotes may stand before the closing three
                at += 1
            return at
        else:
            at += 1
    return at
