"""Finding names by some of their letters: the best few of hundreds of thousands, in less than a keystroke takes.

Own code, since no library does it: `textual.fuzzy` takes seconds for this many, rapidfuzz counts edits and knows no
letters left out, the bindings to Rust's matchers are single wheels nobody keeps up. What is best is what people know
from fzf and editors, in the classes of `Fit`; within one, short paths come first. Classes are looked through
from the best on, and no further once there are enough answers: the more there is to find, the sooner it is found.
"""

from __future__ import annotations

from collections.abc import Callable

from plugsky_tui.workspace.search.index.folders import (
    find_along_words,
    find_below,
    find_in_folders,
    find_spread,
)
from plugsky_tui.workspace.search.index.names import find_scattered, find_standing_together
from plugsky_tui.workspace.search.index.picks import Fit, Picks, Query, smart_case
from plugsky_tui.workspace.search.index.segment import folded
from plugsky_tui.workspace.search.index.table import Table

MOST = 50
QUERY_LIMIT = 64  # letters: nobody types more, and what is pasted need not be a path
_TELLING = 2  # letters of a secret's name


def search(table: Table, typed: str, most: int = MOST) -> list[str]:
    """The paths that fit best what was typed; where that is nothing, those nearest to the top.

    Capitals in it count, and a slash in it stands for one in the path.
    """
    typed = typed.removeprefix("./")[:QUERY_LIMIT]
    if not typed:
        return table.first[:most]
    query = Query.of(typed)
    if not query.text or not typed.isprintable() or typed.startswith("/"):
        return []
    picks = Picks(table, most, smart_case(typed))
    name_start = query.text.rfind("/") + 1
    folder, name = query.text[:name_start], query.from_on(name_start)
    _find_secrets(picks, folder, name.text)
    if folder:
        find_below(picks, folder, name)
    else:
        find_standing_together(picks, name)
    for further in _further(query):
        if picks.enough():
            break
        further(picks, query)
    return picks.best()


def _further(query: Query) -> list[Callable[[Picks, Query], None]]:
    """Ways to find what the name alone, and folder and name, did not: those that can find anything."""
    ways: list[Callable[[Picks, Query], None]] = [find_along_words]
    if "/" not in query.text:
        ways.append(find_scattered)
    if not query.cased:  # who types capitals means these letters, and not just any
        ways += [find_in_folders, find_spread]
    return ways


def _find_secrets(picks: Picks, folder: str, name: str) -> None:
    """A file that may hold secrets is offered only to who types the beginning of its name."""
    if len(name) < _TELLING:
        return
    for path in picks.table.secrets:
        above, slash, last = folded(path).rpartition("/")
        if last.startswith(name) and f"/{above}{slash}".endswith(f"/{folder}"):
            picks.take(path, Fit.EXACT if last == name else Fit.PREFIX)
