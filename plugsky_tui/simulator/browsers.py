"""Web pages that call the simulator: the rules a browser asks for before it lets them (CORS, WHATWG Fetch).

The API's documentation names browsers (`fetch`) among its clients. Only pages of this machine may
call: what a page of the internet would learn from a simulator is that there is one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from plugsky_tui.simulator.http import HttpRequest, HttpResponse

METHODS = "GET, HEAD, POST"
MAX_AGE_S = 600  # how long a browser may remember the answer to its question
_EXPOSED = (
    "x-request-id, request-id, retry-after, retry-after-ms, idempotent-replayed, x-plugsky-region, "
    "x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-ratelimit-limit-requests, "
    "x-ratelimit-remaining-requests, x-ratelimit-reset-requests"
)


def preflight(request: HttpRequest) -> HttpResponse | None:
    """The answer to a browser that asks first whether a page may call; None for every other request."""
    asked = "access-control-request-method" in request.headers
    if request.method != "OPTIONS" or not asked or not permission(request.headers):
        return None
    allowed = {
        "access-control-allow-methods": METHODS,
        "access-control-allow-headers": request.headers.get("access-control-request-headers", "*"),
        "access-control-max-age": str(MAX_AGE_S),
    }
    return HttpResponse(204, headers=allowed)


def permission(headers: Mapping[str, str]) -> dict[str, str]:
    """What lets a page of this machine read an answer; {} for all other pages and programs. `headers`: names in lower
    case."""
    origin = headers.get("origin", "")
    if not _is_local(origin):
        return {}
    return {"access-control-allow-origin": origin, "access-control-expose-headers": _EXPOSED, "vary": "Origin"}


def _is_local(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
