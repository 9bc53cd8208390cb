"""Matching by folders: what is below those named before a slash, and what has the query in folder and name together."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from heapq import nsmallest
from itertools import islice

from plugsky_tui.workspace.search.index.expressions import (
    as_far_as_it_goes,
    as_far_as_words_go,
    in_order,
    initials,
)
from plugsky_tui.workspace.search.index.names import NameFit
from plugsky_tui.workspace.search.index.picks import Fit, Picks, Query
from plugsky_tui.workspace.search.index.segment import Segment
from plugsky_tui.workspace.search.index.table import Table

_LOOKED_AT = 15_000  # names, of each rank of folders
_NOWHERE, _LOOSELY = 9, 5


def find_below(picks: Picks, folder: str, name: Query) -> None:
    """What is called like `name` in folders that are called like `folder` (folded, with a slash at its end)."""
    folders = picks.table.folded_folders
    if not name.text:
        _content(picks, folder)
    _below_ranked(picks, [_rank(each, folder) for each in folders], name)
    if not picks.enough():
        match = re.compile(in_order(folder)).match
        loosely = [_LOOSELY if folder not in each and match(each) else _NOWHERE for each in folders]
        _below_ranked(picks, loosely, name)


def _content(picks: Picks, folder: str) -> None:
    """What is in that very folder, as a list of it would have it."""
    table = picks.table
    its = {number for number, each in enumerate(table.folded_folders) if each == folder}
    inside = (
        table.path(segment, at) for segment in table.segments for at, of in enumerate(segment.folders) if of in its
    )
    for place, path in enumerate(nsmallest(picks.most, inside) if its else ()):
        picks.take(path, 0, place)


def _rank(folder: str, wanted: str) -> int:
    """How well `folder` is what was typed before a slash: itself, one called so, one below, one like it."""
    if wanted not in folder:
        return _NOWHERE
    if folder == wanted:
        return 0
    inside = "/" + wanted
    if folder.endswith(inside):
        return 1
    if folder.startswith(wanted):
        return 2
    return 3 if inside in folder else 4


def _below_ranked(picks: Picks, ranks: Sequence[int], name: Query) -> None:
    inside: dict[int, list[tuple[Segment, list[int]]]] = {}
    for segment in picks.table.segments:
        numbers = segment.folders
        names = segment.numbers(segment.having(name.letters))
        found: dict[int, list[int]] = {}
        for at in [at for at in names if ranks[numbers[at]] != _NOWHERE]:
            found.setdefault(ranks[numbers[at]], []).append(at)
        for rank, those in found.items():
            inside.setdefault(rank, []).append((segment, those))
    name_fit = NameFit(name.text) if name.text else None
    for rank in sorted(inside):
        share = _LOOKED_AT // len(inside[rank])
        for segment, those in inside[rank]:
            if name_fit is None:
                picks.some(segment, those, rank + 1)
                continue
            for at in those[:share]:
                fit = name_fit.of(segment, at)
                if fit is not None:
                    picks.add(segment, at, rank + fit)
        if sum(key[0] <= rank + 1 for key in picks.found.values()) >= picks.most:
            return


def find_along_words(picks: Picks, query: Query) -> None:
    """`compfil` for `composer/files.py`: beginnings of words, the first ones of folders, the last ones of names."""
    table = picks.table
    reach = _reach(table, table.marked_names, query.text, as_far_as_words_go)
    tags = [segment.tags(reach) for segment in table.segments]
    for count in sorted(set(reach) - {0, len(query.text)}):
        rest = query.from_on(count)
        scan = re.compile(initials(rest.text)).search
        for segment, tagged in zip(table.segments, tags, strict=True):
            names = segment.having(rest.letters) & segment.beginning(rest.text[0])
            here = segment.tagged(names, tagged, count)
            picks.some(segment, (at for at in here if scan(segment.marked, *segment.marked_span(at))), Fit.PATH, count)
        if picks.enough():
            return


def find_in_folders(picks: Picks, query: Query) -> None:
    """What is in folders that have the query in their paths."""
    holding = [query.text in folder for folder in picks.table.folded_folders]
    if not any(holding):
        return
    for segment in picks.table.segments:
        numbers = segment.folders
        picks.some(segment, (at for at in range(segment.count) if holding[numbers[at]]), Fit.IN_FOLDER)


def find_spread(picks: Picks, query: Query) -> None:
    """As many letters as there are in the folder, in order, and the others in the name: the most any path can have."""
    table = picks.table
    reach = _reach(table, table.plain_names, query.text, as_far_as_it_goes)
    tags = [segment.tags(reach) for segment in table.segments]
    for count in sorted(set(reach) - {0}):
        rest = query.from_on(count)
        match = re.compile(in_order(rest.text)).match if rest.text else None
        for segment, tagged in zip(table.segments, tags, strict=True):
            here = segment.tagged(segment.having(rest.letters), tagged, count)
            if match is not None:
                found = (at for at in here if match(segment.text, *segment.span(at)))
                picks.some(segment, found, Fit.SPREAD, count)
            else:
                picks.some(segment, here, Fit.SPREAD, count)
        if picks.enough():
            return


def _reach(table: Table, names: Sequence[str], text: str, expression: Callable[[str], str]) -> list[int]:
    """For each folder how many letters of `text` its path has: as many as those around it, and then those in its name.

    Whoever types adds a letter to those of before: folders that had not all of those have no more now.
    """
    goes: dict[int, Callable[[str], re.Match[str] | None]] = {}  # by the letters gone: few are ever stopped at
    before, known = table.reached.get(expression.__name__, ("", []))
    if not before or not text.startswith(before) or len(known) != len(names):
        before, known = "", [0] * len(names)
    complete = len(before)
    reach = [0]
    for number, around in enumerate(islice(table.around, 1, None), 1):
        gone = known[number]
        if gone == complete:
            gone = reach[around]
            if gone < len(text):
                if gone not in goes:
                    goes[gone] = re.compile(expression(text[gone:])).match
                if found := goes[gone](names[number]):
                    gone += found.lastindex or 0
        reach.append(gone)
    table.reached[expression.__name__] = (text, reach)
    return reach
