"""Answers from a tape, as long as the run makes the requests that were recorded.

Subagents ask side by side, and in another order each time. So a request may be any of those that are left on the tape,
the earliest that is the same; and none of them, where the run goes another way.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.providers.divergence import SHORTEST_FOLDER, Comparison, Difference
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.format import Transport
from plugsky_tui.providers.rewriting import Chunks, rewrite
from plugsky_tui.providers.tape import Exchange, Tape

_HINT = (
    "Everything else must be as it was when it was recorded: prompt, model, options, files. docs/replay.md has more."
)


class Diverged(ProviderError):
    """The run made another request than the recorded one."""

    code = "replay_diverged"


class Replayer:
    """Plays `tape` to a run in `folder` (absolute). No network is touched."""

    def __init__(self, tape: Tape, folder: str) -> None:
        self._tape = tape
        self._folder = folder
        self._comparison = Comparison(tape.header.folder, folder)
        self._left = list(enumerate(tape.exchanges, 1))
        self._diverged: Diverged | None = None

    @property
    def unused(self) -> int:
        """Exchanges of the tape that the run had no use for; none where it went another way, which was said."""
        return 0 if self._diverged else len(self._left)

    def connect(self, endpoint: Endpoint) -> Transport:
        return _TapeTransport(self, endpoint)

    def play(self, endpoint: Endpoint, method: str, path: str, body: object) -> Exchange:
        """The recorded exchange that this request begins. Diverged where it is another one."""
        if self._diverged is None:
            nearest: tuple[int, int, Difference] | None = None
            for place, (number, exchange) in enumerate(self._left):
                difference = self._difference(exchange, endpoint, method, path, body)
                if difference is None:
                    del self._left[place]
                    return exchange
                if nearest is None or self._comparison.alike > nearest[0]:
                    nearest = self._comparison.alike, number, difference
            self._diverged = self._other_way(nearest)
        raise self._diverged  # also where a subagent went it, and its caller asks on

    def _other_way(self, nearest: tuple[int, int, Difference] | None) -> Diverged:
        """`nearest`: how much, the number, and what differs, of the exchange that is most like the request."""
        total = len(self._tape.exchanges)
        if nearest is None:
            return Diverged(
                f"The tape is at its end, with {total} exchange{'s' * (total != 1)}: the run makes one more request.",
                hint=_HINT,
            )
        _, number, difference = nearest
        return Diverged(
            f"The replay goes another way at exchange {number} of {total}: {difference.path} "
            f"was {difference.recorded!r} and is {difference.now!r}.",
            hint=_HINT,
        )

    def _difference(
        self, exchange: Exchange, endpoint: Endpoint, method: str, path: str, body: object
    ) -> Difference | None:
        if (exchange.endpoint, exchange.method, exchange.path) != (endpoint.name, method, path):
            recorded = f"{exchange.method} {exchange.path}" + (f" of {exchange.endpoint}" if exchange.endpoint else "")
            now = f"{method} {path}" + (f" of {endpoint.name}" if endpoint.name else "")
            self._comparison.alike = -1
            return Difference("the request", recorded, now)
        return self._comparison.difference(exchange.body, body)

    def here(self, chunks: Chunks) -> Chunks:
        """`chunks` with the folder of this run where they name the recorded one: the model's paths then lead here."""
        recorded = self._tape.header.folder
        return rewrite(chunks, {recorded: self._folder}) if len(recorded) >= SHORTEST_FOLDER else chunks


class _TapeTransport:
    def __init__(self, replayer: Replayer, endpoint: Endpoint) -> None:
        self._replayer = replayer
        self._endpoint = endpoint

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> _TapeAnswer:
        await asyncio.sleep(0)  # as every transport does: whoever wants to stop the run has a moment for it
        path = url.removeprefix(self._endpoint.url(""))
        exchange = self._replayer.play(self._endpoint, method, path, json.loads(body) if body else None)
        if not exchange.status:
            raise _failed(exchange)
        return _TapeAnswer(exchange, self._replayer)

    async def aclose(self) -> None:
        pass


class _TapeAnswer:
    def __init__(self, exchange: Exchange, replayer: Replayer) -> None:
        self.status = exchange.status
        self.headers: Mapping[str, str] = exchange.headers
        self._exchange = exchange
        self._chunks = replayer.here(exchange.chunks)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        for _, chunk in self._chunks:
            yield chunk
        if self._exchange.failure is not None:
            raise _failed(self._exchange)

    async def read(self, limit: int, seconds: float | None = None) -> bytes:
        return b"".join(chunk for _, chunk in self._chunks)[:limit]

    async def aclose(self) -> None:
        pass


def _failed(exchange: Exchange) -> ProviderError:
    failure = exchange.failure
    assert failure is not None  # the tape was read so
    return ProviderError(failure.message, hint=failure.hint, code=failure.code, retryable=failure.retryable)
