"""The routes of Anthropic's Messages API. What serves them is imported when it is first asked for.

A run of plugsky's own agent against the simulator asks for none of it, and should not wait for it.
"""

from __future__ import annotations

from plugsky_tui.simulator.http import HttpResponse
from plugsky_tui.simulator.routing import Call, Route

_PROMPT = {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config", "cache_control"}
_SAMPLED = {"max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "metadata", "stream"}
# Known to Anthropic's API and its SDKs, without an effect on a rule-based answer.
_PASSED_OVER = {
    "service_tier", "inference_geo", "speed", "diagnostics", "context_management", "user_profile_id", "workspace_id",
}  # fmt: skip
COUNT_REQUIRED = ("model", "messages")
COUNT_KNOWN = _PROMPT | _PASSED_OVER
REQUIRED = ("model", "max_tokens", "messages")
KNOWN = COUNT_KNOWN | _SAMPLED


async def _create(call: Call) -> HttpResponse:
    """A message, streamed or whole."""
    from plugsky_tui.simulator.messages_endpoints import create

    return await create(call)


async def _count_tokens(call: Call) -> HttpResponse:
    """How many tokens a message would take."""
    from plugsky_tui.simulator.messages_endpoints import count_tokens

    return await count_tokens(call)


ROUTES = [
    Route("POST", "/v1/messages", _create, "chat:write", "anthropic", REQUIRED, sorted(KNOWN - set(REQUIRED))),
    Route(
        "POST",
        "/v1/messages/count_tokens",
        _count_tokens,
        "chat:write",
        "anthropic",
        COUNT_REQUIRED,
        sorted(COUNT_KNOWN - set(COUNT_REQUIRED)),
    ),
]
