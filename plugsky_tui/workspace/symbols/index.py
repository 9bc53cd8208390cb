"""The tags of a folder's files, brought up to date: only what is new or has changed is parsed."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from plugsky_tui.workspace.symbols.cache import Row, Stamp, SymbolCache
from plugsky_tui.workspace.symbols.languages import Language, language_of
from plugsky_tui.workspace.symbols.source import Unreadable, read_source
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.worker import digest_of
from plugsky_tui.workspace.symbols.workers import Order, ask_workers

TIME_LIMIT_S = 60.0  # of one call: what is left then is parsed by the next
FILE_LIMIT = 25_000  # files in one map: their tags are held in memory at once
_SAVED_AT_ONCE = 200
_TOLD_EVERY_S = 1.0


@dataclass(slots=True)
class Index:
    """`keys`: path (relative to `root`) -> the key of its tags, in the order of paths. `skipped`: path -> why.

    `unparsed` files are for the next call, `beyond` those above FILE_LIMIT.
    """

    root: str
    cache: SymbolCache
    keys: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    unparsed: int = 0
    beyond: int = 0
    fresh: dict[str, str] = field(default_factory=dict)

    def notes(self, show: Callable[[str], str]) -> list[str]:
        """What is not in it, and why; `show` makes a path fit to be seen."""
        notes: list[str] = []
        if self.skipped:
            alike: dict[str, list[str]] = {}
            for path, reason in self.skipped.items():
                alike.setdefault(reason, []).append(show(path))
            told = [
                f"{names[0]} {reason}" + (f" ({len(names) - 1:,} more like it)" if len(names) > 1 else "")
                for reason, names in sorted(alike.items())
            ]
            notes.append(f"not parsed: {', '.join(told)}")
        if self.unparsed:
            notes.append(f"{self.unparsed:,} files are not parsed yet, for lack of time: call again to go on")
        if self.beyond:
            notes.append(f"{self.beyond:,} files further down are left out: give a folder as path")
        return notes

    def bodies(self, keys: Sequence[str]) -> dict[str, str]:
        """Key -> tags as JSON: of this call, or from the cache. Blocking."""
        found = {key: self.fresh[key] for key in keys if key in self.fresh}
        missing = [key for key in keys if key not in found]
        return {**found, **self.cache.tags(missing)} if missing else found

    def tags(self, paths: Sequence[str]) -> dict[str, FileTags]:
        """Path -> its tags, of those that have some. Blocking."""
        bodies = self.bodies([self.keys[path] for path in paths if path in self.keys])
        found: dict[str, FileTags] = {}
        for path in paths:
            body = bodies.get(self.keys.get(path, ""))
            if body is not None:
                found[path] = FileTags.from_json(body)
        return found


@dataclass(slots=True)
class _Stale:
    path: str
    language: Language
    stamp: Stamp


async def bring_up_to_date(
    cache: SymbolCache,
    root: str,
    paths: Sequence[str],
    environment: Mapping[str, str],
    *,
    whole: bool,
    told: Callable[[str], None] = lambda text: None,
    time_limit_s: float = TIME_LIMIT_S,
    file_limit: int = FILE_LIMIT,
) -> Index:
    """The index of those of `paths` (relative to the real path `root`) that are source code.

    `whole` says that these are all files of `root`. `told` is given lines about long work.
    """
    started = time.time_ns()
    index, stale, gone = await asyncio.to_thread(_look, cache, root, paths, file_limit)
    if whole and gone:
        await asyncio.to_thread(cache.forget, gone)
    if stale:
        stale = await asyncio.to_thread(_known_content, index, stale, started)
    if stale:
        await asyncio.to_thread(cache.clean)
        await _parse(index, stale, environment, started=started, told=told, time_limit_s=time_limit_s)
    # Workers answer in any order; what is made of it must not depend on that.
    index.keys = dict(sorted(index.keys.items()))
    index.skipped = dict(sorted(index.skipped.items()))
    return index


def _look(
    cache: SymbolCache, root: str, paths: Sequence[str], file_limit: int
) -> tuple[Index, list[_Stale], list[str]]:
    """What is known already, what is to be parsed, and what is gone."""
    index = Index(root, cache)
    rows = cache.rows()
    stale: list[_Stale] = []
    wanted = [(path, language) for path in paths if (language := language_of(path)) is not None]
    if len(wanted) > file_limit:  # the upper folders are what a map is about
        wanted.sort(key=lambda each: (each[0].count("/"), each[0]))
        index.beyond = len(wanted) - file_limit
        del wanted[file_limit:]
    for path, language in wanted:
        row = rows.pop(path, None)
        try:
            status = os.lstat(f"{root}/{path}")
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        stamp = Stamp.of(status)
        if row is None or row.stamp != stamp:
            stale.append(_Stale(path, language, stamp))
        elif row.problem:
            index.skipped[path] = row.problem
        else:
            index.keys[path] = row.key
    return index, stale, list(rows)


def _known_content(index: Index, stale: list[_Stale], started: int) -> list[_Stale]:
    """Those of `stale` whose content is not known either: after a change of branch, most of it is."""
    known = index.cache.all_keys()
    if not known:
        return stale
    rows: dict[str, Row] = {}
    left: list[_Stale] = []
    for each in stale:
        try:
            key = _key(digest_of(read_source(f"{index.root}/{each.path}")), each.language)
        except Unreadable:
            key = ""
        if key not in known:
            left.append(each)
            continue
        index.keys[each.path] = key
        if each.stamp.settled(started):
            rows[each.path] = Row(each.stamp, key)
    index.cache.save(rows, {})
    return left


async def _parse(
    index: Index,
    stale: list[_Stale],
    environment: Mapping[str, str],
    *,
    started: int,
    told: Callable[[str], None],
    time_limit_s: float,
) -> None:
    by_path = {each.path: each for each in stale}
    rows: dict[str, Row] = {}
    tags: dict[str, str] = {}
    begun = tell_at = time.monotonic()
    done = 0
    orders = [Order(each.path, each.language.name) for each in stale]
    async with aclosing(ask_workers(orders, index.root, environment)) as answers:
        async for answer in answers:
            each = by_path[answer.order.path]
            key = "" if answer.problem else _key(answer.digest, each.language)
            if answer.problem:
                index.skipped[each.path] = answer.problem
            else:
                index.keys[each.path] = key
                tags[key] = index.fresh[key] = answer.result
            # A file changed just now may change again without its stamp showing it: look at it again next time.
            if each.stamp.settled(started):
                rows[each.path] = Row(each.stamp, key, answer.problem)
            done += 1
            now = time.monotonic()
            if now - begun > time_limit_s:
                break
            if now - tell_at > _TOLD_EVERY_S:
                tell_at = now
                told(f"{done:,} of {len(stale):,} files parsed\n")
            if len(tags) >= _SAVED_AT_ONCE:
                await asyncio.to_thread(index.cache.save, rows, tags)
                rows, tags = {}, {}
    await asyncio.to_thread(index.cache.save, rows, tags)
    index.unparsed = len(stale) - done


def _key(digest: str, language: Language) -> str:
    return f"{language.name}:{digest}"
