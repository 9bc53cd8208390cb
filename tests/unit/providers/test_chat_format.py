from __future__ import annotations

import json
from typing import Any

import pytest

from plugsky_tui.kernel.messages import UNPARSED, AssistantMessage, Image, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Request, ToolDefinition
from plugsky_tui.providers.chat_format import body_of, refused_parameter, sent_parameters
from plugsky_tui.providers.client import encode

TOOL = ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})
PNG = Image("image/png", "QUJD", "a.png")


def messages(*history: Any, system: str = "") -> list[dict[str, Any]]:
    body = body_of(Request("m", system, history), without=(), made_by=lambda name: name == "m")
    return body["messages"]  # type: ignore[no-any-return]


def test_a_plain_request() -> None:
    body = body_of(Request("m", "Be kind.", [UserMessage("hi")], [TOOL]), without=(), made_by=bool)
    assert body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [
            {"type": "function", "function": {"name": "read", "description": "Reads.", "parameters": TOOL.parameters}}
        ],
    }


def test_what_a_server_refused_is_left_out() -> None:
    request = Request("m", "", [UserMessage("hi"), AssistantMessage("a", "thought", model="m")], [TOOL])
    body = body_of(request, without={"stream", "tools", "reasoning_content"}, made_by=bool)
    assert set(body) == {"model", "messages"}
    assert sent_parameters(body) == set()
    body = body_of(request, without=(), made_by=bool)
    assert sent_parameters(body) == {"stream", "stream_options", "tools", "reasoning_content"}


def test_images_go_as_parts_and_those_of_tools_behind_all_results() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    wire = messages(
        UserMessage("look", [PNG]),
        AssistantMessage(calls=[ToolCall("1", "read", {}), ToolCall("2", "read", {})]),
        ToolMessage("1", "read", "an image", images=[PNG]),
        ToolMessage("2", "read", "text"),
        UserMessage("", [PNG]),
    )
    assert wire[0]["content"] == [{"type": "text", "text": "look"}, picture]
    assert [message["role"] for message in wire] == ["user", "assistant", "tool", "tool", "user", "user"]
    assert wire[4]["content"][1] == picture
    assert wire[5]["content"] == [picture]
    assert messages(ToolMessage("1", "read", "x", images=[PNG]))[-1]["content"][1] == picture


def test_reasoning_goes_back_only_to_the_model_that_made_it() -> None:
    mine, other = messages(AssistantMessage("a", "why", model="m"), AssistantMessage("b", "why", model="n"))
    assert mine["reasoning_content"] == "why"
    assert "reasoning_content" not in other


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (ToolCall("1", "read", {"a": 1}, '{"a":1}'), '{"a":1}'),
        (ToolCall("1", "read", {"a": 1}), '{"a": 1}'),
        (ToolCall("1", "read", {"a": "x\ny"}, '{"a": "x\ny"}'), '{"a": "x\\ny"}'),
        (ToolCall("1", "read", {"a": 1}, '"{\\"a\\": 1}"'), '{"a": 1}'),
        (ToolCall("1", "read", {}, ""), "{}"),
        (ToolCall("1", "read", None, '{"a'), json.dumps({UNPARSED: '{"a'})),
    ],
)
def test_arguments_are_always_an_object_and_the_models_own_words_where_those_are_one(
    call: ToolCall, arguments: str
) -> None:
    sent = messages(AssistantMessage(calls=[call]))[0]["tool_calls"][0]
    assert sent == {"id": "1", "type": "function", "function": {"name": "read", "arguments": arguments}}
    assert isinstance(json.loads(arguments), dict)


def test_a_name_the_model_made_up_does_not_fail_the_next_request() -> None:
    names = [
        messages(AssistantMessage(calls=[ToolCall("1", name, {})]))[0]["tool_calls"][0]["function"]["name"]
        for name in ("do it!", "", "x" * 99)
    ]
    assert names == ["do_it_", "unknown", "x" * 64]


def test_the_body_is_utf_8_whatever_was_pasted() -> None:
    body = body_of(Request("m", "", [UserMessage("é😀\ud83d\u2028")]), without=(), made_by=bool)
    assert json.loads(encode(body))["messages"][0]["content"] == "é😀?\u2028"


SENT = {"stream", "stream_options", "tools", "reasoning_content"}


@pytest.mark.parametrize(
    ("param", "message", "name"),
    [
        ("stream_options", "Unknown parameter", "stream_options"),
        ("", "Unrecognized request argument supplied: stream_options", "stream_options"),
        ("", "'stream_options' is not supported with this model", "stream_options"),
        ("body.stream_options", "Extra inputs are not permitted", "stream_options"),
        ("", "'messages.2' : property 'reasoning_content' is unsupported", "reasoning_content"),
        ("messages[1].reasoning_content", "Unknown parameter: 'messages[1].reasoning_content'.", "reasoning_content"),
        ("stream", "Unsupported value: 'stream' does not support true", "stream"),
        ("", "registry.example/gemma does not support tools", "tools"),
        ("", "Function calling is not supported by this model", "tools"),
        ("tools", "Unknown parameter: 'tools'.", "tools"),
        ("tools[0].function.parameters", "Unknown parameter: 'tools[0].function.parameters.x'.", None),
        ("tools", "Invalid schema for function 'read'", None),
        ("model", "Unknown model: streamer", None),
        ("", "stream_options must come with stream", None),
        ("", "The word stream_optionsX is unknown", None),
        ("temperature", "Unsupported parameter: temperature", None),
        ("", "", None),
    ],
)
def test_a_refused_parameter_is_found_by_its_name(param: str, message: str, name: str | None) -> None:
    assert refused_parameter(param, message, SENT) == name
    assert refused_parameter(param, message, ()) is None


@pytest.mark.parametrize(
    "message",
    [
        "json mode cannot be combined with tool/function calling",
        "Response format `json_schema` can't be used together with tools.",
        "Function calling with a response mime type: 'application/json' is unsupported",
    ],
)
def test_where_a_schema_and_tools_do_not_go_together_the_tools_stay(message: str) -> None:
    assert refused_parameter("", message, {"tools", "response_format"}) == "response_format"
    assert refused_parameter("", message, {"tools"}) is None


@pytest.mark.parametrize(
    ("param", "message"),
    [
        ("response_format.type", "Invalid value: 'json_schema'."),
        ("", "This response_format type is unavailable now"),
        ("", "'response_format.type' must be 'json_object' or 'text'"),
        ("response_format", "Invalid schema for response_format 'answer': schema must have a 'type' key."),
        ("", 'Either "json_schema" or "grammar" can be specified, but not both'),
        ("messages", "'messages' must contain the word 'json', to use 'response_format' of type 'json_object'."),
    ],
)
def test_a_kind_of_response_format_that_is_refused_is_done_without(param: str, message: str) -> None:
    assert refused_parameter(param, message, {"tools", "response_format"}) == "response_format"
    assert refused_parameter(param, message, {"tools"}) is None


def test_what_needs_a_refused_parameter_goes_with_it() -> None:
    wanted = Request("m", "", [UserMessage("hi")], parameters=Parameters(logprobs=True, top_logprobs=2))
    assert {"logprobs", "top_logprobs"} <= set(body_of(wanted, without=(), made_by=bool))
    assert not {"logprobs", "top_logprobs"} & set(body_of(wanted, without={"logprobs"}, made_by=bool))
    assert not {"stream", "stream_options"} & set(body_of(wanted, without={"stream"}, made_by=bool))
