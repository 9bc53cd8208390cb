"""A value that fits a JSON Schema: for a forced function call, and for `response_format` json_schema.

Deterministic, and plain about its limits: texts and numbers are taken from what was said, the
rest is the smallest value the schema admits. Covers what the OpenAI API admits in schemas
(its "structured outputs" subset: types, enum, const, anyOf, $ref, items, required, ranges, formats), but for `pattern`. A part
of a schema that is no schema (a minimum that is no number) is passed over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 12
MAX_VALUES = 5_000  # in all: a schema that contains itself grows without end
MAX_ITEMS = 64
MAX_TEXT = 10_000  # characters: a schema may ask for more than anybody wants to be sent

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")
_FORMATS = {
    "date-time": "1970-01-01T00:00:00Z",
    "date": "1970-01-01",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "email": "nobody@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
"""The formats of the structured outputs' subset (and `uri`): no text of a conversation would be one."""


def fill(schema: dict[str, Any], text: str) -> Any:
    """A value for `schema`: its first free string is `text`, its numbers are those in `text`, in order."""
    return _Filling(schema, text).value(schema, 0)


class _Filling:
    def __init__(self, root: dict[str, Any], text: str) -> None:
        self._root = root
        self._left = MAX_VALUES
        self._texts: Iterator[str] = iter([text])
        found = (float(number) for number in _NUMBER.findall(text))
        self._numbers: Iterator[float] = (number for number in found if math.isfinite(number))

    def value(self, schema: Any, depth: int) -> Any:
        self._left -= 1
        if not isinstance(schema, dict) or depth > MAX_DEPTH or self._left < 0:
            return None
        if "$ref" in schema:
            return self.value(self._resolve(str(schema["$ref"])), depth + 1)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        match schema.get("enum"):
            case [first, *_]:
                return first
        for key in ("anyOf", "oneOf", "allOf"):
            match schema.get(key):
                case [first, *_]:
                    return self.value(first, depth + 1)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0] if kind else None
        match kind:
            case "string":
                return self._string(schema)
            case "integer":
                return int(self._number(schema))
            case "number":
                return self._number(schema)
            case "boolean":
                return False
            case "array":
                return [
                    self.value(schema.get("items"), depth + 1) for _ in range(_count(schema, "minItems", MAX_ITEMS))
                ]
            case "null":
                return None
            case "object" | None if kind or "properties" in schema:
                return self._object(schema, depth)
            case _:
                return None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties, wanted = schema.get("properties"), schema.get("required")
        if not isinstance(properties, dict):
            return {}
        wanted = wanted if isinstance(wanted, list) else []
        return {name: self.value(properties[name], depth + 1) for name in properties if name in wanted or not wanted}

    def _string(self, schema: dict[str, Any]) -> str:
        if (form := _FORMATS.get(str(schema.get("format")))) is not None:
            return form
        text = next(self._texts, "")
        if isinstance(schema.get("maxLength"), int):
            text = text[: _count(schema, "maxLength", MAX_TEXT)]
        return text.ljust(_count(schema, "minLength", MAX_TEXT), ".")

    def _number(self, schema: dict[str, Any]) -> float:
        low = _bound(schema, "minimum", "exclusiveMinimum")
        high = _bound(schema, "maximum", "exclusiveMaximum")
        number = next(self._numbers, None)
        if number is None:
            number = low if low is not None else 0.0
            number += 1 if "exclusiveMinimum" in schema and "minimum" not in schema else 0
        if low is not None:
            number = max(number, low)
        if high is not None:
            number = min(number, high)
        return number

    def _resolve(self, reference: str) -> Any:
        """The schema a local reference ("#/$defs/Name") names; None where there is none."""
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/"):
            if part:
                found = found.get(part) if isinstance(found, dict) else None
        return found


def _count(schema: dict[str, Any], name: str, at_most: int) -> int:
    value = schema.get(name)
    return min(max(0, value), at_most) if isinstance(value, int) else 0


def _bound(schema: dict[str, Any], *names: str) -> float | None:
    """The first of `names` that is a number. (In older drafts the exclusive ones are booleans.)"""
    for name in names:
        value = schema.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
            return float(value)
    return None
