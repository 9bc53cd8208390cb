"""Unquoted `*`, `?` and `[` in a word: the file names bash would put there, for they are what the command gets."""

from __future__ import annotations

import os
import re
from fnmatch import translate

LIMIT = 500


class TooMany(Exception):
    """More names than are worth judging one by one, or a pattern whose names depend on more than the folder."""


def expand(pattern: str, folder: str) -> list[str]:
    """The names bash (dotglob, globstar and nullglob off) makes of `pattern` in `folder`, sorted; none where none match.
    In `pattern` quoted characters stand in brackets. Of bracket expressions only plain sets are made out: ranges
    follow the language, and what is odd is odd in each shell."""
    if "//" in pattern or re.sub(r"\[(?:[A-Za-z0-9_]+|[*?\[])\]", "", pattern).count("["):
        raise TooMany
    absolute = pattern.startswith("/")
    parts = [part for part in pattern.split("/") if part]
    found = ["/" if absolute else ""]
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        following: list[str] = []
        for stem in found:
            following += _in_folder(stem, part, folder, last and not pattern.endswith("/"))
            if len(following) > LIMIT:
                raise TooMany
        found = following
    return sorted(found)


def _in_folder(stem: str, part: str, folder: str, last: bool) -> list[str]:
    if not any(char in part for char in "*?["):
        name = stem + part
        return [name if last else name + "/"] if os.path.lexists(os.path.join(folder, name)) else []
    matcher = re.compile(translate(part))
    try:
        with os.scandir(os.path.join(folder, stem) if stem else folder) as entries:
            names = []
            for count, entry in enumerate(entries):
                if count > LIMIT * 4:
                    raise TooMany
                names.append((entry.name, last or entry.is_dir()))
    except (OSError, ValueError):
        return []
    hidden = part.startswith(".")
    return [
        stem + name + ("" if last else "/")
        for name, usable in names
        if usable and (hidden or not name.startswith(".")) and matcher.match(name)
    ]
