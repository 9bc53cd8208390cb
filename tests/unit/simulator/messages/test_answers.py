"""What `POST /v1/messages` answers: stop reasons, the stream's events, scripts."""

from __future__ import annotations

from typing import Any

import pytest
from support.simulated import THINKING, WEATHER

RIYADH = 'call get_weather with {"city": "Riyadh"}'
CALL = {"name": "get_weather", "arguments": {"city": "Riyadh"}}
TRIGGER = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)


def test_a_stop_sequence_ends_the_text_and_is_named(client: Any) -> None:
    answer = client.ask("thanks", stop_sequences=["nothing there", "welcome"]).json
    assert answer["content"][0]["text"].endswith("You are ")
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "welcome")


def test_max_tokens_cuts_the_text(client: Any) -> None:
    answer = client.ask("hello", max_tokens=5).json
    assert answer["stop_reason"] == "max_tokens" and answer["usage"]["output_tokens"] == 5


def test_max_tokens_cuts_a_call_short(client: Any) -> None:
    asked = {"tools": [WEATHER], "tool_choice": {"type": "any"}, "max_tokens": 2}
    answer = client.ask("a long name for a city", **asked).json
    assert answer["stop_reason"] == "max_tokens" and "INVALID_JSON" in answer["content"][-1]["input"]


def test_a_forced_tool_is_called(client: Any) -> None:
    for choice in ({"type": "any"}, {"type": "tool", "name": "get_weather", "disable_parallel_tool_use": True}):
        answer = client.ask("Riyadh", tools=[WEATHER], tool_choice=choice).json
        assert [block["type"] for block in answer["content"]] == ["tool_use"]
        assert answer["content"][0]["input"] == {"city": "Riyadh"}


def test_with_tool_choice_none_no_tool_is_called(client: Any) -> None:
    answer = client.ask(RIYADH, tools=[WEATHER], tool_choice={"type": "none"}).json
    assert [block["type"] for block in answer["content"]] == ["text"]


def test_parallel_calls_can_be_forbidden(start: Any) -> None:
    asked = {"tools": [WEATHER], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}}
    answer = start().ask(RIYADH, **asked).json
    assert sum(block["type"] == "tool_use" for block in answer["content"]) == 1


def test_thinking_is_sent_only_where_it_is_asked_for_and_the_model_reasons(client: Any) -> None:
    def kinds(**more: Any) -> list[str]:
        return [block["type"] for block in client.ask(**more).json["content"]]

    assert kinds() == ["text"]
    assert kinds(thinking={"type": "disabled"}) == ["text"]
    assert kinds(thinking=THINKING) == ["thinking", "text"]
    assert kinds(thinking={"type": "adaptive"}) == ["thinking", "text"]
    assert kinds(thinking=THINKING, model="plugsky-plus") == ["text"]


def test_thinking_whose_text_is_omitted_still_has_its_signature(client: Any) -> None:
    thought = client.ask(thinking={**THINKING, "display": "omitted"}).json["content"][0]
    assert thought["thinking"] == "" and thought["signature"]


def test_anthropics_trigger_redacts_the_thinking_and_it_can_be_sent_back(client: Any) -> None:
    first = client.ask(TRIGGER, thinking=THINKING).json
    assert [block["type"] for block in first["content"]] == ["redacted_thinking", "text"]
    messages: list[Any] = [
        {"role": "user", "content": TRIGGER},
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": "thanks"},
    ]
    assert client.ask(messages=messages, thinking=THINKING).status == 200
    first["content"][0]["data"] = "AAAA"
    assert client.refused(messages=messages, thinking=THINKING) == (
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block"
    )


def test_the_events_of_a_stream(start: Any) -> None:
    client = start([{"text": ["Hel", "lo"], "reasoning": "Hm.", "tool_calls": [{**CALL, "id": "toolu_1"}]}])
    answer = client.ask(thinking=THINKING, tools=[WEATHER], stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert all(name == data["type"] for name, data in answer.events)
    told = [data for _, data in answer.events]
    assert told[0]["message"]["content"] == [] and told[0]["message"]["usage"]["input_tokens"] > 0
    assert [event["type"] for event in told[1:3]] == ["ping", "content_block_start"]
    assert [event["content_block"] for event in told if event["type"] == "content_block_start"] == [
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "text", "text": ""},
        {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}},
    ]
    deltas = [(event["index"], event["delta"]) for event in told if event["type"] == "content_block_delta"]
    assert deltas[0] == (0, {"type": "thinking_delta", "thinking": "Hm."})
    assert deltas[1][1]["type"] == "signature_delta"
    assert [delta["text"] for index, delta in deltas if index == 1] == ["Hel", "lo"]
    assert "".join(delta["partial_json"] for index, delta in deltas if index == 2) == '{"city": "Riyadh"}'
    assert told[-2]["delta"] == {"stop_reason": "tool_use", "stop_sequence": None}
    assert told[-2]["usage"]["output_tokens"] > 0 and told[-1] == {"type": "message_stop"}


