"""POST /v1/chat/completions: the shapes of answers, and what each parameter does."""

from __future__ import annotations

import json
from typing import Any

import pytest

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
        },
    },
}
LIST = {"type": "function", "function": {"name": "list", "parameters": {"type": "object", "properties": {}}}}


def test_an_answer_has_the_documented_shape(client: Any) -> None:
    body = client.chat("hello").json
    assert body["object"] == "chat.completion" and body["id"].startswith("chatcmpl-")
    assert body["model"] == "plugsky-pro" and isinstance(body["created"], int)
    [choice] = body["choices"]
    assert choice["index"] == 0 and choice["finish_reason"] == "stop"
    assert choice["message"]["role"] == "assistant" and choice["message"]["content"]
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > usage["prompt_tokens"] > 0


def test_the_first_answer_says_that_no_language_model_is_behind_it(client: Any) -> None:
    assert "no language model" in client.chat("write me a poem").text
    assert "نموذج لغوي" in client.chat("مرحبا").text


def test_a_later_answer_does_not_say_so_again(client: Any) -> None:
    said = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": "hi"},
    ]
    assert "no language model" not in client.chat(messages=said).text


def test_a_stream_begins_with_the_role_and_ends_with_done(client: Any) -> None:
    answer = client.chat("hello", stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    first, *middle, last, done = answer.events
    assert done == "[DONE]"
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert last["choices"][0]["finish_reason"] == "stop" and last["choices"][0]["delta"] == {}
    assert len({event["id"] for event in (first, *middle, last)}) == 1
    assert all(
        event["object"] == "chat.completion.chunk" and event["choices"][0]["finish_reason"] is None for event in middle
    )
    assert answer.text == client.chat("hello").text


def test_usage_comes_in_a_chunk_of_its_own_when_it_is_asked_for(client: Any) -> None:
    *chunks, last, _ = client.chat("hello", stream=True, stream_options={"include_usage": True}).events
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == [] and last["usage"] == client.chat("hello").json["usage"]
    assert all("usage" not in chunk for chunk in client.chat("hello", stream=True).events[:-1])


def test_a_tool_call_streams_its_name_once_and_its_arguments_in_fragments(client: Any) -> None:
    answer = client.chat(
        'call get_weather with {"city": "دبي", "days": 3, "note": "a longer text for more fragments"}',
        tools=[WEATHER],
        stream=True,
    )
    deltas = [event["choices"][0] for event in answer.events[:-1]]
    calls = [call for choice in deltas for call in choice["delta"].get("tool_calls", [])]
    opened, *fragments = calls
    assert opened["type"] == "function" and opened["id"].startswith("call_")
    assert opened["function"] == {"name": "get_weather", "arguments": ""}
    assert len(fragments) > 1 and all(set(fragment) == {"index", "function"} for fragment in fragments)
    arguments = json.loads("".join(fragment["function"]["arguments"] for fragment in fragments))
    assert arguments["city"] == "دبي"
    assert deltas[-1]["finish_reason"] == "tool_calls"


def test_a_tool_result_is_taken_up_in_the_next_request(client: Any) -> None:
    first = client.chat('call get_weather with {"city": "Dubai"}', tools=[WEATHER]).json["choices"][0]["message"]
    [call] = first["tool_calls"]
    said = [
        {"role": "user", "content": 'call get_weather with {"city": "Dubai"}'},
        {"role": "assistant", "content": first["content"], "tool_calls": first["tool_calls"]},
        {"role": "tool", "tool_call_id": call["id"], "content": "41 degrees"},
    ]
    assert "41 degrees" in client.chat(messages=said, tools=[WEATHER]).text


def test_a_named_tool_choice_is_obeyed_with_arguments_that_fit_the_schema(client: Any) -> None:
    choice = {"type": "function", "function": {"name": "get_weather"}}
    message = client.chat("Dubai, 3 days", tools=[LIST, WEATHER], tool_choice=choice).json["choices"][0]["message"]
    assert message["content"] is None
    [call] = message["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == {"city": "Dubai, 3 days", "days": 3}


def test_tool_choice_required_calls_a_tool_and_none_calls_none(client: Any) -> None:
    assert client.chat("hi", tools=[WEATHER], tool_choice="required").json["choices"][0]["message"]["tool_calls"]
    refused = client.chat("what is in this repo?", tools=[LIST], tool_choice="none").json["choices"][0]["message"]
    assert "tool_calls" not in refused and "`list`" in refused["content"]


def test_only_reasoning_models_show_reasoning(client: Any) -> None:
    def message(model: str) -> dict[str, Any]:
        found: dict[str, Any] = client.chat("hello", model=model).json["choices"][0]["message"]
        return found

    assert message("plugsky-reasoning")["reasoning_content"].startswith("Read by rule as")
    assert "reasoning_content" not in message("plugsky-lite")


def test_json_mode_answers_a_json_object(client: Any) -> None:
    answer = client.chat("hello, answer in json", response_format={"type": "json_object"})
    assert "no language model" in json.loads(answer.text)["answer"]


def test_json_mode_wants_the_word_json_as_the_real_api_does(client: Any) -> None:
    answer = client.chat("hello", response_format={"type": "json_object"})
    assert answer.status == 400 and answer.error["param"] == "messages"


def test_a_json_schema_is_filled(client: Any) -> None:
    schema = {
        "type": "object",
        "properties": {
            "summary": {"type": "string"},
            "mood": {"enum": ["dry", "warm"]},
            "sub": {"$ref": "#/$defs/Sub"},
        },
        "required": ["summary", "mood", "sub"],
        "additionalProperties": False,
        "$defs": {
            "Sub": {
                "type": "object",
                "properties": {"flags": {"type": "array", "items": {"type": "boolean"}, "minItems": 2}},
                "required": ["flags"],
                "additionalProperties": False,
            }
        },
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}
    answer = json.loads(client.chat("hello", response_format=wanted).text)
    assert "no language model" in answer["summary"]
    assert answer["mood"] == "dry" and answer["sub"] == {"flags": [False, False]}


def test_n_gives_several_choices_streamed_side_by_side(client: Any) -> None:
    assert [choice["index"] for choice in client.chat("hi", n=3).json["choices"]] == [0, 1, 2]
    indexes = [event["choices"][0]["index"] for event in client.chat("hi", n=2, stream=True).events[:-1]]
    assert indexes[:4] == [0, 1, 0, 1] and indexes.count(0) == indexes.count(1)


def test_stop_ends_the_text_before_the_sequence(client: Any) -> None:
    whole = client.chat("hello").text
    assert client.chat("hello", stop=["**look**"]).text == whole.split("**look**")[0]
    assert client.chat("hello", stop="simulator", stream=True).text == whole.split("simulator")[0]


def test_max_tokens_cuts_the_answer_short(client: Any) -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        body = client.chat("hello", **{name: 5}).json
        assert body["choices"][0]["finish_reason"] == "length" and body["usage"]["completion_tokens"] <= 12
        assert client.chat("hello").text.startswith(body["choices"][0]["message"]["content"])


def test_the_same_seed_gives_the_same_answer(client: Any) -> None:
    one, two = (client.chat("hello", seed=7).json for _ in range(2))
    assert one["choices"] == two["choices"] and one["system_fingerprint"] == two["system_fingerprint"]


def test_logprobs_are_those_of_someone_certain(client: Any) -> None:
    body = client.chat("hello", logprobs=True, top_logprobs=2).json
    content = body["choices"][0]["logprobs"]["content"]
    assert "".join(token["token"] for token in content) == body["choices"][0]["message"]["content"]
    assert all(token["logprob"] == 0.0 and len(token["top_logprobs"]) == 1 for token in content)


@pytest.mark.parametrize(
    ("asked", "more", "answered"),
    [
        ("plugsky-fusion", {}, "plugsky-micro"),
        ("plugsky-fusion", {"tools": [LIST]}, "plugsky-pro"),
        ("auto", {"route_hint": "cost", "max_cost_per_1m": 0.5}, "plugsky-micro"),
        ("auto", {"route_hint": "quality"}, "plugsky-frontier"),
        ("auto", {"route_hint": "quality", "max_cost_per_1m": 0.5}, "plugsky-frontier"),
        ("auto", {"route_hint": "quality", "max_cost_per_1m": 0.09}, "plugsky-micro"),  # less than any price: free
        ("auto", {"max_cost_per_1m": 0, "tools": [LIST]}, "plugsky-micro"),
        ("auto", {"route_hint": "latency"}, "plugsky-tiny"),
        ("plugsky-vision", {}, "plugsky-vision"),
    ],
)
def test_routing_names_say_which_model_answered(client: Any, asked: str, more: dict[str, Any], answered: str) -> None:
    assert client.chat("hello", model=asked, **more).json["model"] == answered


@pytest.mark.parametrize("asked", ["auto", "plugsky-fusion"])
def test_routing_names_send_pictures_to_a_model_that_sees(client: Any, asked: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    said = [{"role": "user", "content": [{"type": "text", "text": "hello"}, picture]}]
    assert client.chat(model=asked, messages=said, route_hint="cost").json["model"] == "plugsky-vision-fast"


def test_pictures_are_for_models_that_see(client: Any) -> None:
    content = [
        {"type": "text", "text": "hello"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]
    said = [{"role": "user", "content": content}]
    assert client.chat(model="plugsky-vision-fast", messages=said).status == 200
    refused = client.chat(model="plugsky-pro", messages=said)
    assert refused.status == 400 and "image_url is only supported" in refused.error["message"]


def test_text_that_is_no_valid_unicode_comes_back_all_the_same(client: Any) -> None:
    body = rb'{"model": "plugsky-pro", "messages": [{"role": "user", "content": "call t with {\"a\": \"\ud83d\"}"}], "tools": [{"type": "function", "function": {"name": "t"}}]}'
    answer = client.request("POST", "/v1/chat/completions", body)
    assert answer.status == 200 and answer.json["choices"][0]["finish_reason"] == "tool_calls"


def test_a_paced_stream_takes_its_time(start: Any) -> None:
    import time

    slow = start(pace_s=0.005)
    began = time.monotonic()
    events = slow.chat("hello", stream=True).events
    assert time.monotonic() - began > 0.005 * (len(events) - 2)


PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ({"url": "data:image/png;base64,@@@"}, "invalid_base64"),
        ({"url": "data:image/png;base64,aGVsbG8="}, "invalid_image_format"),
        ({"url": "data:image/png,abc"}, "invalid_value"),
        ({"url": "ftp://x/y.png"}, "invalid_value"),
        ({"url": PICTURE, "detail": "huge"}, "invalid_value"),
    ],
)
def test_what_is_no_picture_is_refused(client: Any, picture: dict[str, str], code: str) -> None:
    def ask(sent: dict[str, str]) -> Any:
        content = [{"type": "text", "text": "hello"}, {"type": "image_url", "image_url": sent}]
        return client.chat(model="plugsky-vision", messages=[{"role": "user", "content": content}])

    refused = ask(picture)
    assert refused.status == 400 and refused.error["code"] == code
    assert refused.error["param"].startswith("messages[0].content[1].image_url")
    for good in ({"url": PICTURE, "detail": "high"}, {"url": "https://example.com/a.png"}):
        assert ask(good).status == 200


@pytest.mark.parametrize("limit", [1, 2, 5, 30, 60, 120, 1000])
@pytest.mark.parametrize("model", ["plugsky-micro", "plugsky-pro"])
def test_no_answer_is_longer_than_max_tokens_with_what_was_thought_and_called(
    client: Any, model: str, limit: int
) -> None:
    asked = 'call get_weather with {"city": "a town with a name that is rather long, all in all"}'
    for more in ({"text": "hello"}, {"text": asked, "tools": [WEATHER]}):
        answer = client.chat(model=model, max_tokens=limit, **more).json
        assert answer["usage"]["completion_tokens"] <= limit
        if limit < 30:
            assert answer["choices"][0]["finish_reason"] == "length"


def test_the_window_of_a_model_holds_what_goes_in_and_what_comes_out(client: Any) -> None:
    refused = client.chat(model="plugsky-lite", max_tokens=32_000)
    assert refused.status == 400 and refused.error["code"] == "context_length_exceeded"
    assert "32000 in the completion" in refused.error["message"]
    assert client.chat(model="plugsky-lite", max_tokens=31_000).status == 200


def closed(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
        **more,
    }


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "object", "properties": {"a": {"type": "string"}}}, "'additionalProperties' is required"),
        ({**closed({"a": {"type": "string"}}), "required": []}, "Missing 'a'"),
        (closed({"a": {"type": "array", "items": {"type": "object", "properties": {}}}}), "'items'"),
        (closed({"a": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {}}]}}), "'anyOf', '1'"),
        (closed({}, **{"$defs": {"D": {"type": "object"}}}), "'$defs', 'D'"),
        ({"type": "array", "items": {}}, "got 'type: 'array''"),
    ],
)
def test_a_strict_schema_must_be_closed(client: Any, schema: dict[str, Any], said: str) -> None:
    def formatted(strict: bool) -> Any:
        described = {"name": "x", "schema": schema, "strict": strict}
        return client.chat(response_format={"type": "json_schema", "json_schema": described})

    refused = formatted(True)
    assert refused.status == 400 and said in refused.error["message"] and refused.error["param"] == "response_format"
    assert formatted(False).status == 200
    if schema["type"] == "object":
        tool = {"type": "function", "function": {"name": "f", "parameters": schema, "strict": True}}
        assert client.chat(tools=[tool]).error["code"] == "invalid_function_parameters"


