"""What types cannot say of the parameters of a request: their ranges, as the API's chat reference gives them.

Plain code over plain data, for configuration files and the front matter of agents alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

MOST_STOPS = 4  # OpenAI's limit, which the reference shares
MOST_ALTERNATIVES = 20
_RANGES = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "presence_penalty": (-2.0, 2.0),
    "frequency_penalty": (-2.0, 2.0),
    "top_logprobs": (0, MOST_ALTERNATIVES),
    "seed": (-(2**63), 2**63 - 1),
}
_TOOL_NAME = r"[A-Za-z0-9_-]{1,64}"
_FORMATS = ("text", "json_object", "json_schema")

Problem = tuple[tuple[str, ...], str]


def parameter_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    """(key, what is wrong with its value) of parameters whose types are right."""
    for name, (low, high) in _RANGES.items():
        value = values.get(name)
        if value is not None and not low <= value <= high:  # nan is in no range
            yield (name,), f"must be between {low:g} and {high:g}" if abs(low) < 100 else "must fit into 64 bits"
    if (limit := values.get("max_tokens")) is not None and limit < 1:
        yield ("max_tokens",), "must be a number of tokens above 0"
    cost = values.get("max_cost_per_1m")
    if cost is not None and not 0 < cost < float("inf"):
        yield ("max_cost_per_1m",), "must be a number of dollars above 0"
    yield from _stop_problems(values.get("stop") or [])
    if values.get("top_logprobs") is not None and not values.get("logprobs"):
        yield ("top_logprobs",), "needs logprobs = true beside it"
    choice = values.get("tool_choice")
    if choice is not None and not re.fullmatch(_TOOL_NAME, choice):
        yield ("tool_choice",), "must be auto, none, required, or the name of a tool"
    if values.get("user") == "":
        yield ("user",), "must not be empty"
    yield from _format_problems(values.get("response_format"))


def _stop_problems(stops: list[str]) -> Iterator[Problem]:
    if len(stops) > MOST_STOPS:
        yield ("stop",), f"must hold at most {MOST_STOPS} texts"
    if "" in stops:
        yield ("stop",), "must not hold an empty text"


def _format_problems(given: Mapping[str, Any] | None) -> Iterator[Problem]:
    if given is None:
        return
    if given.get("type") not in _FORMATS:
        yield ("response_format", "type"), f"must be {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]}"
        return
    if given["type"] != "json_schema":
        return
    inner = given.get("json_schema")
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        yield ("response_format", "json_schema"), "must be a table with a name and a schema"
