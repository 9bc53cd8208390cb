"""Small real proxies and TLS servers on loopback, and authorities that sign for them."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import trustme

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """`handler` on a free port of 127.0.0.1."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
                await handler(reader, writer)
        finally:
            tasks.discard(task)
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def tls_for(authority: trustme.CA, *names: str, **validity: object) -> ssl.SSLContext:
    """A server's context with a certificate that `authority` signed for `names`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **validity).configure_cert(context)  # type: ignore[arg-type]
    return context


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


@dataclass
class Origin:
    """Answers every request with "ok" and keeps all that came."""

    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            self.heard.append(await head_of(reader))
            writer.write(ANSWER)
            await writer.drain()


@dataclass
class HttpProxy:
    """CONNECT tunnels, plain forwarding, a password where one is wanted. Every name leads to 127.0.0.1.

    `leads_to` is the port that tunnels end at. `refuses` is a status line to answer with instead.
    """

    leads_to: int = 0
    login: str = ""
    refuses: str = ""
    heard: list[bytes] = field(default_factory=list)
    carried: bytearray = field(default_factory=bytearray)  # what clients sent through tunnels

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await head_of(reader)
        self.heard.append(head)
        wanted = b"proxy-authorization: basic " + base64.b64encode(self.login.encode()).lower()
        if self.refuses or (self.login and wanted not in head.lower()):
            writer.write(f"HTTP/1.1 {self.refuses or '407 Login Please'}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        if not head.startswith(b"CONNECT "):
            writer.write(ANSWER)
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await writer.drain()
        await self.tunnel(reader, writer)

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.leads_to)
        await pipe_both(reader, writer, far_reader, far_writer, self.carried)


@dataclass
class ReSigningProxy(HttpProxy):
    """What a company calls TLS inspection: it opens every tunnel with a certificate of its own authority."""

    shown: ssl.SSLContext | None = None

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await writer.start_tls(self.shown)  # type: ignore[arg-type]
        while head := await head_of(reader):
            self.heard.append(head)
            writer.write(ANSWER)
            await writer.drain()


@dataclass
class SocksProxy:
    """SOCKS5 (RFC 1928), with a name and password (RFC 1929) where they are wanted."""

    leads_to: int = 0
    login: tuple[str, str] | None = None
    asked_for: list[bytes] = field(default_factory=list)
    carried: bytearray = field(default_factory=bytearray)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, methods = await reader.readexactly(2)
        await reader.readexactly(methods)
        writer.write(b"\x05\x02" if self.login else b"\x05\x00")
        if self.login:
            _, size = await reader.readexactly(2)
            name = await reader.readexactly(size)
            password = await reader.readexactly((await reader.readexactly(1))[0])
            right = (name.decode(), password.decode()) == self.login
            writer.write(b"\x01\x00" if right else b"\x01\x01")
            if not right:
                await writer.drain()
                return
        kind = (await reader.readexactly(4))[3]
        size = 4 if kind == 1 else (await reader.readexactly(1))[0]
        self.asked_for.append(await reader.readexactly(size))
        await reader.readexactly(2)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.leads_to)
        await pipe_both(reader, writer, far_reader, far_writer, self.carried)


async def pipe_both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    carried: bytearray,
) -> None:
    async def pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter, copy: bytearray | None) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if copy is not None:
                    copy += data
                sink.write(data)
                await sink.drain()
        sink.close()

    await asyncio.gather(pipe(reader, far_writer, carried), pipe(far_reader, writer, None))
