"""Values that fit a schema, and schemas that are none."""

from __future__ import annotations

import datetime
import ipaddress
import json
import time
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.simulator.filling import fill

KEYS = st.sampled_from(
    ["type", "properties", "items", "required", "enum", "const", "default", "anyOf", "$ref", "$defs", "minimum",
     "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "minLength", "maxLength", "format", "a", "b"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["string", "object", "array", "integer", "number", "boolean", "null", "#/$defs/a", "#"])
)
SCHEMAS = st.recursive(SCALARS, lambda i: st.lists(i, max_size=3) | st.dictionaries(KEYS, i, max_size=4), max_leaves=12)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "is 3 of 40"),
        ({"type": "string", "maxLength": 4}, "is 3"),
        ({"type": "integer"}, 3),
        ({"type": "number", "minimum": 5}, 5.0),
        ({"type": "integer", "exclusiveMinimum": 0, "maximum": 2}, 2),
        ({"type": "integer", "minimum": 1, "exclusiveMaximum": True}, 3),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": ["null", "string"]}, None),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [3.0, 40.0]),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, False),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"const": 7}}}, 7),
        ({"properties": {"a": {"type": "boolean"}, "b": {"type": "string"}}, "required": ["b"]}, {"b": "is 3 of 40"}),
    ],
)
def test_a_value_fits_its_schema_and_is_taken_from_the_text(schema: dict[str, Any], value: Any) -> None:
    assert fill(schema, "is 3 of 40") == value


@settings(max_examples=examples(80), deadline=None)
@given(st.dictionaries(KEYS, SCHEMAS, max_size=4), st.sampled_from(["hello 3 4", "9" * 400 + " x", ""]))
def test_what_is_no_schema_is_passed_over(schema: dict[str, Any], text: str) -> None:
    assert json.dumps(fill(schema, text))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 64, "items": {"$ref": "#"}},
        {"type": "object", "properties": {str(n): {"$ref": "#"} for n in range(20)}},
        {"type": "array", "minItems": 10**9, "items": {"type": "string", "minLength": 10**9}},
    ],
)
def test_a_schema_without_end_has_a_value_soon(schema: dict[str, Any]) -> None:
    began = time.monotonic()
    assert len(json.dumps(fill(schema, "x"))) < 2_000_000
    assert time.monotonic() - began < 5


def test_a_text_of_a_known_format_is_of_that_format() -> None:
    properties = {form: {"type": "string", "format": form} for form in ("date", "date-time", "uuid", "email", "ipv4")}
    filled = fill({"type": "object", "properties": {**properties, "text": {"type": "string"}}}, "what was said")
    assert datetime.date.fromisoformat(filled["date"]) and uuid.UUID(filled["uuid"])
    assert datetime.datetime.fromisoformat(filled["date-time"]) and ipaddress.ip_address(filled["ipv4"])
    assert filled["text"] == "what was said" and "@" in filled["email"]
