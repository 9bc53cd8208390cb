"""The files that `@` can name: a bounded listing, made in a thread when `@` is first typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

MOST = 20_000
FRESH_S = 15.0
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "target", "dist", "build", "site-packages"})


class FileIndex:
    """Paths relative to a folder, folders with a slash at the end. `changed` is called when a listing is in."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder = folder
        self._changed = changed
        self._paths: list[str] = []
        self._listed = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def paths(self) -> list[str]:
        """What is known now; an old listing is made anew meanwhile."""
        if self._task is None and monotonic() - self._listed > FRESH_S:
            self._task = asyncio.create_task(self._list())
        return self._paths

    async def _list(self) -> None:
        try:
            self._paths = await asyncio.to_thread(list_files, self._folder)
        finally:
            self._listed = monotonic()
            self._task = None
        self._changed()


def list_files(folder: Path, most: int = MOST) -> list[str]:
    """Files and folders below `folder`, nearest first, at most `most`; hidden and generated folders are left out."""
    found: list[str] = []
    level = [""]
    while level and len(found) < most:
        deeper: list[str] = []
        for place in level:
            try:
                with os.scandir(folder / place) as entries:
                    names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
            except OSError:
                continue
            for name, is_folder in names:
                if not name.isprintable() or (is_folder and (name in _SKIPPED or name.startswith("."))):
                    continue
                found.append(f"{place}{name}/" if is_folder else f"{place}{name}")
                if is_folder:
                    deeper.append(f"{place}{name}/")
        level = deeper
    return found[:most]
