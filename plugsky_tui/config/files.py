"""Reading and writing the small private files of the configuration: bounded, atomic, 0600."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

LIMIT = 1024 * 1024  # no configuration is larger; whatever is, is not one


class NotRegular(OSError):
    """A folder, pipe, socket or device stands where a file should be, or the file is far too large."""


def read_regular(path: Path, limit: int = LIMIT) -> tuple[bytes, os.stat_result] | None:
    """The bytes of the file at `path` and what it is; None where there is none.

    Never blocks: a project may hold a pipe by this name (O_NONBLOCK opens it without waiting for
    a writer, and only a regular file is read). Raises NotRegular, and OSError as `os.open` does.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise NotRegular(errno.EINVAL, "not a regular file", str(path))
        if info.st_size > limit:
            raise NotRegular(errno.EFBIG, f"larger than {limit:,} bytes", str(path))
        with open(fd, "rb", closefd=False) as file:
            return file.read(limit), info
    finally:
        os.close(fd)


def private_folder(path: Path) -> None:
    """Make the folder, and those above it, 0700. One that is there already stays as it is."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)


def write_atomic(path: Path, text: str, mode: int = 0o600, *, durable: bool = True) -> None:
    """Put `text` at `path`, whole or not at all, on disk when this returns (what is not `durable` may be lost
    with the power, and costs a tenth).

    A symlink is written through (dotfiles are often kept elsewhere). Raises OSError; the old file is then untouched.
    """
    target = Path(os.path.realpath(path))
    private_folder(target.parent)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        with open(fd, "wb") as file:
            file.write(text.encode())
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, target)  # noqa: PTH105
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
