"""Glob patterns as models write them: `*.py` anywhere, `src/**/*.ts` from the folder on, `{a,b}`, `!not`.

A pattern without a slash is matched with names at any depth, one with a slash with the whole
relative path, as in .gitignore. `**` stands for any number of folders. Case counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate  # its patterns don't backtrack into exponential time
from itertools import pairwise

_MOST_ALTERNATIVES = 200


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a relative path (`/` between its parts) matches. ValueError where braces multiply beyond reason."""
    if pattern.startswith("!"):
        included = matcher(pattern[1:])
        return lambda path: not included(path)
    tests = [_one(each) for each in expand_braces(pattern)]
    return lambda path: any(test(path) for test in tests)


def _one(pattern: str) -> Callable[[str], bool]:
    pattern = pattern.removeprefix("./")
    anchored = "/" in pattern
    if pattern.endswith("/"):
        pattern += "**"
    if pattern.endswith("/**"):
        pattern += "/*"  # something below: `src/**` is not `src`
    pattern = pattern.strip("/")
    if not anchored:
        name = re.compile(translate(pattern)).match
        return lambda path: name(path.rpartition("/")[2]) is not None
    parts = [None if part == "**" else re.compile(translate(part)) for part in pattern.split("/") if part]
    return lambda path: _match(path.split("/"), parts)


def _match(names: list[str], parts: list[re.Pattern[str] | None]) -> bool:
    """Parts against names, `None` for any number of names; each state is visited once."""
    states = {0}
    for name in names:
        states = _skipped(states, parts)
        following: set[int] = set()
        for state in states:
            if state == len(parts):
                continue
            part = parts[state]
            if part is None:
                following.add(state)
            elif part.match(name):
                following.add(state + 1)
        states = following
    return len(parts) in _skipped(states, parts)


def _skipped(states: set[int], parts: list[re.Pattern[str] | None]) -> set[int]:
    """With each state before a `**` also the one behind it: it may stand for no folder at all."""
    out = set(states)
    for state in states:
        while state < len(parts) and parts[state] is None:
            state += 1
            out.add(state)
    return out


def expand_braces(pattern: str) -> list[str]:
    """`*.{py,pyi}` -> `*.py`, `*.pyi`; nested ones too. Braces without a comma are plain characters."""
    out: list[str] = []
    waiting = [pattern]
    while waiting:
        each = waiting.pop()
        alternatives = _first_alternatives(each)
        if alternatives is None:
            out.append(each)
        else:
            waiting += reversed(alternatives)
        if len(out) + len(waiting) > _MOST_ALTERNATIVES:
            raise ValueError("its braces stand for too many patterns")
    return out


def _first_alternatives(pattern: str) -> list[str] | None:
    opened = pattern.find("{")
    while opened >= 0:
        depth, cuts = 0, [opened]
        for at in range(opened, len(pattern)):
            match pattern[at]:
                case "{":
                    depth += 1
                case "}":
                    depth -= 1
                case "," if depth == 1:
                    cuts.append(at)
            if depth == 0:
                if len(cuts) == 1:
                    break
                cuts.append(at)
                before, after = pattern[:opened], pattern[at + 1 :]
                return [before + pattern[start + 1 : end] + after for start, end in pairwise(cuts)]
        opened = pattern.find("{", opened + 1)
    return None
