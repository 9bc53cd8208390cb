"""The semantic index of a folder: built by `plugsky index` (`folder_index`), asked by the tool `semantic_search`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.config.credentials import find_key
from plugsky_tui.config.paths import cache_dir
from plugsky_tui.config.settings import Settings
from plugsky_tui.config.shape import IndexSettings
from plugsky_tui.kernel.errors import PlugskyError, ToolError
from plugsky_tui.kernel.redaction import redact
from plugsky_tui.session.endpoints import Endpoints
from plugsky_tui.tooling.semantic import Found, Passage

if TYPE_CHECKING:
    from plugsky_tui.providers.pacers import Pacers
    from plugsky_tui.workspace.semantic.search import Hits
    from plugsky_tui.workspace.semantic.store import Facts, Store

QUERY_LIMIT = 6000  # characters
_OFFLINE = "the embedded simulator"  # its vectors are its own, whatever port it listens at
_OTHERWISE = "Until then, grep and symbols find what has a name."

Open = Callable[[], AbstractAsyncContextManager[Endpoints]]


def store_of(root: str, address: str, model: str) -> Store:
    """Where the index of the folder at the real path `root` is kept: vectors of another model, or of another server's
    model of that name, would not go with these."""
    from plugsky_tui.workspace.semantic.store import Store

    return Store(str(index_folder() / f"{name_of(root)}-{name_of(f'{address} {model}')}.sqlite"))


def index_folder() -> Path:
    return cache_dir() / "semantic"


def name_of(text: str) -> str:
    from hashlib import blake2b  # not before an index is looked for

    return blake2b(os.fsencode(text), digest_size=10).hexdigest()


class SemanticSearch:
    """A `tooling.semantic.SemanticIndex` for the folder at the real path `root`.

    `open_endpoints` gives what asks the embedding model, for the time of a query. `may_read` is for absolute paths;
    `offline`: it is the embedded simulator that is asked.
    """

    def __init__(
        self, root: str, settings: Settings, open_endpoints: Open, may_read: Callable[[str], bool], *, offline: bool
    ) -> None:
        self._root = root
        self._settings = settings
        self._model = embedding_model(settings, offline=offline)
        self._open = open_endpoints
        self._may_read = may_read
        self._offline = offline

    @cached_property
    def _store(self) -> Store:
        address = address_of(self._settings, self._model, offline=self._offline)
        return store_of(self._root, address, self._model)

    @property
    def built(self) -> bool:
        return index_folder().is_dir() and self._store.exists

    async def search(self, query: str, limit: int, within: Sequence[str] = ()) -> Found:
        """See `tooling.semantic.SemanticIndex`; `within` are globs of paths in the folder."""
        from plugsky_tui.tooling.needs import visible
        from plugsky_tui.workspace.semantic.search import notes_of
        from plugsky_tui.workspace.semantic.store import Damaged

        if not self.built:
            raise ToolError(
                f"There is no semantic index of this folder for the embedding model in use ({self._model}).",
                hint=f"The user can build one: plugsky index. {_OTHERWISE}",
            )
        try:
            facts = await asyncio.to_thread(self._store.facts)
            if not facts.vectors:
                raise ToolError(
                    "The semantic index is empty.", hint=f"The user can fill it: plugsky index. {_OTHERWISE}"
                )
            hits = await self._search(query, facts, limit, within)
        except Damaged as error:
            raise ToolError(
                f"The semantic index is damaged: {error}.",
                hint=f"The user can build it anew: plugsky index. {_OTHERWISE}",
            ) from None
        except ToolError:
            raise
        except ValueError as error:
            raise ToolError(
                f"The path is no pattern: {error}.", hint="Give a folder, or a glob with fewer braces."
            ) from None
        except PlugskyError as error:
            raise ToolError(
                f"The query could not be asked for: {error.message}", hint=f"{error.hint} {_OTHERWISE}".strip()
            ) from None
        passages = [
            Passage(hit.path, hit.first, hit.last, hit.score, hit.text, changed=hit.changed) for hit in hits.hits
        ]
        return Found(passages, notes_of(hits, visible))

    async def _search(self, query: str, facts: Facts, limit: int, within: Sequence[str]) -> Hits:
        from plugsky_tui.workspace.semantic.search import search

        async with self._open() as endpoints:
            model = endpoints.embeddings(self._model, dimensions=facts.dimensions)
            [vector] = await model.embed([redact(query[:QUERY_LIMIT], endpoints.keys())])
        return await asyncio.to_thread(
            search, self._store, self._root, vector, limit=limit, within=within, may_read=self._may_read
        )


def embedding_model(settings: Settings, *, offline: bool) -> str:
    """The model that is configured; `offline` one of the simulator's, where that would be another server's."""
    model = settings.index.model
    return IndexSettings().model if offline and model.partition("/")[0] in settings.providers else model


def address_of(settings: Settings, model: str, *, offline: bool) -> str:
    if offline and model.partition("/")[0] not in settings.providers:
        return _OFFLINE
    return Endpoints(settings, lambda: None).address(model)


@asynccontextmanager
async def endpoints_for(
    settings: Settings, folder: Path, *, offline: bool, pacers: Pacers | None = None
) -> AsyncGenerator[Endpoints, None]:
    """Endpoints for as long as they are needed, those of the embedded simulator where it is `offline`."""
    from plugsky_tui.session.offline import go_offline, offline_key

    stop: Callable[[], Awaitable[None]] | None = None
    if offline:
        settings, stop = await go_offline(settings, folder, watched=False)
    endpoints = Endpoints(settings, offline_key if offline else find_key, pacers=None if offline else pacers)
    try:
        yield endpoints
    finally:
        await endpoints.close()
        if stop is not None:
            await stop()
