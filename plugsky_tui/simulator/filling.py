"""A value that fits a JSON Schema: for a forced function call, and for `response_format` json_schema.

Deterministic, and plain about its limits: texts and numbers are taken from what was said, the
rest is the smallest value the schema admits. Covers what the OpenAI API admits in schemas
(its "structured outputs" subset: types, enum, const, anyOf, $ref, items, required, ranges).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

MAX_DEPTH = 12

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?")


def fill(schema: dict[str, Any], text: str) -> Any:
    """A value for `schema`: its first free string is `text`, its numbers are those in `text`, in order."""
    return _Filling(schema, text).value(schema, 0)


class _Filling:
    def __init__(self, root: dict[str, Any], text: str) -> None:
        self._root = root
        self._texts: Iterator[str] = iter([text])
        self._numbers: Iterator[float] = (float(found) for found in _NUMBER.findall(text))

    def value(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, dict) or depth > MAX_DEPTH:
            return None
        if "$ref" in schema:
            return self.value(self._resolve(str(schema["$ref"])), depth + 1)
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if schema.get("enum"):
            return schema["enum"][0]
        for key in ("anyOf", "oneOf", "allOf"):
            if schema.get(key):
                return self.value(schema[key][0], depth + 1)
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
                return [self.value(schema.get("items"), depth + 1) for _ in range(int(schema.get("minItems", 0)))]
            case "null":
                return None
            case "object" | None if kind or "properties" in schema:
                return self._object(schema, depth)
            case _:
                return None

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        properties: dict[str, Any] = schema.get("properties") or {}
        wanted = schema.get("required") or []
        return {name: self.value(properties[name], depth + 1) for name in properties if name in wanted or not wanted}

    def _string(self, schema: dict[str, Any]) -> str:
        text = next(self._texts, "")
        limit = schema.get("maxLength")
        text = text[:limit] if isinstance(limit, int) else text
        return text.ljust(int(schema.get("minLength", 0)), ".")

    def _number(self, schema: dict[str, Any]) -> float:
        low = schema.get("minimum", schema.get("exclusiveMinimum"))
        high = schema.get("maximum", schema.get("exclusiveMaximum"))
        number = next(self._numbers, None)
        if number is None:
            number = float(low if low is not None else 0)
            number += 1 if "exclusiveMinimum" in schema and "minimum" not in schema else 0
        if low is not None:
            number = max(number, float(low))
        if high is not None:
            number = min(number, float(high))
        return number

    def _resolve(self, reference: str) -> Any:
        """The schema a local reference ("#/$defs/Name") names; None where there is none."""
        found: Any = self._root
        for part in reference.removeprefix("#").strip("/").split("/"):
            if part:
                found = found.get(part) if isinstance(found, dict) else None
        return found
