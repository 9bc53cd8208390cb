"""The sums that `plugsky stats` and /usage show, from what threads tell of use."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from plugsky_tui.providers.rate_headers import WINDOW_S

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Settings
    from plugsky_tui.providers.rate_memory import Known
    from plugsky_tui.threads.usage import Calls, Requests, Used


@dataclass(slots=True)
class Sums:
    """`requests` counts every try: those that were answered, that failed and were sent again, that failed for good,
    and that were interrupted. The cached tokens are among those of the prompts."""

    requests: int = 0
    answered: int = 0
    retried: int = 0
    failed: int = 0
    interrupted: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def add(self, row: Requests) -> None:
        self.requests += row.count
        name = "interrupted" if row.outcome == "open" else row.outcome
        setattr(self, name, getattr(self, name) + row.count)
        self.prompt_tokens += row.prompt_tokens
        self.cached_tokens += row.cached_tokens
        self.completion_tokens += row.completion_tokens


@dataclass(slots=True)
class ToolSums:
    """`interrupted`: without a result."""

    calls: int = 0
    ok: int = 0
    failed: int = 0
    refused: int = 0
    interrupted: int = 0

    def add(self, row: Calls) -> None:
        self.calls += row.count
        name = "interrupted" if row.outcome == "open" else row.outcome
        setattr(self, name, getattr(self, name) + row.count)


@dataclass(slots=True)
class ModelRow:
    """`model` is the one that answered, `asked` what was asked for; `routed` where these are two."""

    model: str
    asked: str
    routed: bool
    sums: Sums = field(default_factory=Sums)


class Report:
    """All sums. Models and tools with the most requests and calls first, days in order."""

    def __init__(self, used: Used, providers: Collection[str]) -> None:
        self.totals = Sums()
        self.calls = ToolSums()
        models: dict[tuple[str, str], ModelRow] = {}
        days: dict[str, tuple[Sums, ToolSums]] = {}
        tools: dict[str, ToolSums] = {}
        for row in used.requests:
            asked = row.asked or row.answered
            routed = is_routed(asked, row.answered, providers)
            model = models.setdefault(
                (asked, row.answered if routed else ""), ModelRow(row.answered if routed else asked, asked, routed)
            )
            for sums in (self.totals, model.sums, days.setdefault(row.day, (Sums(), ToolSums()))[0]):
                sums.add(row)
        for call in used.calls:
            day = days.setdefault(call.day, (Sums(), ToolSums()))[1]
            for calls in (self.calls, day, tools.setdefault(call.name, ToolSums())):
                calls.add(call)
        self.by_model = sorted(models.values(), key=lambda row: (-row.sums.requests, row.asked, row.model))
        self.by_day = [(day, *days[day]) for day in sorted(days)]
        self.by_tool = sorted(tools.items(), key=lambda item: (-item[1].calls, item[0]))


def is_routed(asked: str, answered: str, providers: Collection[str]) -> bool:
    """Whether another model answered than was asked. Servers write their own names in full: `m` answers as
    `m-2026-03-01` or `m:latest`."""
    name, slash, rest = asked.partition("/")
    bare = rest if slash and name in providers else asked
    if not answered.startswith(bare):
        return bool(answered)
    more = answered[len(bare) :]
    return bool(more) and not (more[0] in ":@" or (more[0] == "-" and more[1:2].isdigit()))


@dataclass(slots=True)
class PerMinute:
    """Requests to the Plugsky API in any 60 seconds: in the last ones, and the most there ever were. `limit` is that
    of api.rpm or of the plan, as `host` said in an answer; times are in seconds since 1970."""

    now: int = 0
    peak: int = 0
    peak_at: float | None = None
    limit: int | None = None
    source: Literal["configured", "learned"] | None = None
    learned_at: float | None = None
    host: str = ""


def per_minute(used: Used, settings: Settings, known: Iterable[Known], now: float) -> PerMinute:
    """`known`: what is remembered of accounts. What others use of the same key counts as used, where that is known."""
    times = [at for at, asked in used.times if asked.partition("/")[0] not in settings.providers or "/" not in asked]
    found = PerMinute(host=host_of(settings.api.base_url))
    found.now = sum(1 for at in reversed(times) if now - WINDOW_S < at <= now)
    found.peak, found.peak_at = busiest(times)
    learned = max((item for item in known if item.host == found.host), key=lambda item: item.at, default=None)
    if settings.api.rpm:
        found.limit, found.source = settings.api.rpm, "configured"
    elif learned is not None:
        found.limit, found.source, found.learned_at = learned.limit, "learned", learned.at
    if learned is not None and learned.remaining is not None and now - WINDOW_S < learned.at <= now:
        found.now = max(found.now, learned.limit - learned.remaining)
    return found


def busiest(times: list[float]) -> tuple[int, float | None]:
    """The most of `times` (in order) in any minute, and when that minute began."""
    most, begun, first = 0, None, 0
    for last, at in enumerate(times):
        while times[first] <= at - WINDOW_S:
            first += 1
        if last - first + 1 > most:
            most, begun = last - first + 1, times[first]
    return most, begun


def midnight(now: float, days_before: int) -> float:
    """When the local day began, so many days before that of `now`."""
    today = time.localtime(now)
    return time.mktime((today.tm_year, today.tm_mon, today.tm_mday - days_before, 0, 0, 0, 0, 0, -1))


def host_of(url: str) -> str:
    """Host and port, as answers are remembered by them."""
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2]
