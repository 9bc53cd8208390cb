"""Arguments are mended where that is safe, and refused with what to send where it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.arguments import not_json, parse
from plugsky_tui.tooling.schema import Also, Synonyms


@dataclass
class Item:
    text: Annotated[str, "What to do.", Also("content")]
    status: Annotated[Literal["pending", "done_now"], Synonyms(done="done_now")] = "pending"


@dataclass
class Params:
    file_path: Annotated[str, "Path of the file. Anywhere."]
    limit: Annotated[int, "Lines."] = 10
    timeout_s: float = 1.5
    every: bool = False
    names: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)


def good(**arguments: Any) -> Params:
    params, _ = parse("tool", Params, {"file_path": "a", **arguments})
    assert isinstance(params, Params)
    return params


def refused(**arguments: Any) -> ToolError:
    with pytest.raises(ToolError) as caught:
        parse("tool", Params, arguments)
    return caught.value


def test_right_arguments_pass_without_a_note() -> None:
    params, notes = parse("tool", Params, {"file_path": "a", "limit": 3, "items": [{"text": "x"}]})
    assert params == Params("a", 3, items=[Item("x")])
    assert notes == []


@pytest.mark.parametrize("name", ["path", "filePath", "filepath", "filename", "file-path", "FilePath", "file"])
def test_other_names_for_a_parameter_are_understood(name: str) -> None:
    assert parse("tool", Params, {name: "a"})[0] == Params("a")


def test_a_given_name_wins_over_another_name_for_it() -> None:
    params, notes = parse("tool", Params, {"path": "b", "file_path": "a"})
    assert params.file_path == "a"
    assert "path" in notes[0]


def test_unknown_parameters_are_left_out_with_a_note() -> None:
    params, notes = parse("tool", Params, {"file_path": "a", "nonsense": 1, "items": [{"text": "x", "id": 7}]})
    assert params == Params("a", items=[Item("x")])
    assert "nonsense" in notes[0]
    assert "items[0].id" in notes[1]


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("limit", "5", 5),
        ("limit", 5.0, 5),
        ("limit", "5.0", 5),
        ("limit", None, 10),
        ("timeout_s", "2.5", 2.5),
        ("timeout", 3, None),
        ("every", "true", True),
        ("every", "False", False),
        ("names", '["a", "b"]', ["a", "b"]),
        ("names", "a", ["a"]),
        ("items", '[{"content": "x"}]', [Item("x")]),
        ("items", ['{"text": "x"}'], [Item("x")]),
        ("items", {"text": "x", "status": "done"}, [Item("x", "done_now")]),
        ("items", ["x"], [Item("x")]),
        ("items", [{"text": "x", "status": "Done-Now"}], [Item("x", "done_now")]),
    ],
)
def test_values_of_a_wrong_shape_but_a_clear_meaning_are_mended(name: str, given: Any, meant: Any) -> None:
    params = good(**{name: given})
    if name == "timeout":
        assert params.timeout_s == 3
    else:
        assert getattr(params, name) == meant


def test_numbers_are_text_where_text_is_wanted() -> None:
    assert parse("tool", Params, {"file_path": 42})[0].file_path == "42"


def test_what_was_mended_is_told_with_the_right_type() -> None:
    assert parse("tool", Params, {"file_path": "a", "limit": "5"})[1] == ["limit was taken as 5: send an integer."]


def test_a_missing_parameter_is_named_with_what_to_send() -> None:
    error = refused(limit=1)
    assert "file_path is missing: send a string (Path of the file)" in error.message
    assert error.hint.startswith("It takes (file_path: string, limit: integer = 10")


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("limit", "many", 'limit must be an integer, not the string "many"'),
        ("limit", 1.5, "limit must be an integer, not the number 1.5"),
        ("file_path", {"a": 1}, "file_path must be a string, not the object"),
        ("items", 3, "items must be an array of"),
        ("items", [{"status": "pending"}], "items[0].text is missing: send a string"),
        (
            "items",
            [{"text": "x", "status": "lost"}],
            'items[0].status must be "pending" | "done_now", not the string "lost"',
        ),
        ("file_path", "a\ud800", "surrogate"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(name: str, given: Any, said: str) -> None:
    assert said in refused(**{"file_path": "a", name: given}).message


def test_arguments_that_are_no_json_say_what_is_expected() -> None:
    error = not_json("tool", Params, '{"file_path": "a')
    assert "not a JSON object" in error.message
    assert "file_path: string" in error.hint
    assert "(the array instead)" in not_json("tool", Params, "[1]").message


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ('{"a":' * 5000 + "1" + "}" * 5000, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"file_path": "a", "limit": NaN}', "NaN is not JSON"),
    ],
)
def test_arguments_that_no_json_reader_takes_are_no_fault_of_ours(raw: str, why: str) -> None:
    error = not_json("tool", Params, raw)
    assert why in error.message
    assert len(error.message) < 500


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "content", "status", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["file_path", "path", "limit", "every", "names", "items", "timeout", "x"]), ANYTHING
    )
)
def test_whatever_comes_is_parameters_or_our_own_error(arguments: dict[str, Any]) -> None:
    try:
        params, _ = parse("tool", Params, arguments)
    except ToolError as error:
        assert error.message
        return
    assert isinstance(params, Params)
    assert isinstance(params.limit, int)
    assert all(isinstance(item, Item) for item in params.items)


def test_whole_arguments_of_a_call_that_was_cut_off_are_told_as_that():
    error = not_json("read", Params, '{"file_path": "a"}')
    assert "length limit" in error.message and "again" in error.hint
