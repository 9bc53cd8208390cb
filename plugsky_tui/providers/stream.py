"""Reads the body of an answer: server-sent events, or what some servers send instead."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.ports import StreamItem
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import KEPT, NOTHING_CAME, Refusal, StreamBroken, error_of, host_of, read_complaint
from plugsky_tui.providers.format import Answer, Assembly
from plugsky_tui.providers.sse import EventDecoder, EventTooLong

AFTER_FINISH_S = (
    5.0  # a server that has given its finish_reason may still send usage; one that never closes must not hold us
)
AFTER_DONE_S = 0.1  # reading to the very end keeps the connection for the next request
MAX_WHOLE_BYTES = 64 << 20
MAX_HEAD_BYTES = 1 << 16
_BLANK = b"\xef\xbb\xbf \t\r\n"


async def read_stream(answer: Answer, assembler: Assembly, endpoint: Endpoint) -> AsyncGenerator[StreamItem, None]:
    """The items of the answer, `Finished` last. Raises ProviderError; StreamBroken where the end is missing."""
    async with aclosing(answer.chunks()) as chunks:
        head = b""
        try:
            async for chunk in chunks:
                head += chunk
                if head.strip(_BLANK) or len(head) > MAX_HEAD_BYTES:
                    break
            match head.lstrip(_BLANK)[:1]:
                case b"{" | b"[":
                    body = await _whole(head, chunks, endpoint)
                    for item in _read_whole(body, assembler, endpoint):
                        yield item
                case b"<":
                    raise error_of(Refusal(answer.status, answer.headers, read_complaint(head)), endpoint)
                case _:
                    async with aclosing(_events(head, chunks, assembler)) as items:
                        async for item in items:
                            yield item
        except EventTooLong as error:
            raise ProviderError(f"{host_of(endpoint)} sent {error}: that is no answer.", code="bad_stream") from None
        except ProviderError as error:
            if error.code != "disconnected":
                raise
            if not assembler.complete:
                raise StreamBroken(
                    error.message,
                    hint=KEPT if assembler.shown else NOTHING_CAME,
                ) from error
    for item in assembler.end():
        yield item


async def _events(
    head: bytes, chunks: AsyncGenerator[bytes, None], assembler: Assembly
) -> AsyncGenerator[StreamItem, None]:
    decoder = EventDecoder()
    chunk = head
    while chunk:
        for event in decoder.feed(chunk):
            for item in assembler.feed(event):
                yield item
        if assembler.complete:
            break
        chunk = await anext(chunks, b"")
    while not assembler.done and (chunk := await _soon(chunks, AFTER_FINISH_S)):
        for event in decoder.feed(chunk):
            for item in assembler.feed(event):
                yield item
    if assembler.done:
        await _drain(chunks)
        return
    last = decoder.end()
    if last is None:
        return
    try:
        for item in assembler.feed(last):
            yield item
    except StreamBroken:
        pass  # the last event was cut in two: what counts is whether the answer was complete before it


async def _soon(chunks: AsyncGenerator[bytes, None], seconds: float) -> bytes:
    """The next chunk; nothing at the end, or where none comes in time."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(chunks, b"")
    except TimeoutError:
        return b""


async def _drain(chunks: AsyncGenerator[bytes, None]) -> None:
    try:
        async with asyncio.timeout(AFTER_DONE_S):
            async for _ in chunks:
                pass
    except (TimeoutError, ProviderError):
        pass


async def _whole(head: bytes, chunks: AsyncGenerator[bytes, None], endpoint: Endpoint) -> bytes:
    body = bytearray(head.lstrip(_BLANK))
    line_end = body.find(b"\n")
    one_object = False
    while True:
        if line_end > 0 and not one_object and body[line_end:].strip():
            _refuse_lines(bytes(body[:line_end]), endpoint)
            one_object = True
        chunk = await anext(chunks, b"")
        if not chunk:
            return bytes(body)
        if line_end < 0 and (at := chunk.find(b"\n")) >= 0:
            line_end = len(body) + at
        body += chunk
        if len(body) > MAX_WHOLE_BYTES:
            raise EventTooLong(f"an answer of more than {MAX_WHOLE_BYTES} bytes")


def _refuse_lines(first_line: bytes, endpoint: Endpoint) -> None:
    """One JSON object a line is another protocol: better said at the second line than after ten minutes."""
    try:
        json.loads(first_line)
    except (ValueError, RecursionError):
        return
    raise ProviderError(
        f"{host_of(endpoint)} streams bare JSON lines instead of server-sent events.",
        hint="This is not its OpenAI-compatible address: base_url usually ends in /v1.",
        code="bad_stream",
    )


def _read_whole(body: bytes, assembler: Assembly, endpoint: Endpoint) -> list[StreamItem]:
    text = body.decode("utf-8-sig", "replace").strip()
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise StreamBroken(
            f"The answer of {host_of(endpoint)} is damaged or cut off (it is not JSON).",
            hint="Try again; if it happens again, the server or a proxy garbles its answers.",
        ) from None
    if not isinstance(value, dict):
        raise ProviderError(
            f"{host_of(endpoint)} answered with JSON that is no chat completion.",
            hint="Check base_url: it usually ends in /v1.",
            code="bad_stream",
        )
    return assembler.feed_whole(value)
