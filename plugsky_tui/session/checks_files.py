"""Which files a check has changed: formatters do, and the model must know before it edits them again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.files import Stamp, snapshot
from plugsky_tui.workspace.paths import Root

_State = tuple[Stamp | None, str | None]  # None: no file; and the digest, None where it is too large to be read


class WatchedFiles:
    """The content of some files, compared again and again."""

    def __init__(self, root: Root, files: Iterable[str]) -> None:
        """`files`: relative to the workspace, or absolute."""
        self._root = root
        self._files = list(dict.fromkeys(str(Path(root.real, file).resolve()) for file in files))
        self._known: dict[str, _State] = {}

    async def begin(self) -> None:
        self._known = await asyncio.to_thread(lambda: {file: _look(file) for file in self._files})

    async def changed(self) -> list[str]:
        """Those that have another content now than when this was asked last, as people see them."""
        return await asyncio.to_thread(self._compare)

    def _compare(self) -> list[str]:
        found: list[str] = []
        for file, (stamp, digest) in self._known.items():
            if _stamp(file) == stamp:
                continue
            now = self._known[file] = _look(file)
            if now[1] is None or now[1] != digest:
                found.append(self._root.shown(file))
        return found


def _look(file: str) -> _State:
    stamp = _stamp(file)
    try:
        return stamp, snapshot(file, file).digest
    except ToolError:  # too large, or not ours to read
        return stamp, None


def _stamp(file: str) -> Stamp | None:
    try:
        return Stamp.of(Path(file).stat())
    except OSError:
        return None
