"""The simulator on a real socket, and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from plugsky_tui.simulator.script import parse_script
from plugsky_tui.simulator.server import Simulator

KEY = "psk_live_0123456789"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = self.json["error"]
        return error

    @property
    def events(self) -> list[Any]:
        """The data of a stream's events; [DONE] stays text."""
        datas = [line.removeprefix("data: ") for line in self.body.decode().split("\n") if line.startswith("data: ")]
        return [data if data == "[DONE]" else json.loads(data) for data in datas]

    @property
    def text(self) -> str:
        """What the first choice said, streamed or whole."""
        if self.body.startswith(b"data:"):
            choices = [event["choices"] for event in self.events if event != "[DONE]"]
            return "".join(choice[0]["delta"].get("content") or "" for choice in choices if choice)
        content: str | None = self.json["choices"][0]["message"]["content"]
        return content or ""


@dataclass
class Client:
    """Asks the API at `url`; `key` None sends no Authorization."""

    url: str
    key: str | None = KEY

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        try:
            payload = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            connection.request(method, path, payload, sent)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def chat(self, text: str = "hello", **more: Any) -> Answer:
        headers = more.pop("headers", None)
        body = {"model": "plugsky-pro", "messages": [{"role": "user", "content": text}], **more}
        return self.request("POST", "/v1/chat/completions", body, headers)


Started = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Started]:
    """Starts simulators, each on a loop in a thread of its own: `start(script=…)` is a client of one."""
    stops: list[Callable[[], None]] = []

    def make(script: Any = None, workspace: Path | None = None, **options: Any) -> Client:
        options.setdefault("pace_s", 0.0)
        simulator = Simulator(parse_script(json.dumps(script)) if script is not None else None, workspace, **options)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, daemon=True)
        thread.start()
        url = asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(10)

        def stop() -> None:
            asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()

        stops.append(stop)
        return Client(url)

    yield make
    for stop in stops:
        stop()


@pytest.fixture
def client(start: Started) -> Client:
    return start()
