"""What the headers of an answer say of the account's limit: how many requests a minute, how many are left.

Servers write it in four ways, and this reads them all, leniently: what makes no sense is passed over.

    X-RateLimit-Limit: 60, -Remaining: 45, -Reset: 1640995200     the PlutosAI document; also seconds from now
    x-ratelimit-limit-requests: 60, …-reset-requests: 6m0s        OpenAI
    anthropic-ratelimit-requests-limit: 50, …-reset: 2026-…Z      Anthropic
    RateLimit: "default";r=50;t=30, RateLimit-Policy: …;q=60;w=60 draft-ietf-httpapi-ratelimit-headers
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from plugsky_tui.kernel.record import record

WINDOW_S = 60.0
_MOST = 10_000_000  # requests a minute that anyone would sell
_EPOCH_S = 1e9  # numbers from here on are moments: seconds since 1970 …
_EPOCH_MS = 1e11  # … or milliseconds
_LONGEST_RESET_S = 31 * 86400.0
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PARTS = r"(\d+(?:\.\d+)?)(ms|us|µs|ns|d|h|m|s)"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LATE_S = 1.5  # a reset that is told in whole seconds may lie this much behind the end of its minute


@record
class Told:
    """`limit`: requests a minute, None where that is not said (or the limit is of another span of time).
    `remaining`: requests that are left; `reset_s`: seconds until some are given back. Each may be None."""

    limit: int | None
    remaining: int | None
    reset_s: float | None


def read_rate(headers: Mapping[str, str], now: float) -> Told | None:
    """`headers` have lower-case names; `now` is in seconds since 1970, and counts where the server does not say what
    its own clock shows (`Date`). None where they say nothing of use."""
    now = _served_at(headers.get("date", "")) or now
    for prefix, suffix in (("x-ratelimit-", "-requests"), ("anthropic-ratelimit-requests-", ""), ("x-ratelimit-", "")):
        limit = headers.get(f"{prefix}limit{suffix}")
        remaining = headers.get(f"{prefix}remaining{suffix}")
        if limit is not None or remaining is not None:
            told = _told(limit, remaining, headers.get(f"{prefix}reset{suffix}"), now)
            if told is not None:
                return told
    if any(name.startswith("ratelimit") for name in headers):
        return _ietf(headers, now)
    return None


def _told(limit: str | None, remaining: str | None, reset: str | None, now: float) -> Told | None:
    most, left, reset_s = _count(limit, 1), _count(remaining, 0), _reset(reset, now)
    if most is not None and left is not None and left > most:
        left = None
    if reset_s is not None and reset_s > WINDOW_S + _LATE_S:
        most = None  # the limit of an hour or a day is none of a minute
    return Told(most, left, reset_s) if most is not None or left is not None else None


def _ietf(headers: Mapping[str, str], now: float) -> Told | None:
    """The draft, in its newer form (`"default";r=50;t=30`) and the older ones (`limit=60, remaining=50, reset=30`;
    a header for each)."""
    state = _parameters(headers.get("ratelimit", ""))
    policy = _parameters(headers.get("ratelimit-policy", ""))
    first = headers.get("ratelimit-policy", "").partition(";")[0].strip()  # "60;w=60", older
    limit = state.get("limit") or policy.get("q") or headers.get("ratelimit-limit") or first
    told = _told(
        limit,
        state.get("r") or state.get("remaining") or headers.get("ratelimit-remaining"),
        state.get("t") or state.get("reset") or headers.get("ratelimit-reset"),
        now,
    )
    span = policy.get("w")
    if told is not None and span is not None and _number(span) != WINDOW_S:
        told.limit = None
    return told if told is None or told.limit is not None or told.remaining is not None else None


def _parameters(value: str) -> dict[str, str]:
    """`a=1` pairs of the first policy in a header, whatever stands between them."""
    found: dict[str, str] = {}
    for name, text in re.findall(r"([a-z]+)\s*=\s*\"?([^\s;,\"]+)", value):
        found.setdefault(name, text)
    return found


def _count(value: str | None, least: int) -> int | None:
    """A whole number, the first where several are listed."""
    first = (value or "").partition(",")[0].partition(";")[0].strip()
    if not first.isascii() or not first.isdecimal() or len(first) > 9:
        return None
    return int(first) if least <= int(first) <= _MOST else None


def _reset(value: str | None, now: float) -> float | None:
    text = (value or "").strip()
    readings: tuple[Callable[[str], float | None], ...] = (_number, _duration, _moment)
    for read in readings:
        seconds = read(text)
        if seconds is None:
            continue
        if read is _moment or seconds >= _EPOCH_S:
            seconds = (seconds / 1000 if seconds >= _EPOCH_MS else seconds) - now
        return max(0.0, seconds) if seconds <= _LONGEST_RESET_S else None
    return None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None  # neither nan nor inf


def _duration(text: str) -> float | None:
    """`1.2s`, `6m0s`, `1ms`."""
    parts = re.findall(_PARTS, text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _moment(text: str) -> float | None:
    """RFC 3339, in seconds since 1970."""
    from datetime import datetime, timezone

    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (ValueError, OverflowError):
        return None


def _served_at(text: str) -> float | None:
    """The `Date` of an answer, `Fri, 29 Sep 2023 16:26:37 GMT` (RFC 9110, 5.6.7), without importing what reads all dates."""
    from datetime import datetime, timezone

    try:
        _, day, month, year, clock, zone = text.split(" ")
        hour, minute, second = (int(part) for part in clock.split(":"))
        moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return None
    return moment.timestamp() if zone == "GMT" else None
