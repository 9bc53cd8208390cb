"""Output on its way to a screen: in pieces that a person can follow and that cost little to draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

_PIECE_S = 0.05  # pieces are at least this far apart
_PIECE_LIMIT = 16 * 1024  # characters shown of what came meanwhile


class LivePieces:
    """Hands output on in pieces that are not too frequent and not too long, unfinished lines included."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._progress = progress
        self._waiting = ""
        self._skipped = 0
        self._pending = ""  # the unfinished line as it is now
        self._shown = ""  # what of it has been handed on
        self._timer: asyncio.TimerHandle | None = None
        self._last = 0.0

    def take(self, lines: str, pending: str) -> None:
        if lines and self._shown:
            lines = lines[len(self._shown) :] if lines.startswith(self._shown) else "\n" + lines
            self._shown = ""
        self._waiting += lines
        if len(self._waiting) > 2 * _PIECE_LIMIT:
            self._skipped += len(self._waiting) - _PIECE_LIMIT
            self._waiting = self._waiting[-_PIECE_LIMIT:]
        self._pending = pending
        if self._timer is None:
            delay = max(0.0, self._last + _PIECE_S - monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self.flush)

    def flush(self) -> None:
        self.cancel()
        piece, self._waiting = self._waiting, ""
        if self._skipped:
            piece = f"[… {self._skipped:,} characters …]\n{piece[-_PIECE_LIMIT:]}"
            self._skipped = 0
        if self._pending.startswith(self._shown):
            piece += self._pending[len(self._shown) :]
        elif self._pending:
            piece += "\n" + self._pending
        self._shown = self._pending
        if piece:
            self._last = monotonic()
            self._progress(piece)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
