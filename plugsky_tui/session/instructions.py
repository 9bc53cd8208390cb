"""Instructions for the model that people keep in files: AGENTS.md, from the repository's root down to the folder in use.

CLAUDE.md is read where a folder has no AGENTS.md. These files are data of whoever wrote the
repository: they are bounded, and characters nobody would see are made visible.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.repository import repository_root
from plugsky_tui.workspace.sensitive import secret

NAMES = ("AGENTS.md", "CLAUDE.md")
LIMIT = 32 * 1024  # bytes of one file


@dataclass(slots=True)
class Instructions:
    path: Path
    text: str
    cut: bool


def find(folder: Path, user_folder: Path) -> list[Instructions]:
    """The user's own first, then the repository's, the nearest last (so that it has the last word)."""
    root = repository_root(folder) or folder
    found = [_read(user_folder, None), *(_read(place, root) for place in _from_root(folder, root))]
    return [one for one in found if one is not None]


def _from_root(folder: Path, root: Path) -> Iterator[Path]:
    chain = [folder]
    while chain[-1] != root:
        chain.append(chain[-1].parent)
    return reversed(chain)


def _read(place: Path, within: Path | None) -> Instructions | None:
    """The instructions in `place`. A repository's may be a symlink to another of its files, but not to a file
    anywhere else or to a secret: what it leads to is sent to the model without anyone being asked."""
    for name in NAMES:
        path = place / name
        try:
            if not path.is_file():  # a pipe or a device would hang us
                continue
            real = os.path.realpath(path)
            if within is not None and (not Root(within).contains(real) or secret(real)):
                continue
            with open(real, "rb") as file:
                data = file.read(LIMIT + 1)
        except OSError:
            continue
        text = visible(data[:LIMIT].decode("utf-8-sig", "replace"))
        if text.strip():
            return Instructions(path, text, cut=len(data) > LIMIT)
    return None


def visible(text: str) -> str:
    """`text` with invisible and direction-changing characters written out as ⟨U+XXXX⟩; ZWJ and ZWNJ are left to their scripts."""
    if text.isascii():
        return text
    return "".join(
        f"⟨U+{ord(char):04X}⟩" if unicodedata.category(char) == "Cf" and char not in "\u200c\u200d" else char
        for char in text
    )
