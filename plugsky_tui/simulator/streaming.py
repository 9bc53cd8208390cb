"""Server-sent events on their way out: at a pace people can follow, or as fast as they are read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from plugsky_tui.simulator.errors import ConnectionCut
from plugsky_tui.simulator.http import HttpResponse

DONE = b"data: [DONE]\n\n"
BATCH_BYTES = 16384  # without a pace, events travel together up to here

_HEADERS = {"cache-control": "no-cache"}


@dataclass(slots=True)
class Delivery:
    """How an answer is delivered: seconds before it begins and between its chunks, and chunks until the line is cut."""

    pace_s: float = 0.0
    delay_s: float = 0.0
    cut_after: int | None = None


def event_stream(events: Iterable[bytes], delivery: Delivery) -> HttpResponse:
    """An answer of complete server-sent `events` (each with its blank line)."""
    return HttpResponse(200, _paced(events, delivery), "text/event-stream; charset=utf-8", dict(_HEADERS))


async def _paced(events: Iterable[bytes], delivery: Delivery) -> AsyncIterator[bytes]:
    batch = bytearray()
    for place, event in enumerate(events):
        if place == delivery.cut_after:
            yield bytes(batch)
            raise ConnectionCut
        batch += event
        if delivery.pace_s > 0:
            yield bytes(batch)
            batch.clear()
            await asyncio.sleep(delivery.pace_s)
        elif len(batch) >= BATCH_BYTES:
            yield bytes(batch)
            batch.clear()
            await asyncio.sleep(0)  # others have their turn
    if batch:
        yield bytes(batch)
    if delivery.cut_after is not None:
        raise ConnectionCut  # it was to be cut later than it was long
