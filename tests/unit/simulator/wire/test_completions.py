"""Legacy completions: OpenAI's shapes, defaults and refusals."""

from __future__ import annotations

from typing import Any

import pytest


def ask(client: Any, prompt: Any = "hello", **more: Any) -> Any:
    return client.request("POST", "/v1/completions", {"model": "plugsky-pro", "prompt": prompt, **more})


def streamed(answer: Any, index: int = 0) -> str:
    chunks = [event for event in answer.events if event != "[DONE]"]
    return "".join(choice["text"] for chunk in chunks for choice in chunk["choices"] if choice["index"] == index)


def test_an_answer_has_the_documented_shape(client: Any) -> None:
    body = ask(client).json
    assert body["id"].startswith("cmpl-") and body["object"] == "text_completion" and body["model"] == "plugsky-pro"
    [choice] = body["choices"]
    assert set(choice) == {"text", "index", "logprobs", "finish_reason"} and choice["logprobs"] is None
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_16_tokens_are_said_where_nothing_else_is(client: Any) -> None:
    short, long = ask(client).json, ask(client, max_tokens=500).json
    assert short["usage"]["completion_tokens"] == 16 and short["choices"][0]["finish_reason"] == "length"
    assert long["choices"][0]["finish_reason"] == "stop"
    assert long["choices"][0]["text"].startswith(short["choices"][0]["text"])


def test_echo_puts_the_prompt_before_the_answer(client: Any) -> None:
    plain, echoed = ask(client).json["choices"][0]["text"], ask(client, echo=True).json["choices"][0]["text"]
    assert echoed == "hello" + plain
    assert ask(client, echo=True, max_tokens=0).json["choices"][0]["text"] == "hello"
    assert streamed(ask(client, echo=True, stream=True)) == echoed


def test_each_prompt_has_n_choices_in_order(client: Any) -> None:
    choices = ask(client, ["one", "two"], n=2, echo=True, max_tokens=0).json["choices"]
    assert [(choice["index"], choice["text"]) for choice in choices] == [(0, "one"), (1, "one"), (2, "two"), (3, "two")]


def test_a_stream_says_the_same(client: Any) -> None:
    whole = ask(client, max_tokens=40).json
    answer = ask(client, max_tokens=40, stream=True, n=2, stream_options={"include_usage": True})
    assert answer.events[-1] == "[DONE]"
    assert streamed(answer) == streamed(answer, 1) == whole["choices"][0]["text"]
    assert answer.events[-2]["usage"]["prompt_tokens"] == whole["usage"]["prompt_tokens"]
    ends = [event["choices"][0]["finish_reason"] for event in answer.events[:-2]]
    assert ends[-1] == "length" and set(ends[:-2]) == {None}


def test_stop_ends_the_text_before_the_sequence(client: Any) -> None:
    choice = ask(client, max_tokens=200, stop="offline").json["choices"][0]
    assert choice["text"] == "_I am plugsky's " and choice["finish_reason"] == "stop"


def test_logprobs_name_the_places_of_the_pieces(client: Any) -> None:
    choice = ask(client, logprobs=2, echo=True).json["choices"][0]
    logprobs = choice["logprobs"]
    assert "".join(logprobs["tokens"]) == choice["text"]
    assert [
        choice["text"][at : at + len(piece)]
        for at, piece in zip(logprobs["text_offset"], logprobs["tokens"], strict=True)
    ] == logprobs["tokens"]
    assert set(logprobs["token_logprobs"]) == {0.0} and len(logprobs["top_logprobs"]) == len(logprobs["tokens"])


def test_prompts_may_be_tokens(client: Any) -> None:
    assert ask(client, [1, 2, 3]).json["usage"]["prompt_tokens"] == 3
    assert len(ask(client, [[1, 2], [3]]).json["choices"]) == 2


def test_a_script_is_played(start: Any) -> None:
    client = start(script=[{"text": ["one ", "two"]}, {"text": "gone", "cut_after": 1}])
    assert ask(client).json["choices"][0]["text"] == "one two"
    with pytest.raises(OSError):
        ask(client)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"prompt": None}, "prompt"),
        ({"prompt": []}, "prompt"),
        ({"prompt": 3}, "prompt"),
        ({"prompt": ["a", 1]}, "prompt[1]"),
        ({"n": 3, "best_of": 2}, "best_of"),
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"suffix": 1}, "suffix"),
        ({"temperature": 3}, "temperature"),
        ({"messages": []}, "messages"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_a_wrong_parameter_is_named(client: Any, change: dict[str, Any], param: str) -> None:
    answer = ask(client, **change)
    assert answer.status == 400 and answer.error["param"] == param, answer.body


def test_an_embedding_model_and_too_long_a_prompt_are_refused(client: Any) -> None:
    assert ask(client, model="plugsky-embed").status == 404
    assert ask(client, "word " * 40_000, model="plugsky-lite").error["code"] == "context_length_exceeded"
