"""Tool calls out of the fragments that servers of the field send."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from plugsky_tui.providers.calls import CallCollector, parse_arguments

TOOLS = ("read", "grep", "get_weather", "ping")
OMIT = object()


def fragment(name: Any = OMIT, arguments: Any = OMIT, *, id: Any = OMIT, index: Any = OMIT) -> dict[str, Any]:
    function = {k: v for k, v in {"name": name, "arguments": arguments}.items() if v is not OMIT}
    outer = {k: v for k, v in {"index": index, "id": id}.items() if v is not OMIT}
    return {**outer, "type": "function", "function": function}


def collect(*fragments: Any, cut: bool = False, used: tuple[str, ...] = ()) -> list[tuple[str, str, Any]]:
    """(id, name, arguments) of each call."""
    collector = CallCollector(TOOLS, used)
    for one in fragments:
        collector.feed([one])
    calls, _ = collector.finish(cut=cut)
    return [(call.call_id, call.name, call.arguments) for call in calls]


A, B = {"p": 1}, {"p": 2}
JA, JB = json.dumps(A), json.dumps(B)

# case: fragments, then the (name, arguments) expected
CASES: dict[str, tuple[list[dict[str, Any]], list[tuple[str, Any]]]] = {
    "as the format says, interleaved": (
        [
            fragment("read", "", id="a", index=0),
            fragment("grep", "", id="b", index=1),
            fragment(arguments='{"p"', index=0),
            fragment(arguments='{"p":', index=1),
            fragment(arguments=": 1}", index=0),
            fragment(arguments=" 2}", index=1),
        ],
        [("read", A), ("grep", B)],
    ),
    "no index, ids present": (
        [fragment("read", JA, id="a"), fragment("grep", JB, id="b")],
        [("read", A), ("grep", B)],
    ),
    "no index, arguments go on with the last call": (
        [
            fragment("read", "", id="a"),
            fragment(arguments='{"p"'),
            fragment(arguments=": 1}"),
            fragment("grep", "", id="b"),
            fragment(arguments=JB),
        ],
        [("read", A), ("grep", B)],
    ),
    "some with an index, some without": (
        [
            fragment("read", "", id="a", index=0),
            fragment(arguments=JA),
            fragment("grep", "", id="b"),
            fragment(arguments=JB, index=1),
        ],
        [("read", A), ("grep", B)],
    ),
    "index null": (
        [fragment("read", "", id="a", index=None), fragment(arguments=JA, index=None)],
        [("read", A)],
    ),
    "index as a string": (
        [fragment("read", "", id="a", index="0"), fragment(arguments=JA, index=0)],
        [("read", A)],
    ),
    "counted from one": (
        [
            fragment("read", "", id="a", index=1),
            fragment(arguments=JA, index=1),
            fragment("grep", JB, id="b", index=2),
        ],
        [("read", A), ("grep", B)],
    ),
    "a gap in the count": (
        [fragment("read", JA, id="a", index=0), fragment("grep", "", id="b", index=2), fragment(arguments=JB, index=2)],
        [("read", A), ("grep", B)],
    ),
    "all at index 0 with ids of their own": (
        [
            fragment("read", "", id="a", index=0),
            fragment("grep", "", id="b", index=0),
            fragment(arguments=JA, id="a", index=0),
            fragment(arguments=JB, id="b", index=0),
        ],
        [("read", A), ("grep", B)],
    ),
    "same id and index, another name": (
        [fragment("read", JA, id="a", index=0), fragment("grep", JB, id="a", index=0)],
        [("read", A), ("grep", B)],
    ),
    "same id and index, another name, no arguments yet": (
        [fragment("ping", id="a", index=0), fragment("read", JA, id="a", index=0)],
        [("ping", {}), ("read", A)],
    ),
    "same id, index and name after complete arguments": (
        [fragment("read", JA, id="a", index=0), fragment("read", JB, id="a", index=0)],
        [("read", A), ("read", B)],
    ),
    "one id for two indices": (
        [
            fragment("read", "", id="a", index=0),
            fragment("read", "", id="a", index=1),
            fragment(arguments=JA, index=0),
            fragment(arguments=JB, index=1),
        ],
        [("read", A), ("read", B)],
    ),
    "no ids at all, with an index": (
        [fragment("read", JA, index=0), fragment("grep", JB, index=1)],
        [("read", A), ("grep", B)],
    ),
    "neither id nor index": (
        [fragment("read", JA), fragment("read", JB), fragment("grep", ""), fragment(arguments=JA)],
        [("read", A), ("read", B), ("grep", A)],
    ),
    "the id in every delta": (
        [fragment("read", "", id="a"), fragment(arguments='{"p"', id="a"), fragment(arguments=": 1}", id="a")],
        [("read", A)],
    ),
    "a new id in every delta": (
        [
            fragment("read", "", id="a", index=0),
            fragment(arguments='{"p"', id="x1", index=0),
            fragment(arguments=": 1}", id="x2", index=0),
        ],
        [("read", A)],
    ),
    "id and name in every delta": (
        [fragment("read", part, id="a", index=0) for part in ("", '{"p"', ": ", "1", "}")],
        [("read", A)],
    ),
    "the id comes late": (
        [fragment("read", "", index=0), fragment(arguments=JA, id="a", index=0)],
        [("read", A)],
    ),
    "a name in two parts": (
        [fragment("get_", "", id="a", index=0), fragment("weather", index=0), fragment(arguments=JA, index=0)],
        [("get_weather", A)],
    ),
    "a name that grows": (
        [fragment("get_", id="a", index=0), fragment("get_weather", id="a", index=0), fragment(arguments=JA, index=0)],
        [("get_weather", A)],
    ),
    "a name said again in each delta": (
        [fragment("get_weather", part, index=0) for part in ("", '{"p"', ": 1}")],
        [("get_weather", A)],
    ),
    "no name at first": (
        [fragment(None, "", id="a", index=0), fragment("read", None, index=0), fragment(arguments=JA, index=0)],
        [("read", A)],
    ),
    "empty names later": (
        [fragment("read", '{"p"', id="a", index=0), fragment("", ": 1}", id="", index=0)],
        [("read", A)],
    ),
    "arguments as an object": ([fragment("read", A, id="a")], [("read", A)]),
    "arguments as an object, first an empty one": (
        [fragment("read", {}, id="a", index=0), fragment(arguments=A, id="a", index=0)],
        [("read", A)],
    ),
    "arguments null": ([fragment("ping", None, id="a")], [("ping", {})]),
    "arguments empty": ([fragment("ping", "", id="a")], [("ping", {})]),
    "arguments missing": ([fragment("ping", id="a")], [("ping", {})]),
    "the word null": ([fragment("ping", "null", id="a")], [("ping", {})]),
    "a string of an object": ([fragment("read", json.dumps(JA), id="a")], [("read", A)]),
    "a string of a string": ([fragment("read", json.dumps(json.dumps(JA)), id="a")], [("read", None)]),
    "cut off": ([fragment("read", '{"p": "rm -rf /tmp/', id="a")], [("read", None)]),
    "trailing garbage": ([fragment("read", JA + "}", id="a")], [("read", None)]),
    "two objects in one": ([fragment("read", "{}" + JA, id="a")], [("read", None)]),
    "a list": ([fragment("read", "[1]", id="a")], [("read", None)]),
    "a number": ([fragment("read", "1", id="a")], [("read", None)]),
    "not JSON": ([fragment("read", "p=1", id="a")], [("read", None)]),
    "nothing but NaN": ([fragment("read", '{"p": NaN}', id="a")], [("read", None)]),
    "nested without end": ([fragment("read", '{"p":' + "[" * 100_000, id="a")], [("read", None)]),
    "line breaks inside a string": ([fragment("read", '{"p": "a\nb"}', id="a")], [("read", {"p": "a\nb"})]),
    "the whole call said twice": (
        [fragment("read", JA, id="a", index=0), fragment("read", '{"p":1}', id="a", index=0)],
        [("read", A)],
    ),
    "no function object": ([{"id": "a", "name": "read", "arguments": JA}], [("read", A)]),
    "nothing in it": ([{}, fragment("read", JA, id="a")], [("read", A)]),
}


@pytest.mark.parametrize("case", CASES)
def test_fragments_become_the_calls_that_were_meant(case: str) -> None:
    fragments, expected = CASES[case]
    calls = collect(*fragments)
    assert [(name, arguments) for _, name, arguments in calls] == expected
    ids = [call_id for call_id, _, _ in calls]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_an_id_of_the_server_is_kept() -> None:
    assert collect(fragment("read", JA, id="call_9"))[0][0] == "call_9"
    assert collect(fragment("read", JA, id=9))[0][0] == "9"


def test_a_call_without_id_gets_one_the_strictest_server_accepts() -> None:
    call_id = collect(fragment("read", JA))[0][0]
    assert len(call_id) == 9
    assert call_id.isalnum()


@pytest.mark.parametrize("call_id", ["call-read", "a\nb", "x" * 500, "ä"])
def test_an_id_in_use_or_unusable_is_replaced_and_it_is_said(call_id: str) -> None:
    collector = CallCollector(TOOLS, used_ids=("call-read",))
    collector.feed([fragment("read", JA, id=call_id)])
    calls, notices = collector.finish(cut=False)
    assert calls[0].call_id not in ("", call_id)
    assert [notice.code for notice in notices] == ["call_id"]


def test_a_call_that_was_being_written_when_the_answer_was_cut_is_not_run_whole_though_it_looks() -> None:
    calls = collect(fragment("read", JA, id="a", index=0), fragment("read", "{}", id="b", index=1), cut=True)
    assert [arguments for _, _, arguments in calls] == [A, None]


def test_what_cannot_be_used_is_kept_as_it_came() -> None:
    collector = CallCollector(TOOLS)
    collector.feed([fragment("read", '{"p": "half', id="a")])
    calls, notices = collector.finish(cut=False)
    assert calls[0].raw == '{"p": "half'
    assert "not run" in notices[0].text


def test_the_old_function_call_field_makes_one_call() -> None:
    collector = CallCollector(TOOLS)
    for part in ({"name": "read", "arguments": ""}, {"arguments": '{"p"'}, {"arguments": ": 1}"}, None, "x"):
        collector.feed_legacy(part)
    calls, _ = collector.finish(cut=False)
    assert [(call.name, call.arguments) for call in calls] == [("read", A)]


@pytest.mark.parametrize("nonsense", [None, "x", 7, [None, "x", 7, []], {"id": "a"}, [{"function": "x", "index": {}}]])
def test_nonsense_is_survived(nonsense: Any) -> None:
    collector = CallCollector(TOOLS)
    collector.feed(nonsense)
    collector.finish(cut=False)


def test_surrogates_in_arguments_can_be_encoded_afterwards() -> None:
    parsed = parse_arguments('{"a": "\\ud83d", "b": ["\\ud83d\\ude00"]}')
    assert parsed == {"a": "\ufffd", "b": ["😀"]}
    call = collect(fragment("read", '{"p": "\ud83d', id="a"), fragment(arguments='\ude00"}'))[0]
    assert call[2] == {"p": "😀"}


def test_a_large_call_in_small_pieces_with_its_name_in_each_is_read_in_linear_time() -> None:
    text = json.dumps({"content": 'a "quoted" {brace}\n' * 20_000})
    pieces = [text[at : at + 8] for at in range(0, len(text), 8)]
    started = time.process_time()
    calls = collect(*[fragment("read", piece, id="a", index=0) for piece in pieces])
    assert time.process_time() - started < 2.0
    assert calls[0][2] == json.loads(text)
