"""The table of endpoints. A further endpoint is a further module with its `Route`s."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.simulator.dialects import Dialect
from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.http import HttpRequest, HttpResponse
from plugsky_tui.simulator.keys import Caller

if TYPE_CHECKING:
    from plugsky_tui.simulator.service import Service


@dataclass(slots=True)
class Call:
    """One request on its way to a handler. `names` are the values of the path's {placeholders}."""

    service: Service
    http: HttpRequest
    caller: Caller
    names: dict[str, str]

    def record(self, model: str, prompt_tokens: int, completion_tokens: int) -> None:
        """Count what the caller used of `model`, for `GET /v1/usage`."""
        self.service.ledger.record(self.caller.key, model, prompt_tokens, completion_tokens)


Handler = Callable[[Call], Awaitable[HttpResponse]]


@dataclass(slots=True)
class Route:
    """`path` such as "/v1/models/{model}"; a placeholder stands for the whole rest of one segment.

    `scope` is what a key must have for it ("": any caller may). Errors are written in `dialect`.
    `required` and `optional` name the fields of the body, `query` those behind the path's question mark: for the
    API's description of itself.
    """

    method: str
    path: str
    handler: Handler
    scope: str = ""
    dialect: Dialect = "openai"
    required: Sequence[str] = ()
    optional: Sequence[str] = ()
    query: Sequence[str] = ()


class Router:
    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._patterns = [(route, route.path.split("/")) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route for a request, and the values of its placeholders. ApiError 404 and 405 where there is none."""
        at_path = self._at(path)
        if not at_path:
            from plugsky_tui.simulator.unoffered import why_not  # read by those who go astray

            if reason := why_not(path):
                raise ApiError(404, reason, code="endpoint_not_offered")
            raise ApiError(404, f"Invalid URL ({method} {path})", code="unknown_url")
        for route, names in at_path:
            if route.method == (
                "GET" if method == "HEAD" else method
            ):  # RFC 9110, 9.3.2: HEAD is a GET without its body
                return route, names
        takes = {route.method for route, _ in at_path}
        allowed = ", ".join(sorted(takes | ({"HEAD"} if "GET" in takes else set())))
        raise ApiError(
            405,
            f"Not allowed to {method} on {path} (HINT: it takes {allowed})",
            code="method_not_allowed",
            headers={"allow": allowed},
        )

    def dialect(self, path: str) -> Dialect:
        """The dialect errors at `path` are written in, whatever the method."""
        return next((route.dialect for route, _ in self._at(path)), "openai")

    def _at(self, path: str) -> list[tuple[Route, dict[str, str]]]:
        segments = path.split("/")
        return [(route, names) for route, pattern in self._patterns if (names := _match(pattern, segments)) is not None]


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
