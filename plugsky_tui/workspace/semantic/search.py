"""From a query's vector to places in files as they are now. Blocking: call it in a thread."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plugsky_tui.workspace.search.globs import matcher
from plugsky_tui.workspace.semantic import sources
from plugsky_tui.workspace.semantic.chunks import body_of, digest
from plugsky_tui.workspace.semantic.scoring import ranked
from plugsky_tui.workspace.semantic.store import Place, Store
from plugsky_tui.workspace.semantic.survey import changed_since
from plugsky_tui.workspace.symbols.source import Unreadable

_NAMED = 3  # files that a note names


@dataclass(slots=True)
class Hit:
    """Lines `first` to `last` of the file `path` and what they say now. `changed`: they said something else when the
    index was built, so the score is that of what stood there."""

    path: str
    first: int
    last: int
    score: float
    text: str
    changed: bool = False


@dataclass(slots=True)
class Hits:
    """The best first. `changed` files are no longer what they were when the index was built. `complete`: it was built
    to its end once."""

    hits: list[Hit]
    changed: list[str]
    files: int
    complete: bool


def search(
    store: Store,
    root: str,
    query: array[float],
    *,
    limit: int,
    within: Sequence[str] = (),
    may_read: Callable[[str], bool] = lambda path: True,
) -> Hits:
    """The `limit` places nearest to `query`, in files whose paths (relative to the real path `root`) match one of the
    globs `within`, if there are any, and that `may_read` lets through (by their absolute paths).

    ValueError for a glob that is none; Damaged and Unusable as the store has it.
    """
    tests = [matcher(pattern) for pattern in within]
    allowed: dict[str, bool] = {}
    places: dict[bytes, list[Place]] = {}
    for place in store.places():
        if place.path not in allowed:
            allowed[place.path] = (not tests or any(test(place.path) for test in tests)) and may_read(
                os.path.join(root, place.path)
            )
        if allowed[place.path]:
            places.setdefault(place.key, []).append(place)
    known = store.files()
    finder = _Finder(root)
    best = ranked(query, store.vectors(places)) if places else []
    hits = _merged((hit for score, key in best for hit in finder.hits(places[key], score)), limit)
    changed = [path for path in changed_since(root, known) if allowed.get(path, True)]
    return Hits(hits, changed, len(known), store.facts().built is not None)


def notes_of(found: Hits, show: Callable[[str], str]) -> list[str]:
    """What is to be known of the index; `show` makes a path fit to be seen."""
    notes: list[str] = []
    if not found.complete:
        notes.append("the index is not complete: plugsky index goes on where it stopped")
    if count := len(found.changed):
        names = ", ".join(show(path) for path in found.changed[:_NAMED])
        more = f" and {count - _NAMED:,} more" if count > _NAMED else ""
        what = "1 file has" if count == 1 else f"{count:,} files have"
        notes.append(
            f"{what} changed since the index was built ({names}{more}): plugsky index, which the user can run, "
            "brings it up to date"
        )
    return notes


def _merged(found: Iterator[Hit], limit: int) -> list[Hit]:
    """The first `limit` of them; one that overlaps with another becomes part of it."""
    hits: list[Hit] = []
    for hit in found:
        other = next(
            (each for each in hits if each.path == hit.path and each.first <= hit.last and hit.first <= each.last), None
        )
        if other is None:
            if len(hits) == limit:
                break
            hits.append(hit)
            continue
        lines = {at: line for each in (hit, other) for at, line in enumerate(each.text.split("\n"), each.first)}
        other.first, other.last = min(lines), max(lines)
        other.text = "\n".join(lines[at] for at in sorted(lines))
        other.changed = other.changed or hit.changed
    return hits


class _Finder:
    """Looks chunks up in the files as they are now; each file is read once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lines: dict[str, list[str] | None] = {}

    def hits(self, places: Sequence[Place], score: float) -> Iterator[Hit]:
        for place in places:
            lines = self._read(place.path)
            if lines is not None and (hit := _located(place, lines, score)) is not None:
                yield hit

    def _read(self, path: str) -> list[str] | None:
        if path not in self._lines:
            try:
                self._lines[path] = sources.read(os.path.join(self._root, path)).lines
            except Unreadable:
                self._lines[path] = None
        return self._lines[path]


def _located(place: Place, lines: Sequence[str], score: float) -> Hit | None:
    """Where the lines of a chunk are now: where they were, else the nearest place that says the same."""
    count = place.last - place.first + 1
    starts = range(1, len(lines) - count + 2)
    for first in sorted(starts, key=lambda start: abs(start - place.first)):
        text = body_of(lines, first, first + count - 1)
        if digest(text) == place.body:
            return Hit(place.path, first, first + count - 1, score, text)
    first, last = place.first, min(place.last, len(lines))
    text = body_of(lines, first, last)
    return Hit(place.path, first, last, score, text, changed=True) if text.strip() else None
