"""Whether a schema keeps to the subset that OpenAI's strict mode takes.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas: the root is an object, every object
lists all of its properties as required and admits no others, and of the keywords only some are known. A server
refuses a schema that breaks this if it is sent as strict, so those are sent with `strict: false`.
"""

from __future__ import annotations

from typing import Any

MOST_LEVELS = 10
MOST_PROPERTIES = 5000
_KNOWN = frozenset(
    {
        "$schema", "$defs", "definitions", "$ref", "type", "properties", "required", "additionalProperties", "items",
        "anyOf", "enum", "const", "title", "description", "pattern", "format", "multipleOf", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
    }
)  # fmt: skip


def is_strict(schema: Any) -> bool:
    """Whether `schema` may be sent with `strict: true`."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return False
    count = _properties(schema, 0)
    return count is not None and count <= MOST_PROPERTIES


def _properties(schema: Any, level: int) -> int | None:
    """How many properties `schema` and what is inside it have; None where something breaks the rules."""
    if not isinstance(schema, dict) or level > MOST_LEVELS or not _KNOWN.issuperset(schema):
        return None
    inner: list[tuple[Any, int]] = [(one, level) for name in ("$defs", "definitions") for one in _table(schema, name)]
    inner += [(one, level) for one in schema.get("anyOf", [])]
    count = 0
    kinds = schema.get("type")
    if "properties" in schema or kinds == "object" or (isinstance(kinds, list) and "object" in kinds):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(schema.get("required", [])) != set(properties):
            return None
        count += len(properties)
        inner += [(one, level + 1) for one in properties.values()]
    if "items" in schema:
        inner.append((schema["items"], level + 1))
    for one, at in inner:
        found = _properties(one, at)
        if found is None:
            return None
        count += found
    return count


def _table(schema: dict[str, Any], name: str) -> list[Any]:
    table = schema.get(name, {})
    return list(table.values()) if isinstance(table, dict) else []
