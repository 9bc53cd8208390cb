"""The threads of the folder, for `@thread:`: read in the background, again after a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.threads.store import ThreadInfo

MARK = "thread:"
_AGAIN_S = 5.0
_SHORT = 12  # characters of an id: its time, and a little more


class ThreadNames:
    """`current` is the id of the thread on the screen, which need not be named; `changed` is called when there are more."""

    def __init__(
        self, folder: Path, data_dir: Path | None, changed: Callable[[], None], current: Callable[[], str | None]
    ) -> None:
        self._folder = folder
        self._data_dir = data_dir
        self._changed = changed
        self._current = current
        self._known: list[ThreadInfo] = []
        self._reading: asyncio.Task[None] | None = None
        self._read_at = float("-inf")

    def find(self) -> Sequence[tuple[str, ThreadInfo]]:
        """(what names it, the thread), the last worked on first."""
        if self._data_dir is not None and self._reading is None and monotonic() - self._read_at > _AGAIN_S:
            self._reading = asyncio.ensure_future(self._read(self._data_dir))
        shortened = [one.thread_id[:_SHORT] for one in self._known]
        return [
            (short if shortened.count(short) == 1 else one.thread_id, one)
            for short, one in zip(shortened, self._known, strict=True)
            if one.thread_id != self._current()
        ]

    async def _read(self, data_dir: Path) -> None:
        try:
            self._known = await asyncio.to_thread(_listed, data_dir, self._folder)
            self._changed()
        except (PlugskyError, OSError):
            self._known = []
        finally:
            self._read_at = monotonic()
            self._reading = None


def _listed(data_dir: Path, folder: Path) -> list[ThreadInfo]:
    from plugsky_tui.threads.store import ThreadStore  # opens the index: not before somebody asks

    return list(ThreadStore(data_dir).list(folder))
