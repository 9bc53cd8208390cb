"""Requests per minute and at the same time, by API key, and the headers that tell of them.

Plans: the documentation's "Rate limits & quotas". The window slides: a request counts for the 60
seconds after it, so that no burst at the turn of a minute gets through twice.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from plugsky_tui.simulator.errors import ApiError

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`rpm`: requests in any 60 seconds; `concurrent`: requests at the same time; of each key."""

    name: str
    rpm: int
    concurrent: int


PLANS = {
    plan.name: plan
    for plan in (
        Plan("trial", 60, 5),
        Plan("starter", 60, 10),
        Plan("builder", 300, 50),
        Plan("scale", 1_000, 200),
        Plan("enterprise", 100_000, 10_000),  # "custom (10K+)": here so much that nobody meets it by chance
    )
}
DEFAULT_PLAN = PLANS["enterprise"]


class Limits:
    def __init__(self, plan: Plan = DEFAULT_PLAN, now: Callable[[], float] = time.monotonic) -> None:
        self._plan = plan
        self._now = now
        self._begun: dict[str, deque[float]] = {}  # when each request of a key began, those of the last minute
        self._running: Counter[str] = Counter()

    @property
    def plan(self) -> Plan:
        return self._plan

    def enter(self, key: str) -> None:
        """Count one request of `key`, which runs until `leave`. ApiError 429 where that is one too many: it is not counted."""
        begun = self._recent(key)
        if len(begun) >= self._plan.rpm:
            raise _too_many(
                f"Rate limit reached for requests per minute: limit {self._plan.rpm}, used {len(begun)}.",
                "rate_limit_exceeded",
                self._free_in(begun),
            )
        if self._running[key] >= self._plan.concurrent:
            raise _too_many(
                f"Too many requests at the same time: limit {self._plan.concurrent}.", "concurrency_limit_exceeded", 1.0
            )
        self._begun.setdefault(key, begun).append(self._now())
        self._running[key] += 1

    def leave(self, key: str) -> None:
        self._running[key] -= 1
        if not self._running[key]:
            del self._running[key]

    def headers(self, key: str) -> dict[str, str]:
        """Where `key` stands, under the documented names and OpenAI's. "Reset" is when the next request is given back."""
        begun = self._recent(key)
        remaining = max(0, self._plan.rpm - len(begun))
        wait = self._free_in(begun)
        return {
            "X-RateLimit-Limit": str(self._plan.rpm),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(math.ceil(time.time() + wait)),
            "x-ratelimit-limit-requests": str(self._plan.rpm),
            "x-ratelimit-remaining-requests": str(remaining),
            "x-ratelimit-reset-requests": f"{wait:.3f}".rstrip("0").rstrip(".") + "s",
        }

    def _recent(self, key: str) -> deque[float]:
        """The requests of the last minute; older ones are forgotten, and so is a key that has none."""
        begun = self._begun.get(key)
        if begun is None:
            return deque()
        while begun and begun[0] <= self._now() - WINDOW_S:
            begun.popleft()
        if not begun:
            del self._begun[key]
        return begun

    def _free_in(self, begun: deque[float]) -> float:
        return begun[0] + WINDOW_S - self._now() if begun else 0.0


def _too_many(message: str, code: str, wait_s: float) -> ApiError:
    return ApiError(429, f"{message} Please try again in {wait_s:.1f}s.", code=code, headers=waiting_headers(wait_s))


def waiting_headers(wait_s: float) -> dict[str, str]:
    """`Retry-After` in whole seconds (RFC 9110, 10.2.3) and OpenAI's `retry-after-ms`."""
    return {"Retry-After": str(math.ceil(wait_s)), "retry-after-ms": str(math.ceil(wait_s * 1000))}
