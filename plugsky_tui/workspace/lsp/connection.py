"""JSON-RPC 2.0 with a language server: requests and their answers, in both directions, and notifications."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.lsp.framing import Frames, frame

UNSENT_LIMIT = 64 * 1024 * 1024  # bytes that a server has not taken: it does not read any more
_READ = 256 * 1024

METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603


class ServerError(PlugskyError):
    """The server answered a request with an error; `number` is its code."""

    code = "language_server"

    def __init__(self, method: str, error: Any) -> None:
        detail = error if isinstance(error, dict) else {}
        self.number = detail.get("code")
        self.data = detail.get("data")
        super().__init__(f"it answered {method} with an error: {detail.get('message') or error}")


class ConnectionEnded(PlugskyError):
    """The server is gone, or does not read."""

    code = "language_server"


class UnknownMethod(Exception):
    """Raised by `answer` for a request that a client like us has no answer to."""


class Connection:
    """Speaks with one server.

    `answer(method, params)` gives the result for a request of the server (UnknownMethod: it is told so);
    `heard(method, params)` takes its notifications. Neither may wait.
    """

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        *,
        answer: Callable[[str, Any], Any],
        heard: Callable[[str, Any], None],
    ) -> None:
        self._writer = writer
        self._answer = answer
        self._heard = heard
        self._ids = count(1)
        self._waiting: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self._ended = False

    async def request(self, method: str, params: Any) -> Any:
        """The result. ServerError or ConnectionEnded. Cancelling (a time limit, say) tells the server to stop."""
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (method, future)
        try:
            self._send({"id": number, "method": method, "params": params})
            return await future
        except asyncio.CancelledError:
            if number in self._waiting and not self._ended:
                self.notify("$/cancelRequest", {"id": number})
            raise
        finally:
            self._waiting.pop(number, None)

    def notify(self, method: str, params: Any) -> None:
        """Nothing is heard back; a server that is gone shows with the next request."""
        try:
            self._send({"method": method, "params": params})
        except ConnectionEnded:
            return

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Take what the server says, until it says no more."""
        frames = Frames()
        try:
            while data := await reader.read(_READ):
                for message in frames.feed(data):
                    self._take(message)
        except OSError:
            pass
        finally:
            self.end()

    def end(self) -> None:
        """Nothing more is sent or awaited: requests under way fail."""
        self._ended = True
        for method, future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionEnded(f"it ended while {method} was waiting for an answer"))

    def _send(self, message: dict[str, Any]) -> None:
        if self._ended or self._writer.is_closing():
            raise ConnectionEnded("it has ended")
        if self._writer.transport.get_write_buffer_size() > UNSENT_LIMIT:
            raise ConnectionEnded("it does not read what it is sent")
        self._writer.write(frame({"jsonrpc": "2.0", **message}))

    def _take(self, message: dict[str, Any]) -> None:
        method, number = message.get("method"), message.get("id")
        if not isinstance(method, str):
            self._take_answer(number, message)
        elif "id" in message:
            self._reply(number, method, message.get("params"))
        else:
            with suppress(TypeError, ValueError, AttributeError, KeyError):  # parameters of no shape we know
                self._heard(method, message.get("params"))

    def _take_answer(self, number: Any, message: dict[str, Any]) -> None:
        waiting = self._waiting.get(number) if isinstance(number, int) else None
        if waiting is None or waiting[1].done():
            return  # an answer to what was cancelled, or to nothing we asked
        method, future = waiting
        if message.get("error") is not None:
            future.set_exception(ServerError(method, message["error"]))
        else:
            future.set_result(message.get("result"))

    def _reply(self, number: Any, method: str, params: Any) -> None:
        try:
            reply: dict[str, Any] = {"result": self._answer(method, params)}
        except UnknownMethod:
            reply = {"error": {"code": METHOD_NOT_FOUND, "message": f"{method} is not known here"}}
        except (TypeError, ValueError, AttributeError, KeyError) as error:  # parameters of no shape we know
            reply = {"error": {"code": INTERNAL_ERROR, "message": f"{type(error).__name__}: {error}"}}
        try:
            self._send({"id": number, **reply})
        except ConnectionEnded:
            return
