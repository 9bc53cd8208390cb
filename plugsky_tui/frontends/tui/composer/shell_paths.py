"""Paths for Tab in a line of the user's own (`! ls sr⇥`): what is in the folder that the word names. Asks the disk."""

from __future__ import annotations

import os
import re
from pathlib import Path

from plugsky_tui.frontends.tui.composer.completion import Completion, Suggestion

MOST = 200
_WORD = re.compile(r"(?:\\.|[^\s\\'\"|&;<>()=`])*$")
_TO_ESCAPE = re.compile(r"([^\w@%+:,./\-~])", re.ASCII)


def complete_path(before: str, folder: Path) -> Completion:
    """Suggestions for the word that `before`, the line up to the cursor, ends with; blanks in names are escaped."""
    found = _WORD.search(before)
    word = found[0] if found is not None else ""
    start = len(before) - len(word)
    above, slash, beginning = re.sub(r"\\(.)", r"\1", word).rpartition("/")
    place = folder / os.path.expanduser(above + slash)  # noqa: PTH111  # Path.expanduser raises where there is no home
    names = sorted(_names(place, beginning), key=lambda name: (name.startswith("."), name.casefold()))
    head = word[: len(word) - len(_last(word))]
    suggestions = [
        Suggestion(name, head + _TO_ESCAPE.sub(r"\\\1", name) + ("" if name.endswith("/") else " "))
        for name in names[:MOST]
    ]
    return Completion(start, suggestions, word, "" if suggestions else "no such file here")


def common_start(found: Completion) -> str:
    """What all suggestions begin with, where that is more than was typed; else ""."""
    common = os.path.commonprefix([one.insert for one in found.suggestions]).rstrip(" ")  # noqa: RUF071  # letters are meant
    return common if len(common) > len(found.typed) and not common.endswith("\\") else ""


def _last(word: str) -> str:
    return word.rpartition("/")[2]


def _names(place: Path, beginning: str) -> list[str]:
    """Names in `place` that begin so, folders with a slash; hidden ones only where they are asked for."""
    try:
        with os.scandir(place) as entries:
            return [
                entry.name + ("/" if _is_folder(entry) else "")
                for entry in entries
                if entry.name.startswith(beginning)
                and (beginning or not entry.name.startswith("."))
                and entry.name.isprintable()
            ]
    except (OSError, ValueError):
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
