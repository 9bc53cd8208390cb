"""The shape of an answer: as a parameter where the server takes it, in words where it does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plugsky_tui.kernel.ports import Request

_ALONE = "and nothing else: no fence, no words around it."


def shaped(request: Request, *, taken: bool) -> Request:
    """`request` as it can be sent. `taken`: the server takes a `response_format`."""
    wanted = request.parameters.response_format
    if wanted is None or (taken and _can_be_sent(wanted)):
        return request
    words = in_words(wanted)
    return Request(
        request.model,
        f"{request.system}\n\n{words}" if words else request.system,
        request.messages,
        request.tools,
        replace(request.parameters, response_format=None),
        request.opening,
    )


def in_words(response_format: dict[str, Any]) -> str:
    """What a `response_format` says, for a prompt; empty where it asks for nothing."""
    match response_format:
        case {"type": "json_schema", "json_schema": {"schema": schema}}:
            import json

            written = json.dumps(schema, ensure_ascii=False)
            return f"Your final answer must be one JSON value, {_ALONE} It must fit this JSON Schema:\n{written}"
        case {"type": "json_object"}:
            return f"Your final answer must be one JSON object, {_ALONE}"
        case _:
            return ""


def _can_be_sent(response_format: dict[str, Any]) -> bool:
    """Of schemas, OpenAI and those after it take only those of an object."""
    inner = response_format.get("json_schema")
    schema = inner.get("schema") if isinstance(inner, dict) else None
    return response_format.get("type") != "json_schema" or (isinstance(schema, dict) and schema.get("type") == "object")
