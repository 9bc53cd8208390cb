"""The routes of the PlutosAI document's surface. What serves them is imported when it is first asked for.

A run of plugsky's own agent against the simulator asks for none of it, and should not wait for it.
"""

from __future__ import annotations

from plugsky_tui.simulator.http import HttpResponse
from plugsky_tui.simulator.routing import Call, Route


async def _process(call: Call) -> HttpResponse:
    """One input, processed."""
    from plugsky_tui.simulator.plutos_endpoints import process

    return await process(call)


async def _get_process(call: Call) -> HttpResponse:
    """What `POST /v1/process` answered, by its id."""
    from plugsky_tui.simulator.plutos_endpoints import get_process

    return await get_process(call)


async def _batch(call: Call) -> HttpResponse:
    """Many inputs, processed one after the other."""
    from plugsky_tui.simulator.plutos_endpoints import batch

    return await batch(call)


async def _stream(call: Call) -> HttpResponse:
    """One input, processed and streamed."""
    from plugsky_tui.simulator.plutos_endpoints import stream

    return await stream(call)


async def _usage(call: Call) -> HttpResponse:
    """The requests and tokens of a key, between two days."""
    from plugsky_tui.simulator.plutos_usage import usage

    return await usage(call)


_ONE, _MANY, _OPTIONAL = ("input", "model"), ("inputs", "model"), ("options",)

ROUTES = [
    Route("POST", "/v1/process", _process, "chat:write", "plutos", _ONE, _OPTIONAL),
    Route("GET", "/v1/process/{id}", _get_process, "chat:write", "plutos"),
    Route("POST", "/v1/batch", _batch, "chat:write", "plutos", _MANY, _OPTIONAL),
    Route("POST", "/v1/stream", _stream, "chat:write", "plutos", _ONE, _OPTIONAL),
    Route("GET", "/v1/usage", _usage, "usage:read", "plutos", query=("start_date", "end_date")),
]
