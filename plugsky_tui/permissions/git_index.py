"""Which folders of a working tree are submodules to git, read from its index: no git is started for it.

`git status` and `git diff` start another git in each submodule that is there, and that one obeys the
submodule's own configuration. The format is that of gitformat-index(5), versions 2 to 4.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

_LINK = 0o160000
_FOLDER = 0o040000  # a folder that a sparse index keeps folded up, with whatever is in it
_LIMIT = 256 * 1024 * 1024
_MODE_AT, _STAT_SIZE = 24, 40  # bytes of an entry before its object name


class Unreadable(Exception):
    """The index cannot be read, or does not tell all; the message says why."""


def submodules(git_folder: str) -> list[str]:
    """The paths of all submodules in the index of `git_folder`, from the top of its working tree on."""
    found: dict[str, None] = {}
    for path in _indexes(git_folder):
        try:
            with open(path, "rb") as file:
                data = file.read(_LIMIT + 1)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise Unreadable(error.strerror or "it cannot be opened") from None
        if len(data) > _LIMIT:
            raise Unreadable("it is too large")
        # Nearly every index has neither: looking for the bytes alone takes a hundredth of the time.
        if _LINK.to_bytes(4, "big") in data or b"sdir" in data:
            found |= dict.fromkeys(_links(data))
    return list(found)


def _indexes(git_folder: str) -> Iterator[str]:
    """The index, and the files a split one shares its entries with."""
    names: list[str] = []
    with suppress(OSError):
        names = [name for name in os.listdir(git_folder) if name.startswith("sharedindex.")]
    for name in chain(("index",), sorted(names)):
        path = os.path.join(git_folder, name)
        if os.path.lexists(path):
            if not os.path.isfile(path):
                raise Unreadable("it is not a file")
            yield path


def _links(data: bytes) -> list[str]:
    """With SHA-1 names first, with SHA-256 ones where that makes no sense."""
    try:
        return list(_entries(data, 20))
    except (Unreadable, IndexError, ValueError):
        pass
    try:
        return list(_entries(data, 32))
    except (IndexError, ValueError):
        raise Unreadable("it is damaged") from None


def _entries(data: bytes, name_size: int) -> Iterator[str]:
    version, count = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise Unreadable("it is of an unknown kind")
    at = 12
    path = b""
    for _ in range(count):
        start = at
        mode = int.from_bytes(data[at + _MODE_AT : at + _MODE_AT + 4], "big")
        if mode >> 12 not in (0o4, 0o10, 0o12, 0o16):
            raise Unreadable("it is damaged")
        at += _STAT_SIZE + name_size
        extended = data[at] & 0x40
        at += 4 if extended and version >= 3 else 2
        if version == 4:
            cut, at = _varint(data, at)
            if cut > len(path):
                raise Unreadable("it is damaged")
            end = data.index(0, at)
            path = path[: len(path) - cut] + data[at:end]
            at = end + 1
        else:
            end = data.index(0, at)
            path = data[at:end]
            at = start + ((end - start) // 8 + 1) * 8  # one to eight NULs, to a multiple of eight
        if mode == _FOLDER:
            raise Unreadable("it is sparse")
        if mode == _LINK:
            yield os.fsdecode(path)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number as git writes offsets: seven bits a byte, one added for each that follows."""
    byte = data[at]
    value = byte & 0x7F
    at += 1
    while byte & 0x80:
        byte = data[at]
        at += 1
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, at
