"""Undoing the compression of an answer (RFC 9110, 8.4), never more of it than is wanted: a few bytes may stand for gigabytes."""

from __future__ import annotations

import zlib

from plugsky_tui.kernel.errors import ToolError

ACCEPTED = "gzip, deflate"
_ELSEWHERE = "Look for the page elsewhere, or get it with a command (curl --compressed -o FILE URL)."


class Inflating:
    """`encoding` is the header Content-Encoding. ToolError where it is one that was not asked for."""

    def __init__(self, encoding: str, limit: int) -> None:
        self.whole = True
        self._left = limit
        self._engine = None
        match encoding.strip().lower():
            case "" | "identity":
                pass
            case "gzip" | "x-gzip":
                self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
            case "deflate":
                self._engine = zlib.decompressobj()
            case other:
                raise ToolError(
                    f"The server sends its answer as {other}, which was not asked for and is not read.",
                    hint=_ELSEWHERE,
                )
        self._raw_deflate = encoding.strip().lower() == "deflate"

    @property
    def full(self) -> bool:
        return self._left <= 0

    def feed(self, data: bytes) -> bytes:
        """What `data` stands for, as far as there is room; `whole` is False once something had to be left out."""
        if self._engine is None:
            return self._bounded(data)
        try:
            out = self._engine.decompress(data, self._left + 1)
        except zlib.error:
            if not self._raw_deflate:
                raise ToolError("The server's answer is damaged: it cannot be decompressed.", hint=_ELSEWHERE) from None
            self._engine = zlib.decompressobj(-zlib.MAX_WBITS)  # what many servers mean by deflate
            self._raw_deflate = False
            return self.feed(data)
        self._raw_deflate = False
        return self._bounded(out)

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self._left:
            data, self.whole = data[: self._left], False
        self._left -= len(data)
        return data
