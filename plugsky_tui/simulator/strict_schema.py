"""What `strict: true` demands of a JSON Schema, of a function as of `response_format`.

Source: OpenAI's guide to structured outputs, "Supported schemas": an object at the root, every
object closed (`additionalProperties: false`), and each of its properties required.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_NESTED_IN_MAPS = ("properties", "$defs", "definitions")
_NESTED_IN_LISTS = ("anyOf",)


def problem(schema: Mapping[str, Any]) -> str | None:
    """Why `schema` cannot be strict, in the API's words; None where it can."""
    if schema.get("type") != "object" or "anyOf" in schema:
        given = schema.get("type") if "anyOf" not in schema else "anyOf"
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: {given!r}'."
    for path, each in _all(schema, ()):
        if (each.get("type") == "object" or "properties" in each) and (said := _open_object(each)):
            return f"In context={path!r}, {said}"
    return None


def _open_object(schema: Mapping[str, Any]) -> str | None:
    if schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    properties, required = schema.get("properties"), schema.get("required")
    listed = required if isinstance(required, list) else []
    missing = next((name for name in properties if name not in listed), None) if isinstance(properties, dict) else None
    if missing is None:
        return None
    return f"'required' is required to be supplied and to be an array including every key in properties. Missing '{missing}'."


def _all(schema: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """`schema` and the schemas in it, each with the way to it. References are not followed: what they name is met too."""
    waiting: list[tuple[tuple[str, ...], Any]] = [(path, schema)]
    while waiting:
        here, found = waiting.pop(0)
        if not isinstance(found, dict):
            continue
        yield here, found
        for key in _NESTED_IN_MAPS:
            inside = found.get(key)
            waiting += [((*here, key, name), each) for name, each in inside.items()] if isinstance(inside, dict) else []
        for key in _NESTED_IN_LISTS:
            inside = found.get(key)
            waiting += (
                [((*here, key, str(at)), each) for at, each in enumerate(inside)] if isinstance(inside, list) else []
            )
        waiting.append(((*here, "items"), found.get("items")))
