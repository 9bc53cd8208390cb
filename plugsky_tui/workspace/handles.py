"""Opening a file by its real path, and only that file.

A path that was judged may be swapped for a symlink before it is opened. So a real path is walked
from the root folder by folder, each opened relative to the one before and none of them through a
link: what is opened is what was judged, or the call fails. Only regular files are opened: a FIFO
would wait for a writer, a device never end.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from plugsky_tui.kernel.errors import ToolError

_FOLDER = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_STEP = _FOLDER | getattr(os, "O_PATH", os.O_RDONLY)  # O_PATH needs no permission to list the folder
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "FIFO (named pipe)",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


def kind_of(mode: int) -> str:
    return KINDS.get(stat.S_IFMT(mode), "special file")


@contextmanager
def folder_handle(real: str, *, create: bool = False) -> Iterator[int]:
    """A descriptor of the folder at the real path `real`; with `create`, missing folders are made.

    OSError where it is missing or may not be entered; ToolError where a part has become a symlink.
    """
    handle = os.open("/", _STEP)
    try:
        parts = [part for part in real.split("/") if part]
        for place, part in enumerate(parts):
            if create:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=handle)
            try:
                deeper = _open_folder(part, handle, last=place == len(parts) - 1)
            except OSError as error:
                raise _explained(error, "/" + "/".join(parts[: place + 1])) from None
            os.close(handle)
            handle = deeper
        yield handle
    finally:
        os.close(handle)


def _open_folder(part: str, parent: int, *, last: bool) -> int:
    if last:
        # A real descriptor can be locked and synced; one that only steps through will do otherwise.
        with suppress(PermissionError):
            return os.open(part, _FOLDER | os.O_RDONLY, dir_fd=parent)
    return os.open(part, _STEP, dir_fd=parent)


def _explained(error: OSError, path: str) -> Exception:
    if error.errno in (errno.ELOOP, errno.ENOTDIR) and os.path.islink(path):
        return ToolError(
            f"{path} has become a symlink since this was planned: nothing was opened.",
            hint="Look at the path again (list) before you repeat the call.",
        )
    return type(error)(error.errno, os.strerror(error.errno or 0), path)


def open_regular(name: str, folder: int, shown: str, flags: int = os.O_RDONLY) -> tuple[int, os.stat_result]:
    """The regular file `name` in the open folder `folder`, and its status. The caller closes it.

    ToolError where it is a symlink, folder or special file; OSError as `open` has it.
    """
    _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False), shown)
    handle = os.open(name, flags | _FILE, dir_fd=folder)
    try:
        status = os.fstat(handle)
        _check_regular(status, shown)  # it may have been swapped in between
    except BaseException:
        os.close(handle)
        raise
    return handle, status


@contextmanager
def reading(real: str, shown: str) -> Iterator[tuple[int, os.stat_result]]:
    """A descriptor to read the regular file at the real path `real`, and its status."""
    folder, name = os.path.split(real)
    if not name:
        raise ToolError(f"{shown} is a folder, not a file.", hint="Use list to see what is in it.")
    with folder_handle(folder) as parent:
        handle, status = open_regular(name, parent, shown)
    try:
        yield handle, status
    finally:
        os.close(handle)


def _check_regular(status: os.stat_result, shown: str) -> None:
    if stat.S_ISREG(status.st_mode):
        return
    kind = kind_of(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        raise ToolError(f"{shown} is a folder, not a file.", hint="Use list to see what is in it.")
    raise ToolError(
        f"{shown} is a {kind}, not a regular file: it is not opened.", hint="Give the path of a regular file."
    )


def said(error: OSError, shown: str, doing: str) -> ToolError:
    """An OSError in words for the model: what could not be done, and what to do next."""
    match error.errno:
        case errno.ENOENT:
            return ToolError(f"{shown} does not exist.", hint="Look for its name with glob or list.")
        case errno.ENOTDIR:
            return ToolError(
                f"{shown}: a part of this path is a file, not a folder.", hint="Look with list which part it is."
            )
        case errno.EACCES | errno.EPERM:
            return ToolError(f"No permission to {doing} {shown}.", hint="The user has to change its permissions.")
        case errno.EROFS:
            return ToolError(
                f"{shown} is on a read-only file system.", hint="Write to another folder, or tell the user."
            )
        case errno.ENOSPC | errno.EDQUOT:
            return ToolError(
                f"The disk is full: {shown} could not be written and is as it was.", hint="Tell the user to make room."
            )
        case errno.ELOOP:
            return ToolError(f"{shown} is a symlink that leads in a circle.", hint="Give the path of the file itself.")
        case errno.ENAMETOOLONG:
            return ToolError(f"{shown}: this name is too long for the file system.", hint="Give a shorter one.")
        case errno.EISDIR:
            return ToolError(f"{shown} is a folder, not a file.", hint="Use list to see what is in it.")
        case _:
            return ToolError(
                f"Could not {doing} {shown}: {error.strerror or error}.", hint="Try again once, then tell the user."
            )
