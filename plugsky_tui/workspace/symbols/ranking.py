"""The order in which definitions are worth a reader's attention, whole repository or with a focus. Blocking."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from plugsky_tui.workspace.symbols.graph import Graph, base_interest, build_graph, is_foreign, key_of
from plugsky_tui.workspace.symbols.index import Index
from plugsky_tui.workspace.symbols.lookup import definitions_of
from plugsky_tui.workspace.symbols.tags import FileTags

FOCUS = 0.8  # of all interest goes to the focus, where there is one
MENTIONED = 10.0  # times the score of a definition that was named (as in aider's map)
_AT_ONCE = 64


@dataclass(slots=True)
class Focus:
    """`paths` (files or folders, relative to the index's root) and `names` the task is about."""

    paths: Collection[str] = ()
    names: Collection[str] = ()

    def __bool__(self) -> bool:
        return bool(self.paths or self.names)


@dataclass(slots=True)
class Ranking:
    """`best`: (path, place in its tags) of definitions, best first; `files`: all paths, best first."""

    best: list[tuple[str, int]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def rank(index: Index, focus: Focus, most: int) -> Ranking:
    """The `most` best definitions that other files refer to, and all files. The same content gives the same order."""
    graph = _graph(index)
    paths = list(index.keys)
    ranks: Sequence[float] = graph.ranks
    named = _named(index, focus.names)
    if focus and paths:
        chosen = _chosen(paths, focus, {path for path, _ in named})
        if chosen:
            ranks = graph.rank_files(_interest(paths, chosen))
    scores = graph.rank_definitions(ranks)
    for number, score in enumerate(scores):
        if named and (paths[graph.files[number]], graph.places[number]) in named:
            scores[number] = score * MENTIONED
    order = nsmallest(most, range(len(scores)), key=lambda d: (-scores[d], graph.files[d], graph.places[d]))
    best = [(paths[graph.files[d]], graph.places[d]) for d in order]
    by_rank = sorted(range(len(paths)), key=lambda number: (is_foreign(paths[number]), -ranks[number], number))
    return Ranking(best, [paths[number] for number in by_rank])


def with_tags(index: Index, best: Sequence[tuple[str, int]]) -> Iterator[tuple[str, FileTags, int]]:
    """`best` with the tags of their files, fetched as far as they are asked for."""
    fetched: dict[str, FileTags] = {}
    for start in range(0, len(best), _AT_ONCE):
        some = best[start : start + _AT_ONCE]
        fetched |= index.tags(list(dict.fromkeys(path for path, _ in some if path not in fetched)))
        for path, place in some:
            if path in fetched and place < len(fetched[path].definitions):
                yield path, fetched[path], place


def unreferenced(index: Index, files: Sequence[str]) -> Iterator[tuple[str, FileTags, int]]:
    """What stands at the top of each of `files`, in their order: for the room that the best leave."""
    for start in range(0, len(files), _AT_ONCE):
        some = files[start : start + _AT_ONCE]
        tags = index.tags(some)
        for path in some:
            found = tags.get(path)
            if found is None or found.generated or is_foreign(path):
                continue
            for place, definition in enumerate(found.definitions):
                if definition.parent < 0 and definition.kind not in ("variable", "constant", "impl"):
                    yield path, found, place


def _graph(index: Index) -> Graph:
    key = key_of(index.keys)
    stored = index.cache.graph(key)
    graph = Graph.from_bytes(stored) if stored is not None else None
    if graph is None or graph.count != len(index.keys):
        graph = build_graph(index.keys, index.bodies(list(index.keys.values())))
        index.cache.save_graph(key, graph.to_bytes())
    return graph


def _named(index: Index, names: Collection[str]) -> set[tuple[str, int]]:
    """The definitions of the `names` (perhaps qualified)."""
    found: set[tuple[str, int]] = set()
    for name in names:
        found |= {(path, place) for path, _, place in definitions_of(index, name)}
    return found


def _chosen(paths: Sequence[str], focus: Focus, defining: Collection[str]) -> set[int]:
    """The files in focus: those named, those in a folder named, those called as a name, those that define one."""
    exact = set(focus.paths)
    folders = tuple(path.rstrip("/") + "/" for path in focus.paths)
    names = set(focus.names)
    chosen: set[int] = set()
    for number, path in enumerate(paths):
        name = path.rpartition("/")[2]
        called = bool(names) and (name in names or os.path.splitext(name)[0] in names)
        if path in exact or path in defining or called or (folders and path.startswith(folders)):
            chosen.add(number)
    return chosen


def _interest(paths: Sequence[str], chosen: Collection[int]) -> list[float]:
    base = base_interest(paths)
    scale = (1 - FOCUS) / sum(base)
    share = FOCUS / len(chosen)
    return [each * scale + (share if number in chosen else 0.0) for number, each in enumerate(base)]
