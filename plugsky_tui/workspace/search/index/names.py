"""Matching by names alone, class by class from the best on, and no further once there is enough."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugsky_tui.workspace.search.index.expressions import in_order, initials
from plugsky_tui.workspace.search.index.picks import Fit, Picks, Query
from plugsky_tui.workspace.search.index.segment import MARK, Scan, Segment

_DENSE = 1500  # of the names in a segment: where more may match, one scan of its text is faster than one for each
_SCATTERED_MOST = 200  # in a segment: those with the shortest paths


def find_standing_together(picks: Picks, query: Query) -> None:
    """Names that are the query, begin with it, have it at a word or as initials, or anywhere."""
    segments = picks.table.segments
    for segment in segments:
        _exact_and_prefix(picks, segment, query.text)
    if picks.enough():
        return
    word = re.compile(MARK + f"{MARK}?".join(map(re.escape, query.text))).search
    for segment in segments:
        picks.some(segment, segment.at_words(word), Fit.WORD)
    if picks.enough():
        return
    for segment in segments:
        picks.some(segment, with_initials(segment, query), Fit.INITIALS)
    if picks.enough():
        return
    for segment in segments:
        picks.some(segment, segment.holding(query.text), Fit.ANYWHERE)


def find_scattered(picks: Picks, query: Query) -> None:
    """Names that have the letters in this order: the closer together, the better."""
    scan = re.compile("\n" + in_order(query.text)).search
    for segment in picks.table.segments:
        count = 0
        for at, found in _in_order(segment, query, scan):
            count += picks.add(segment, at, Fit.SCATTERED, found.end(1) - found.start(1))
            if count >= _SCATTERED_MOST:
                break


def with_initials(segment: Segment, query: Query) -> Iterator[int]:
    """The names with words that begin as the query's letters say."""
    names = segment.having(query.letters) & segment.beginning(query.text[0])
    scan = re.compile(initials(query.text)).search
    if names.bit_count() > _DENSE:
        return segment.at_words(scan)
    return (at for at in segment.numbers(names) if scan(segment.marked, *segment.marked_span(at)))


def _in_order(segment: Segment, query: Query, scan: Scan) -> Iterator[tuple[int, re.Match[str]]]:
    names = segment.having(query.letters)
    if names.bit_count() > _DENSE:
        yield from segment.in_lines(scan)
        return
    match = re.compile(in_order(query.text)).match
    for at in segment.numbers(names):
        found = match(segment.text, *segment.span(at))
        if found:
            yield at, found


def _exact_and_prefix(picks: Picks, segment: Segment, name: str) -> None:
    count = 0
    for at in segment.holding("\n" + name):
        after = segment.text[segment.starts[at] + len(name)]
        count += picks.add(segment, at, Fit.EXACT if after in "\n./" else Fit.PREFIX)
        if count >= picks.most:  # there are more: among them may be exact ones
            for edge in ("\n", ".", "/"):
                picks.some(segment, segment.holding(f"\n{name}{edge}"), Fit.EXACT)
            return


class NameFit:
    """Says how single names match."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._word = MARK + name
        self._initials = re.compile(initials(name)).search
        self._in_order = re.compile(in_order(name)).match

    def of(self, segment: Segment, at: int) -> Fit | None:
        text, (start, end) = segment.text, segment.span(at)
        if text.startswith(self._name, start):
            return Fit.EXACT if text[start + len(self._name)] in "\n./" else Fit.PREFIX
        if segment.marked.find(self._word, *segment.marked_span(at)) >= 0:
            return Fit.WORD
        if text.find(self._name, start, end) >= 0:
            return Fit.ANYWHERE
        if not self._in_order(text, start, end):
            return None
        return Fit.INITIALS if self._initials(segment.marked, *segment.marked_span(at)) else Fit.SCATTERED
