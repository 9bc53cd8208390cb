"""The route of the embeddings. What serves it is imported when it is first asked for."""

from __future__ import annotations

from plugsky_tui.simulator.http import HttpResponse
from plugsky_tui.simulator.routing import Call, Route

REQUIRED = ("model", "input")
OPTIONAL = ("dimensions", "encoding_format", "user")


async def _create(call: Call) -> HttpResponse:
    """The vectors of one text or of many."""
    from plugsky_tui.simulator.embeddings_endpoint import create

    return await create(call)


ROUTES = [Route("POST", "/v1/embeddings", _create, "embeddings:write", required=REQUIRED, optional=OPTIONAL)]
