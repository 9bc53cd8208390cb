"""What an account has used, as `GET /usage` of the PlutosAI document says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.errors import host_of


@dataclass(slots=True)
class AccountUsage:
    """Counts of the period from `start` to `end` (ISO 8601, as the server wrote them); `cost` is in US dollars.

    `limits` are requests by "requestsPerMinute", "requestsPerHour", "requestsPerDay"; those the server names.
    """

    start: str
    end: str
    requests: int
    tokens: int
    cost: float
    by_model: dict[str, int] = field(default_factory=dict)  # requests
    limits: dict[str, int] = field(default_factory=dict)


async def account_usage(client: Client, start: date | None = None, end: date | None = None) -> AccountUsage:
    """The use from `start` to `end`, both included; without them the server's own period. Raises ProviderError."""
    asked = [f"{name}={day:%Y-%m-%d}" for name, day in (("start_date", start), ("end_date", end)) if day is not None]
    answer = await client.fetch("GET", "usage" + ("?" + "&".join(asked) if asked else ""))
    usage = answer.get("usage") if isinstance(answer, dict) else None
    if not isinstance(usage, dict):
        raise ProviderError(
            f"What {host_of(client.endpoint)} has at /usage is no account of usage.",
            hint='Only an endpoint of kind = "plutos" has one.',
            code="bad_answer",
        )
    period = _object(answer.get("period"))
    return AccountUsage(
        str(period.get("start", "")),
        str(period.get("end", "")),
        int(_number(usage.get("totalRequests"))),
        int(_number(usage.get("totalTokens"))),
        _number(usage.get("totalCost")),
        _counts(usage.get("requestsByModel")),
        _counts(answer.get("limits")),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _counts(value: Any) -> dict[str, int]:
    return {str(name): int(_number(count)) for name, count in _object(value).items()}


def _number(value: Any) -> float:
    """0 for what is no number above 0 (or beyond belief)."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e15 else 0
