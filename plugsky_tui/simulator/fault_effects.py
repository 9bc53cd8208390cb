"""What a fault does to an answer: before there is one, and to the one there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from http import HTTPStatus

from plugsky_tui.simulator.dialects import Dialect, error_body
from plugsky_tui.simulator.errors import ApiError, ConnectionCut
from plugsky_tui.simulator.faults import Fault, Kind
from plugsky_tui.simulator.http import HttpResponse, to_json
from plugsky_tui.simulator.limits import waiting_headers

HTML = (
    b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n"
)
APART_S = 0.005  # between two pieces that are to travel apart
_SAID = {
    400: "This request is wrong.",
    401: "Incorrect API key provided.",
    402: "The project's quota is used up.",
    403: "You have insufficient permissions for this operation.",
    404: "There is no such resource.",
    408: "The request took too long to arrive.",
    409: "This request conflicts with another.",
    429: "Rate limit reached for requests per minute.",
    500: "The server had an error while processing your request.",
    502: "An upstream service answered with an error.",
    503: "The upstream provider is down.",
    504: "An upstream service did not answer in time.",
    529: "The service is overloaded.",
}
_CODES = {401: "invalid_api_key", 402: "insufficient_quota", 429: "rate_limit_exceeded", 404: "not_found"}


async def before(faults: Sequence[Fault]) -> None:
    """What happens before the request is looked at: waiting; then ApiError or ConnectionCut, where there is to be no answer."""
    for fault in faults:
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.seconds or 0)
            case "status":
                raise _status(fault)
            case "cut" | "reset" | "stall" if fault.after is None:
                raise _end(fault.kind)
            case _:
                pass


def on(response: HttpResponse, faults: Sequence[Fault], dialect: Dialect, request_id: str) -> HttpResponse:
    """`response` with the faults that strike while it is sent. ConnectionCut where it is whole, and gets lost on the way."""
    for fault in faults:
        streamed = response.content_type.startswith("text/event-stream")
        match fault.kind:
            case "cut" | "reset" | "stall":
                if not streamed:
                    raise _end(fault.kind)
                response.body = _ended(_events(response.body), fault)
            case "slow" if streamed:
                response.body = _slow(_events(response.body), fault.seconds or 0)
            case "malformed" if fault.how == "html":
                response.body, response.content_type = HTML, "text/html"
            case "malformed" if streamed:
                response.body = _malformed(_events(response.body), fault, dialect, request_id)
            case "malformed" if isinstance(response.body, bytes):
                response.body = _malformed_whole(response.body, fault, dialect, request_id)
            case _:
                pass
    return response


def _status(fault: Fault) -> ApiError:
    waits = waiting_headers(1.0 if fault.seconds is None else fault.seconds)
    try:
        usual = HTTPStatus(fault.status).phrase
    except ValueError:
        usual = f"Status {fault.status}"
    return ApiError(
        fault.status,
        f"{_SAID.get(fault.status, usual)} (This fault was asked for.)",
        code=_CODES.get(fault.status),
        headers=waits if fault.status == 429 or fault.seconds is not None else {},
    )


def _end(kind: Kind) -> ConnectionCut:
    return ConnectionCut("reset" if kind == "reset" else "stall" if kind == "stall" else "close")


async def _events(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The single events of a stream, however its pieces were joined; each with its blank line."""
    rest = b""
    async for piece in _pieces(body):
        *whole, rest = (rest + piece).split(b"\n\n")
        for event in whole:
            yield event + b"\n\n"
    if rest:
        yield rest


async def _pieces(body: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
        return
    async for piece in body:
        yield piece


async def _ended(events: AsyncIterator[bytes], fault: Fault) -> AsyncIterator[bytes]:
    left = fault.after or 0
    if left:
        async for event in events:
            yield event
            left -= 1
            if not left:
                break
    raise _end(fault.kind)


async def _slow(events: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    async for event in events:
        await asyncio.sleep(seconds)
        yield event


def _malformed(events: AsyncIterator[bytes], fault: Fault, dialect: Dialect, request_id: str) -> AsyncIterator[bytes]:
    match fault.how:
        case "nodone":
            return _without_last(events)
        case "utf8":
            return _torn(events)
        case "error":
            return _broken_off(events, fault.after or 0, _error_event(dialect, request_id))
        case _:
            return _with_half(events, fault.after or 0)


async def _without_last(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held: bytes | None = None
    async for event in events:
        if held is not None:
            yield held
        held = event


async def _torn(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Every event in two pieces or more: characters of several bytes are torn apart, and come one after the other."""
    async for event in events:
        begin = 0
        inside = [place for place in range(1, len(event)) if event[place] & 0xC0 == 0x80]
        for place in inside or [len(event) // 2]:
            yield event[begin:place]
            await asyncio.sleep(APART_S)
            begin = place
        yield event[begin:]


async def _broken_off(events: AsyncIterator[bytes], after: int, last: bytes) -> AsyncIterator[bytes]:
    if after:
        async for event in events:
            yield event
            after -= 1
            if not after:
                break
    yield last


async def _with_half(events: AsyncIterator[bytes], after: int) -> AsyncIterator[bytes]:
    """The event after the first `after` ones loses its second half."""
    async for event in events:
        yield event if after else event[: len(event) // 2] + b"\n\n"
        after -= 1


def _error_event(dialect: Dialect, request_id: str) -> bytes:
    error = ApiError(500, "The server had an error while it was answering. (This fault was asked for.)")
    data = b"data: " + to_json(error_body(error, dialect, request_id)) + b"\n\n"
    return data if dialect == "openai" else b"event: error\n" + data


def _malformed_whole(body: bytes, fault: Fault, dialect: Dialect, request_id: str) -> bytes:
    match fault.how:
        case "json":
            return body[: len(body) // 2]
        case "error":
            return to_json(error_body(ApiError(500, "The server had an error."), dialect, request_id))
        case _:  # what only streams can have
            return body
