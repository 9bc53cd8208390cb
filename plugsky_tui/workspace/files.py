"""Whole files, read and replaced so that nothing of them is lost.

A file is replaced by a new one beside it, synced and renamed over the old: whoever looks, or
crashes, sees the old content or the new. Where a new file could not be what the old one was (hard
links, an owner or attributes we cannot give) it is written in place instead, and that is said.
Blocking: call these in a thread.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.handles import folder_handle, open_regular, reading, said

WHOLE_LIMIT = 64 * 1024 * 1024  # bytes: more than anyone edits, little enough to hold a few times
_BLOCK = 1024 * 1024
_LOCK_WAIT_S = 2.0
_IGNORED_ATTRIBUTES = ("security.",)  # set by the system itself (SELinux labels) on the new file too


@dataclass(slots=True)
class Stamp:
    """What tells two states of a file apart without reading it."""

    size: int = 0
    modified_ns: int = 0
    inode: int = 0

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


@dataclass(slots=True)
class Snapshot:
    """What a file was when we looked: `data` None where there was none."""

    data: bytes | None
    stamp: Stamp

    @property
    def digest(self) -> str | None:
        return None if self.data is None else digest_of(self.data)


class ChangedSince(ToolError):
    """The file is no longer what the call was planned for."""

    code = "changed"


def digest_of(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()


def snapshot(real: str, shown: str) -> Snapshot:
    """The content of the file at the real path `real`, or that there is none. ToolError in words for the model."""
    try:
        with reading(real, shown) as (handle, status):
            if status.st_size > WHOLE_LIMIT:
                raise ToolError(
                    f"{shown} is {size_text(status.st_size)}: too large to be edited as a whole.",
                    hint="Use a command that works on a stream (sed, awk).",
                )
            return Snapshot(_read_all(handle), Stamp.of(status))
    except FileNotFoundError:
        return Snapshot(None, Stamp())
    except OSError as error:
        raise said(error, shown, "read") from None


def replace(real: str, shown: str, data: bytes, expected: str | None, mode: int | None = None) -> str:
    """Make `data` the content of the file at the real path `real`; a note for people, or "".

    `expected` is the digest of what it must hold now (None: it must not exist). ChangedSince where it
    is not so; ToolError in words where it cannot be written. Missing folders are made. `mode` are the
    permission bits of a file that is made (None: as the umask has it).
    """
    folder, name = os.path.split(real)
    try:
        with folder_handle(folder, create=expected is None) as parent, _locked(parent):
            if expected is None:
                _create(name, parent, shown, data, 0o666 & ~_umask() if mode is None else mode)
                return ""
            return _replace(name, parent, shown, data, expected)
    except OSError as error:
        raise said(error, shown, "write") from None


def remove(real: str, shown: str, expected: str) -> int:
    """Delete the regular file at the real path `real`; the permission bits it had.

    `expected` is the digest of what it must hold. ChangedSince and ToolError as with `replace`.
    """
    folder, name = os.path.split(real)
    try:
        with folder_handle(folder) as parent, _locked(parent):
            try:
                old, status = open_regular(name, parent, shown)
            except FileNotFoundError:
                raise _changed(shown, "has been deleted") from None
            try:
                if digest_of(_read_all(old)) != expected:
                    raise _changed(shown, "has changed")
            finally:
                os.close(old)
            os.unlink(name, dir_fd=parent)
            _sync(parent)
            return stat.S_IMODE(status.st_mode)
    except OSError as error:
        raise said(error, shown, "delete") from None


def size_text(size: int) -> str:
    """A size as people read it: "812 bytes", "3.4 MiB"."""
    if size < 1024:
        return f"{size} byte{'s' * (size != 1)}"
    amount, units = size / 1024, ["KiB", "MiB", "GiB", "TiB"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:.1f} {units[0]}"


def _create(name: str, parent: int, shown: str, data: bytes, mode: int) -> None:
    with _temporary(parent, data, mode) as temporary:
        try:
            os.link(temporary, name, src_dir_fd=parent, dst_dir_fd=parent, follow_symlinks=False)
        except FileExistsError:
            raise _changed(shown, "has been created") from None
        except OSError:  # no hard links on this file system: look, then rename
            with suppress(FileNotFoundError):
                os.stat(name, dir_fd=parent, follow_symlinks=False)
                raise _changed(shown, "has been created") from None
            os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
    _sync(parent)


def _replace(name: str, parent: int, shown: str, data: bytes, expected: str) -> str:
    try:
        old, status = open_regular(name, parent, shown)
    except FileNotFoundError:
        raise _changed(shown, "has been deleted") from None
    try:
        before = _read_all(old)
        if digest_of(before) != expected:
            raise _changed(shown, "has changed")
        if not os.access(name, os.W_OK, dir_fd=parent):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        mode = stat.S_IMODE(status.st_mode) & ~(stat.S_ISUID | stat.S_ISGID)
        reason = ""
        if status.st_nlink > 1:
            reason = f"it has {status.st_nlink} hard links, which all show the new content"
        else:
            with _temporary(parent, data, mode) as temporary:
                reason = _made_alike(temporary, parent, old, status)
                if not reason:
                    os.rename(temporary, name, src_dir_fd=parent, dst_dir_fd=parent)
        if not reason:
            _sync(parent)
            return ""
        with _writable(name, parent, shown) as handle:
            _write_in_place(handle, before, data, mode)
        return f"Written in place: {reason}."
    finally:
        os.close(old)


@contextmanager
def _temporary(parent: int, data: bytes, mode: int) -> Iterator[str]:
    """A synced file with `data`, of an unforeseeable name, readable for its owner only until it is whole."""
    name = f".plugsky-{secrets.token_hex(8)}.tmp"
    handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600, dir_fd=parent)
    try:
        try:
            _write_all(handle, data)
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield name
    finally:
        with suppress(FileNotFoundError):  # renamed: all is well
            os.unlink(name, dir_fd=parent)


def _made_alike(temporary: str, parent: int, old: int, status: os.stat_result) -> str:
    """Give the new file owner, group and attributes of the old; why that could not be done, or ""."""
    new, fresh = open_regular(temporary, parent, temporary)
    try:
        if (fresh.st_uid, fresh.st_gid) != (status.st_uid, status.st_gid):
            try:
                os.fchown(new, status.st_uid, status.st_gid)
                os.fchmod(new, stat.S_IMODE(fresh.st_mode))  # chown may clear bits
            except OSError:
                return "it belongs to another user or group"
        if not hasattr(os, "listxattr"):
            return ""
        try:
            for attribute in os.listxattr(old):
                if not attribute.startswith(_IGNORED_ATTRIBUTES):
                    os.setxattr(new, attribute, os.getxattr(old, attribute))
        except OSError as error:
            return "" if error.errno == errno.ENOTSUP else "it has extended attributes or an access list"
        return ""
    finally:
        os.close(new)


@contextmanager
def _writable(name: str, parent: int, shown: str) -> Iterator[int]:
    handle, _ = open_regular(name, parent, shown, os.O_RDWR)
    try:
        yield handle
    finally:
        os.close(handle)


def _write_in_place(handle: int, before: bytes, data: bytes, mode: int) -> None:
    """Overwrite an open file. A full disk shows before anything is lost, or what was there is put back."""
    size = len(before)
    if len(data) > size and hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(handle, 0, len(data))
        except OSError as error:
            os.ftruncate(handle, size)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise
    try:
        _write_all(handle, data)
        os.ftruncate(handle, len(data))
    except OSError:
        os.lseek(handle, 0, os.SEEK_SET)
        _write_all(handle, before)
        os.ftruncate(handle, size)
        raise
    if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
        with suppress(PermissionError):  # not our file: the system has dropped setuid at the write itself
            os.fchmod(handle, mode)
    os.fsync(handle)


@contextmanager
def _locked(parent: int) -> Iterator[None]:
    """Keep other plugsky processes from the same folder meanwhile, so that each sees the other's change.

    Only they look at this lock. It is waited for a short while: a foreign lock must not stop work.
    """
    import fcntl  # not on every system; only writing needs it

    until = time.monotonic() + _LOCK_WAIT_S
    locked = False
    while not locked:
        try:
            fcntl.flock(parent, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked = True
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES) or time.monotonic() > until:
                break
            time.sleep(0.005)
    try:
        yield
    finally:
        if locked:
            fcntl.flock(parent, fcntl.LOCK_UN)


def _changed(shown: str, how: str) -> ChangedSince:
    return ChangedSince(
        f"{shown} {how} since this call was planned: nothing was written.",
        hint="Read the file again, then repeat the change on what it holds now.",
    )


def _read_all(handle: int) -> bytes:
    blocks = []
    while block := os.read(handle, _BLOCK):
        blocks.append(block)
    return b"".join(blocks)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def _sync(parent: int) -> None:
    with suppress(OSError):  # a folder we may not read, or a file system that cannot
        os.fsync(parent)


def _umask() -> int:
    """The process's umask. Linux tells it without changing it for the other threads meanwhile."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
