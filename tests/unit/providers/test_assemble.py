"""One answer out of the chunks that OpenAI-compatible servers send, right and wrong."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, Usage
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.assemble import Assembler
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import StreamBroken
from plugsky_tui.providers.sse import ServerEvent

ENDPOINT = Endpoint("http://api.test/v1", key=lambda: "psk_live_secret1")


def assembler() -> Assembler:
    return Assembler(ENDPOINT, "asked", tools=("read", "grep"), used_ids=("old",), window=lambda model: 100)


def run(*chunks: Any) -> list[StreamItem]:
    """The items of a whole stream; a str is raw data, a tuple (name, data), everything else a chunk."""
    one = assembler()
    items: list[StreamItem] = []
    for chunk in chunks:
        match chunk:
            case str():
                items += one.feed(ServerEvent(chunk))
            case (name, data):
                items += one.feed(ServerEvent(data if isinstance(data, str) else json.dumps(data), name))
            case _:
                items += one.feed(ServerEvent(json.dumps(chunk)))
    return items + one.end()


def choice(finish: Any = None, index: Any = 0, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": delta, "finish_reason": finish}]}


def text(items: list[StreamItem]) -> str:
    return "".join(item.text for item in items if isinstance(item, TextDelta))


def reasoning(items: list[StreamItem]) -> str:
    return "".join(item.text for item in items if isinstance(item, ReasoningDelta))


def notices(items: list[StreamItem]) -> list[str]:
    return [item.code for item in items if isinstance(item, Notice)]


def finished(items: list[StreamItem]) -> Finished:
    assert isinstance(items[-1], Finished)
    assert sum(isinstance(item, Finished) for item in items) == 1
    return items[-1]


STOP = choice("stop")
CALL = {"index": 0, "id": "a", "function": {"name": "read", "arguments": '{"p": 1}'}}


@pytest.mark.parametrize("done", ["[DONE]", " [DONE] ", "[DONE]\r", '"[DONE]"'])
def test_done_ends_the_answer_once_however_it_is_written(done: str) -> None:
    items = run(choice(content="hi"), STOP, done, done, choice(content="more"))
    assert text(items) == "hi"
    assert finished(items).finish_reason == "stop"


def test_an_end_without_done_counts_where_a_finish_reason_was_given() -> None:
    assert finished(run(choice(content="hi"), STOP)).finish_reason == "stop"


def test_done_without_a_finish_reason_is_an_answer_too() -> None:
    assert finished(run(choice(content="hi"), "[DONE]")).finish_reason == "unknown"


@pytest.mark.parametrize("chunks", [[choice(content="hi")], [choice(tool_calls=[CALL])], [], ["[DONE]"], [{"id": 1}]])
def test_an_end_without_either_or_without_any_answer_is_a_break(chunks: list[Any]) -> None:
    with pytest.raises(StreamBroken):
        run(*chunks)


@pytest.mark.parametrize(
    ("chunk", "said"),
    [
        ({"error": {"message": "boom", "type": "server_error"}}, "boom"),
        ({"choices": [], "error": {"message": "boom"}}, "boom"),
        ({"choices": [{"index": 0, "delta": {}, "error": {"code": 502, "message": "boom"}}]}, "boom"),
        (("error", {"message": "boom"}), "boom"),
        (("error", {"error": {"message": "boom"}}), "boom"),
        (("error", "boom"), "boom"),
        ({"error": "boom"}, "boom"),
        ({"error": {"message": None, "code": "c7"}}, "c7"),
        ({"error": {"message": {"a": 1}}}, "no reason"),
        ({"error": {}}, "no reason"),
        ({"error": True}, "no reason"),
        ({"error": ["boom"]}, "boom"),
        (choice("error"), "error"),
    ],
)
def test_an_error_in_the_stream_is_an_error_with_the_servers_words(chunk: Any, said: str) -> None:
    with pytest.raises(ProviderError) as caught:
        run(choice(content="hi"), chunk, "[DONE]")
    assert said in caught.value.message
    assert caught.value.code == "stream_error"


def test_an_error_field_that_is_null_is_none() -> None:
    assert text(run({**choice(content="hi"), "error": None}, STOP)) == "hi"


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"id": "x"},
        {"choices": None},
        {"choices": []},
        {"choices": {}},
        {"choices": [None, "x", 7]},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0}]},
        {"choices": [{}]},
        choice(content=None, role="assistant"),
        choice(content="", role="assistant"),
        choice(content=7),
        choice(content={"text": 1}),
        choice(audio={"data": "x"}, annotations=[], unheard_of={"a": 1}),
        choice(tool_calls=None),
        choice(tool_calls=[]),
        choice(finish=""),
        choice(finish=7),
        {"choices": [], "obfuscation": "xxxxxx"},
        ("ping", {"type": "ping"}),
        "",
    ],
)
def test_chunks_without_anything_to_say_are_passed_over(odd: Any) -> None:
    items = run(choice(content="a"), odd, choice(content="b"), odd, STOP, odd, "[DONE]")
    assert text(items) == "ab"
    assert notices(items) == []
    assert finished(items).finish_reason == "stop"


def test_a_message_in_place_of_deltas_is_heard() -> None:
    chunks = [{"choices": [{"message": {"content": part}}]} for part in ("ha", "ha")]
    assert text(run(*chunks, STOP)) == "haha"


def test_a_whole_message_at_the_end_adds_only_what_was_missing() -> None:
    whole = {"choices": [{"message": {"content": "Hello you", "tool_calls": [{**CALL, "index": None}]}}]}
    assert text(run(choice(content="Hello"), whole, STOP)) == "Hello you"
    items = run(choice(content="Hello you"), choice(tool_calls=[CALL]), whole, STOP)
    assert text(items) == "Hello you"
    assert len(finished(items).calls) == 1


def test_parts_of_content_are_text_or_reasoning() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "thinking", "thinking": "hm"},
        {"type": "reasoning", "text": "hm"},
        {"type": "text", "text": "He"},
        "llo",
        {"type": "image_url"},
        None,
    ]
    items = run(choice(content=parts), STOP)
    assert (text(items), reasoning(items)) == ("Hello", "hmhmhm")


@pytest.mark.parametrize(
    "delta",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning_content": "hm", "reasoning": "hm"},
        {"reasoning": "hm", "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]},
        {"reasoning_details": [{"type": "reasoning.text", "text": "h"}, {"type": "reasoning.summary", "summary": "m"}]},
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "xx"}], "reasoning": "hm"},
        {"reasoning_content": None, "reasoning": "hm", "content": ""},
        {"content": "<think>hm</think>"},
        {"reasoning_content": "hm", "content": "<think>hm</think>"},
    ],
)
def test_reasoning_is_one_channel_and_never_doubled(delta: dict[str, Any]) -> None:
    items = run(choice(**delta), choice(content="Hi"), STOP)
    assert (text(items), reasoning(items)) == ("Hi", "hm")


def test_think_tags_split_over_chunks_are_found() -> None:
    items = run(*[choice(content=letter) for letter in "<think>hm</think>\n\nHi"], STOP)
    assert (text(items), reasoning(items)) == ("Hi", "hm")


def test_thoughts_that_never_close_are_said_to_be_so() -> None:
    items = run(choice(content="<think>hm, so it is 7"), STOP)
    assert (text(items), reasoning(items)) == ("", "hm, so it is 7")
    assert notices(items) == ["reasoning_unclosed"]


def test_a_character_in_two_halves_is_joined() -> None:
    items = run(
        '{"choices":[{"delta":{"content":"a\\ud83d"}}]}', '{"choices":[{"delta":{"content":"\\ude00b"}}]}', STOP
    )
    assert text(items) == "a😀b"
    items = run('{"choices":[{"delta":{"content":"a\\ud83d"}}]}', STOP)
    assert text(items) == "a\ufffd"


@pytest.mark.parametrize("reason", ["stop", "tool_calls", "function_call", "eos_token", "weird"])
def test_calls_are_handed_on_whatever_the_reason_is_called(reason: str) -> None:
    done = finished(run(choice(tool_calls=[CALL]), choice(reason), choice(reason)))
    assert done.finish_reason == reason
    assert [(call.name, call.arguments) for call in done.calls] == [("read", {"p": 1})]


def test_no_call_behind_the_reason_tool_calls_is_a_stop() -> None:
    assert finished(run(choice(content="hi"), choice("tool_calls"))).finish_reason == "stop"


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_cut_answer_is_said_to_be_cut_and_its_last_call_is_not_run(reason: str) -> None:
    items = run(choice(content="hi"), choice(tool_calls=[CALL]), choice(reason))
    assert finished(items).calls[0].arguments is None
    assert notices(items) == ["call_unparsed", reason]
    items = run(choice(tool_calls=[CALL]), choice(content="And so I"), choice(reason))
    assert finished(items).calls[0].arguments == {"p": 1}


def test_the_old_function_call_is_a_call() -> None:
    items = run(
        choice(function_call={"name": "read", "arguments": ""}),
        choice(function_call={"arguments": '{"p": 1}'}),
        choice("function_call"),
    )
    assert [(call.name, call.arguments) for call in finished(items).calls] == [("read", {"p": 1})]


def test_both_fields_for_one_call_make_one_call() -> None:
    items = run(choice(tool_calls=[CALL], function_call={"name": "read", "arguments": '{"p": 1}'}), STOP)
    assert len(finished(items).calls) == 1


def test_of_several_answers_the_first_is_shown() -> None:
    both = {"choices": [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]}
    items = run(choice(content="x", index=1), both, choice(content="y", index=1), STOP)
    assert text(items) == "A"
    assert notices(items) == ["choices_ignored"]


@pytest.mark.parametrize("index", [0, None, "0"])
def test_the_first_answer_may_be_numbered_oddly(index: Any) -> None:
    assert text(run(choice(content="A", index=index), STOP)) == "A"


@pytest.mark.parametrize(
    ("usages", "counts"),
    [
        ([{"prompt_tokens": 10, "completion_tokens": 5}], (10, 5, 0, 15)),
        ([{"prompt_tokens": "10", "completion_tokens": "5"}], (10, 5, 0, 15)),
        ([{"prompt_tokens": 10, "completion_tokens": n} for n in (1, 2, 3)], (10, 3, 0, 13)),
        ([{"input_tokens": 10, "output_tokens": 5.0}], (10, 5, 0, 15)),
        ([{"promptTokens": 10, "completionTokens": 5}], (10, 5, 0, 15)),
        ([{"total_tokens": 15}], (0, 0, 0, 15)),
        (
            [{"prompt_tokens": 10, "completion_tokens": 5, "prompt_tokens_details": {"cached_tokens": 8}}],
            (10, 5, 8, 15),
        ),
        ([{"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 8}], (10, 5, 8, 15)),
        ([{"prompt_tokens": 10}, {"completion_tokens": 5}], (10, 5, 0, 15)),
        ([{"prompt_tokens": -1, "completion_tokens": None, "total_tokens": True}], (0, 0, 0, 0)),
    ],
)
def test_the_last_usage_wins_under_any_name(usages: list[dict[str, Any]], counts: tuple[int, ...]) -> None:
    items = run(choice(content="hi"), *[{"choices": [], "usage": usage} for usage in usages], STOP)
    found = [item for item in items if isinstance(item, Usage)]
    assert [(u.prompt_tokens, u.completion_tokens, u.cached_tokens, u.context_tokens) for u in found] == [counts]
    assert found[0].context_window == 100


def test_usage_may_stand_in_the_choice_or_in_an_extra() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    in_choice = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}]}
    extra = {"choices": [], "x_groq": {"usage": usage}}
    assert any(isinstance(item, Usage) for item in run(in_choice))
    assert any(isinstance(item, Usage) for item in run(STOP, extra))


@pytest.mark.parametrize("usage", [None, "x", [], {}, {"prompt_tokens": None}])
def test_without_counts_there_is_no_usage(usage: Any) -> None:
    assert not any(isinstance(item, Usage) for item in run({**STOP, "usage": usage}))


def test_a_refusal_is_shown() -> None:
    assert text(run(choice(refusal="I will not"), STOP)) == "I will not"


def test_the_model_that_answered_is_named_or_else_the_one_asked() -> None:
    assert finished(run({**STOP, "model": "other"})).model == "other"
    assert finished(run({**STOP, "model": None})).model == "asked"


def test_the_older_completions_shape_is_heard() -> None:
    assert text(run({"choices": [{"text": "hi", "index": 0}]}, STOP)) == "hi"


def test_a_chunk_that_is_broken_json_breaks_the_stream() -> None:
    for broken in ('{"choices": [', '{"a": 1} x', "{" + '"a":[' * 100_000):
        with pytest.raises(StreamBroken):
            run(choice(content="hi"), broken, STOP)


def test_stray_data_is_left_out_and_said_once() -> None:
    items = run("keep-alive", choice(content="hi"), "keep-alive", "7", "[1]", "null", STOP)
    assert text(items) == "hi"
    assert notices(items) == ["stray_data"]


def test_the_key_is_never_repeated() -> None:
    with pytest.raises(ProviderError) as caught:
        run({"error": {"message": "bad key psk_live_secret1, or sk-live-abcdefgh"}})
    assert "secret1" not in caught.value.message
    assert "abcdefgh" not in caught.value.message


def test_a_chunk_of_text_is_cheap() -> None:
    one = assembler()
    event = ServerEvent(json.dumps({"id": "c", "created": 1, "model": "m", **choice(content="hello")}))
    one.feed(event)
    started = time.process_time()
    for _ in range(10_000):
        one.feed(event)
    assert (time.process_time() - started) / 10_000 < 40e-6  # measured: 3.5 µs; the limit is for a busy machine


def test_a_delta_of_five_megabytes_is_one_delta() -> None:
    started = time.process_time()
    items = run(choice(content="x" * 5_000_000), STOP)
    assert len(text(items)) == 5_000_000
    assert time.process_time() - started < 1.0
