"""Where a thread's entries go: its file, or memory only."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from plugsky_tui.threads.entries import Block, Entry, Inner, Partial
from plugsky_tui.threads.records import parse, to_line


class Log(Protocol):
    """Takes entries in order and never raises for a full or broken disk: it reports, and keeps them in memory."""

    def append(self, entry: Entry) -> None: ...

    def entries(self) -> list[Entry]:
        """Everything appended so far, from the start."""
        ...

    def sync(self) -> None:
        """Have on the medium what was appended. Does not wait where an event loop runs."""
        ...

    def close(self) -> None: ...


class MemoryLog:
    """For threads that are not to be kept."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        whose, block = ("", entry) if not isinstance(entry, Inner) else (entry.call_id, entry.entry)
        if isinstance(block, Block):  # what it was made of is not needed any more: an answer may be large
            self._entries = [one for one in self._entries if not _is_piece(one, whose, block)]
        self._entries.append(entry)

    def entries(self) -> list[Entry]:
        return list(self._entries)

    def sync(self) -> None:
        pass

    def close(self) -> None:
        pass


def _is_piece(entry: Entry, whose: str, block: Block) -> bool:
    if whose:
        if not isinstance(entry, Inner) or entry.call_id != whose:
            return False
        entry = entry.entry
    return isinstance(entry, Partial) and entry.block == block.block


class InnerLog:
    """The part of another log that holds a subagent's conversation, which is that of the call `call_id`."""

    def __init__(self, log: Log, call_id: str) -> None:
        self._log = log
        self._call_id = call_id

    def append(self, entry: Entry) -> None:
        self._log.append(Inner(self._call_id, entry))

    def entries(self) -> list[Entry]:
        found = (one for one in self._log.entries() if isinstance(one, Inner) and one.call_id == self._call_id)
        return [one.entry for one in found]

    def sync(self) -> None:
        self._log.sync()

    def close(self) -> None:
        pass  # the log is the thread's


class FileLog:
    """The file at `path`: one `write` per record, to a descriptor that appends, under a lock of ours.

    `fd` is the open and locked file, or None for one that is made with the first entry. What cannot
    be written (a full disk, a file system gone read-only) waits in memory and is written, in order,
    once that works again; a half-written record is taken back, so that no later one is torn.
    `report` is told once when this begins and once when it ends.
    """

    def __init__(
        self,
        path: Path,
        *,
        report: Callable[[str], None],
        fd: int | None = None,
        last_seq: int = 0,
        size: int = 0,
        complete: bool = True,
        writable: bool = True,
    ) -> None:
        self._path = path
        self._report = report
        self._fd = fd
        self._seq = last_seq
        self._size = size
        self._complete = complete  # the file ends with a line end
        self._writable = writable
        self._waiting: list[bytes] = []
        self._failed = False
        self._gone = False
        self._dirty = False
        self._new = fd is None

    def append(self, entry: Entry) -> None:
        self._seq += 1
        self._waiting.append(to_line(entry, self._seq))
        if self._writable and not self._gone:
            self._write()

    def entries(self) -> list[Entry]:
        data = b"" if self._fd is None else os.pread(self._fd, self._size, 0)
        if data and not data.endswith(b"\n"):
            data += b"\n"
        return parse(data + b"".join(self._waiting)).entries

    def sync(self) -> None:
        if self._fd is None or not self._dirty:
            return
        self._dirty = False
        copy = os.dup(self._fd)  # the log may be closed before the medium has answered
        folder = self._path.parent if self._new else None
        self._new = False
        try:
            from asyncio import get_running_loop

            get_running_loop().run_in_executor(None, _to_medium, copy, folder)
        except RuntimeError:  # no loop runs, or it is ending
            _to_medium(copy, folder)

    def close(self) -> None:
        if self._waiting and self._writable and not self._gone:
            self._write()
        if self._fd is None:
            return
        if self._dirty:
            _to_medium(os.dup(self._fd), self._path.parent if self._new else None)
        os.close(self._fd)  # and with it goes the lock
        self._fd = None
        self._writable = False

    def _write(self) -> None:
        try:
            fd = self._fd if self._fd is not None else self._create()
            if os.fstat(fd).st_nlink == 0:
                self._gone = True
                self._report("The file of this thread was deleted: from here on the thread is in memory only.")
                return
            data = b"".join(self._waiting) if self._complete else b"\n" + b"".join(self._waiting)
            written = os.write(fd, data)
            if written < len(data):
                self._take_back(fd)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            if not self._failed:
                self._failed = True
                self._report(f"This thread is not being saved: {error.strerror or error}. It goes on in memory.")
            return
        self._size += written
        self._complete = True
        self._dirty = True
        self._waiting.clear()
        if self._failed:
            self._failed = False
            self._report("This thread is saved again, with all that was said meanwhile.")

    def _take_back(self, fd: int) -> None:
        try:
            os.ftruncate(fd, self._size)
        except OSError:
            self._size = os.fstat(fd).st_size
            self._complete = False

    def _create(self) -> int:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._fd = os.open(self._path, flags, 0o600)
        lock(self._fd)
        return self._fd


def lock(fd: int) -> bool:
    """Take the lock on the file; False where another process (or another opening) has it."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _to_medium(fd: int, folder: Path | None) -> None:
    """Wait until the file (and the folder's entry for it, where it is new) is on the medium; closes `fd`."""
    try:
        getattr(os, "fdatasync", os.fsync)(fd)  # macOS has no fdatasync
        if folder is not None:
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    except OSError:
        pass  # the next write meets the same fault, and that one is reported
    finally:
        os.close(fd)
