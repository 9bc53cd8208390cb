"""A window of lines of a file of any size, without loading the file.

Memory stays within a few MiB whatever the file: it is read block by block up to the end of the
window, and a line too long to show is cut as it comes. Blocking: call it in a thread.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plugsky_tui.workspace.files import WHOLE_LIMIT, Stamp, digest_of
from plugsky_tui.workspace.handles import reading
from plugsky_tui.workspace.text import Encoding, NotText, decode, presentable, sniff, split_lines

SMALL = 8 * 1024 * 1024  # bytes: up to here the whole file is read, its lines are counted and its encoding is sure
LINE_LIMIT = 2_000  # characters of one line
WINDOW_LIMIT = 100_000  # characters of all lines together: what a model can still read with profit
_BLOCK = 1024 * 1024


@dataclass(slots=True)
class Window:
    """Lines `first`... of a file, without their ends.

    `total` is None where it was not counted (a large file, not read to its end), `cut` the numbers of lines that were too long,
    `full` says that WINDOW_LIMIT ended it, `digest` is of the whole content (None: not read whole).
    """

    first: int
    size: int
    encoding: Encoding
    stamp: Stamp
    lines: list[str] = field(default_factory=list)
    cut: dict[int, int] = field(default_factory=dict)  # line number -> its true length (at least)
    total: int | None = None
    more: bool = False
    full: bool = False
    digest: str | None = None


@dataclass(slots=True)
class Head:
    """The first bytes of a file that is not text, and its size."""

    data: bytes
    size: int
    reason: str


def read_window(
    real: str, shown: str, first: int, limit: int, stopped: Callable[[], bool] = lambda: False
) -> Window | Head:
    """Lines `first` to `first + limit - 1` (from 1) of the file at the real path `real`.

    OSError and ToolError as `handles.reading` has them. `stopped` is asked between blocks.
    """
    with reading(real, shown) as (handle, status):
        if status.st_size <= SMALL:
            data = _read(handle, SMALL + 1)
            try:
                text, encoding = decode(data)
            except NotText as error:
                return Head(data[:_BLOCK], status.st_size, str(error))
            window = Window(first, len(data), encoding, Stamp.of(status), digest=digest_of(data))
            return _window_of(split_lines(text), first, limit, window)
        head = os.read(handle, _BLOCK)
        try:
            encoding = sniff(head)
        except NotText as error:
            return Head(head, status.st_size, str(error))
        window = Window(first, status.st_size, encoding, Stamp.of(status))
        _stream_window(_decoded(handle, head, encoding, stopped), limit, window)
        return window


def read_whole(real: str, shown: str, limit: int = WHOLE_LIMIT) -> bytes:
    """The bytes of the file at the real path `real`, up to `limit`."""
    with reading(real, shown) as (handle, _):
        return _read(handle, limit)


def _window_of(lines: list[str], first: int, limit: int, window: Window) -> Window:
    window.total = len(lines)
    left = WINDOW_LIMIT
    for number in range(first, min(first + limit, len(lines) + 1)):
        line = lines[number - 1].rstrip("\r\n")
        left -= _add(window, number, line, len(line))
        if left < 0:
            window.full = True
            break
    window.more = first + len(window.lines) <= len(lines)
    return window


def _stream_window(chunks: Iterator[str], limit: int, window: Window) -> None:
    """Fill `window` from a text that comes in chunks; ends as soon as the window is full."""
    number, kept, length = 1, "", 0
    left = WINDOW_LIMIT
    last = window.first + limit - 1
    ended = True  # with a line end, so far
    for chunk in chunks:
        ended = chunk.endswith("\n") if chunk else ended
        at = 0
        while number < window.first:  # lines before the window are only counted
            wanted = window.first - number
            found = chunk.count("\n", at)
            if found < wanted:
                number += found
                at = len(chunk)
                break
            for _ in range(wanted):
                at = chunk.index("\n", at) + 1
            number = window.first
        while at < len(chunk):
            if number > last or left < 0:
                window.more = True
                window.full = left < 0
                return
            end = chunk.find("\n", at)
            stop = len(chunk) if end < 0 else end
            if len(kept) <= LINE_LIMIT:
                kept += chunk[at : min(stop, at + LINE_LIMIT + 1)]
            length += stop - at
            at = stop + 1
            if end < 0:
                break
            left -= _add(window, number, kept, length)
            number, kept, length = number + 1, "", 0
    window.total = number - ended
    if kept and window.first <= number <= last:
        _add(window, number, kept, length)


def _add(window: Window, number: int, start: str, length: int) -> int:
    """Take up a line of `length` characters that starts with `start`; what it costs of the window."""
    line = start[:LINE_LIMIT]
    if length > LINE_LIMIT:
        window.cut[number] = length
    window.lines.append(presentable(line.removesuffix("\r")))
    return len(line) + 8  # with its number


def _decoded(handle: int, head: bytes, encoding: Encoding, stopped: Callable[[], bool]) -> Iterator[str]:
    r"""The text from the start, in chunks; "\r" alone ends lines where the head has no "\n" at all."""
    decoder = codecs.getincrementaldecoder(encoding.codec)("replace")
    old_mac = b"\r" in head and b"\n" not in head
    block = head[len(encoding.mark) :]
    while block and not stopped():
        text = decoder.decode(block)
        yield text.replace("\r", "\n") if old_mac else text
        block = os.read(handle, _BLOCK)
    yield decoder.decode(b"", final=not stopped())


def _read(handle: int, limit: int) -> bytes:
    blocks: list[bytes] = []
    size = 0
    while size < limit and (block := os.read(handle, min(_BLOCK, limit - size))):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)
