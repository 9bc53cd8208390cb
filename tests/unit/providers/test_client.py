"""The provider over real sockets: answers in every shape."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

import pytest
from scripted import CALL, HEAD, OK, Hang, RawServer, ask, delta, event, fails, kinds, reply, says, text

from plugsky_tui import __version__
from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import RequestStarted, Usage
from plugsky_tui.kernel.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.ports import Finished, Request, ToolDefinition
from plugsky_tui.providers import stream as stream_module
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint

TOOL = ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})


# --- a plain answer -------------------------------------------------------------------------------


async def test_an_answer_starts_with_its_request_and_ends_with_finished(server: RawServer, chat: Client) -> None:
    server.play(OK)
    items = await ask(chat)
    assert kinds(items) == ["RequestStarted", "TextDelta", "TextDelta", "Finished"]
    started, finished = items[0], items[-1]
    assert isinstance(started, RequestStarted)
    assert (started.request_id, started.model) == ("req-7", "m")
    assert started.idempotency_key == server.seen[0].headers["idempotency-key"]
    assert finished == Finished("stop", "m-1")


async def test_the_request_carries_what_the_api_asks_for(server: RawServer, chat: Client) -> None:
    server.play(OK)
    await ask(chat, Request("m", "Be kind.", [UserMessage("hi")], [TOOL]))
    seen = server.seen[0]
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert seen.headers["authorization"] == "Bearer psk_live_1"
    assert seen.headers["x-plugsky-project"] == "prj_1"
    assert seen.headers["x-plugsky-region"] == "eu-west-1"
    assert seen.headers["user-agent"] == f"plugsky/{__version__}"
    assert seen.headers["content-type"] == "application/json"
    assert seen.json["model"] == "m"
    assert seen.json["stream"] is True
    assert seen.json["tools"][0]["function"]["name"] == "read"


async def test_without_a_key_none_is_sent(server: RawServer) -> None:
    server.play(OK)
    chat = Client(Endpoint(server.url))
    await ask(chat)
    assert "authorization" not in server.seen[0].headers
    await chat.aclose()


async def test_without_a_request_id_one_is_made(server: RawServer, chat: Client) -> None:
    server.play([HEAD.replace(b"x-request-id: req-7\r\n", b""), says("hi")])
    started = (await ask(chat))[0]
    assert isinstance(started, RequestStarted)
    assert len(started.request_id) > 8


async def test_two_requests_have_two_keys_and_share_a_connection(server: RawServer, chat: Client) -> None:
    head = HEAD.replace(b"Connection: close", b"Transfer-Encoding: chunked\r\nX-How: keep-alive")
    body = says("hi")
    answer = [head, b"%x\r\n%s\r\n" % (len(body), body), 0.02, b"0\r\n\r\n"]
    server.play(answer, answer)
    ports = set()
    for _ in range(2):
        await ask(chat)
        ports.add(id(chat._transport))
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 2
    assert len(server.seen) == 2
    assert server.left_at == []  # nobody has hung up


async def test_usage_counts_and_window_of_a_known_model(server: RawServer, chat: Client) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    server.play([HEAD, event({**delta(content="hi"), "model": "plugsky-pro"}), event(delta("stop")), event(usage)])
    items = await ask(chat)
    assert items[-2] == Usage(7, 3, 0, 10, 65_536)


async def test_calls_come_with_finished_and_ids_in_use_are_changed(server: RawServer, chat: Client) -> None:
    history = [
        UserMessage("hi"),
        AssistantMessage(calls=[ToolCall("a", "read", {"p": 1})]),
        ToolMessage("a", "read", "x"),
    ]
    server.play([HEAD, event(delta(tool_calls=[CALL])), event(delta("tool_calls")), event("[DONE]")])
    items = await ask(chat, Request("m", "", history, [TOOL]))
    assert kinds(items) == ["RequestStarted", "Notice", "Finished"]
    finished = items[-1]
    assert isinstance(finished, Finished)
    assert finished.calls[0].call_id != "a"
    assert finished.calls[0].arguments == {"p": 1}


async def test_reasoning_goes_back_to_the_model_under_the_name_it_answers_with(server: RawServer, chat: Client) -> None:
    server.play(OK, OK)
    await ask(chat)
    said = [UserMessage("hi"), AssistantMessage("Hello", "hm", model="m-1"), UserMessage("more")]
    await ask(chat, Request("m", "", said))
    assert server.seen[1].json["messages"][1]["reasoning_content"] == "hm"


# --- bodies of other shapes -----------------------------------------------------------------------


async def test_an_answer_cut_into_single_bytes_is_the_same(server: RawServer, chat: Client) -> None:
    body = event(delta(content="Grüße 😀")) + event(delta("stop")) + event("[DONE]")
    server.play([HEAD, *[step for at in range(len(body)) for step in (body[at : at + 1], 0)]])
    assert text(await ask(chat)) == "Grüße 😀"


@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf", b"\r\n \n"])
async def test_a_server_that_does_not_stream_is_heard_too(server: RawServer, chat: Client, lead: bytes) -> None:
    message = {"role": "assistant", "content": "Hello", "tool_calls": [{**CALL, "index": None}]}
    whole = {
        "model": "w",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"total_tokens": 9},
    }
    server.play([reply(200, lead + json.dumps(whole, indent=1).encode())])
    items = await ask(chat)
    assert text(items) == "Hello"
    assert items[-1] == Finished("stop", "w", [ToolCall("a", "read", {"p": 1}, '{"p": 1}')])


async def test_json_lines_are_refused_at_once_and_clearly(server: RawServer, chat: Client) -> None:
    line = json.dumps(delta(content="hi")).encode() + b"\n"
    server.play([HEAD, line, line, Hang()])
    error = await asyncio.wait_for(fails(chat), 2)
    assert error.code == "bad_stream"
    assert "JSON lines" in error.message


async def test_a_web_page_in_place_of_the_api_is_called_that(server: RawServer, chat: Client) -> None:
    server.play([reply(200, b"<!DOCTYPE html><html><title>Hotel Wi-Fi</title>")])
    error = await fails(chat)
    assert error.code == "captive_portal"
    assert "Hotel Wi-Fi" in error.message
    assert len(server.seen) == 1


@pytest.mark.parametrize("body", [b"[1, 2]", b'{"error": {"message": "boom"}}'])
async def test_other_json_is_an_error(server: RawServer, chat: Client, body: bytes) -> None:
    server.play([reply(200, body)])
    assert (await fails(chat)).code in ("bad_stream", "stream_error")
    assert len(server.seen) == 1


async def test_a_last_event_without_its_blank_line_counts_where_it_is_whole(server: RawServer, chat: Client) -> None:
    server.play([HEAD, says("hi", end=False) + event(delta("stop")).rstrip()])
    assert text(await ask(chat)) == "hi"
    server.play([HEAD, says("hi") + b'data: {"cut'])
    assert text(await ask(chat)) == "hi"


async def test_a_server_that_never_closes_does_not_hold_a_finished_answer(
    server: RawServer, chat: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "AFTER_FINISH_S", 0.2)
    usage = event({"choices": [], "usage": {"total_tokens": 9}})
    server.play([HEAD, says("hi", end=False), event(delta("stop")), 0.05, usage, Hang()])
    started = time.monotonic()
    items = await ask(chat)
    assert kinds(items)[-2:] == ["Usage", "Finished"]
    server.play([HEAD, says("hi"), Hang()])
    await ask(chat)
    assert time.monotonic() - started < 5


async def test_a_reset_after_the_end_is_no_harm(server: RawServer, chat: Client) -> None:
    server.play(
        [HEAD.replace(b"Connection: close", b"Content-Length: 9999"), says("hi", end=False) + event(delta("stop"))]
    )
    assert text(await ask(chat)) == "hi"


# --- the list of models -------------------------------------------------------------------------------


async def test_the_list_of_models_is_asked_for_with_the_key(server: RawServer, chat: Client) -> None:
    server.play([reply(200, {"data": [{"id": "m-1", "context_length": 4242}]})], OK)
    assert [model.id for model in await chat.models()] == ["m-1"]
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.headers["authorization"]) == ("GET", "/v1/models", "Bearer psk_live_1")
    assert "idempotency-key" not in seen.headers


async def test_a_window_the_list_gave_is_used_for_usage(server: RawServer, chat: Client) -> None:
    usage = {"choices": [], "usage": {"total_tokens": 1}}
    server.play(
        [reply(200, {"data": [{"id": "m-1", "context_length": 4242}]})],
        [HEAD, says("hi", end=False), event(delta("stop")), event(usage)],
    )
    await chat.models()
    assert [item.context_window for item in await ask(chat) if isinstance(item, Usage)] == [4242]


async def test_the_list_is_asked_for_again_once(server: RawServer, chat: Client, hurried: None) -> None:
    server.play([reply(503, {})], [reply(200, {"data": []})])
    assert await chat.models() == []
    server.play([reply(401, {})])
    with pytest.raises(ProviderError, match="key"):
        await chat.models()
    for body in (b"<html><title>x</title>", b"plain"):
        server.play([reply(200, body)])
        with pytest.raises(ProviderError):
            await chat.models()


# --- start-up -----------------------------------------------------------------------------------------


def test_importing_the_provider_loads_neither_http_nor_validation() -> None:
    code = (
        "import sys, plugsky_tui.providers.client, plugsky_tui.providers.chat_format, plugsky_tui.providers.catalogue\n"
        "print([name for name in ('httpx', 'pydantic', 'random', 'email.utils') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
