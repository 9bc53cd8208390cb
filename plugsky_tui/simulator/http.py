"""HTTP/1.1 over one connection, by h11: requests in, answers out, keep-alive, chunked streams.

Rules: RFC 9112. A request that cannot be parsed gets a 400 and the connection is closed; a body
over the limit gets a 413 before it has been read.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

from plugsky_tui.simulator.errors import ApiError, ConnectionCut, invalid

READ_SIZE = 65536
MAX_BODY = 64 * 1024 * 1024
RESET_AFTER_S = 0.05  # a reset throws away what has not been read yet: what was sent before is given this long
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LINGER_S = 1.0  # how long an unread body is still taken in, so that the answer is not lost to a reset


@dataclass(slots=True)
class HttpRequest:
    """`path` is decoded and without the query; of a query name given twice the last counts; header names are in
    lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    query: dict[str, str] = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: "req_" + os.urandom(12).hex())

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object. ApiError 400 where it is not."""
        try:
            parsed = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise invalid(
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
                "library correctly. The API expects a JSON payload, but what was sent was not valid JSON: "
                f"{error})"
            ) from None
        if not isinstance(parsed, dict):
            raise invalid("The body of your request must be a JSON object.")
        return parsed


def _date(now: float) -> str:
    """`now` (Unix seconds) as a Date header (RFC 9110, 5.6.7), whose words are English in every locale."""
    moment = time.gmtime(now)
    day, month = _DAYS[moment.tm_wday], _MONTHS[moment.tm_mon - 1]
    return time.strftime(f"{day}, %d {month} %Y %H:%M:%S GMT", moment)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""  # a number of no meaning, from a script or a fault


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


Ending = Literal["complete", "cut", "lost"]
"""How an answer went out: to its end; cut on purpose, or by the simulator's own end; or the client was lost."""


@dataclass(slots=True)
class HttpResponse:
    """`body` is whole, or an iterator over the pieces of a stream. Each of `ended` is called once, when no more of
    the answer will be sent."""

    status: int = 200
    body: bytes | AsyncIterator[bytes] = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    ended: list[Callable[[Ending], None]] = field(default_factory=list)


def json_response(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, to_json(body), headers=dict(headers or {}))


def to_json(value: Any) -> bytes:
    """Compact UTF-8; text that is no valid Unicode (a lone surrogate) is sent as escapes."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


Answerer = Callable[[HttpRequest], Awaitable[HttpResponse]]
Refuser = Callable[[HttpRequest, ApiError], HttpResponse]  # the answer for a request that could not be read


def _opened(head: h11.Request) -> HttpRequest:
    """The request that begins with `head`, still without its body. ApiError 400 for a target that is no URL."""
    try:
        target = urlsplit(head.target.decode("latin-1"))
    except ValueError as error:
        raise invalid(f"That is no valid URL: {error}") from None
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    return HttpRequest(head.method.decode("latin-1"), unquote(target.path), headers, query=query)


def _check_encoding(headers: Mapping[str, str]) -> None:
    """ApiError 415 for a body that was compressed (RFC 9110, 15.5.16): nothing here would unpack it."""
    encoding = headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise ApiError(
            415,
            f"The body of your request has the Content-Encoding '{encoding}'. Send it as it is, without one.",
            code="unsupported_content_encoding",
            headers={"accept-encoding": "identity"},
        )


class Connection:
    """Serves the requests of one connection, one after another, until either side is done."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Answerer,
        refuse: Refuser,
        *,
        max_body: int = MAX_BODY,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer
        self._refuse = refuse
        self._max_body = max_body
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except OSError:
            pass  # they hung up: mostly a ConnectionError, but not where a socket is gone that was to be shut down
        except ConnectionCut as cut:
            await self._cut(cut)
        finally:
            self._writer.close()

    async def _cut(self, cut: ConnectionCut) -> None:
        """End the connection in the way that a script or a fault wants."""
        match cut.how:
            case "stall":
                with suppress(ConnectionError):
                    while await self._reader.read(READ_SIZE):
                        pass  # until they have had enough of it
            case "reset":
                await asyncio.sleep(RESET_AFTER_S)
                line = self._writer.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._writer.transport.abort()
            case "close":
                pass

    async def _serve_one(self) -> bool:
        """One request and its answer. True where another may follow."""
        request = HttpRequest("", "", {})
        try:
            head = await self._next_event()
            if not isinstance(head, h11.Request):
                return False  # they closed the connection between two requests
            request = _opened(head)
            _check_encoding(request.headers)
            request.body = await self._read_body(request.headers)
            response = await self._answer(request)
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint or 400
            response = self._refuse(request, ApiError(status, f"That is no valid HTTP request: {error}"))
        except ApiError as error:
            response = self._refuse(request, error)
        unread = self._http.their_state is not h11.DONE
        await self._send(request, response, close=unread)
        if unread:
            await self._linger()
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if self._too_long(headers.get("content-length", "")):
            raise self._too_large()
        body = bytearray()
        while True:
            event = await self._next_event()
            if not isinstance(event, h11.Data):
                return bytes(body)
            body += event.data
            if len(body) > self._max_body:
                raise self._too_large()

    async def _next_event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
            self._http.receive_data(await self._reader.read(READ_SIZE))

    def _too_long(self, content_length: str) -> bool:
        return content_length.isdigit() and int(content_length) > self._max_body

    def _too_large(self) -> ApiError:
        return ApiError(
            413, f"Request body is too large: at most {self._max_body} bytes are taken.", code="request_too_large"
        )

    async def _send(self, request: HttpRequest, response: HttpResponse, *, close: bool) -> None:
        how: Ending = "lost"
        try:
            await self._send_all(request, response, close=close)
            how = "complete"
        except (ConnectionCut, asyncio.CancelledError):
            how = "cut"
            raise
        finally:
            for ended in response.ended:
                ended(how)

    async def _send_all(self, request: HttpRequest, response: HttpResponse, *, close: bool) -> None:
        headers = {
            "date": _date(time.time()),
            "content-type": response.content_type,
            "x-request-id": request.request_id,
            **response.headers,
        }
        if close:
            headers["connection"] = "close"
        if response.status == HTTPStatus.NO_CONTENT:
            del headers["content-type"]
        elif isinstance(response.body, bytes):
            headers["content-length"] = str(len(response.body))
        head = h11.Response(status_code=response.status, headers=list(headers.items()), reason=_reason(response.status))
        out = self._http.send(head) or b""
        if isinstance(response.body, bytes):
            if request.method != "HEAD":
                out += self._http.send(h11.Data(data=response.body)) or b""
            await self._write(out + (self._http.send(h11.EndOfMessage()) or b""))
            return
        await self._write(out)
        async for piece in response.body:
            await self._write(self._http.send(h11.Data(data=piece)))
        await self._write(self._http.send(h11.EndOfMessage()))

    async def _write(self, data: bytes | None) -> None:
        if data:
            self._writer.write(data)
            await self._writer.drain()

    async def _linger(self) -> None:
        """Take in what they are still sending (RFC 9112, 9.6): closing at once would reset the connection."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        try:
            async with asyncio.timeout(LINGER_S):
                while await self._reader.read(READ_SIZE):
                    pass
        except TimeoutError:
            pass
