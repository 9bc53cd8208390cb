"""A simulator on a real socket for a test that is not itself asynchronous, and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from plugsky_tui.simulator.script import parse_script
from plugsky_tui.simulator.server import Simulator

KEY = "psk_live_0123456789"

# A tool and a setting in the shape of Anthropic's Messages API.
WEATHER = {
    "name": "get_weather",
    "description": "Today's weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
THINKING = {"type": "enabled", "budget_tokens": 1024}


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
    def events(self) -> list[tuple[str, Any]]:
        """The name and data of a stream's events."""
        found: list[tuple[str, Any]] = []
        for event in self.body.decode().removesuffix("\n\n").split("\n\n"):
            name, data = event.split("\n")
            assert name.startswith("event: ") and data.startswith("data: ")
            found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
        return found


@dataclass
class Client:
    """Asks the API at `url` (its /v1 included), with `headers` on every request."""

    url: str
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {KEY}"})

    @property
    def host(self) -> str:
        return self.url.removesuffix("/v1")

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`path` without its /v1; a header's underscores stand for hyphens."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        payload = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            connection.request(
                method, f"/v1{path}", payload, {"Content-Type": "application/json", **self.headers, **more}
            )
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()


@contextmanager
def simulated(script: Any = None, **options: Any) -> Iterator[str]:
    """The base URL of a simulator that plays `script` (a list of replies; None: its agent answers)."""
    options.setdefault("pace_s", 0.0)
    simulator = Simulator(parse_script(json.dumps(script)) if script is not None else None, **options)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