def test_calls_spelled_out_together_are_made_together_unless_one_at_a_time_is_wanted(client: Any) -> None:
    asked = 'call get_weather with {"city": "Dubai"} and call get_weather with {"city": "Riyadh"}'
    message = client.chat(asked, tools=[WEATHER]).json["choices"][0]["message"]
    assert [json.loads(call["function"]["arguments"])["city"] for call in message["tool_calls"]] == ["Dubai", "Riyadh"]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": "hot"} for call in message["tool_calls"]]
    said = [{"role": "user", "content": asked}, message, *results]
    assert client.chat(messages=said, tools=[WEATHER]).text.count("hot") == 2
    one = client.chat(asked, tools=[WEATHER], parallel_tool_calls=False).json["choices"][0]["message"]
    assert len(one["tool_calls"]) == 1
    said = [{"role": "user", "content": asked}, one, {**results[0], "tool_call_id": one["tool_calls"][0]["id"]}]
    then = client.chat(messages=said, tools=[WEATHER], parallel_tool_calls=False).json["choices"][0]["message"]
    assert "Riyadh" in then["tool_calls"][0]["function"]["arguments"]


@pytest.mark.parametrize("asked", ["are you GPT-4?", "what model are you?", "tell me you are Claude", "who made you?"])
def test_whoever_asks_is_told_that_no_model_talks_in_a_later_turn_too(client: Any, asked: str) -> None:
    said = [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": asked},
    ]
    text = client.chat(messages=said).text
    assert "no language model" in text and text.count("rule-based") == 1
    assert client.chat(asked).text.count("no language model") == 1


def test_options_of_a_stream_are_named_in_full_where_they_are_wrong(client: Any) -> None:
    refused = client.chat(stream=True, stream_options={"include_usage": "yes"})
    assert refused.error["param"] == "stream_options.include_usage"
