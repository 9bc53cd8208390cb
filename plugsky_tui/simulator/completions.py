"""The route of the legacy completions. What serves it is imported when it is first asked for."""

from __future__ import annotations

from plugsky_tui.simulator.http import HttpResponse
from plugsky_tui.simulator.routing import Call, Route

REQUIRED = ("model", "prompt")
OPTIONAL = (
    "suffix", "max_tokens", "temperature", "top_p", "n", "stream", "stream_options", "logprobs", "echo", "stop",
    "presence_penalty", "frequency_penalty", "best_of", "logit_bias", "user", "seed",
)  # fmt: skip


async def _create(call: Call) -> HttpResponse:
    """A continuation of one prompt or of several, streamed or whole."""
    from plugsky_tui.simulator.completions_endpoint import create

    return await create(call)


ROUTES = [Route("POST", "/v1/completions", _create, "chat:write", required=REQUIRED, optional=OPTIONAL)]
