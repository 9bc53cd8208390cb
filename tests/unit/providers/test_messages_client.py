"""The Messages API over the wire: what the client and the format do together."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from scripted import HEAD, RawServer, ask, fails, kinds, reply, text

from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.kernel.messages import AssistantMessage, Thought, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Finished, Request, ToolDefinition
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint

HELLO = Request("claude-x", "", [UserMessage("hi")])


@pytest.fixture
async def claude(server: RawServer) -> AsyncIterator[Client]:
    client = Client(Endpoint(server.url, name="claude", kind="anthropic-messages", key=lambda: "sk-ant-1"))
    yield client
    await client.aclose()


def stream(*events: dict[str, Any]) -> list[bytes]:
    return [HEAD, *(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)]


def says(*pieces: str, model: str = "claude-x-20260101") -> list[bytes]:
    return stream(
        {"type": "message_start", "message": {"model": model, "usage": {"input_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
            for piece in pieces
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
        {"type": "message_stop"},
    )


def error(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_9"}


async def test_a_request_has_the_headers_of_the_format(server: RawServer, claude: Client) -> None:
    server.play(says("Hel", "lo"))
    assert text(await ask(claude, HELLO)) == "Hello"
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/v1/messages")
    assert seen.headers["x-api-key"] == "sk-ant-1" and seen.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in seen.headers and seen.headers["idempotency-key"]


async def test_what_was_refused_is_left_out_for_that_model_from_then_on(server: RawServer, claude: Client) -> None:
    refusal = reply(400, error("invalid_request_error", "`temperature` is deprecated for this model."))
    server.play([refusal], says("a"), says("b"), says("c"))
    warm = Parameters(temperature=0.5)
    items = await ask(claude, Request("claude-x", "", [UserMessage("hi")], parameters=warm))
    assert [item.code for item in items if isinstance(item, Notice)] == ["parameter_dropped"]
    await ask(claude, Request("claude-x", "", [UserMessage("hi")], parameters=warm))
    await ask(claude, Request("claude-y", "", [UserMessage("hi")], parameters=warm))
    assert ["temperature" in seen.json for seen in server.seen] == [True, False, False, True]


async def test_a_seal_that_another_server_made_is_not_sent_twice(server: RawServer, claude: Client) -> None:
    server.play(
        [reply(400, error("invalid_request_error", "messages.1.content.0: Invalid `signature` in `thinking` block"))],
        says("a"),
    )
    history = [
        UserMessage("look"),
        AssistantMessage("", "…", [ToolCall("1", "read", {})], "claude-x", thoughts=[Thought("Hm.", "not yours")]),
        ToolMessage("1", "read", "found"),
    ]
    tools = [ToolDefinition("read", "", {"type": "object"})]
    items = await ask(claude, Request("claude-x", "", history, tools, Parameters(reasoning_effort="low")))
    assert text(items) == "a" and [item.code for item in items if isinstance(item, Notice)] == [
        "parameter_dropped",
        "thinking_off",
    ]
    assert ["thinking" in seen.json for seen in server.seen] == [True, False]


@pytest.mark.usefixtures("hurried")
async def test_an_overload_is_waited_for_also_inside_the_stream(server: RawServer, claude: Client) -> None:
    overload = error("overloaded_error", "Overloaded")
    begun = {"type": "message_start", "message": {"model": "claude-x"}}
    server.play([reply(529, overload)], stream(begun, overload), says("Here."))
    items = await ask(claude, HELLO)
    assert text(items) == "Here." and [item.status for item in items if isinstance(item, Retry)] == [529, 529]


async def test_an_overload_after_a_call_has_begun_is_final(server: RawServer, claude: Client) -> None:
    call = {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "1", "name": "read"}}
    server.play(stream({"type": "message_start", "message": {}}, call, error("overloaded_error", "Overloaded")))
    final = await fails(claude, HELLO)
    assert (final.status, final.request_id) == (529, "req_9") and len(server.seen) == 1


@pytest.mark.usefixtures("hurried")
async def test_a_stream_that_breaks_off_is_asked_for_again(server: RawServer, claude: Client) -> None:
    server.play(says("Hel", "lo")[:4], says("Hello"))
    items = await ask(claude, HELLO)
    assert kinds(items).count("Restarted") == 1 and isinstance(items[-1], Finished)


async def test_errors_name_the_model_and_the_request(server: RawServer, claude: Client) -> None:
    server.play([reply(404, error("not_found_error", "model: claude-x"))])
    final = await fails(claude, HELLO)
    assert (final.code, final.request_id) == ("model_not_found", "req_9") and "claude-x" in final.message


async def test_an_answer_in_one_piece_is_read(server: RawServer, claude: Client) -> None:
    server.play(
        [reply(200, {"type": "message", "content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn"})]
    )
    assert text(await ask(claude, HELLO)) == "Hello"


async def test_all_models_are_listed_with_what_they_can_do(server: RawServer, claude: Client) -> None:
    can = {"image_input": {"supported": True}, "citations": {"supported": False}}
    listed = [
        {"type": "model", "id": "claude-x", "display_name": "X", "max_input_tokens": 200000, "capabilities": can},
        {
            "type": "model",
            "id": "claude-y",
            "capabilities": {"image_input": {"supported": False}, "batch": {"supported": True}},
        },
    ]
    server.play([reply(200, {"data": listed, "has_more": False, "first_id": "claude-x", "last_id": "claude-y"})])
    x, y = await claude.models()
    assert (x.id, x.context_window, x.sees, y.sees) == ("claude-x", 200000, True, False)
    assert server.seen[0].path == "/v1/models?limit=1000" and server.seen[0].headers["x-api-key"] == "sk-ant-1"
