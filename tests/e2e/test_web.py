"""`plugsky web`: the UI over a websocket, and who is let in."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator

import pytest
from aiohttp import ClientSession, CookieJar
from support.command import User, user_environment


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The address of the page, and its token."""
    user = User(tmp_path_factory.mktemp("web"), user_environment(tmp_path_factory.mktemp("home")))
    process = user.start("web", "--port", "0", "--offline")
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/\?token=(\S+)", line)
    assert found, line
    yield found[1], found[2]
    process.terminate()
    process.wait(10)


def browser() -> ClientSession:
    return ClientSession(cookie_jar=CookieJar(unsafe=True))  # cookies of an IP address


async def test_who_has_the_token_is_let_in_and_nobody_else(served):
    base, token = served
    async with browser() as stranger:
        for path in ("/", "/ws", "/static/js/textual.js", "/plugsky.js", "/?token=guess", f"/ws?token={token}"):
            assert (await stranger.get(base + path)).status == 401, path
        named = await stranger.get(f"{base}/?token={token}", headers={"Host": "evil.example"})
        assert named.status == 403
    async with browser() as user:
        page = await user.get(f"{base}/?token={token}")
        assert page.status == 200 and "token" not in str(page.url)
        text = await page.text()
        assert "plugsky" in text and "https://" not in text
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        cookie = page.history[0].headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        for path in ("/static/js/textual.js", "/static/css/xterm.css", "/plugsky.js", "/plugsky.css"):
            assert (await user.get(base + path)).status == 200, path
        assert (await user.get(base + "/ws", headers={"Origin": "https://evil.example"})).status == 403


async def test_a_prompt_is_typed_and_answered_over_the_websocket(served):
    base, token = served
    async with browser() as user:
        await user.get(f"{base}/?token={token}")
        async with user.ws_connect(f"{base.replace('http', 'ws')}/ws?width=100&height=30") as terminal:
            screen = ""

            async def until(wanted: str) -> None:
                nonlocal screen
                deadline = time.monotonic() + 20
                while wanted not in screen:
                    message = await asyncio.wait_for(terminal.receive(), deadline - time.monotonic())
                    screen += message.data.decode("utf-8", "replace") if isinstance(message.data, bytes) else ""

            await until("Ask plugsky")
            assert "]11;?" not in screen, "what a browser would answer is not understood there"
            await terminal.send_str(json.dumps(["stdin", "hello\r"]))
            await until("rule-based")


def test_a_port_in_use_is_an_error_that_names_another_way(served, user):
    port = served[0].rpartition(":")[2]
    ended = user.plugsky("web", "--port", port)
    assert ended.returncode == 2
    assert f"Port {port} is in use." in ended.stderr and "--port 0" in ended.stderr
