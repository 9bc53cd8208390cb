"""Being told when a file changes, by the system and without polling: inotify(7) on Linux.

Elsewhere nobody tells, and `FileWatch` watches nothing: who depends on it looks again at other occasions.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_CLOSE_WRITE, _MOVED_TO, _DELETE = 0x8, 0x80, 0x200
_NONBLOCK, _CLOEXEC = 0o4000, 0o2000000
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows


class FileWatch:
    """Calls `changed` in the event loop when the file at `path` was written, replaced or deleted."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._name = os.fsencode(path.name)
        self._changed = changed
        self._handle = _watch(path.parent)
        if self._handle >= 0:
            asyncio.get_running_loop().add_reader(self._handle, self._read)

    def close(self) -> None:
        if self._handle < 0:
            return
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        self._handle = -1

    def _read(self) -> None:
        data = b""
        with suppress(OSError):
            data = os.read(self._handle, 64 * 1024)
        names, at = set(), 0
        while at + _EVENT.size <= len(data):
            length = _EVENT.unpack_from(data, at)[3]
            at += _EVENT.size
            names.add(data[at : at + length].rstrip(b"\0"))
            at += length
        if self._name in names:
            self._changed()


def _watch(folder: Path) -> int:
    """A descriptor that can be read when something in `folder` (not what replaces a file only: editors do both) has
    changed; -1 where there can be none."""
    if not sys.platform.startswith("linux"):
        return -1
    import ctypes  # 5 ms, for those who have themes of their own

    try:
        libc = ctypes.CDLL(None, use_errno=True)
        handle = int(libc.inotify_init1(_NONBLOCK | _CLOEXEC))
        if handle < 0:
            return -1
        if libc.inotify_add_watch(handle, os.fsencode(folder), _CLOSE_WRITE | _MOVED_TO | _DELETE) < 0:
            os.close(handle)
            return -1
    except (OSError, AttributeError):
        return -1
    return handle
