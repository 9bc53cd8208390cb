"""Brings the index of a folder up to date: only texts that were never seen are asked for, batch by batch."""

from __future__ import annotations

import asyncio
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from plugsky_tui.workspace.semantic.scoring import packed
from plugsky_tui.workspace.semantic.store import Damaged, IndexedFile, Store
from plugsky_tui.workspace.semantic.survey import Folder, Survey, look_around, texts_of

BATCH = 64  # texts a request: of what a batch costs, little is lost with one
BATCH_CHARACTERS = 128_000  # in one request, about 40,000 tokens


class Embedder(Protocol):
    """A model that makes vectors. `dimensions` is how many numbers they have, None where that is not known yet."""

    dimensions: int | None

    async def embed(self, texts: Sequence[str]) -> list[array[float]]:
        """Vectors of the length 1 (0 where there is no direction in a text), in order. PlugskyError where it fails."""
        ...


class Watcher(Protocol):
    """Who is told how far it is."""

    def say(self, text: str) -> None:
        """Something worth a line."""
        ...

    def waiting(self, text: str, seconds: float | None) -> None:
        """For so many seconds from now on nothing is asked (None: nobody knows for how many), and why."""
        ...

    def planned(self, plan: Plan) -> None:
        """Before the first request."""
        ...

    def advanced(self, chunks: int) -> None:
        """So many more have their vectors, on disk."""
        ...


@dataclass(slots=True)
class Plan:
    """`files` are in the index when it is done, `changed` of them are new or have changed, with `chunks`; `missing` of
    these have no vector yet, and come from `asked_files`: `characters` in about `requests` requests. `gone` files leave.
    `skipped`: path -> why. `beyond` are files above the limit."""

    files: int = 0
    changed: int = 0
    chunks: int = 0
    missing: int = 0
    asked_files: int = 0
    characters: int = 0
    requests: int = 0
    gone: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    beyond: int = 0


@dataclass(slots=True)
class Built:
    """What was done. `chunks` got vectors, `moved` files changed while this ran: the next run takes them."""

    plan: Plan
    chunks: int = 0
    moved: int = 0


async def build(folder: Folder, store: Store, embedder: Embedder, watcher: Watcher) -> Built:
    """Bring `store` up to date with `folder`.

    PlugskyError where the model or the disk fails; cancelled, or ended in any other way, it loses one batch at most.
    """
    try:
        return await _build(folder, store, embedder, watcher)
    except Damaged as error:
        watcher.say(f"The index is damaged ({error}): it is built anew.")
        await asyncio.to_thread(store.discard)
    try:
        return await _build(folder, store, embedder, watcher)
    except Damaged as error:
        from plugsky_tui.workspace.semantic.store import Unusable

        raise Unusable(
            f"The semantic index is damaged again, just after it was begun anew: {error} ({store.path}).",
            hint="Is the disk all right? PLUGSKY_CACHE_DIR moves the index elsewhere.",
        ) from None


async def _build(folder: Folder, store: Store, embedder: Embedder, watcher: Watcher) -> Built:
    known: set[bytes] = set()
    if store.exists:
        await asyncio.to_thread(store.check)
        known = await asyncio.to_thread(store.keys)
        embedder.dimensions = (await asyncio.to_thread(store.facts)).dimensions or embedder.dimensions
    survey = await look_around(folder, store, watcher.say)
    batches = _Batches(folder, survey.fresh, known)
    plan = await asyncio.to_thread(batches.plan, survey)
    watcher.planned(plan)
    built = Built(plan)
    if store.exists:  # else nothing is made before there is a vector to put in it
        await asyncio.to_thread(_begin, store, survey, batches.complete())
    while batch := await asyncio.to_thread(batches.next):
        vectors = await embedder.embed(list(batch.values()))
        kept = {key: packed(vector) for key, vector in zip(batch, vectors, strict=True)}
        known.update(kept)
        await asyncio.to_thread(store.save, kept, batches.complete(), embedder.dimensions)
        built.chunks += len(kept)
        watcher.advanced(len(kept))
    built.moved = batches.moved
    rest = batches.complete()
    if rest or store.exists:
        await asyncio.to_thread(store.save, {}, rest, None)
        await asyncio.to_thread(store.finish)
    return built


def _begin(store: Store, survey: Survey, complete: list[IndexedFile]) -> None:
    """What needs no request."""
    store.save({}, complete, None)
    store.restamp(survey.restamped)
    store.forget(survey.gone)


class _Batches:
    """The texts that are missing, file after file. `known` has the keys of all vectors, and grows meanwhile."""

    def __init__(self, folder: Folder, files: Sequence[IndexedFile], known: set[bytes]) -> None:
        self._folder = folder
        self._known = known
        self._waiting = deque(files)  # their rows are not written yet
        self._texts = self._missing(list(files))
        self.moved = 0

    def plan(self, survey: Survey) -> Plan:
        missing: dict[bytes, int] = {}
        asked = 0
        for file in survey.fresh:
            before = len(missing)
            for chunk in file.chunks:
                if chunk.key not in self._known:
                    missing[chunk.key] = chunk.length
            asked += len(missing) > before
        characters = sum(missing.values())
        return Plan(
            files=len(survey.same) + len(survey.fresh),
            changed=len(survey.fresh),
            chunks=sum(len(file.chunks) for file in survey.fresh),
            missing=len(missing),
            asked_files=asked,
            characters=characters,
            requests=max(-(-len(missing) // BATCH), -(-characters // BATCH_CHARACTERS)),
            gone=len(survey.gone),
            skipped=survey.skipped,
            beyond=survey.beyond,
        )

    def next(self) -> dict[bytes, str]:
        """Key -> text, of the next batch; nothing at the end."""
        batch: dict[bytes, str] = {}
        size = 0
        for key, text in self._texts:
            batch[key] = text
            size += len(text)
            if len(batch) >= BATCH or size >= BATCH_CHARACTERS:
                break
        return batch

    def complete(self) -> list[IndexedFile]:
        """Those files whose chunks all have vectors now, and that were not given out before."""
        done: list[IndexedFile] = []
        while self._waiting and all(chunk.key in self._known for chunk in self._waiting[0].chunks):
            done.append(self._waiting.popleft())
        return done

    def _missing(self, files: Sequence[IndexedFile]) -> Iterator[tuple[bytes, str]]:
        given: set[bytes] = set()
        for file in files:
            wanted = [chunk.key for chunk in file.chunks if chunk.key not in self._known and chunk.key not in given]
            if not wanted:
                continue
            texts = texts_of(self._folder, file)
            if texts is None:
                self.moved += 1
                self._waiting.remove(file)
                continue
            given.update(wanted)
            for key in dict.fromkeys(wanted):
                yield key, texts[key]
