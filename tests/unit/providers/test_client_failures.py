"""The provider over real sockets, against servers that break off, stall and refuse."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from contextlib import ExitStack
from statistics import mean
from typing import Any

import pytest
from scripted import CALL, HEAD, HELLO, OK, Hang, RawServer, Reset, ask, delta, event, fails, kinds, reply, says, text

from plugsky_tui.kernel.errors import ConfigError, ProviderError
from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Request, ToolDefinition
from plugsky_tui.providers import client as client_module
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.pacers import Pacers

TOOL = ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})


# --- broken off -----------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [[], [Reset()]])
async def test_a_stream_that_breaks_is_asked_for_again_under_the_same_key(
    server: RawServer, chat: Client, hurried: None, end: list[Any]
) -> None:
    server.play([HEAD, says("Hel", end=False), 0.05, *end], OK)
    items = await ask(chat)
    assert kinds(items) == [
        *("RequestStarted", "TextDelta", "Restarted", "Retry"),
        *("RequestStarted", "TextDelta", "TextDelta", "Finished"),
    ]
    first, second = server.seen
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


async def test_nothing_is_said_to_be_restarted_where_nothing_was_shown(
    server: RawServer, chat: Client, hurried: None
) -> None:
    server.play([HEAD, b": wait\n\n"], OK)
    assert kinds(await ask(chat))[:2] == ["RequestStarted", "Retry"]


async def test_once_a_tool_call_was_begun_a_break_is_final(server: RawServer, chat: Client) -> None:
    server.play([HEAD, event(delta(tool_calls=[CALL]))])
    error = await fails(chat)
    assert error.code == "stream_broken"
    assert "continue" in error.hint
    assert len(server.seen) == 1


async def test_a_stream_that_always_breaks_is_given_up(
    server: RawServer, endpoint: Endpoint, chat: Client, hurried: None
) -> None:
    endpoint.max_retries = 2
    server.play(*[[HEAD, says("Hel", end=False)] for _ in range(9)])
    error = await fails(chat)
    assert error.code == "stream_broken"
    assert "3 times" in error.message
    assert len(server.seen) == 3


async def test_nothing_is_said_to_be_kept_where_nothing_came(
    server: RawServer, endpoint: Endpoint, chat: Client
) -> None:
    endpoint.max_retries = 0
    for script in ([HEAD], [HEAD, b": hm\n\n", Reset()], [reply(200, {})]):
        server.play(script)
        assert "kept" not in (await fails(chat)).hint
    server.play([HEAD, says("Hel", end=False)])
    assert "kept" in (await fails(chat)).hint


async def test_an_error_in_the_stream_is_final_once_something_was_shown(server: RawServer, chat: Client) -> None:
    broken = event({"error": {"message": "overloaded", "code": 503}})
    server.play([HEAD, says("Hel", end=False), broken])
    assert "overloaded" in (await fails(chat)).message
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"code": 503}, 503),
        ({"code": "rate_limit_exceeded"}, 429),
        ({"type": "server_error", "code": None}, 500),
        ({"type": "rate_limit_error", "code": "slow"}, 429),
    ],
)
async def test_an_error_in_the_stream_before_anything_was_shown_is_like_a_status(
    server: RawServer, chat: Client, hurried: None, error: dict[str, Any], status: int
) -> None:
    server.play([HEAD, b": hm\n\n", event({"error": {"message": "later", **error}})], OK)
    items = await ask(chat)
    assert text(items) == "Hello"
    assert [item.status for item in items if isinstance(item, Retry)] == [status]


async def test_an_empty_account_is_final_in_a_stream_too(server: RawServer, chat: Client) -> None:
    server.play([HEAD, event({"error": {"message": "m", "type": "rate_limit_error", "code": "insufficient_quota"}})])
    assert (await fails(chat)).code == "insufficient_quota"
    assert len(server.seen) == 1


async def test_silence_ends_the_wait_and_comments_are_signs_of_life(
    server: RawServer, endpoint: Endpoint, chat: Client
) -> None:
    endpoint.idle_timeout_s = 0.3
    comments = [step for _ in range(6) for step in (b": PROCESSING\n\n", 0.1)]
    server.play([HEAD, *comments, says("hi")])
    assert text(await ask(chat)) == "hi"
    server.play([HEAD, says("hi", end=False), Hang()])
    started = time.monotonic()
    error = await fails(chat)
    assert error.code == "idle_timeout"
    assert 0.27 <= time.monotonic() - started <= 0.6
    assert len(server.seen) == 2


# --- refused, and sent again ------------------------------------------------------------------------


async def test_too_many_requests_are_sent_again_after_the_wait_asked_for(server: RawServer, chat: Client) -> None:
    server.play([reply(429, {"error": {"message": "slow down"}}, Retry_After="0.3")], OK)
    items = await ask(chat)
    assert kinds(items)[:3] == ["RequestStarted", "Retry", "RequestStarted"]
    retry = items[1]
    assert isinstance(retry, Retry)
    assert (retry.attempt, retry.wait_s, retry.status) == (1, 0.3, 429)
    assert "slow down" in retry.reason
    assert text(items) == "Hello"
    first, second = server.seen
    assert second.at - first.at >= 0.3
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_a_refusal_whose_body_never_ends_is_not_waited_for(
    server: RawServer, chat: Client, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ERROR_BODY_S", 0.1)
    server.play([reply(503, b"x" * 100)[:-50], Hang()], OK)
    started = time.monotonic()
    assert text(await ask(chat)) == "Hello"
    assert time.monotonic() - started < 5


async def test_retries_are_counted_and_the_last_error_is_told(server: RawServer, chat: Client, hurried: None) -> None:
    server.play(*[[reply(503, {"error": {"message": f"try {n}"}})] for n in range(9)])
    error = await fails(chat)
    assert error.status == 503
    assert "try 4" in error.message
    assert len(server.seen) == 5


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413, 422])
async def test_refusals_that_stay_refusals_are_not_sent_again(server: RawServer, chat: Client, status: int) -> None:
    server.play([reply(status, {"error": {"message": "no"}}, x_request_id="r9")])
    error = await fails(chat)
    assert (error.status, error.request_id) == (status, "r9")
    assert len(server.seen) == 1


async def test_an_empty_account_and_a_long_wait_are_final(server: RawServer, chat: Client) -> None:
    server.play([reply(429, {"error": {"code": "insufficient_quota", "message": "pay first"}})])
    error = await fails(chat)
    assert (error.code, len(server.seen)) == ("insufficient_quota", 1)
    server.play([reply(429, {}, Retry_After="600")])
    error = await fails(chat)
    assert (error.code, error.retry_after_s, len(server.seen)) == ("rate_limited", 600, 2)
    assert "600 seconds" in error.hint


async def test_a_conflict_is_tried_once_more_under_a_fresh_key(server: RawServer, chat: Client) -> None:
    server.play([reply(409, {})], OK)
    assert text(await ask(chat)) == "Hello"
    first, second = server.seen
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    server.play([reply(409, {})], [reply(409, {})])
    assert (await fails(chat)).status == 409


async def test_a_conflict_is_final_where_the_server_or_the_user_wants_no_further_try(
    server: RawServer, endpoint: Endpoint, chat: Client
) -> None:
    server.play([reply(409, {}, x_should_retry="false")])
    assert (await fails(chat)).status == 409
    endpoint.max_retries = 0
    server.play([reply(409, {})])
    assert (await fails(chat)).status == 409
    assert len(server.seen) == 2


async def test_a_connection_lost_before_the_headers_is_opened_again_under_the_same_key(
    server: RawServer, chat: Client, hurried: None
) -> None:
    server.play([Reset()], [], OK)
    items = await ask(chat)
    assert text(items) == "Hello"
    assert kinds(items)[:5] == [*("RequestStarted", "Retry") * 2, "RequestStarted"]
    assert [item.status for item in items if isinstance(item, Retry)] == [None, None]
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1


async def test_a_server_that_is_not_there_is_named(endpoint: Endpoint, hurried: None) -> None:
    endpoint.base_url, endpoint.max_retries = "http://127.0.0.1:1/v1", 1
    error = await fails(Client(endpoint))
    assert error.code == "connect"
    assert "127.0.0.1:1" in error.message


async def test_a_refused_parameter_is_dropped_for_that_model_and_said(server: RawServer, chat: Client) -> None:
    refusal = [reply(400, {"error": {"message": "Unrecognized request argument supplied: stream_options"}})]
    server.play(refusal, OK, OK, OK)
    items = await ask(chat)
    assert isinstance(items[1], Notice)
    assert "stream_options" in items[1].text
    assert text(items) == "Hello"
    await ask(chat)
    await ask(chat, Request("other", "", [UserMessage("hi")]))
    sent = ["stream_options" in seen.json for seen in server.seen]
    assert sent == [True, False, False, True]
    assert server.seen[0].headers["idempotency-key"] != server.seen[1].headers["idempotency-key"]


async def test_a_key_put_right_is_used_without_a_restart(server: RawServer) -> None:
    keys = iter(["wrong", "right"])
    current = [next(keys)]
    chat = Client(Endpoint(server.url, key=lambda: current[0]))
    server.play([reply(401, {})], OK)
    assert (await fails(chat)).code == "auth"
    current[0] = next(keys)
    await ask(chat)
    assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer wrong", "Bearer right"]
    await chat.aclose()


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
async def test_an_impossible_key_is_refused_here_and_not_repeated(server: RawServer, key: str) -> None:
    error = await fails(Client(Endpoint(server.url, key=lambda: key)))
    assert error.code == "auth"
    assert key not in f"{error.message} {error.hint}"
    assert server.seen == []


async def test_a_key_that_cannot_be_read_is_an_error_of_the_provider(server: RawServer) -> None:
    def broken() -> str:
        raise ConfigError("The key file is open to everyone.", hint="chmod 600")

    error = await fails(Client(Endpoint(server.url, key=broken)))
    assert (error.code, error.hint) == ("auth", "chmod 600")


async def test_fifty_turned_away_at_once_stay_within_their_tries_and_come_back_apart(
    server: RawServer, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugsky_tui.providers.retry.FIRST_WAIT_S", 0.2)
    endpoint.max_retries = 2
    server.play(*[[reply(429, {})] for _ in range(150)])
    pacers = Pacers()
    chats = [Client(endpoint, pacers=pacers) for _ in range(50)]
    waits: list[float] = []

    async def one(chat: Client) -> ProviderError:
        with pytest.raises(ProviderError) as caught:
            async for item in chat.stream(HELLO):
                if isinstance(item, Retry) and item.attempt == 1:
                    waits.append(item.wait_s)  # noqa: PERF401  # it ends with an error
        return caught.value

    errors = await asyncio.gather(*[one(chat) for chat in chats])
    assert {error.status for error in errors} == {429}
    assert len(server.seen) == 150
    assert max(Counter(seen.headers["idempotency-key"] for seen in server.seen).values()) == 3
    assert len(waits) == 50
    assert (max(waits) - min(waits)) / mean(waits) > 0.2
    for chat in chats:
        await chat.aclose()


# --- time-outs ----------------------------------------------------------------------------------------


async def test_a_server_that_takes_no_connection_is_given_up_after_the_connect_time_out() -> None:
    with socket.socket() as deaf, ExitStack() as others:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        for _ in range(3):  # the queue of who wants in is full
            other = others.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/v1"
        chat = Client(Endpoint(url, max_retries=0, connect_timeout_s=0.3))
        started = time.monotonic()
        error = await fails(chat)
        assert 0.27 <= time.monotonic() - started < 3
        assert error.code == "connect"


async def test_a_server_that_takes_nothing_of_a_request_is_given_up_after_the_write_time_out(
    endpoint: Endpoint,
) -> None:
    async def stare(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.transport.abort()

    gone = asyncio.Event()
    listening = await asyncio.start_server(stare, "127.0.0.1", 0, limit=1024)
    chat = Client(Endpoint(_url(listening), max_retries=0, write_timeout_s=0.3))
    started = time.monotonic()
    error = await fails(chat, Request("m", "", [UserMessage("x" * 30_000_000)]))
    assert 0.27 <= time.monotonic() - started < 5
    assert error.code == "write_timeout"
    gone.set()
    await chat.aclose()
    listening.close()


async def test_a_large_request_may_take_longer_than_that_as_long_as_it_moves() -> None:
    async def sip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        left = length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while left:
            left -= len(await reader.read(1 << 20))
            await asyncio.sleep(3.0 * (1 << 16) / length)
        writer.write(b"".join(OK))
        writer.close()

    listening = await asyncio.start_server(sip, "127.0.0.1", 0, limit=1 << 16)
    chat = Client(Endpoint(_url(listening), max_retries=0, write_timeout_s=0.4))
    assert text(await ask(chat, Request("m", "", [UserMessage("x" * 30_000_000)]))) == "Hello"
    await chat.aclose()
    listening.close()


async def test_a_server_that_says_nothing_at_all_is_given_up_after_the_idle_time_out(
    server: RawServer, endpoint: Endpoint, chat: Client
) -> None:
    endpoint.idle_timeout_s = 0.3
    server.play([Hang()])
    started = time.monotonic()
    assert (await fails(chat)).code == "idle_timeout"
    assert 0.27 <= time.monotonic() - started < 3
    assert len(server.seen) == 1


async def test_an_answer_as_a_whole_may_take_as_long_as_it_likes(
    server: RawServer, endpoint: Endpoint, chat: Client
) -> None:
    endpoint.idle_timeout_s = endpoint.connect_timeout_s = endpoint.write_timeout_s = 0.3
    server.play([HEAD, *[step for _ in range(12) for step in (says("x", end=False), 0.1)], says("!")])
    assert text(await ask(chat)) == "x" * 12 + "!"


def _url(listening: asyncio.Server) -> str:
    return f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
