"""Keeps the requests of one account within its plan: so many in a minute, so many at the same time.

One `Pacer` for an account (a server and a key), shared by all that send in its name, subagents among them, so
that work side by side waits its turn here instead of for a 429. Requests go in the order in which they were
first made; nobody is woken but by what changes something: an answer, the end of a request, the clock.

A burst is let through as long as there is room: spreading requests evenly would make everyone wait for nothing.
"""

from __future__ import annotations

import asyncio
import math
from bisect import insort
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal, Protocol

from plugsky_tui.kernel.record import record
from plugsky_tui.providers.rate_headers import WINDOW_S, Told

SLACK_S = (
    1.0  # the server may see a request this much after it was sent (a connection has to be made), and counts from then
)
LONGEST_WAIT_S = 120.0  # nobody is kept waiting for longer: the server's own refusal explains it better
NO_CAP = 100.0  # requests at a time from which on a backed-off concurrency counts as recovered

Why = Literal["rpm", "concurrency", "asked"]


@record
class Rate:
    """Requests of the account in the last minute, and how many a minute its plan has (None: not known)."""

    used: int
    limit: int | None


@record
class Wait:
    """Why a request has to wait, and for how many seconds (None: until another one ends)."""

    why: Why
    seconds: float | None


class Handle(Protocol):
    def cancel(self) -> None: ...


class Clock(Protocol):
    """Time in seconds, from any beginning, and a call at a later time."""

    def now(self) -> float: ...

    def later(self, seconds: float, call: Callable[[], None]) -> Handle: ...


class LoopClock:
    """That of the event loop that runs."""

    def now(self) -> float:
        return monotonic()

    def later(self, seconds: float, call: Callable[[], None]) -> Handle:
        return asyncio.get_running_loop().call_later(seconds, call)


@record
class Word:
    """What the server said last: `remaining` requests at `at`, when those up to `number` had been sent; more of
    them from `reset_at` on."""

    remaining: int
    number: int
    at: float
    reset_at: float


class Turn:
    """A request's place: in the queue at first, then under way. Leave it in any case."""

    __slots__ = ("_future", "_pacer", "at", "begun", "number", "over", "sent", "since")

    def __init__(self, pacer: Pacer, since: float) -> None:
        self._pacer = pacer
        self._future: asyncio.Future[None] | None = None
        self.since = since
        self.begun = False  # it is its turn: it may be sent
        self.sent = False
        self.over = False
        self.number = 0  # among all requests sent
        self.at = 0.0  # when it began

    def __lt__(self, other: Turn) -> bool:
        return self.since < other.since

    @property
    def wait(self) -> Wait | None:
        """What it waits for, as far as can be foreseen; None where it may go."""
        return None if self.begun else self._pacer.expected(self)

    async def granted(self, seconds: float | None = None) -> bool:
        """Wait until it may go, at most so many seconds; whether it may."""
        if not self.begun:
            self._future = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._future
            except TimeoutError:
                pass
            finally:
                self._future = None
        return self.begun

    def wake(self) -> None:
        if self._future is not None and not self._future.done():
            self._future.set_result(None)

    def answered(self, status: int, told: Told | None, asked_s: float | None = None) -> None:
        """The headers of the answer came. `asked_s`: how long the server asks to wait, where it refuses."""
        self._pacer.heard(self, status, told, asked_s)

    def leave(self) -> None:
        """It was answered to the end, or given up: the next one may go."""
        if not self.over:
            self.over = True
            self._pacer.left(self)


