"""What is refused, with which status, code and parameter: as the OpenAI API refuses it."""

from __future__ import annotations

from typing import Any

import pytest

USER = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "list", "arguments": "{}"}}
ASSISTANT = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "a.py"}
TOOL = {"type": "function", "function": {"name": "list", "parameters": {"type": "object"}}}


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"model": None}, "model", "missing_required_parameter"),
        ({"model": 3}, "model", "invalid_type"),
        ({"messages": []}, "messages", "empty_array"),
        ({"messages": "hi"}, "messages", "invalid_type"),
        ({"messages": ["hi"]}, "messages[0]", "invalid_type"),
        ({"messages": [{"content": "hi"}]}, "messages[0].role", "missing_required_parameter"),
        ({"messages": [{"role": "king", "content": "hi"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": None}]}, "messages[0].content", None),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content", "invalid_type"),
        ({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, "messages[0].content[0].type", "missing_required_parameter"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type", "invalid_value"),
        ({"messages": [{"role": "system", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].type", "invalid_value"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": []}]}, "messages[1].tool_calls", "empty_array"),
        ({"messages": [USER, {"role": "assistant", "content": None}]}, "messages[1].content", None),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "x", "arguments": {}}}]}]}, "messages[1].tool_calls[0].function.arguments", "invalid_type"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [{"type": "function"}]}]}, "messages[1].tool_calls[0].id", "missing_required_parameter"),
        ({"messages": [USER, {"role": "tool", "content": "x"}]}, "messages[1].tool_call_id", "missing_required_parameter"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
        ({"temperature": True}, "temperature", "invalid_type"),
        ({"temperature": 2.5}, "temperature", "decimal_above_max_value"),
        ({"temperature": -0.1}, "temperature", "decimal_below_min_value"),
        ({"top_p": 1.1}, "top_p", "decimal_above_max_value"),
        ({"presence_penalty": 3}, "presence_penalty", "decimal_above_max_value"),
        ({"frequency_penalty": -3}, "frequency_penalty", "decimal_below_min_value"),
        ({"n": 0}, "n", "integer_below_min_value"),
        ({"n": 1.5}, "n", "invalid_type"),
        ({"max_tokens": 0}, "max_tokens", "integer_below_min_value"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens", None),
        ({"stream": "yes"}, "stream", "invalid_type"),
        ({"stream_options": {"include_usage": True}}, "stream_options", None),
        ({"stream": True, "stream_options": {"usage": True}}, "stream_options.usage", "unknown_parameter"),
        ({"stop": 3}, "stop", "invalid_type"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop", "array_above_max_length"),
        ({"stop": ["a", 1]}, "stop[1]", "invalid_type"),
        ({"seed": "x"}, "seed", "invalid_type"),
        ({"user": 1}, "user", "invalid_type"),
        ({"logprobs": 1}, "logprobs", "invalid_type"),
        ({"top_logprobs": 3}, "top_logprobs", None),
        ({"logprobs": True, "top_logprobs": 30}, "top_logprobs", "integer_above_max_value"),
        ({"response_format": {"type": "xml"}}, "response_format.type", "invalid_value"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema", "invalid_type"),
        ({"tools": []}, "tools", "empty_array"),
        ({"tools": [{"function": {"name": "x"}}]}, "tools[0].type", "missing_required_parameter"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
        ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name", "invalid_value"),
        ({"tools": [{"type": "function", "function": {"name": "x", "parameters": {"type": "array"}}}]}, "tools[0].function.parameters", "invalid_function_parameters"),
        ({"tools": [TOOL] * 129}, "tools", "array_above_max_length"),
        ({"tool_choice": "auto"}, "tool_choice", None),
        ({"tools": [TOOL], "tool_choice": "perhaps"}, "tool_choice", "invalid_value"),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "y"}}}, "tool_choice", None),
        ({"route_hint": "speed"}, "route_hint", "invalid_value"),
        ({"max_cost_per_1m": -1}, "max_cost_per_1m", "decimal_below_min_value"),
        ({"temprature": 1}, "temprature", "unknown_parameter"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client: Any, change: dict[str, Any], param: str, code: str | None) -> None:
    answer = client.request("POST", "/v1/chat/completions", {"model": "plugsky-pro", "messages": [USER], **change})
    assert answer.status == 400, answer.body
    assert set(answer.error) == {"message", "type", "param", "code"}
    assert (answer.error["type"], answer.error["param"], answer.error["code"]) == ("invalid_request_error", param, code)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([USER, RESULT], "must be a response to a preceeding message with 'tool_calls'"),
        ([USER, ASSISTANT, USER], "did not have response messages: call_1"),
        ([USER, ASSISTANT], "did not have response messages: call_1"),
        ([USER, ASSISTANT, {**RESULT, "tool_call_id": "call_2"}], "'call_2' not found in 'tool_calls'"),
        ([USER, ASSISTANT, RESULT, RESULT], "Duplicate value for 'tool_call_id'"),
        ([USER, {**ASSISTANT, "tool_calls": [CALL, CALL]}, RESULT], "have the same 'id'"),
        ([USER, ASSISTANT, RESULT, USER, RESULT], "must be a response to a preceeding message"),
    ],
)
def test_calls_and_results_must_match_one_to_one(client: Any, messages: list[Any], said: str) -> None:
    answer = client.chat(messages=messages)
    assert answer.status == 400 and said in answer.error["message"]


