"""The parameters of a request under the names, and within the bounds, of the Messages API."""

from __future__ import annotations

from typing import Any

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.parameters import Parameters

_LEAST_TOP_P_THINKING = 0.95
OBJECT_IN_WORDS = "Your final answer must be one JSON object, and nothing else: no fence, no words around it."
# Those the format has a place for; all others are named in a notice.
_KNOWN = frozenset(
    {"temperature", "top_p", "max_tokens", "stop", "tool_choice", "user", "reasoning_effort", "response_format"}
)


def sampling(given: Parameters, *, thinks: bool) -> tuple[dict[str, Any], list[Notice]]:
    """The fields of the body but for thinking, tools and format; and what had to be changed or left out.

    With thinking on, the API takes no temperature but 1, and no `top_p` below 0.95.
    """
    fields: dict[str, Any] = {}
    notices: list[Notice] = []
    if given.temperature is not None and given.temperature > 1:
        notices.append(
            _notice(f"temperature {given.temperature:g} is sent as 1, the most that Anthropic's format knows.")
        )
    if given.temperature is not None:
        fields["temperature"] = min(given.temperature, 1)
    if given.top_p is not None:
        fields["top_p"] = given.top_p
    if thinks:
        lost = [
            name
            for name, least in (("temperature", 1), ("top_p", _LEAST_TOP_P_THINKING))
            if fields.get(name, least) < least
        ]
        for name in lost:
            del fields[name]
        if lost:
            notices.append(_notice(f"{_listed(lost)} cannot be set while the model thinks: left out."))
    if stops := [stop for stop in given.stop if stop.strip()]:
        fields["stop_sequences"] = stops
    if len(stops) < len(given.stop):
        notices.append(_notice("A stop text of blanks only is nothing that Anthropic's format knows: left out."))
    if given.user is not None:
        fields["metadata"] = {"user_id": given.user}
    if unknown := [name for name in given.given() if name not in _KNOWN]:
        notices.append(_notice(f"Anthropic's format has no {_listed(unknown)}: left out."))
    return fields, notices


def choice(given: str) -> dict[str, Any]:
    """`tool_choice` as an object."""
    match given:
        case "auto" | "none":
            return {"type": given}
        case "required":
            return {"type": "any"}
        case _:
            return {"type": "tool", "name": given}


def schema_of(response_format: dict[str, Any] | None) -> dict[str, Any] | None:
    """The JSON Schema that a `response_format` asks for; None where it has none."""
    match response_format:
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema
        case _:
            return None


def wants_object(response_format: dict[str, Any] | None) -> bool:
    """Whether any JSON object will do, which the format can only be told in words."""
    return response_format is not None and response_format.get("type") == "json_object"


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _notice(text: str) -> Notice:
    return Notice("parameter_dropped", text)
