"""Keeps one language server running: started when it is first needed, started again once when it ends by itself."""

from __future__ import annotations

import asyncio
from typing import Any

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.lsp.choosing import Server
from plugsky_tui.workspace.lsp.client import Client
from plugsky_tui.workspace.lsp.connection import ConnectionEnded
from plugsky_tui.workspace.lsp.diagnostics import Diagnostic

START_LIMIT_S = 120.0  # to answer `initialize`, whoever still waits for it
_STARTS = 2  # then it is not tried again, until somebody asks for it


class ServerFailed(PlugskyError):
    """The server cannot be used; the message says how it ended and what it said last."""

    code = "language_server"


class Keeper:
    def __init__(self, server: Server) -> None:
        self.server = server
        self.failed: ServerFailed | None = None
        self._client: Client | None = None
        self._starting: asyncio.Task[Client] | None = None
        self._ends = 0  # by itself, since somebody asked

    @property
    def client(self) -> Client | None:
        """The server that runs now, ready or not."""
        return self._client

    @property
    def ready(self) -> Client | None:
        """The server that can be told something now."""
        return self._client if self._client is not None and self._client.ready and self._client.alive else None

    def try_again(self) -> None:
        """Somebody asks: what failed may have been mended."""
        if self.failed is not None:
            self.failed, self._ends = None, 0

    async def diagnose(self, path: str, text: str, *, saved: bool = True) -> list[Diagnostic]:
        """See Client.diagnose. ServerFailed where it cannot be used, ServerError where it refuses this request."""
        while True:
            client = await self._running()
            try:
                return await client.diagnose(path, text, saved=saved)
            except ConnectionEnded as error:
                await self._ended(client, error)

    async def close(self) -> None:
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def _running(self) -> Client:
        while True:
            if self.failed is not None:
                raise self.failed
            if self._starting is None:
                self._client = Client(self.server.launch)
                self._starting = asyncio.create_task(self._start(self._client))
                self._starting.add_done_callback(_heard)
            starting, client = self._starting, self._client
            assert client is not None
            try:
                await asyncio.shield(starting)
            except ConnectionEnded as error:
                await self._ended(client, error)
                continue
            except PlugskyError as error:  # not started, or it refuses: another try would end alike
                await self._give_up(client, error.message)
                continue
            if client.alive:
                return client
            await self._ended(client, ConnectionEnded("it has ended"))

    async def _start(self, client: Client) -> Client:
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await client.start()
        except TimeoutError:
            raise ServerFailed(f"it has not answered `initialize` for {START_LIMIT_S:g} seconds") from None
        return client

    async def _ended(self, client: Client, error: ConnectionEnded) -> None:
        """The client is of no use any more; the next is started, unless this was the second time."""
        if client is not self._client:
            return  # another call has seen to it
        self._ends += 1
        if self._ends >= _STARTS:
            await self._give_up(client, f"{error.message}, for the second time")
            return
        self._client = self._starting = None
        await client.close()

    async def _give_up(self, client: Client, why: str) -> None:
        if client is not self._client:
            return
        self._client = self._starting = None
        await client.process.drained()
        how = client.process.how_it_ended
        words = client.process.last_words()
        self.failed = ServerFailed(
            f"{self.server.name} failed: {why}{f' ({how})' if how else ''}.",
            hint=f"The last it said:\n{words}" if words else "",
        )
        await client.close()


def _heard(task: asyncio.Task[Any]) -> None:
    """Whoever waited may have gone: the error is not lost, the next call gets it."""
    if not task.cancelled():
        task.exception()
