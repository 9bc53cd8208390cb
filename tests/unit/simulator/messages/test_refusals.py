"""What `POST /v1/messages` refuses, in the words of Anthropic's API."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.simulated import THINKING, WEATHER

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def use(call_id: str) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": "get_weather", "input": {}}


def result(call_id: str, content: Any = "38") -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def image(**source: Any) -> dict[str, Any]:
    return {"type": "image", "source": source}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"model": None}, "model: Field required"),
        ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        ({"messages": []}, "messages: at least one message is required"),
        ({"messages": "hello"}, "messages: Input should be a valid list"),
        ({"temperature": 1.5}, "temperature: Input should be less than or equal to 1"),
        ({"top_k": -1}, "top_k: Input should be greater than or equal to 0"),
        ({"n": 2}, "n: Extra inputs are not permitted"),
        ({"stop": ["x"]}, "stop: Extra inputs are not permitted"),
        ({"stop_sequences": [" "]}, "stop_sequences: each stop sequence must contain non-whitespace"),
        ({"stream": "yes"}, "stream: Input should be a valid boolean"),
        ({"metadata": {"user": "x"}}, "metadata.user: Extra inputs are not permitted"),
        ({"system": [{"type": "image"}]}, "system.0.type: Input should be 'text'"),
        ({"system": 3}, "system: Input should be a valid list"),
        ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1000}},
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
        ),
        (
            {"tools": [{"name": "a.b", "input_schema": {"type": "object"}}]},
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        ),
        ({"tools": [{"name": "a"}]}, "tools.0.custom.input_schema: Field required"),
        ({"tools": [{"name": "a", "input_schema": {}}]}, "tools.0.custom.input_schema.type: Field required"),
        ({"tools": [{**WEATHER, "parameters": {}}]}, "tools.0.custom.parameters: Extra inputs are not permitted"),
        ({"tools": [WEATHER, WEATHER]}, "tools: Tool names must be unique."),
        ({"tool_choice": {"type": "any"}}, "tool_choice: tool_choice may only be specified while providing tools."),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "x"}},
            "tool_choice: Tool 'x' not found in provided tools",
        ),
        (
            {"tools": [WEATHER], "tool_choice": {"type": "any"}, "thinking": THINKING},
            "Thinking may not be enabled when tool_choice forces tool use.",
        ),
    ],
)
def test_a_wrong_parameter_is_named(client: Any, changed: dict[str, Any], message: str) -> None:
    assert client.refused(**changed) == message


@pytest.mark.parametrize(
    ("changed", "beginning"),
    [
        ({"thinking": THINKING, "max_tokens": 1024}, "`max_tokens` must be greater than `thinking.budget_tokens`."),
        ({"thinking": THINKING, "temperature": 0.5}, "`temperature` may only be set to 1 when thinking is enabled."),
        ({"thinking": THINKING, "top_k": 5}, "`top_k` must be unset when thinking is enabled."),
        ({"thinking": THINKING, "top_p": 0.5}, "`top_p` must be greater than or equal to 0.95 or unset"),
        ({"thinking": {"type": "deep"}}, "thinking: Input tag 'deep' found using 'type' does not match any of"),
        (
            {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
            "tools.0: Input tag 'web_search_20250305'",
        ),
    ],
)
def test_what_does_not_go_together_is_told(client: Any, changed: dict[str, Any], beginning: str) -> None:
    assert client.refused(**changed).startswith(beginning)


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([{"role": "tool", "content": "x"}], "messages.0.role: Input should be 'user', 'assistant' or 'system'"),
        ([{"role": "user"}], "messages.0.content: Field required"),
        ([{"role": "user", "content": "x", "name": "y"}], "messages.0.name: Extra inputs are not permitted"),
        (
            [{"role": "user", "content": ""}],
            "messages.0: all messages must have non-empty content except for the optional final assistant message",
        ),
        ([user(said(""))], "messages: text content blocks must be non-empty"),
        ([user(said(" "))], "messages: text content blocks must contain non-whitespace text"),
        ([user({"type": "text"})], "messages.0.content.0.text.text: Field required"),
        ([user({"text": "x"})], "messages.0.content.0.type: Field required"),
        ([user(use("a"))], "messages.0: `tool_use` blocks can only be in `assistant` messages"),
        (
            [user(said("x")), assistant({**use("a"), "input": "{}"})],
            "messages.1.content.0.tool_use.input: Input should be an object",
        ),
        (
            [user(said("x")), assistant(use("a b"))],
            "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
        ),
        (
            [user(said("x")), assistant(said("y"))],
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ),
        (
            [user(said("x")), assistant(use("a"), use("b")), user(result("a"))],
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each `tool_use` "
            "block must have a corresponding `tool_result` block in the next message.",
        ),
        (  # the results come first, what else there is to say after them
            [user(said("x")), assistant(use("a")), user(said("here"), result("a"))],
            "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: a. Each `tool_use` "
            "block must have a corresponding `tool_result` block in the next message.",
        ),
        (
            [user(result("a"))],
            "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a. Each `tool_result` block "
            "must have a corresponding `tool_use` block in the previous message.",
        ),
        (
            [user(said("x")), assistant(use("a")), user(result("a"), result("a"))],
            "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with "
            "id: a",
        ),
        (
            [user(said("x")), assistant(use("a")), user(result("a")), assistant(use("a")), user(result("a"))],
            "messages.3.content.0: `tool_use` ids must be unique",
        ),
        (
            [
                user(said("x")),
                assistant({"type": "thinking", "thinking": "x", "signature": "AAAA"}, said("y")),
                user(said("z")),
            ],
            "messages.1.content.0: Invalid `signature` in `thinking` block",
        ),
        (
            [user(said("x")), assistant(said("y"), {"type": "redacted_thinking", "data": ""}), user(said("z"))],
            "messages.1.content.0: If an assistant message contains any thinking blocks, the first block must be "
            "`thinking` or `redacted_thinking`. Found `text`.",
        ),
    ],
)
def test_a_wrong_conversation_is_told_where(client: Any, messages: Any, message: str) -> None:
    assert client.refused(messages=messages, tools=[WEATHER]) == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            {"type": "base64", "media_type": "image/bmp", "data": PNG},
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', "
            "'image/gif' or 'image/webp'",
        ),
        (
            {"type": "base64", "media_type": "image/jpeg", "data": PNG},
            "messages.0.content.0.image.source.base64: The image was specified using the image/jpeg media type, but "
            "the image appears to be a image/png image",
        ),
        ({"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}, "Could not process image"),
        (
            {"type": "base64", "media_type": "image/png", "data": "?"},
            "messages.0.content.0.image.source.base64.data: Invalid base64 data",
        ),
        (
            {"type": "base64", "media_type": "image/png", "data": PNG + "A" * (5 * 1024 * 1024)},
            f"messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: {len(PNG) + 5242880} bytes > "
            "5242880 bytes",
        ),
        (
            {"type": "url", "url": "http://example.com/a.png"},
            "messages.0.content.0.image.source.url: Only HTTPS URLs are supported.",
        ),
    ],
)
def test_a_wrong_picture_is_told(client: Any, source: Any, message: str) -> None:
    assert client.refused(model="plugsky-qwen-vl", messages=[user(image(**source))]) == message


def test_an_assistants_turn_with_calls_must_begin_with_its_thinking(client: Any) -> None:
    messages = [user(said("x")), assistant(use("a")), user(result("a"))]
    told = client.refused(messages=messages, tools=[WEATHER], thinking=THINKING)
    assert told.startswith(
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`."
    )
    for free in ({"thinking": {"type": "adaptive"}}, {"thinking": THINKING, "model": "plugsky-plus"}):
        assert client.ask(messages=messages, tools=[WEATHER], **free).status == 200


def test_another_models_thinking_is_refused_unless_a_router_chose_the_model(client: Any) -> None:
    content = client.ask(thinking=THINKING).json["content"]
    messages = [user(said("hello")), assistant(*content), user(said("thanks"))]
    assert client.ask(messages=messages, model="plugsky-pro").status == 200
    assert client.ask(messages=messages, model="auto").status == 200
    assert "Invalid `signature`" in client.refused(messages=messages, model="plugsky-max")


def test_turns_of_one_role_are_one_turn(client: Any) -> None:
    messages = [
        {"role": "user", "content": "x"},
        assistant(said("I ask twice."), use("a")),
        assistant(use("b")),
        user(result("a", [said("1"), image(type="base64", media_type="image/png", data=PNG)])),
        user(result("b", None) | {"content": [], "is_error": True}, said("thanks")),
    ]
    assert client.ask(messages=messages, tools=[WEATHER], model="plugsky-qwen-vl").status == 200


def test_documents_are_read_and_pdfs_want_a_model_that_sees(client: Any) -> None:
    plain = {
        "type": "document",
        "title": "Notes",
        "source": {"type": "text", "media_type": "text/plain", "data": "abc"},
    }
    parts = {
        "type": "document",
        "source": {"type": "content", "content": [said("abc")]},
        "citations": {"enabled": True},
    }
    assert client.ask(messages=[user(plain, parts, said("hello"))]).status == 200
    pdf = base64.b64encode(b"%PDF-1.7").decode()
    paged = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": pdf}}
    assert client.ask(messages=[user(paged, said("hello"))], model="plugsky-qwen-vl").status == 200
    assert client.ask(messages=[user(paged, said("hello"))], model="auto").json["model"] == "plugsky-vision-fast"
    assert "'plugsky-pro' takes no image and no PDF" in client.refused(messages=[user(paged, said("hello"))])


def test_cache_marks_are_taken_everywhere_and_counted(client: Any) -> None:
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    asked: dict[str, Any] = {
        "system": [{**said("Be brief."), **mark}],
        "tools": [{**WEATHER, **mark}],
        "messages": [user({**said("x"), **mark}), assistant({**use("a"), **mark}), user(result("a"))],
    }
    assert client.ask(**asked).status == 200
    asked["messages"][-1] = user({**result("a"), **mark})
    assert client.refused(**asked) == "A maximum of 4 blocks with cache_control may be provided. Found 5."
    wrong = {**said("x"), "cache_control": {"type": "ephemeral", "ttl": "2h"}}
    assert client.refused(messages=[user(wrong)]) == (
        "messages.0.content.0.text.cache_control.ephemeral.ttl: Input should be '5m' or '1h'"
    )


def test_too_long_a_prompt_is_told_with_both_numbers(client: Any) -> None:
    assert client.refused("x" * 300_000).startswith("prompt is too long: 75004 tokens > 65000 maximum")


def test_the_version_header_is_required(client: Any) -> None:
    assert client.ask().status == 200
    for version, message in ((None, "header is required"), ("latest", '"latest" is not a valid version')):
        client.headers.pop("anthropic-version", None)
        if version:
            client.headers["anthropic-version"] = version
        assert client.refused() == f"anthropic-version: {message}"


def test_an_embedding_model_makes_no_messages(client: Any) -> None:
    assert "POST /v1/embeddings" in client.refused(model="plugsky-embed")


def test_what_only_an_answer_has_is_no_field_of_a_count(client: Any) -> None:
    body = {"model": "plugsky-pro", "max_tokens": 9, "messages": [user(said("x"))]}
    refused = client.request("POST", "/messages/count_tokens", body)
    assert refused.status == 400 and refused.error["message"] == "max_tokens: Extra inputs are not permitted"


def test_a_thread_kept_by_the_server_is_refused_with_the_code_that_sdks_go_on_after(client: Any) -> None:
    error = client.ask(thread={"type": "create"}).error
    assert error["details"] == {"error_code": "thread_unsupported_request"} and "without `thread`" in error["message"]
