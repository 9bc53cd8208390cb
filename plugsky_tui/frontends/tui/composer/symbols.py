"""The names that source code defines, for `@`: read in the background, searched in a keystroke's time."""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.workspace.symbols.index import Index

MOST = 20
_CANDIDATES = 300  # looked at for the best
_AGAIN_S = 10.0  # between two looks at the files
_TIME_LIMIT_S = 20.0  # of one look; the next goes on


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition, from line `first` to `last` (from 1) of the file at `path`."""

    name: str
    kind: str
    path: str
    first: int
    last: int

    @property
    def place(self) -> str:
        """`path:first-last`."""
        return f"{self.path}:{self.first}" + (f"-{self.last}" if self.last > self.first else "")


class Table:
    """All names as one text, which is searched at the speed of memory."""

    def __init__(self, symbols: list[Symbol]) -> None:
        self._symbols = sorted(symbols, key=lambda one: (one.name.casefold(), one.path, one.first))
        folded = [one.name.casefold().replace("\n", " ") for one in self._symbols]
        self._text = "\n" + "\n".join(folded)
        self._starts: list[int] = []
        at = 0
        for name in folded:
            self._starts.append(at)
            at += len(name) + 1

    def find(self, query: str) -> list[Symbol]:
        """The best at most MOST: those that are called so, those that begin so, those that hold it; case is ignored."""
        wanted = query.casefold()
        places = dict.fromkeys([*self._places(f"\n{wanted}"), *self._places(wanted)])
        found = [self._symbols[place] for place in places]
        found.sort(
            key=lambda one: (one.name.casefold() != wanted, not one.name.casefold().startswith(wanted), len(one.name))
        )
        return found[:MOST]

    def _places(self, wanted: str) -> list[int]:
        found: list[int] = []
        at = self._text.find(wanted)
        while at >= 0 and len(found) < _CANDIDATES:
            place = bisect_right(self._starts, at) - 1
            found.append(place)
            following = self._starts[place + 1] if place + 1 < len(self._starts) else len(self._text)
            at = self._text.find(wanted, following)
        return found


class SymbolNames:
    """Looks up definitions in `folder`. `changed` is called when there are more to find than `find` has given."""

    def __init__(self, folder: Path, changed: Callable[[], None], *, git_allowed: Callable[[], bool]) -> None:
        self._folder = os.path.realpath(folder)
        self._changed = changed
        self._git_allowed = git_allowed
        self._table = Table([])
        self._reading: asyncio.Task[None] | None = None
        self._read_at = float("-inf")

    def find(self, query: str) -> list[Symbol]:
        """What is known now of that name; the files are looked at again where that is some time ago."""
        if self._reading is None and monotonic() - self._read_at > _AGAIN_S:
            self._reading = asyncio.ensure_future(self._read())
        return self._table.find(query)

    async def end(self) -> None:
        """Nobody asks any more: stop what is being read, and the programs that read."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _read(self) -> None:
        try:
            index = await self._index()
            self._table = await asyncio.to_thread(_table, index)
            self._changed()
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            pass  # a damaged cache, a folder that is gone: files can still be named
        finally:
            self._read_at = monotonic()
            self._reading = None

    async def _index(self) -> Index:
        from plugsky_tui.config.paths import cache_dir
        from plugsky_tui.workspace.environment import child_environment
        from plugsky_tui.workspace.search.listing import Means, list_files
        from plugsky_tui.workspace.symbols.cache import SymbolCache
        from plugsky_tui.workspace.symbols.index import bring_up_to_date
        from plugsky_tui.workspace.symbols.languages import language_of

        environment = child_environment(os.environ)
        means = Means(self._folder, environment, self._git_allowed())
        listing = await list_files(self._folder, means, lambda path: language_of(path) is not None)
        cache = SymbolCache(str(cache_dir() / "symbols"), self._folder)
        return await bring_up_to_date(
            cache, self._folder, listing.files, environment, whole=not listing.more, time_limit_s=_TIME_LIMIT_S
        )


def _table(index: Index) -> Table:
    """Blocking."""
    return Table(
        [
            Symbol(one.name, one.kind, path, one.line, one.end)
            for path, tags in index.tags(list(index.keys)).items()
            for one in tags.definitions
            if one.kind != "impl" and one.name.isprintable() and path.isprintable()
        ]
    )
