"""Checks of single fields, with the messages Anthropic's API answers with.

Its messages begin with the path of the field: "messages.0.content.1.text: Field required". An
`at` below is such a path, "" for the body itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from plugsky_tui.simulator.errors import ApiError, invalid


def wrong(at: str, problem: str) -> ApiError:
    return invalid(f"{at}: {problem}", at)


def below(at: str, name: str | int) -> str:
    """The path of `name` inside `at`."""
    return f"{at}.{name}" if at else str(name)


def required(body: Mapping[str, Any], name: str, at: str) -> Any:
    if name not in body:
        raise wrong(below(at, name), "Field required")
    return body[name]


def no_extras(body: Mapping[str, Any], known: Collection[str], at: str) -> None:
    """ApiError for the first key of `body` that is not among `known`."""
    for name in body:
        if name not in known:
            raise wrong(below(at, name), "Extra inputs are not permitted")


def text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise wrong(at, "Input should be a valid string")
    return value


def matching(value: Any, at: str, pattern: str) -> str:
    """A text all of which matches `pattern` (without its anchors)."""
    written = text(value, at)
    if not re.fullmatch(pattern, written):
        raise wrong(at, f"String should match pattern '^{pattern}$'")
    return written


def mapping(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(at, "Input should be an object")
    return value


def array(value: Any, at: str) -> list[Any]:
    if not isinstance(value, list):
        raise wrong(at, "Input should be a valid list")
    return value


def boolean(body: Mapping[str, Any], name: str, at: str) -> bool:
    """False where it is not given."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise wrong(below(at, name), "Input should be a valid boolean")
    return value


def integer(value: Any, at: str, low: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong(at, "Input should be a valid integer")
    _at_least(value, at, low)
    return value


def number(value: Any, at: str, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(at, "Input should be a valid number")
    _at_least(value, at, low)
    if value > high:
        raise wrong(at, f"Input should be less than or equal to {high:g}")
    return float(value)


def one_of(value: Any, at: str, choices: Collection[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        *others, last = (f"'{choice}'" for choice in choices)
        raise wrong(at, f"Input should be {' or '.join(filter(None, (', '.join(others), last)))}")
    return value


def tag(body: Mapping[str, Any], at: str, tags: Collection[str]) -> str:
    """The `type` of an object that may be of several; ApiError where it is missing or none of `tags`."""
    given = required(body, "type", at)
    if not isinstance(given, str) or given not in tags:
        listed = ", ".join(f"'{name}'" for name in tags)
        raise wrong(at, f"Input tag '{given}' found using 'type' does not match any of the expected tags: {listed}")
    return given


def cache_control(body: Mapping[str, Any], at: str) -> None:
    """The mark of a prompt cache: checked, and without an effect here."""
    mark = body.get("cache_control")
    if mark is None:
        return
    here = below(at, "cache_control")
    fields = mapping(mark, here)
    tag(fields, here, ("ephemeral",))
    if "ttl" in fields:
        one_of(fields["ttl"], f"{here}.ephemeral.ttl", ("5m", "1h"))
    no_extras(fields, ("type", "ttl"), f"{here}.ephemeral")


def _at_least(value: float, at: str, low: float) -> None:
    if value < low:
        raise wrong(at, f"Input should be greater than or equal to {low:g}")
