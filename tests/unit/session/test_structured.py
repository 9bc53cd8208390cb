"""JSON taken out of answers, and what strict servers take of schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.session.schemas import Schema, read_schema
from plugsky_tui.session.strict import is_strict
from plugsky_tui.session.structured import SchemaMismatch, Structured, compact, parse, values_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def schema(tmp_path: Path, value: Any) -> Schema:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(value))
    return read_schema(path, "schema.json")


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_compact_json_has_the_same_value_and_nothing_a_terminal_acts_on(
    value: Any, indent: int | str | None, ascii_only: bool
) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    shrunk = compact(written)
    assert json.loads(shrunk) == value
    assert all(char.isprintable() for char in shrunk)
    assert len(shrunk.replace("\\u", "")) <= len(json.dumps(value)) + 12 * len(written)


def test_numbers_and_order_stay_as_they_were_written() -> None:
    assert compact('{ "b" : 1.0, "a": 1e400 , "c": 12345678901234567890123 }') == (
        '{"b":1.0,"a":1e400,"c":12345678901234567890123}'
    )


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse(text)
    except ValueError:
        pass
    for written, value in values_in(text):
        assert json.loads(written) == value


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{'a': 1}", "[" * 100_000, ""])
def test_what_json_is_not(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)


@given(st.text(), st.text())
def test_the_one_value_that_fits_is_found_between_words(before: str, after: str) -> None:
    wanted = {"verdict": "fine"}
    text = f"{before} {json.dumps(wanted)} {after}"
    found = [value for _, value in values_in(text)]
    if not any(mark in before for mark in "[{"):
        assert found[0] == wanted


def test_two_that_fit_are_one_too_many(tmp_path: Path) -> None:
    structured = Structured(schema(tmp_path, {"type": "object"}))
    assert "it is not JSON" in (structured.review('{"a": 1} or {"a": 2}?') or "")
    assert structured.review('{"a": 1} I said {"a": 1}') is None  # said twice is one
    assert structured.accepted == '{"a":1}'


def test_the_third_answer_that_does_not_fit_is_the_last(tmp_path: Path) -> None:
    structured = Structured(schema(tmp_path, {"type": "integer"}))
    assert structured.review("[]") and structured.review('"x"')
    with pytest.raises(SchemaMismatch, match="'y' is not of type 'integer'"):
        structured.review('"y"')


def test_many_faults_are_counted_not_listed(tmp_path: Path) -> None:
    said = Structured(schema(tmp_path, {"items": {"type": "integer"}})).review(json.dumps(["x"] * 100)) or ""
    assert said.count("is not of type") == 5 and "and 95 more" in said


def test_the_draft_that_a_schema_names_counts(tmp_path: Path) -> None:
    tuple_of_old = {"items": [{"type": "integer"}]}
    old = schema(tmp_path, {"$schema": "http://json-schema.org/draft-07/schema#", **tuple_of_old})
    assert [path for path, _ in old.faults(["x"])] == ["$[0]"]
    new = schema(tmp_path, {"prefixItems": [{"type": "integer"}]})
    assert [path for path, _ in new.faults(["x"])] == ["$[0]"]


def test_references_inside_a_schema_are_followed(tmp_path: Path) -> None:
    tree = {
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
        "$ref": "#/$defs/node",
    }
    assert [path for path, _ in schema(tmp_path, tree).faults({"next": {"next": 5}})] == ["$.next.next"]
    named = {"$id": "https://example.org/a", "$defs": {"i": {"$id": "i", "type": "integer"}}, "items": {"$ref": "i"}}
    assert schema(tmp_path, named).faults(["x"])
    data = {"properties": {"$ref": {"type": "string"}}, "examples": [{"$ref": "http://nowhere"}]}
    assert schema(tmp_path, data).faults({"$ref": "x"}) == []


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


@pytest.mark.parametrize(
    ("value", "strict"),
    [
        (closed(a={"type": "string"}), True),
        (closed(a=closed(b={"type": ["string", "null"]})), True),
        (closed(a={"type": "array", "items": closed(b={"enum": ["x"]})}), True),
        ({**closed(a={"$ref": "#/$defs/x"}), "$defs": {"x": {"anyOf": [{"type": "null"}, closed()]}}}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}, False),
        ({**closed(a={"type": "string"}), "required": []}, False),
        (closed(a={"type": "object"}), False),
        (closed(a={"type": "string", "minLength": 1}), False),
        (closed(a={"allOf": []}), False),
        ({**closed(), "$defs": {"x": {"type": "object"}}}, False),
        ({"type": "array"}, False),
        (closed(a=True), False),
    ],
)
def test_what_may_be_sent_as_strict(value: dict[str, Any], strict: bool) -> None:
    assert is_strict(value) is strict


def test_a_pattern_that_tries_endless_ways_ends_the_check_and_not_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugsky_tui.session.schemas.CHECKED_S", 0.2)
    trap = schema(tmp_path, {"type": "string", "pattern": "^(a+)+$"})
    with pytest.raises(PlugskyError, match=r"within 0\.2 seconds") as caught:
        trap.faults("a" * 40 + "!")
    assert "pattern" in caught.value.hint
    assert trap.faults("aaa") == []
