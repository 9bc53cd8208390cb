"""The client of one endpoint: a Provider, whatever wire format the endpoint speaks."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.errors import PlugskyError, ProviderError
from plugsky_tui.kernel.events import Notice, RequestStarted, Retry
from plugsky_tui.kernel.messages import AssistantMessage
from plugsky_tui.kernel.ports import Finished, Request, StreamItem
from plugsky_tui.kernel.record import record
from plugsky_tui.providers.attempts import Attempts, Refused, after_failure, final_error, wait_after
from plugsky_tui.providers.catalogue import ModelInfo, read_models
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import (
    MAX_ERROR_BYTES,
    Refusal,
    StreamBroken,
    host_of,
    read_complaint,
)
from plugsky_tui.providers.format import Answer, Expected, Format, Outgoing, Transport
from plugsky_tui.providers.formats import format_of
from plugsky_tui.providers.pacers import Pacers
from plugsky_tui.providers.retry import asked_wait
from plugsky_tui.providers.stream import read_stream

if TYPE_CHECKING:
    from plugsky_tui.providers.pacer import Pacer, Rate, Turn

MAX_FETCHED_BYTES = 8 << 20
LIST_S = 15.0  # for a list of models, with all its tries
ERROR_BODY_S = 3.0  # the status says most of it: no one waits for the words for long
_ROUTERS = frozenset({"auto", "plugsky-fusion"})  # names behind which another model answers each time


@record
class _Place:
    """Where a request stands among those of its account, and the key it is sent with."""

    key: str
    pacer: Pacer
    turn: Turn


class Client:
    """One endpoint, spoken to from one event loop. Connections are opened at the first request and kept.

    `connect` makes what carries the requests, when there is a first one. `pacers` are those of the process: all
    clients that send in the name of one account take turns by them.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        connect: Callable[[Endpoint], Transport] | None = None,
        pacers: Pacers | None = None,
    ) -> None:
        """ConfigError where nothing speaks the endpoint's kind."""
        self.endpoint = endpoint
        self._format: Format = format_of(endpoint)
        self._connect = connect or _over_http
        self._transport: Transport | None = None
        self._pacers = pacers or Pacers()
        self._pacer: Pacer | None = None  # that of the last request
        self._told: set[str] = set()  # notices that were given once
        self._refused: dict[str, set[str]] = {}  # model -> parameters its server has refused by name
        self._answers_as: dict[str, set[str]] = {}  # model asked for -> names it answered under
        self._windows: dict[str, int] = {}  # what the live list said

    async def stream(self, request: Request) -> AsyncGenerator[StreamItem, None]:
        """See `kernel.ports.Provider.stream`. Waiting for a retry ends at once when the task is cancelled."""
        attempts = Attempts()
        while True:
            try:
                async with aclosing(self._attempt(request, attempts)) as items:
                    async for item in items:
                        yield item
                return
            except (Refused, ProviderError) as error:
                steps = self._next(request, attempts, error)
            wait = 0.0
            for step in steps:
                yield step
                if isinstance(step, Retry):
                    wait = step.wait_s
            if wait:
                await asyncio.sleep(wait)

    async def models(self) -> list[ModelInfo]:
        """The server's own list, now. Raises ProviderError; sent again once where that makes sense.

        An answer to a prompt may take minutes to begin; a list that does keeps people from those of other servers.
        """
        limit = min(LIST_S, self.endpoint.idle_timeout_s)
        try:
            async with asyncio.timeout(limit):
                listed = read_models(await self.fetch("GET", self._format.models_path))
        except TimeoutError:
            raise ProviderError(
                f"{host_of(self.endpoint)} has not listed its models within {limit:g} seconds.",
                hint="Is it busy, or still starting? Try again later.",
                code="timeout",
            ) from None
        self._windows |= {info.id: info.context_window for info in listed if info.context_window}
        return listed

    async def fetch(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON at `path` below base_url. Raises ProviderError; sent again once where that makes sense."""
        failures, key = 0, Attempts().key if body is not None else ""
        while True:
            try:
                return await self._fetch(method, path, encode(body) if body is not None else None, key)
            except (Refused, ProviderError) as error:
                failures += 1
                wait = wait_after(error, failures, self.endpoint)
                if wait is None or failures > min(1, self.endpoint.max_retries):
                    raise final_error(error, self.endpoint) from None
            await asyncio.sleep(wait)

    async def ask(
        self,
        path: str,
        body: dict[str, Any],
        *,
        model: str,
        told: Callable[[Notice | Retry], None],
        limit: int = MAX_FETCHED_BYTES,
    ) -> Any:
        """The JSON answer, of at most `limit` bytes, to a POST of `body` to `path` below base_url.

        Paced and sent again as a prompt is, also where the answer was cut off; `told` hears of each wait before it
        begins. Raises ProviderError.
        """
        attempts, content = Attempts(), encode(body)
        while True:
            try:
                return await self._fetch(
                    "POST", path, content, attempts.key, since=attempts.since, told=told, limit=limit
                )
            except (Refused, ProviderError) as error:
                steps = after_failure(error, attempts, self.endpoint, model)
            for step in steps:
                if isinstance(step, Retry):
                    told(step)
                    await asyncio.sleep(step.wait_s)

    def rate(self) -> Rate | None:
        """The requests of the account in the last minute, against its limit; None before the first request."""
        return self._pacer.rate() if self._pacer is not None else None

    def takes(self, model: str, parameter: str) -> bool:
        """Whether a request to `model` may have `parameter`: the format knows it, and the server has not refused it."""
        return parameter in self._format.droppable and parameter not in self._refused.get(model, ())

    async def aclose(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    # --- one try ------------------------------------------------------------------------------

    async def _attempt(self, request: Request, attempts: Attempts) -> AsyncGenerator[StreamItem, None]:
        attempts.shown = attempts.call_begun = False
        outgoing = self._format.write(
            request,
            without=self._refused.get(request.model, ()),
            made_by=lambda name: name == request.model or name in self._answers_as.get(request.model, ()),
        )
        attempts.sent = outgoing.sent
        for notice in self._new_notices(outgoing):
            yield notice
        attempts.request_id = ""
        place = self._queue(attempts.since)
        answer: Answer | None = None
        try:
            if not place.turn.begun:
                from plugsky_tui.providers.waiting import until_granted  # for those who wait

                async with aclosing(until_granted(place.turn, place.pacer)) as notices:
                    async for notice in notices:
                        yield notice
            attempts.request_id = f"req_{os.urandom(12).hex()}"  # ours, where the server gives no name
            try:
                answer = await self._send(place, "POST", outgoing.path, encode(outgoing.body), attempts.key)
            except ProviderError as error:
                if error.retryable:  # it was on its way
                    yield RequestStarted(attempts.request_id, request.model, attempts.key)
                raise
            request_id = attempts.request_id = _name_of(answer) or attempts.request_id
            yield RequestStarted(request_id, request.model, attempts.key)
            if not 200 <= answer.status < 300:
                raise Refused(await self._refusal(answer))
            expected = Expected(
                request.model,
                tools=[tool.name for tool in request.tools],
                used_ids=_call_ids(request),
                window=self._window,
                max_tokens=request.parameters.max_tokens,
                request_id=request_id,
            )
            assembler = self._format.assembly(self.endpoint, expected)
            try:
                async with aclosing(read_stream(answer, assembler, self.endpoint)) as items:
                    async for item in items:
                        if isinstance(item, Finished):
                            self._remember_name(request.model, item.model)
                        yield item
            finally:
                attempts.shown, attempts.call_begun = assembler.shown, assembler.call_begun
        finally:
            try:
                if answer is not None:
                    await answer.aclose()
            finally:
                place.turn.leave()
                self._pacers.settle()

    def _queue(self, since: float) -> _Place:
        """A place in the queue of the account whose key is in use now. ProviderError where that can be none."""
        key, endpoint = self._key(), self.endpoint
        self._transport = self._transport or self._connect(endpoint)
        rpm = endpoint.rpm if endpoint.waits else 0
        pacer = self._pacers.of(host_of(endpoint), key, rpm=rpm, concurrency=endpoint.concurrency)
        self._pacer = pacer
        return _Place(key, pacer, pacer.queue(since))

    async def _send(
        self, place: _Place, method: str, path: str, body: bytes | None = None, idempotency_key: str = ""
    ) -> Answer:
        transport = self._transport = self._transport or self._connect(
            self.endpoint
        )  # it may have been closed meanwhile
        headers = self._headers(place.key)
        if body is not None:
            headers |= {
                "Content-Type": "application/json",
                "Accept": "text/event-stream, application/json",
                "Accept-Encoding": "identity",  # what is compressed comes in lumps
            }
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        place.turn.sent = True
        answer = await transport.send(method, self.endpoint.url(path), headers, body)
        if self.endpoint.waits:  # what a recording says of limits is long past
            from plugsky_tui.providers.rate_headers import read_rate  # with the first answer

            now = time.time()
            asked = asked_wait(answer.headers, now) if answer.status == 429 else None
            place.turn.answered(answer.status, read_rate(answer.headers, now), asked)
        return answer

    def _key(self) -> str:
        """The key now, "" where there is none."""
        try:
            key = (self.endpoint.key() or "").strip()
        except PlugskyError as error:
            raise ProviderError(error.message, hint=error.hint, code="auth") from error
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise ProviderError(
                "The API key holds characters no key has (blanks, line breaks or accents).",
                hint="Copy it again, and store it with: plugsky auth login",
                code="auth",
            )
        return key

    def _headers(self, key: str) -> dict[str, str]:
        headers = dict(self.endpoint.headers)
        headers |= self._format.headers(key)
        if self.endpoint.project:
            headers["X-Plugsky-Project"] = self.endpoint.project
        if self.endpoint.region:
            headers["X-Plugsky-Region"] = self.endpoint.region
        return headers

    async def _refusal(self, answer: Answer) -> Refusal:
        return Refusal(answer.status, answer.headers, read_complaint(await answer.read(MAX_ERROR_BYTES, ERROR_BODY_S)))

    async def _fetch(
        self,
        method: str,
        path: str,
        content: bytes | None,
        idempotency_key: str,
        *,
        since: float | None = None,
        told: Callable[[Notice], None] | None = None,
        limit: int = MAX_FETCHED_BYTES,
    ) -> Any:
        """One try. `since` is when the request was first made, `told` hears of waits for its turn."""
        place = self._queue(time.monotonic() if since is None else since)
        try:
            if told is not None and not place.turn.begun:
                from plugsky_tui.providers.waiting import until_granted  # for those who wait

                async with aclosing(until_granted(place.turn, place.pacer)) as notices:
                    async for notice in notices:
                        told(notice)
            await place.turn.granted()
            answer = await self._send(place, method, path, content, idempotency_key)
            try:
                if not 200 <= answer.status < 300:
                    raise Refused(await self._refusal(answer))
                body = await answer.read(MAX_FETCHED_BYTES) if told is None else await _whole(answer, limit)
            finally:
                await answer.aclose()
        finally:
            place.turn.leave()
            self._pacers.settle()
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            if (complaint := read_complaint(body)).html:
                raise Refused(Refusal(answer.status, answer.headers, complaint)) from None
            message = f"What {host_of(self.endpoint)} has at /{path.partition('?')[0]} is not JSON."
            kind = ProviderError if told is None else StreamBroken  # the latter is asked for again
            raise kind(message, hint="Check base_url: it usually ends in /v1.", code="bad_answer") from None

    # --- what comes after a failure -----------------------------------------------------------

    def _next(self, request: Request, attempts: Attempts, error: Refused | ProviderError) -> list[StreamItem]:
        """What to tell before the request is sent again. Raises the final error where it is not."""
        if isinstance(error, Refused):
            refusal = error.refusal
            if name := self._format.refused(refusal, attempts.sent):
                self._refused.setdefault(request.model, set()).add(name)
                attempts.fresh_key()  # the body is another one now
                text = f"The server refuses {name!r} for {request.model}: it is left out from now on, so {self._format.droppable[name]}."
                return [Notice("parameter_dropped", text)]
        return after_failure(error, attempts, self.endpoint, request.model)

    # --- memory -------------------------------------------------------------------------------

    def _window(self, model: str) -> int | None:
        return self.endpoint.window(model) or self._windows.get(model)  # what the user says comes first

    def _new_notices(self, outgoing: Outgoing) -> list[Notice]:
        """What was not told before: not everything can be said in every format, and once is enough to know."""
        new = [notice for notice in outgoing.notices if notice.text not in self._told]
        self._told |= {notice.text for notice in new}
        return new

    def _remember_name(self, asked: str, answered: str) -> None:
        if asked not in _ROUTERS:
            self._answers_as.setdefault(asked, set()).add(answered)


def encode(body: dict[str, Any]) -> bytes:
    """`body` as JSON in UTF-8; what UTF-8 cannot say (lone surrogates of a paste) becomes "?"."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


async def _whole(answer: Answer, limit: int) -> bytes:
    """The body to its end. ProviderError where the connection breaks, or where it is longer than `limit`."""
    body = bytearray()
    async with aclosing(answer.chunks()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > limit:
                raise ProviderError(
                    f"The answer is longer than {limit >> 20} MiB, which no answer to this request is.",
                    hint="Check base_url, and what answers there.",
                    code="bad_answer",
                )
    return bytes(body)


def _over_http(endpoint: Endpoint) -> Transport:
    """Brings the HTTP library in: 35 ms that nobody pays before a request is made."""
    from plugsky_tui.providers.http import HttpClient

    return HttpClient(endpoint)


def _name_of(answer: Answer) -> str:
    """The server's name for the request, where it gives one."""
    return (answer.headers.get("x-request-id") or answer.headers.get("request-id", ""))[:200]


def _call_ids(request: Request) -> set[str]:
    return {
        call.call_id for message in request.messages if isinstance(message, AssistantMessage) for call in message.calls
    }