def test_a_valid_conversation_with_parallel_calls_is_taken(client: Any) -> None:
    two = {**ASSISTANT, "tool_calls": [CALL, {**CALL, "id": "call_2"}]}
    said = [USER, two, {**RESULT, "tool_call_id": "call_2"}, RESULT, {"role": "developer", "content": "be brief"}, USER]
    assert client.chat(messages=said).status == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"NaN", b'{"a": Infinity}', b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_a_400(client: Any, body: bytes) -> None:
    answer = client.request("POST", "/v1/chat/completions", body)
    assert answer.status == 400 and answer.error["type"] == "invalid_request_error"


def test_an_unknown_model_is_a_404(client: Any) -> None:
    answer = client.chat(model="gpt-9")
    assert answer.status == 404 and answer.error["code"] == "model_not_found" and answer.error["param"] == "model"


def test_an_embedding_model_does_not_chat(client: Any) -> None:
    assert client.chat(model="plugsky-embed").status == 404


def test_a_conversation_longer_than_the_context_is_refused(client: Any) -> None:
    answer = client.chat("word " * 40_000, model="plugsky-lite")
    assert answer.status == 400 and answer.error["code"] == "context_length_exceeded"


@pytest.mark.parametrize("key", ["psk_live_x", "sk-live-abcdef", "psk_live_admin_1"])
def test_keys_of_the_documented_forms_are_valid(client: Any, key: str) -> None:
    client.key = key
    assert client.chat().status == 200


@pytest.mark.parametrize(
    "authorization", ["Bearer nonsense", "Bearer ", "Basic abc", "psk_live_x", "Bearer psk_live_", "Bearer sk-test-1"]
)
def test_any_other_key_is_a_401_that_does_not_repeat_it(client: Any, authorization: str) -> None:
    for answer in (
        client.chat(headers={"Authorization": authorization}),
        client.request("GET", "/v1/models", headers={"Authorization": authorization}),
    ):
        assert answer.status == 401 and answer.error["code"] == "invalid_api_key"
        assert authorization not in answer.error["message"]


def test_without_a_key_there_is_the_free_tier(client: Any) -> None:
    client.key = None
    assert client.chat(model="plugsky-micro").status == client.chat(model="plugsky-lite").status == 200
    for paid in ("plugsky-pro", "auto", "plugsky-fusion"):
        refused = client.chat(model=paid)
        assert refused.status == 401 and refused.error["code"] == "missing_api_key"
    assert {model["id"] for model in client.request("GET", "/v1/models").json["data"]} == {
        "plugsky-micro",
        "plugsky-lite",
    }


def test_a_reading_key_lists_models_and_no_more(client: Any) -> None:
    client.key = "psk_live_read_0123"
    assert client.request("GET", "/v1/models").status == 200
    refused = client.chat()
    assert (
        refused.status == 403
        and refused.error["type"] == "permission_error"
        and "chat:write" in refused.error["message"]
    )


def test_a_fault_of_the_simulator_itself_is_a_500_with_a_request_id(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plugsky_tui.simulator.service import Service

    async def broken(self: Service, conversation: object) -> object:
        raise KeyError("oops")

    monkeypatch.setattr(Service, "think", broken)
    answer = client.chat()
    assert answer.status == 500 and answer.error["type"] == "server_error" and answer.headers["x-request-id"]