def test_scripted_calls_with_one_id_keep_their_own_arguments(start: Any) -> None:
    client = start([{"tool_calls": [{**CALL, "id": "a"}, {"name": "get_weather", "arguments": "{}", "id": "a"}]}])
    told = [data for name, data in client.ask(tools=[WEATHER], stream=True).events if name == "content_block_delta"]
    assert "".join(data["delta"]["partial_json"] for data in told if data["index"] == 1) == "{}"


def test_scripted_arguments_are_streamed_as_they_are_and_wrapped_where_an_object_is_needed(start: Any) -> None:
    broken = {"tool_calls": [{"name": "get_weather", "arguments": '{"city": '}], "times": 2}
    client = start([broken])
    streamed = client.ask(tools=[WEATHER], stream=True).events
    parts = [data["delta"]["partial_json"] for name, data in streamed if name == "content_block_delta"]
    assert "".join(parts) == '{"city": '
    assert client.ask(tools=[WEATHER]).json["content"][0]["input"] == {"INVALID_JSON": '{"city": '}


def test_a_scripted_call_without_reasoning_begins_with_an_empty_thought_that_can_be_sent_back(start: Any) -> None:
    client = start([{"tool_calls": [CALL]}, {"text": "Hot."}])
    asked: dict[str, Any] = {"thinking": THINKING, "tools": [WEATHER]}
    content = client.ask(RIYADH, **asked).json["content"]
    assert content[0]["type"] == "thinking" and content[0]["thinking"] == ""
    messages = [
        {"role": "user", "content": RIYADH},
        {"role": "assistant", "content": content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": content[1]["id"], "content": "38"}]},
    ]
    assert client.ask(messages=messages, **asked).json["content"][0]["text"] == "Hot."


@pytest.mark.parametrize(
    ("finish", "stop"), [("length", "max_tokens"), ("content_filter", "refusal"), ("pause_turn", "pause_turn")]
)
def test_a_script_can_say_why_it_stopped(start: Any, finish: str, stop: str) -> None:
    assert start([{"text": "x", "finish_reason": finish}]).ask().json["stop_reason"] == stop


def test_raw_bytes_are_sent_as_they_are(start: Any) -> None:
    assert start([{"raw": 'event: error\ndata: {"type": "error"}\n\n'}]).ask(stream=True).events == [
        ("error", {"type": "error"})
    ]


def test_a_stream_can_be_cut(start: Any) -> None:
    from http.client import IncompleteRead

    with pytest.raises(IncompleteRead):
        start([{"text": "one two three", "cut_after": 3}]).ask(stream=True)


def test_an_answer_as_json_fits_its_schema(client: Any) -> None:
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    wanted = {"format": {"type": "json_schema", "schema": schema}, "effort": "low"}
    text = client.ask("thanks", output_config=wanted).json["content"][0]["text"]
    assert text.startswith('{"answer":"') and text.endswith('"}')


def test_use_is_counted_for_the_key(client: Any) -> None:
    usage = client.ask().json["usage"]
    used = client.request("GET", "/usage").json["usage"]
    assert used["requestsByModel"] == {"plugsky-pro": 1}
    assert used["totalTokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_without_a_key_there_are_the_free_models(client: Any) -> None:
    client.headers = {"anthropic-version": "2023-06-01"}
    assert client.ask(model="plugsky-micro").status == 200
    refused = client.ask()
    assert refused.status == 401 and refused.error["type"] == "authentication_error"


def test_a_routing_name_says_which_model_answered(client: Any) -> None:
    assert client.ask(model="auto").json["model"] == "plugsky-micro"
    assert client.ask(model="plugsky-fusion", tools=[WEATHER]).json["model"] == "plugsky-pro"
