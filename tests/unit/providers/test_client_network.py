"""Where the key goes, what a proxy sees, and how fast a cancelled request is gone."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from scripted import CALL, HEAD, HELLO, OK, Hang, RawServer, ask, delta, event, fails, reply, says, text

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Retry, TextDelta
from plugsky_tui.kernel.ports import Restarted, StreamItem, ToolDefinition
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint

TOOL = ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})


# --- where the key goes -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_so_the_key_stays_here(server: RawServer, chat: Client, status: int) -> None:
    other = RawServer()
    listening = await asyncio.start_server(other.handle, "127.0.0.2", 0)
    place = f"http://127.0.0.2:{listening.sockets[0].getsockname()[1]}/v1/chat/completions"
    server.play([reply(status, b"", Location=place)], [reply(status, b"", Location=place)])
    error = await fails(chat)
    assert error.code == "redirected"
    assert place in error.message
    with pytest.raises(ProviderError, match="redirects"):
        await chat.models()
    assert other.seen == []
    listening.close()


@pytest.mark.parametrize(
    "url", ["ftp://a.test/v1", "nonsense", "http://", "https://api.test@evil.test/v1", "http://a\x00b/v1"]
)
async def test_an_address_that_is_none_or_misleads_is_refused(url: str) -> None:
    error = await fails(Client(Endpoint(url, key=lambda: "psk_live_1", max_retries=0)))
    assert error.code == "base_url"


async def test_a_proxy_carries_what_goes_out_but_nothing_for_this_machine(
    server: RawServer, chat: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"http://127.0.0.1:{server.port}"
    monkeypatch.setenv("HTTP_PROXY", proxy)
    server.play(OK, OK, OK)
    far = Client(Endpoint("http://far.test/v1"))
    assert text(await ask(far)) == "Hello"
    assert server.seen[0].path == "http://far.test/v1/chat/completions"
    await ask(chat)
    assert server.seen[1].path == "/v1/chat/completions"
    named = Client(Endpoint("http://127.0.0.1:1/v1", proxy=proxy))
    await ask(named)
    assert server.seen[2].path == "http://127.0.0.1:1/v1/chat/completions"
    for one in (far, named):
        await one.aclose()


async def test_a_proxy_that_wants_a_password_is_said_to(server: RawServer) -> None:
    proxy = f"http://127.0.0.1:{server.port}"
    server.play([reply(407, b"")], [reply(407, b"")])
    for url in ("http://far.test/v1", "https://far.test/v1"):
        error = await fails(Client(Endpoint(url, proxy=proxy)))
        assert (error.code, error.status) == ("proxy_auth", 407)
    assert len(server.seen) == 2


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x"])
async def test_a_proxy_that_cannot_be_used_is_an_error_with_a_hint(proxy: str) -> None:
    error = await fails(Client(Endpoint("http://far.test/v1", proxy=proxy)))
    assert error.hint
    assert error.code in ("proxy", "connect")


async def test_plain_http_where_https_is_expected_is_a_tls_error_and_not_retried() -> None:
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    error = await fails(Client(Endpoint(f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1")))
    assert error.code == "tls"
    assert "wrong version number" in error.message
    assert connections == 1
    listening.close()


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to make a certificate with")
async def test_a_certificate_nobody_vouches_for_is_refused_until_its_authority_is_given(tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -keyout key.pem -out cert.pem"
    subprocess.run(
        [*made.split(), "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = RawServer()
    server.play(OK)
    listening = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    error = await fails(Client(Endpoint(url, key=lambda: "psk_live_1")))
    assert error.code == "tls"
    assert "self-signed certificate" in error.message
    assert "ca_bundle" in error.hint
    assert server.seen == []
    trusting = Client(Endpoint(url, ca_bundle=str(tmp_path / "cert.pem")))
    assert text(await ask(trusting)) == "Hello"
    await trusting.aclose()
    listening.close()


async def test_a_ca_bundle_that_is_not_there_is_named(server: RawServer) -> None:
    chat = Client(Endpoint("https://127.0.0.1:1/v1", ca_bundle="/nowhere/ca.pem"))
    error = await fails(chat)
    assert error.code == "tls"
    assert "/nowhere/ca.pem" in error.message


# --- cancelled ----------------------------------------------------------------------------------------


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("body", [b"", says("hi", end=False), event(delta(tool_calls=[CALL]))])
async def test_cancelling_closes_the_connection_at_once(server: RawServer, chat: Client, body: bytes) -> None:
    server.play([HEAD + body, Hang()])
    task = asyncio.create_task(ask(chat))
    await until(lambda: server.seen)
    await asyncio.sleep(0.05)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: server.left_at)
    assert server.left_at[0] - started < 2


async def test_cancelling_before_the_headers_closes_the_connection(server: RawServer, chat: Client) -> None:
    server.play([Hang()])
    task = asyncio.create_task(ask(chat))
    await until(lambda: server.seen)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: server.left_at)
    assert server.left_at[0] - started < 2


async def test_closing_the_stream_closes_the_connection(server: RawServer, chat: Client) -> None:
    server.play([HEAD, says("hi", end=False), Hang()])
    started = 0.0
    async with aclosing(chat.stream(HELLO)) as items:
        async for item in items:
            if isinstance(item, TextDelta):
                started = time.monotonic()
                break
    await until(lambda: server.left_at)
    assert time.monotonic() - started < 2


async def test_a_wait_for_a_retry_can_be_cancelled(server: RawServer, chat: Client) -> None:
    server.play([reply(429, {}, Retry_After="60")])
    heard: list[StreamItem] = []

    async def listen() -> None:
        while True:
            heard.append(await anext(items))

    items = chat.stream(HELLO)
    task = asyncio.create_task(listen())
    while not (heard and isinstance(heard[-1], Retry)):
        await asyncio.sleep(0.01)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 2  # of 60
    assert not any(isinstance(item, Restarted) for item in heard)