class Pacer:
    """See the module. `rpm` and `concurrency` are limits that were set: they count instead of what the server says
    (an `rpm` of 0: nothing is paced by the minute). `limit` is what is known of the plan from an earlier time."""

    def __init__(
        self,
        *,
        rpm: int | None = None,
        concurrency: int | None = None,
        limit: int | None = None,
        word: Word | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.rpm = rpm
        self.concurrency = concurrency
        self.learned = limit
        self.word = word
        self._clock = clock or LoopClock()
        self._queue: list[Turn] = []
        self._running: set[Turn] = set()
        self._begun: deque[float] = deque()  # when the requests of the last minute (and its slack) began
        self._count = 0
        self._paused_until = -math.inf
        self._cap: float | None = None  # requests at a time, after refusals
        self._capped_at = 0  # the requests that were begun before that do not count as refused again
        self._timer: Handle | None = None

    @property
    def limit(self) -> int | None:
        """Requests a minute: as set, else as learned."""
        return self.rpm or self.learned

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def queue(self, since: float | None = None) -> Turn:
        """A place in the queue; who is first in it and may go has `begun` at once. `since` is when the request was
        first made: who is sent back gets the old place again."""
        turn = Turn(self, self._clock.now() if since is None else since)
        insort(self._queue, turn)
        self._advance()
        return turn

    def rate(self) -> Rate:
        now = self._clock.now()
        self._forget(now)
        used = sum(1 for at in self._begun if at > now - WINDOW_S)
        word = self.word
        if word is not None and self.learned is not None and now < word.at + WINDOW_S:
            used = max(used, self.learned - word.remaining + self._count - word.number)
        return Rate(used, self.limit)

    def expected(self, turn: Turn) -> Wait | None:
        """How long `turn` will wait, as far as can be foreseen."""
        now = self._clock.now()
        place = self._queue.index(turn) if turn in self._queue else 0
        wait = Wait("asked", self._paused_until - now) if self._paused_until > now else None
        opens = max(self._window_opens(now, place), self._word_opens(now, place))
        if opens > max(now, self._paused_until):
            wait = Wait("rpm", opens - now if opens < math.inf else None)
        if wait is None and (place or len(self._running) >= self._most()):
            wait = Wait("concurrency" if len(self._running) >= self._most() else "rpm", None)
        return wait

    # --- what turns report ------------------------------------------------------------------------

    def heard(self, turn: Turn, status: int, told: Told | None, asked_s: float | None) -> None:
        now = self._clock.now()
        if told is not None:
            self._learn(turn, told, now)
        if status == 429:
            if asked_s is not None and asked_s <= LONGEST_WAIT_S:
                self._paused_until = max(self._paused_until, now + asked_s)
            if told is None or told.remaining != 0:  # not for the minute, then for those side by side
                self._back_off(turn)
        elif 200 <= status < 300 and self._cap is not None:
            self._cap += 1 / self._cap
            if self._cap > NO_CAP:
                self._cap = None
        self._advance()

    def left(self, turn: Turn) -> None:
        if turn in self._running:
            self._running.remove(turn)
            if not turn.sent and turn.at in self._begun:
                self._begun.remove(turn.at)
        elif turn in self._queue:
            self._queue.remove(turn)
        self._advance()

    # --- who may go -------------------------------------------------------------------------------

    def _advance(self) -> None:
        """Let go who may go, and see to it that this is looked at again when the next one may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue:
            now = self._clock.now()
            opens = self._opens(now)
            if opens > now:
                if opens < math.inf:
                    self._timer = self._clock.later(opens - now, self._elapsed)
                return
            self._begin(self._queue.pop(0), now)

    def _elapsed(self) -> None:
        self._timer = None
        self._advance()

    def _begin(self, turn: Turn, now: float) -> None:
        self._count += 1
        self._begun.append(now)
        self._running.add(turn)
        turn.begun, turn.number, turn.at = True, self._count, now
        turn.wake()

    def _opens(self, now: float) -> float:
        """When the first of the queue may go: in the past or now for at once, inf for when something else happens."""
        self._forget(now)
        if len(self._running) >= self._most():
            return math.inf
        return max(self._paused_until, self._window_opens(now, 0), self._word_opens(now, 0))

    def _most(self) -> float:
        """Requests at the same time."""
        caps = [float(self.concurrency)] if self.concurrency else []
        if self._cap is not None:
            caps.append(max(1.0, self._cap))
        return math.floor(min(caps)) if caps else math.inf

    def _window_opens(self, now: float, place: int) -> float:
        """By our own count of the last minute: when there is room for the one at `place` in the queue."""
        limit = self.limit
        if limit is None or self.rpm == 0 or (self.rpm is None and self._word_holds(now)):
            return -math.inf  # not known, or the server knows better (its window may be shorter)
        minutes, index = divmod(len(self._begun) + place - limit, limit)
        if minutes < 0:
            return -math.inf
        begun = self._begun[index] if index < len(self._begun) else now
        return begun + WINDOW_S + SLACK_S + minutes * WINDOW_S

    def _word_opens(self, now: float, place: int) -> float:
        """By what the server said remains. When that is used up, one request at a time finds out what there is from
        the reset on: one more, where the server's minute slides, or all of them."""
        word = self.word
        if word is None or self.rpm == 0 or not self._word_holds(now):
            return -math.inf
        if word.remaining - (self._count - word.number) > place:
            return -math.inf
        if word.reset_at > now + LONGEST_WAIT_S:
            return -math.inf
        if now < word.reset_at:
            return word.reset_at
        return math.inf if any(turn.at >= word.reset_at for turn in self._running) else -math.inf

    def _word_holds(self, now: float) -> bool:
        return self.word is not None and now < max(self.word.at + WINDOW_S, self.word.reset_at + SLACK_S)

    # --- what is learned --------------------------------------------------------------------------

    def _learn(self, turn: Turn, told: Told, now: float) -> None:
        if told.limit is not None:
            self.learned = told.limit
        newer = self.word is None or turn.number >= self.word.number or not self._word_holds(now)
        if told.remaining is not None and newer:
            reset_s = WINDOW_S if told.reset_s is None else told.reset_s
            self.word = Word(told.remaining, turn.number, now, now + reset_s)

    def _back_off(self, turn: Turn) -> None:
        """Half as many at a time, once for all that were turned away together (AIMD, as TCP does)."""
        if turn.number <= self._capped_at:
            return
        self._capped_at = self._count
        most = len(self._running) if self._cap is None else min(self._cap, len(self._running))
        self._cap = max(1.0, most / 2)

    def _forget(self, now: float) -> None:
        while self._begun and self._begun[0] <= now - WINDOW_S - SLACK_S:
            self._begun.popleft()
