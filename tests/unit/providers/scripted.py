"""A server that plays raw bytes over a real socket, and notes what it was asked."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import TextDelta
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Request, StreamItem
from plugsky_tui.providers.client import Client

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: req-7\r\nConnection: close\r\n\r\n"


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reset:
    """Close the connection with a TCP reset."""


class Hang:
    """Say nothing until the client goes away."""


@dataclass
class RawServer:
    """Each connection plays the next of `scripts`: bytes are sent, numbers are seconds of silence."""

    port: int = 0
    scripts: list[list[Any]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    left_at: list[float] = field(default_factory=list)  # when clients went away during a Hang

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def play(self, *scripts: list[Any]) -> None:
        self.scripts += scripts

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                self.seen.append(await self._request(reader))
                steps = self.scripts.pop(0) if self.scripts else [reply(500, {"error": "the script is over"})]
                for step in steps:
                    match step:
                        case bytes():
                            writer.write(step)
                            await writer.drain()
                        case int() | float():
                            await asyncio.sleep(step)
                        case Hang():
                            while await reader.read(1024):
                                pass
                            self.left_at.append(time.monotonic())
                        case Reset():
                            sock = writer.get_extra_info("socket")
                            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                            writer.transport.abort()
                            return
                if not any(isinstance(step, bytes) and b"keep-alive" in step for step in steps):
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left_at.append(time.monotonic())
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> Seen:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ", 2)
        return Seen(method, path, headers, body, time.monotonic())


def reply(status: int, body: Any, **headers: str) -> bytes:
    """A whole HTTP answer; `_` in header names stands for `-`."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(data)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def event(value: Any) -> bytes:
    return b"data: " + (value.encode() if isinstance(value, str) else json.dumps(value).encode()) + b"\n\n"


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk with one choice."""
    return {"model": "m-1", "choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def says(*texts: str, end: bool = True) -> bytes:
    """An SSE body that says `texts`."""
    body = b"".join(event(delta(content=text)) for text in texts)
    return body + event(delta("stop")) + event("[DONE]") if end else body


HELLO = Request("m", "Be kind.", [UserMessage("hi")])
OK = [HEAD, says("Hel", "lo")]
CALL = {"index": 0, "id": "a", "function": {"name": "read", "arguments": '{"p": 1}'}}


async def ask(chat: Client, request: Request = HELLO) -> list[StreamItem]:
    return [item async for item in chat.stream(request)]


async def fails(chat: Client, request: Request = HELLO) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await ask(chat, request)
    return caught.value


def text(items: list[StreamItem]) -> str:
    return "".join(item.text for item in items if isinstance(item, TextDelta))


def kinds(items: list[StreamItem]) -> list[str]:
    return [type(item).__name__ for item in items]
