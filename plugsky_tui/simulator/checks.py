"""Checks of single parameters, with the messages and codes the OpenAI API answers with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from plugsky_tui.simulator.errors import ApiError, invalid

_NAMES = {
    bool: "a boolean",
    int: "an integer",
    float: "a decimal",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def wrong_type(value: Any, param: str, expected: str) -> ApiError:
    given = _NAMES.get(type(value), "something else")
    return invalid(f"Invalid type for '{param}': expected {expected}, but got {given} instead.", param, "invalid_type")


def missing(param: str) -> ApiError:
    return invalid(f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def unknown(body: Mapping[str, Any], known: Collection[str], prefix: str = "") -> None:
    """ApiError for the first key of `body` that is not among `known`."""
    for name in body:
        if name not in known:
            raise invalid(f"Unknown parameter: '{prefix}{name}'.", prefix + name, "unknown_parameter")


def text(value: Any, param: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(value, param, "a string")
    return value


def mapping(value: Any, param: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_type(value, param, "an object")
    return value


def array(value: Any, param: str, *, at_most: int | None = None, may_be_empty: bool = False) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_type(value, param, "an array")
    if not value and not may_be_empty:
        raise invalid(
            f"Invalid '{param}': empty array. Expected an array with minimum length 1, but got an empty array instead.",
            param,
            "empty_array",
        )
    if at_most is not None and len(value) > at_most:
        raise invalid(
            f"Invalid '{param}': array too long. Expected an array with maximum length {at_most}, "
            f"but got an array with length {len(value)} instead.",
            param,
            "array_above_max_length",
        )
    return value


def boolean(body: Mapping[str, Any], param: str, prefix: str = "") -> bool:
    value = body.get(param)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise wrong_type(value, prefix + param, "a boolean")
    return value


def integer(body: Mapping[str, Any], param: str, low: int | None = None, high: int | None = None) -> int | None:
    value = body.get(param)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(value, param, "an integer")
    _in_range(value, param, "integer", low, high)
    return value


def number(body: Mapping[str, Any], param: str, low: float, high: float) -> float | None:
    value = body.get(param)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(value, param, "a decimal")
    _in_range(value, param, "decimal", low, high)
    return float(value)


def _in_range(value: float, param: str, kind: str, low: float | None, high: float | None) -> None:
    if low is not None and value < low:
        raise invalid(
            f"Invalid '{param}': {kind} below minimum value. Expected a value >= {low}, but got {value} instead.",
            param,
            f"{kind}_below_min_value",
        )
    if high is not None and value > high:
        raise invalid(
            f"Invalid '{param}': {kind} above maximum value. Expected a value <= {high}, but got {value} instead.",
            param,
            f"{kind}_above_max_value",
        )


def one_of(value: str, param: str, choices: Collection[str]) -> str:
    if value not in choices:
        listed = ", ".join(f"'{choice}'" for choice in choices)
        raise invalid(f"Invalid value: '{value}'. Supported values are: {listed}.", param, "invalid_value")
    return value
