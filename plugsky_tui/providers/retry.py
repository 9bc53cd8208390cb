"""Whether a failed request is sent again, and when. Pure functions; the waiting is done elsewhere.

The rules are those of the official OpenAI clients (which statuses, `x-should-retry`,
`retry-after-ms`, no wait longer than two minutes), with full jitter instead of theirs, so that
clients turned away together do not come back together
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

RETRIED = frozenset({408, 429, 500, 502, 503, 504, 529})
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0
LONGEST_ASKED_S = 120.0
_ABSURD_S = 366 * 86400.0  # whoever asks for more than a year did not mean it

# Error codes that say the account is empty: waiting does not fill it.
_FINAL_CODES = frozenset({"insufficient_quota", "quota_exceeded", "billing_hard_limit_reached", "insufficient_balance"})


def is_final(code: str) -> bool:
    """Whether the server's own error code rules a retry out, whatever the status."""
    return code in _FINAL_CODES


def should_retry(status: int, headers: Mapping[str, str], code: str = "") -> bool:
    """`headers` have lower-case names; `code` is the error code or type of the body.

    409 is not decided here: it is sent once more under a fresh key.
    """
    if is_final(code):
        return False
    said = server_says(headers)
    return status in RETRIED if said is None else said


def server_says(headers: Mapping[str, str]) -> bool | None:
    """Whether to send again, as `x-should-retry` has it; None where it does not say."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds the server asks to wait, by `retry-after-ms` or `Retry-After` (seconds or an HTTP date).

    None where it asks nothing usable: no number or date, nothing above zero, or beyond belief.
    `now` is in seconds since 1970. May be longer than LONGEST_ASKED_S.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    given = headers.get("retry-after")
    seconds = milliseconds / 1000 if milliseconds is not None else _number(given)
    if seconds is None and given:
        moment = _date(given)
        seconds = moment - now if moment is not None else None
    if seconds is None or not 0 < seconds <= _ABSURD_S:
        return None
    return seconds


def backoff(failures: int) -> float:
    """The longest wait, in seconds, after `failures` failures (1 = the first): doubled each time, up to 8."""
    return min(FIRST_WAIT_S * 2.0 ** min(max(failures - 1, 0), 60), LONGEST_WAIT_S)


def wait_before_retry(
    headers: Mapping[str, str], failures: int, *, now: float, random: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next try; None where the server asks for longer than anyone should wait.

    What the server asks for is kept to; else it is anything up to the backoff (`random` gives 0 to 1).
    """
    asked = asked_wait(headers, now)
    if asked is None:
        return backoff(failures) * random()
    return asked if asked <= LONGEST_ASKED_S else None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(value: str) -> float | None:
    from email.utils import mktime_tz, parsedate_tz  # 15 ms, and dates are rare

    try:
        parts = parsedate_tz(value)
        return float(mktime_tz(parts)) if parts else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None
