"""What a wire format has to say: how a request is written, and how its answer is put together.

The client (`client.py`) does the rest, alike for all: keys, retries, time-outs, parameters that a server
refuses. A further format is a further module, and a line in `formats.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.ports import Request, StreamItem

if TYPE_CHECKING:
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.errors import Refusal
    from plugsky_tui.providers.sse import ServerEvent


@dataclass(slots=True)
class Outgoing:
    """A request on its way out. `body` is JSON-ready; `sent` names what in it the server may refuse and the
    request can do without; `notices` tell what of the request this format cannot say (each is told once)."""

    path: str
    body: dict[str, Any]
    sent: set[str] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)


@dataclass(slots=True)
class Expected:
    """What an answer is read against: the model asked, the tools on offer, call ids already taken,
    `window`, which gives a model's context size in tokens, or None, and the `max_tokens` that were asked for."""

    model: str
    tools: Collection[str] = ()
    used_ids: Collection[str] = ()
    window: Callable[[str], int | None] = lambda model: None
    request_id: str = ""
    max_tokens: int | None = None


class Assembly(Protocol):
    """One answer being put together from the events of its stream."""

    done: bool  # the server said that it has said everything
    shown: bool  # something was handed out

    @property
    def call_begun(self) -> bool:
        """Something of a tool call was seen."""
        ...

    @property
    def complete(self) -> bool:
        """The stream may end here."""
        ...

    def feed(self, event: ServerEvent) -> list[StreamItem]:
        """What one event adds. ProviderError for an error in the stream, StreamBroken for what is damaged."""
        ...

    def feed_whole(self, body: dict[str, Any]) -> list[StreamItem]:
        """An answer that came in one piece."""
        ...

    def end(self) -> list[StreamItem]:
        """The last items, `Finished` as the very last. StreamBroken where the answer is not complete."""
        ...


class Format(Protocol):
    """One wire format. It keeps nothing between requests."""

    @property
    def models_path(self) -> str:
        """Where the endpoint lists its models, below base_url."""
        ...

    @property
    def droppable(self) -> Mapping[str, str]:
        """What a request can do without where a server refuses it, and what is then lost."""
        ...

    def headers(self, key: str) -> dict[str, str]:
        """Those that name the key and the format; `key` is "" where there is none."""
        ...

    def write(self, request: Request, *, without: Collection[str], made_by: Callable[[str], bool]) -> Outgoing:
        """`without` names what to leave out; `made_by` tells of a model's name whether it is the one asked now:
        only to that one is its reasoning returned."""
        ...

    def refused(self, refusal: Refusal, sent: Collection[str]) -> str | None:
        """The one of `sent` that is refused by name, if any."""
        ...

    def assembly(self, endpoint: Endpoint, expected: Expected) -> Assembly: ...


class Answer(Protocol):
    """A response whose headers have come. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> AsyncGenerator[bytes, None]: ...

    async def read(self, limit: int, seconds: float | None = None) -> bytes: ...

    async def aclose(self) -> None: ...


class Transport(Protocol):
    """What carries requests: HTTP, or a recording of it."""

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer: ...

    async def aclose(self) -> None: ...
