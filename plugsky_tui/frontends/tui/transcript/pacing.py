"""Frames: at most so many a second, and none while nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

INTERVAL = 1 / 20  # more frames cost processor time and show nothing new: text comes a few words at a time
# A frame that takes long makes the next one wait this many times longer: drawing never eats more than a fifth of the time.
_REST = 4


class Pacer:
    """Calls `draw` soon after `request`, and no more than about 20 times a second. Has a timer only when there is something to draw."""

    def __init__(self, draw: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._draw = draw
        self._failed = failed
        self._handle: asyncio.TimerHandle | asyncio.Handle | None = None
        self._next = 0.0  # when the next frame may be

    @property
    def waiting(self) -> bool:
        return self._handle is not None

    def request(self) -> None:
        """Ask for a frame. Costs next to nothing when one is coming already."""
        if self._handle is not None:
            return
        loop = asyncio.get_running_loop()
        self._handle = loop.call_at(max(self._next, loop.time()), self._fire)

    def cancel(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        self._handle = None
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            self._draw()
        except Exception as error:  # the loop would only log it, and the screen stand still
            self._failed(error)
        ended = loop.time()
        self._next = max(began + INTERVAL, ended + _REST * (ended - began))
