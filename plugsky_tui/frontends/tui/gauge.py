"""How many requests were made in the last minute: looked at when something happens, and when the oldest of them
is a minute old. When nothing was asked for a minute, nothing runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from textual.timer import Timer

    from plugsky_tui.frontends.tui.widgets.status import StatusLine
    from plugsky_tui.providers.pacer import Rate

WINDOW_S = 60.0
_AT_LEAST_S = 1.0  # between two looks by the clock


class Account(Protocol):
    """What the gauge asks of a session."""

    @property
    def region(self) -> str | None: ...

    def rate(self) -> Rate | None: ...


class RateGauge:
    """Keeps the status line's gauge right. `account` gives whom to ask now, None where there is no session yet."""

    def __init__(
        self, status: StatusLine, account: Callable[[], Account | None], clock: Callable[[], float] = monotonic
    ) -> None:
        self._status = status
        self._account = account
        self._clock = clock
        self._seen: deque[float] = deque()  # when each request of the window was noticed
        self._timer: Timer | None = None

    def look(self) -> None:
        """Something happened that may have been a request, or another session is there."""
        account = self._account()
        rate = account.rate() if account is not None else None
        used = rate.used if rate is not None else 0
        self._status.update(used=used, limit=rate.limit if rate else None, region=account.region if account else None)
        now = self._clock()
        while len(self._seen) > used:
            self._seen.popleft()
        while len(self._seen) < used:
            self._seen.append(now)
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._seen:
            wait = max(self._seen[0] + WINDOW_S - now, _AT_LEAST_S)
            self._timer = self._status.set_timer(wait, self.look)
