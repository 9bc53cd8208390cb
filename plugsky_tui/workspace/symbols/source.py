"""Reading a source file for the parser: its bytes as UTF-8, or why it is left alone."""

from __future__ import annotations

import os
import re
import stat

SIZE_LIMIT = 1024 * 1024  # bytes: what people write is smaller, what is larger is data
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PROBE = 8 * 1024
_MINIFIED_FROM = 4 * 1024  # bytes
_MINIFIED_LINE = 400  # bytes a line on average: no one writes so, packers do
_GENERATED = re.compile(rb"@generated\b|\bDO NOT EDIT\b|\b(?:auto-?)?generated (?:by|from|file|code)\b", re.IGNORECASE)
_GENERATED_PROBE = 1024
_COMMENTS = (b"#", b"//", b"/*", b"*", b"--", b'"""')


class Unreadable(Exception):
    """This file is not parsed; the text says why, so that it can follow on "it "."""


def read_source(path: str) -> bytes:
    """The bytes of a regular file, at most SIZE_LIMIT of them. Unreadable says why not; links are not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("is not a regular file")
        if status.st_size > SIZE_LIMIT:
            raise Unreadable("is larger than 1 MiB")
        blocks = []
        left = SIZE_LIMIT + 1
        while left > 0 and (block := os.read(handle, left)):
            blocks.append(block)
            left -= len(block)
    except OSError as error:
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    finally:
        os.close(handle)
    if left <= 0:
        raise Unreadable("is larger than 1 MiB")
    return b"".join(blocks)


def as_utf8(data: bytes) -> bytes:
    """The text of a file in UTF-8, without its mark. Stray bytes stay: parsers pass over them."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            return body if codec == "utf-8" else body.decode(codec, "replace").encode("utf-8", "replace")
    if b"\0" in data[:_PROBE]:
        raise Unreadable("is binary")
    return data


def check_written(data: bytes) -> None:
    """Unreadable where a packer wrote it: its names mean nothing, and parsing it takes long."""
    if len(data) > _MINIFIED_FROM and len(data) // (data.count(b"\n") + 1) > _MINIFIED_LINE:
        raise Unreadable("is minified")


def is_generated(data: bytes) -> bool:
    """Whether a comment at its start says that a program wrote it."""
    found = _GENERATED.search(data, 0, _GENERATED_PROBE)
    if found is None:
        return False
    line = data[data.rfind(b"\n", 0, found.start()) + 1 : found.start()].lstrip()
    return line.startswith(_COMMENTS)
