"""`GET /v1/usage`: what a key has used, in the shape of the PlutosAI document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from plugsky_tui.simulator.errors import invalid
from plugsky_tui.simulator.http import HttpResponse, json_response
from plugsky_tui.simulator.ledger import today
from plugsky_tui.simulator.routing import Call

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


async def usage(call: Call) -> HttpResponse:
    """The requests and tokens from `start_date` to `end_date`, both included; by default this month's."""
    start, end = _period(call.http.query)
    used = call.service.ledger.between(call.caller.key, start, end)
    per_minute = call.service.limits.plan.rpm
    return json_response(
        {
            "period": {"start": f"{start}T00:00:00Z", "end": f"{end}T23:59:59Z"},
            "usage": {
                "totalRequests": used.requests,
                "totalTokens": used.total_tokens,
                "totalCost": 0,  # flat monthly plans: no price per token
                "requestsByModel": dict(used.requests_by_model),
            },
            # The plans limit the minute alone; more than that many minutes' worth cannot be had.
            "limits": {
                "requestsPerMinute": per_minute,
                "requestsPerHour": per_minute * 60,
                "requestsPerDay": per_minute * 60 * 24,
            },
        }
    )


def _period(query: Mapping[str, str]) -> tuple[date, date]:
    for name in query:
        if name not in ("start_date", "end_date"):
            raise invalid(f"Unknown parameter: '{name}'.", name, "unknown_parameter")
    end = _day(query, "end_date") or today()
    start = _day(query, "start_date") or min(today(), end).replace(day=1)
    if start > end:
        raise invalid(f"'start_date' ({start}) is after 'end_date' ({end}).", "start_date")
    return start, end


def _day(query: Mapping[str, str], name: str) -> date | None:
    given = query.get(name)
    if given is None:
        return None
    try:
        if _DATE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        pass  # a day that no month has
    raise invalid(f"Invalid '{name}': {given!r} is no date in the format YYYY-MM-DD.", name)
