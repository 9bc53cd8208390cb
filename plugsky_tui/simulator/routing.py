"""The table of endpoints. A further endpoint is a further module with its `Route`s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.http import HttpRequest, HttpResponse
from plugsky_tui.simulator.keys import Caller, identify

if TYPE_CHECKING:
    from plugsky_tui.simulator.service import Service


@dataclass(slots=True)
class Call:
    """One request on its way to a handler. `names` are the values of the path's {placeholders}."""

    service: Service
    http: HttpRequest
    caller: Caller
    names: dict[str, str]


Handler = Callable[[Call], Awaitable[HttpResponse]]


@dataclass(slots=True)
class Route:
    """`path` such as "/v1/models/{model}"; a placeholder stands for the whole rest of one segment."""

    method: str
    path: str
    handler: Handler


class Router:
    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(route, route.path.split("/")) for route in routes]

    async def dispatch(self, service: Service, request: HttpRequest) -> HttpResponse:
        """The answer of the route for `request`. ApiError 404 and 405 where there is none, 401 for a bad key."""
        segments = request.path.split("/")
        at_path = [
            (route, names) for route, pattern in self._routes if (names := _match(pattern, segments)) is not None
        ]
        if not at_path:
            raise ApiError(404, f"Invalid URL ({request.method} {request.path})", code="unknown_url")
        for route, names in at_path:
            if route.method == request.method:
                return await route.handler(Call(service, request, identify(request.headers), names))
        allowed = ", ".join(sorted({route.method for route, _ in at_path}))
        raise ApiError(
            405,
            f"Not allowed to {request.method} on {request.path} (HINT: it takes {allowed})",
            code="method_not_allowed",
            headers={"allow": allowed},
        )


def _match(pattern: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    names: dict[str, str] = {}
    for part, segment in zip(pattern, segments, strict=True):
        if part.startswith("{") and segment:
            names[part[1:-1]] = segment
        elif part != segment:
            return None
    return names
