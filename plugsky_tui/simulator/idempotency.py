"""`Idempotency-Key`: the same request, sent again within 24 hours, is answered with what it was answered before.

Source: the documentation's "Retries & idempotency", and its 409 for a key with another body.
Only answers with status 200 are kept, and streams that ran to their end: whoever met an error or a
broken line tries again with the same key, and is served. A request that comes while the first is
still being answered waits for it. Where the client was lost in the middle of a stream, the rest of
the stream is made all the same, for the retry that will ask for it.

Memory: at most `MAX_ENTRIES` answers of at most `MAX_ANSWER` bytes, `MAX_BYTES` together; the oldest go first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from plugsky_tui.simulator.errors import ApiError, invalid
from plugsky_tui.simulator.http import Ending, HttpRequest, HttpResponse

LIFETIME_S = 24 * 3600.0
MAX_ENTRIES = 4096
MAX_BYTES = 64 * 1024 * 1024
MAX_ANSWER = 16 * 1024 * 1024  # a larger one is not kept: it would drive all others out
MAX_KEY = 255  # characters
REPLAYED = {"idempotent-replayed": "true"}


@dataclass(slots=True)
class _Entry:
    """One logical request. `answer` is None until it is known; `settled` is set then, or where there will be none."""

    fingerprint: int
    since: float
    answer: HttpResponse | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def size(self) -> int:
        return len(self.answer.body) if self.answer is not None and isinstance(self.answer.body, bytes) else 0


class Idempotency:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._entries: dict[tuple[str, str], _Entry] = {}  # by API key and idempotency key, the oldest first
        self._bytes = 0
        self._draining: set[asyncio.Task[None]] = set()

    async def around(
        self, owner: str, request: HttpRequest, work: Callable[[], Awaitable[HttpResponse]]
    ) -> HttpResponse:
        """What `work` answers, or what it answered before to the same request of the API key `owner`.

        ApiError 409 where the key belongs to a request with another path or body, 400 where it is no key.
        """
        name = request.headers.get("idempotency-key")
        if name is None or request.method != "POST":
            return await work()
        if not 0 < len(name) <= MAX_KEY:
            raise invalid(f"Invalid 'Idempotency-Key': 1 to {MAX_KEY} characters are taken.", "Idempotency-Key")
        place = (owner, name)
        fingerprint = hash((request.path, request.body))  # of this process alone, so Python's own will do
        while (entry := self._current(place)) is not None:
            if entry.fingerprint != fingerprint:
                raise ApiError(
                    409,
                    "This Idempotency-Key was used with another request. Use a fresh key for each logical request.",
                    param="Idempotency-Key",
                    code="idempotency_key_reused",
                )
            await entry.settled.wait()
            if entry.answer is not None:
                known = entry.answer
                return HttpResponse(known.status, known.body, known.content_type, known.headers | REPLAYED)
        entry = self._entries[place] = _Entry(fingerprint, self._now())
        try:
            response = await work()
        except BaseException:
            self._forget(place, entry)
            raise
        return self._kept(place, entry, response)

    async def close(self) -> None:
        """End what is still being made for clients that were lost."""
        for task in self._draining:
            task.cancel()
        await asyncio.gather(*self._draining, return_exceptions=True)

    def _kept(self, place: tuple[str, str], entry: _Entry, response: HttpResponse) -> HttpResponse:
        if response.status != 200:
            self._forget(place, entry)
            return response
        if isinstance(response.body, bytes):
            self._keep(place, entry, response, response.body)
            return response
        recorder = _Recorder(response.body)

        def ended(how: Ending) -> None:
            if how == "lost":
                task = asyncio.create_task(self._drain(place, entry, response, recorder))
                self._draining.add(task)
                task.add_done_callback(self._draining.discard)
            elif how == "complete" and recorder.at_end:
                self._keep(place, entry, response, bytes(recorder.recorded))
            else:
                self._forget(place, entry)

        return HttpResponse(
            response.status,
            recorder.passed_on(),
            response.content_type,
            dict(response.headers),
            [*response.ended, ended],
        )

    async def _drain(self, place: tuple[str, str], entry: _Entry, response: HttpResponse, recorder: _Recorder) -> None:
        try:
            async for _ in recorder.passed_on():
                pass
        except Exception:  # whatever ended it, there is nothing to keep
            self._forget(place, entry)
            return
        self._keep(place, entry, response, bytes(recorder.recorded))

    def _current(self, place: tuple[str, str]) -> _Entry | None:
        """The entry there is for `place`; one that is too old is forgotten."""
        entry = self._entries.get(place)
        if entry is not None and entry.answer is not None and self._now() - entry.since >= LIFETIME_S:
            self._forget(place, entry)
            return None
        return entry

    def _keep(self, place: tuple[str, str], entry: _Entry, response: HttpResponse, body: bytes) -> None:
        if len(body) > MAX_ANSWER:
            self._forget(place, entry)
            return
        entry.answer = HttpResponse(response.status, body, response.content_type, dict(response.headers))
        entry.settled.set()
        self._bytes += entry.size
        if self._over():
            self._make_room()

    def _over(self) -> bool:
        return self._bytes > MAX_BYTES or len(self._entries) > MAX_ENTRIES

    def _make_room(self) -> None:
        for place, entry in list(self._entries.items()):
            if not self._over():
                return
            if entry.answer is not None:  # one that is still being answered is waited for
                self._forget(place, entry)

    def _forget(self, place: tuple[str, str], entry: _Entry) -> None:
        if self._entries.get(place) is entry:
            del self._entries[place]
            self._bytes -= entry.size
        entry.settled.set()


class _Recorder:
    """Passes a stream on and remembers it. `recorded` stays within reason: an entry too large is dropped once kept."""

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source = source
        self.recorded = bytearray()
        self.at_end = False

    async def passed_on(self) -> AsyncIterator[bytes]:
        """What the source still has to give: asked for again, it goes on where it was left."""
        async for piece in self._source:
            self.recorded += piece
            yield piece
        self.at_end = True
