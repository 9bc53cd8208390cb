"""Clients that share an account take turns, over real sockets: they stay within the plan instead of meeting its 429."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest
from scripted import HEAD, HELLO, OK, Hang, RawServer, ask, fails, kinds, reply, says, text

from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Request, StreamItem
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.pacer import Rate
from plugsky_tui.providers.pacers import Pacers
from plugsky_tui.simulator.limits import Plan
from plugsky_tui.simulator.script import parse_script
from plugsky_tui.simulator.server import Simulator


def head(limit: int, remaining: int, reset_s: float) -> bytes:
    names = {"limit": limit, "remaining": remaining, "reset": f"{reset_s}s"}
    lines = "".join(f"x-ratelimit-{name}-requests: {value}\r\n" for name, value in names.items())
    return HEAD.replace(b"Connection", lines.encode() + b"Connection")


def notices(items: list[StreamItem]) -> list[Notice]:
    return [item for item in items if isinstance(item, Notice)]


async def heard(chat: Client, into: list[StreamItem], model: str = "m") -> None:
    async for item in chat.stream(Request(model, "", [UserMessage("hi")])):
        into.append(item)  # noqa: PERF401  # whoever looks in the meantime finds what came so far


async def until_paced(items: list[StreamItem]) -> Notice:
    async with asyncio.timeout(5):
        while not notices(items):
            await asyncio.sleep(0.01)
    return notices(items)[0]


@pytest.fixture
def pacers() -> Pacers:
    return Pacers()


@pytest.fixture
async def two(server: RawServer, pacers: Pacers) -> AsyncIterator[tuple[Client, Client]]:
    """Two clients in the name of one account, as a session and its subagent."""
    clients = [Client(Endpoint(server.url, key=lambda: "psk_live_1"), pacers=pacers) for _ in range(2)]
    yield clients[0], clients[1]
    for client in clients:
        await client.aclose()


async def test_who_has_to_wait_is_told_why_and_how_long(server: RawServer, two: tuple[Client, Client]) -> None:
    server.play([head(60, 0, 0.4), says("hi")], OK)
    first, second = two
    assert notices(await ask(first)) == []
    started = time.monotonic()
    items = await ask(second)
    assert time.monotonic() - started >= 0.3
    assert kinds(items)[:2] == ["Notice", "RequestStarted"]
    (notice,) = notices(items)
    assert notice.code == "paced"
    assert notice.text == "60 requests a minute is the plan's limit: waiting 1 s"
    assert 0.2 <= notice.wait_s <= 0.4
    assert text(items) == "Hello"


async def test_a_wait_that_nobody_notices_is_not_told(server: RawServer, two: tuple[Client, Client]) -> None:
    server.play([head(60, 0, 0.05), says("hi")], OK)
    await ask(two[0])
    assert notices(await ask(two[1])) == []


async def test_waiting_for_a_turn_ends_at_once_when_it_is_cancelled(
    server: RawServer, two: tuple[Client, Client]
) -> None:
    server.play([head(60, 0, 60), says("hi")])
    await ask(two[0])
    items: list[StreamItem] = []
    task = asyncio.create_task(heard(two[1], items))
    await until_paced(items)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 2  # of 60
    assert len(server.seen) == 1


async def test_the_list_of_models_waits_its_turn_too(server: RawServer, two: tuple[Client, Client]) -> None:
    server.play([head(60, 0, 0.2), says("hi")], [reply(200, {"data": []})])
    await ask(two[0])
    await two[1].models()
    assert server.seen[1].at - server.seen[0].at >= 0.19


async def test_after_a_429_the_others_wait_with_the_one_that_met_it(
    server: RawServer, two: tuple[Client, Client]
) -> None:
    server.play([reply(429, {}, Retry_After="0.5")], OK, OK)
    items: list[StreamItem] = []
    task = asyncio.create_task(heard(two[0], items))
    async with asyncio.timeout(5):
        while not any(isinstance(item, Retry) for item in items):
            await asyncio.sleep(0.01)
    other = await ask(two[1])
    await task
    assert notices(other)[0].text.startswith("The server asks all requests of this key to wait: waiting ")
    assert all(seen.at - server.seen[0].at >= 0.45 for seen in server.seen[1:])


async def test_no_more_run_side_by_side_than_was_set(server: RawServer, pacers: Pacers) -> None:
    endpoint = Endpoint(server.url, key=lambda: "psk_live_1", concurrency=1)
    first, second = Client(endpoint, pacers=pacers), Client(endpoint, pacers=pacers)
    server.play([HEAD, says("hi", end=False), Hang()], OK)
    stream = first.stream(HELLO)
    assert kinds([await anext(stream), await anext(stream)]) == ["RequestStarted", "TextDelta"]
    items: list[StreamItem] = []
    task = asyncio.create_task(heard(second, items))
    notice = await until_paced(items)
    assert notice.text.startswith("1 request at the same time is the limit that was set (api.concurrency)")
    assert notice.wait_s == 0
    assert len(server.seen) == 1
    await stream.aclose()  # given up: the next one goes
    await task
    assert text(items) == "Hello"
    for client in (first, second):
        await client.aclose()


async def test_a_failed_request_gives_its_place_back(server: RawServer, hurried: None) -> None:
    endpoint = Endpoint(server.url, key=lambda: "psk_live_1", concurrency=1, max_retries=1)
    chat = Client(endpoint)
    server.play([reply(503, {})], OK, [reply(400, {})], OK)
    assert text(await ask(chat)) == "Hello"
    assert (await fails(chat)).status == 400
    assert text(await ask(chat)) == "Hello"
    await chat.aclose()


async def test_the_rate_is_known_from_the_first_request_on(server: RawServer, chat: Client) -> None:
    assert chat.rate() is None
    server.play([head(60, 51, 9), says("hi")])
    await ask(chat)
    assert chat.rate() == Rate(9, 60)


async def test_a_key_put_right_is_another_account(server: RawServer) -> None:
    keys = ["psk_live_old"]
    chat = Client(Endpoint(server.url, key=lambda: keys[0]))
    server.play([head(60, 0, 60), says("hi")], OK)
    await ask(chat)
    keys[0] = "psk_live_new"
    assert notices(await ask(chat)) == []
    await chat.aclose()


async def test_a_recording_is_not_waited_for(server: RawServer) -> None:
    chat = Client(Endpoint(server.url, waits=False))
    server.play([head(60, 0, 60), says("hi")], [reply(429, {}, Retry_After="60")], OK)
    await ask(chat)
    assert text(await ask(chat)) == "Hello"
    await chat.aclose()


@pytest.mark.parametrize(("rpm", "clients"), [(20, 12), (8, 12)])
async def test_work_side_by_side_meets_no_429(rpm: int, clients: int) -> None:
    """Twelve at once against a plan of five at a time, without a single retry: those for whom there is no room in
    this minute are still waiting when the others have their answers."""
    script = parse_script(json.dumps([{"text": "hi", "times": 20}]))
    simulator = Simulator(script, pace_s=0, plan=Plan("small", rpm, 5))
    pacers, url = Pacers(), await simulator.start()
    endpoint = Endpoint(url, key=lambda: "psk_live_12345678", concurrency=5, max_retries=0)
    chats = [Client(endpoint, pacers=pacers) for _ in range(clients)]
    heard_by: list[list[StreamItem]] = [[] for _ in chats]
    tasks = [
        asyncio.create_task(heard(chat, items, "plugsky-pro")) for chat, items in zip(chats, heard_by, strict=True)
    ]
    try:
        async with asyncio.timeout(10):
            while sum(text(items) == "hi" or bool(notices(items)) for items in heard_by) < clients:
                await asyncio.sleep(0.02)
        assert sum(text(items) == "hi" for items in heard_by) == min(rpm, clients)
        assert chats[0].rate() == Rate(min(rpm, clients), rpm)
        for items in heard_by:
            if waiting := notices(items):
                assert waiting[-1].text.startswith(f"{rpm} requests a minute is the plan's limit: waiting ")
                assert 50 < waiting[-1].wait_s <= 61
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for chat in chats:
            await chat.aclose()
        await simulator.stop()
