"""What a server that speaks Anthropic's Messages API answers, put together."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, ThoughtSealed, Usage
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import StreamBroken
from plugsky_tui.providers.format import Expected
from plugsky_tui.providers.messages_assembly import MessagesAssembly
from plugsky_tui.providers.sse import ServerEvent

Event = dict[str, Any]


def start(**usage: int) -> Event:
    return {
        "type": "message_start",
        "message": {"model": "claude-x", "content": [], "usage": usage or {"input_tokens": 3}},
    }


def block(place: int, kind: str, *deltas: Event, close: bool = True, **fields: Any) -> list[Event]:
    opened = {"type": "content_block_start", "index": place, "content_block": {"type": kind, **fields}}
    written = [{"type": "content_block_delta", "index": place, "delta": delta} for delta in deltas]
    return [opened, *written, *([{"type": "content_block_stop", "index": place}] if close else [])]


def text(*pieces: str, place: int = 0) -> list[Event]:
    return block(place, "text", *({"type": "text_delta", "text": piece} for piece in pieces), text="")


def use(
    place: int, call_id: str, *pieces: str, name: str = "read", given: Any = None, close: bool = True
) -> list[Event]:
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    return block(place, "tool_use", *deltas, id=call_id, name=name, input=given or {}, close=close)


def stop(reason: str | None = "end_turn", **usage: int) -> list[Event]:
    delta = {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage or {"output_tokens": 5}}
    return [delta, {"type": "message_stop"}]


def new(**more: Any) -> MessagesAssembly:
    return MessagesAssembly(Endpoint("http://a.test/v1", name="claude"), Expected("asked", tools=("read",), **more))


def play(*events: Event, assembly: MessagesAssembly | None = None) -> list[StreamItem]:
    assembly = assembly or new()
    items: list[StreamItem] = []
    for event in events:
        items += assembly.feed(ServerEvent(json.dumps(event), str(event.get("type", ""))))
    return items + assembly.end()


def finished(items: list[StreamItem]) -> Finished:
    assert isinstance(items[-1], Finished)
    return items[-1]


def notices(items: list[StreamItem]) -> list[str]:
    return [item.code for item in items if isinstance(item, Notice)]


def test_text_comes_as_it_is_said() -> None:
    assert play(start(), {"type": "ping"}, *text("Hel", "lo"), *stop()) == [
        TextDelta("Hel"),
        TextDelta("lo"),
        Usage(3, 5, 0, 8),
        Finished("stop", "claude-x"),
    ]


def test_the_prompt_cache_is_part_of_the_prompt() -> None:
    begun = start(input_tokens=3, cache_read_input_tokens=100, cache_creation_input_tokens=20, output_tokens=1)
    items = play(begun, *text("a"), *stop(input_tokens=0, output_tokens=7, cache_read_input_tokens=100))
    assert Usage(123, 7, 100, 130) in items


def test_a_thought_is_followed_by_its_seal() -> None:
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in ("Let ", "me see")]
    sealed = {"type": "signature_delta", "signature": "sig"}
    items = play(
        start(), *block(0, "thinking", *deltas, sealed, thinking="", signature=""), *text("a", place=1), *stop()
    )
    assert items[:4] == [ReasoningDelta("Let "), ReasoningDelta("me see"), ThoughtSealed("sig"), TextDelta("a")]


def test_hidden_thoughts_have_a_seal_and_nothing_else() -> None:
    unseen = block(0, "thinking", {"type": "signature_delta", "signature": "s1"}, thinking="")
    items = play(start(), *unseen, *block(1, "redacted_thinking", data="s2"), *text("a", place=2), *stop())
    assert items[:3] == [ThoughtSealed("s1"), ThoughtSealed("s2", redacted=True), TextDelta("a")]


def test_calls_come_with_the_end_and_not_before() -> None:
    events = [*text("I look."), *use(1, "t1", "", '{"p": ', "1}"), *use(2, "t2", given={"p": 2}), *use(3, "t3")]
    items = play(start(), *events, *stop("tool_use"))
    assert finished(items) == Finished(
        "tool_calls",
        "claude-x",
        [
            ToolCall("t1", "read", {"p": 1}, '{"p": 1}'),
            ToolCall("t2", "read", {"p": 2}, '{"p": 2}'),
            ToolCall("t3", "read", {}, ""),
        ],
    )


def test_an_id_that_was_in_use_is_another_one() -> None:
    items = play(start(), *use(0, "old", "{}"), *stop("tool_use"), assembly=new(used_ids={"old"}))
    (call,) = finished(items).calls
    assert call.call_id != "old" and "call_id" in notices(items)


def test_blocks_without_an_index_or_an_end_are_told_apart() -> None:
    events = [*use(0, "t1", '{"p": 1}', close=False), *use(0, "t2", '{"p": 2}', close=False)]
    items = play(start(), *events, *stop("tool_use"))
    assert [call.arguments for call in finished(items).calls] == [{"p": 1}, {"p": 2}]


@pytest.mark.parametrize("reason", ["max_tokens", "model_context_window_exceeded", "refusal"])
def test_a_call_that_was_cut_off_is_not_run(reason: str) -> None:
    items = play(start(), *use(0, "t1", '{"p": 1}'), *use(1, "t2", '{"p": 2}', close=False), *stop(reason))
    assert [call.arguments for call in finished(items).calls] == [{"p": 1}, None]
    assert {"call_cut", "call_unparsed"} & set(notices(items))


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("tool_use", "stop"),  # and no call
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        (None, "unknown"),
    ],
)
def test_reasons_have_the_names_the_loop_knows(reason: str | None, said: str) -> None:
    items = play(start(), *text("a"), *stop(reason))
    assert finished(items).finish_reason == said
    assert bool(notices(items)) == (said not in ("stop", "unknown"))


def test_blocks_of_the_servers_own_tools_are_left_out_and_told_once() -> None:
    searched = block(
        0, "server_tool_use", {"type": "input_json_delta", "partial_json": "{}"}, id="s", name="web_search"
    )
    items = play(start(), *searched, *block(1, "web_search_tool_result", content=[]), *text("a", place=2), *stop())
    assert notices(items) == ["blocks_left_out"] and not finished(items).calls
    assert [item for item in items if isinstance(item, TextDelta)] == [TextDelta("a")]


def test_events_to_come_are_passed_over() -> None:
    assert finished(play(start(), {"type": "novelty"}, {"x": 1}, *text("a"), *stop())).finish_reason == "stop"


@pytest.mark.parametrize(
    ("kind", "status", "again"), [("overloaded_error", 529, True), ("invalid_request_error", 400, False)]
)
def test_an_error_inside_the_stream_is_one(kind: str, status: int, again: bool) -> None:
    assembly = new(request_id="req-1")
    with pytest.raises(ProviderError) as caught:
        play(start(), {"type": "error", "error": {"type": kind, "message": "No room"}}, assembly=assembly)
    assert (caught.value.status, caught.value.retryable, caught.value.request_id) == (status, again, "req-1")
    assert "No room" in caught.value.message


@pytest.mark.parametrize(
    "events",
    [
        [],
        [start()],
        [start(), *text("a")],
        [start(), *use(0, "t1", '{"p": 1}')],
        [{"type": "message_stop"}],
        [{"type": "ping"}],
    ],
)
def test_what_ends_too_early_is_broken(events: list[Event]) -> None:
    with pytest.raises(StreamBroken):
        play(*events)


def test_what_is_damaged_is_broken() -> None:
    with pytest.raises(StreamBroken):
        new().feed(ServerEvent('{"type": "content_block_del'))


def test_a_stream_that_ends_as_openais_do_is_complete() -> None:
    assembly = new()
    items = [item for event in [start(), *text("a")] for item in assembly.feed(ServerEvent(json.dumps(event)))]
    assembly.feed(ServerEvent("[DONE]"))
    assert assembly.done and finished(items + assembly.end()).finish_reason == "unknown"


def test_an_answer_in_one_piece() -> None:
    assembly = new()
    body = {
        "type": "message",
        "model": "claude-x",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "sig"},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "t1", "name": "read", "input": {"p": 1}},
        ],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }
    assert [*assembly.feed_whole(body), *assembly.end()] == [
        ReasoningDelta("Hm."),
        ThoughtSealed("sig"),
        TextDelta("I look."),
        Usage(3, 5, 0, 8),
        Finished("tool_calls", "claude-x", [ToolCall("t1", "read", {"p": 1}, '{"p": 1}')]),
    ]


def test_another_format_is_told_as_that() -> None:
    with pytest.raises(ProviderError, match="no message") as caught:
        new().feed_whole({"choices": [{"message": {"content": "Hello"}}]})
    assert "openai-chat" in caught.value.hint
    with pytest.raises(ProviderError, match="No room"):
        new().feed_whole({"type": "error", "error": {"type": "overloaded_error", "message": "No room"}})
