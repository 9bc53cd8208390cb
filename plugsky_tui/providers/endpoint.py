"""Where requests go: one OpenAI-compatible server, and how patient to be with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


def _no_key() -> str | None:
    return None


def _documented(model: str) -> int | None:
    from plugsky_tui.providers.catalogue import find

    info = find(model)
    return info.context_window if info else None


@dataclass(slots=True)
class Endpoint:
    """One API server.

    `name` is "" for Plugsky itself, else the NAME of `[providers.NAME]`. `base_url` ends before
    `/chat/completions`. `key` is asked at each request, so that a key put right after a refusal is
    used without a restart. `proxy` and `ca_bundle` (a PEM file) stand beside what the environment says.

    `gather_s` is for those who draw: a stream that trickles is read that much later, in lumps, which costs a
    third less than waking up for each chunk. `waits` False: what failed is sent again at once, for it is not a server
    that answers but a recording.

    `window` gives the context size of one of its models, in tokens, where it is known.

    `rpm` (requests a minute; 0: as many as one likes) and `concurrency` (at the same time) are limits that were
    set; without them the server's headers tell.

    Time-outs are seconds: `idle_timeout_s` is the longest silence while an answer is awaited or
    streams (any byte counts as a sign of life); there is no limit on the whole.
    """

    base_url: str
    name: str = ""
    kind: str = "openai-chat"
    key: Callable[[], str | None] = _no_key
    project: str | None = None
    region: str | None = None
    ca_bundle: str | None = None
    proxy: str | None = None
    max_retries: int = 4
    connect_timeout_s: float = 5.0
    write_timeout_s: float = 30.0
    idle_timeout_s: float = 300.0
    gather_s: float = 0.0
    waits: bool = True
    rpm: int | None = None
    concurrency: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    window: Callable[[str], int | None] = _documented

    def url(self, path: str) -> str:
        """`base_url` and `path` ("chat/completions") put together."""
        return f"{self.base_url.rstrip('/')}/{path}"
