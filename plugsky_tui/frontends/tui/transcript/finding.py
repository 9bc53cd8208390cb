"""Searching the transcript: in its source, so that nothing has to be laid out for it.

All texts are put into one, which is searched as fast as memory is read: 20 MB take some 20 ms. Only what is on the screen
is searched again as it looks, to mark it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.units import Note, Piece, Prompt, Thought, Tool, Unit

# More places than this are not counted: who finds so many types another letter.
MOST = 9_999
_BETWEEN = "\0"  # in no text: they are clean

Span = tuple[int, int]


class Texts:
    """The texts of `units` as one, and where each begins."""

    def __init__(self, units: Sequence[Unit]) -> None:
        self._exact = [_text(unit).replace("\n", " ") for unit in units]
        self._joined: dict[bool, tuple[str, list[int]]] = {}

    def places(self, query: str) -> list[tuple[int, int]]:
        """Where `query` is: (number of the unit, which place within it). Capitals count where `query` has some."""
        if not query:
            return []
        exact = has_capitals(query)
        text, starts = self._in_one(exact)
        query = query if exact else query.lower()
        found: list[tuple[int, int]] = []
        unit, within, end = -1, 0, -1
        at = text.find(query)
        while at >= 0 and len(found) < MOST:
            if at >= end:
                unit, within = bisect_right(starts, at) - 1, 0
                end = starts[unit + 1] if unit + 1 < len(starts) else len(text)
            found.append((unit, within))
            within += 1
            at = text.find(query, at + len(query))
        return found

    def _in_one(self, exact: bool) -> tuple[str, list[int]]:
        made = self._joined.get(exact)
        if made is None:
            texts = self._exact if exact else [text.lower() for text in self._exact]
            starts = list(accumulate((len(text) + 1 for text in texts[:-1]), initial=0))
            made = self._joined[exact] = _BETWEEN.join(texts), starts
        return made


class Found:
    """What was found of `query`, and which of its places is the one shown (`current`; -1: none)."""

    def __init__(self, query: str, places: Sequence[tuple[int, int]]) -> None:
        self.query = query
        self.places = places
        self.current = -1
        self._pattern = re.compile(re.escape(query), 0 if has_capitals(query) else re.IGNORECASE)
        self._spans: dict[int, tuple[Sequence[Row], list[list[tuple[Span, int]]]]] = {}  # by unit

    @property
    def here(self) -> tuple[int, int] | None:
        """Unit and place within it of the current one."""
        return self.places[self.current] if self.current >= 0 else None

    def begin(self, last: int) -> None:
        """Take the last place up to unit `last`, or the first one below it."""
        above = bisect_right(self.places, last, key=lambda place: place[0])
        self.current = min(max(above - 1, 0), len(self.places) - 1)

    def step(self, step: int) -> None:
        """To the next place (1) or the one before (-1); behind the last comes the first."""
        if self.places:
            self.current = (self.current + step) % len(self.places)

    def row_of(self, unit: int, within: int, rows: Sequence[Row]) -> int | None:
        """The number of the row in which the place `within` of the unit begins, where it can be seen."""
        spans = self.spans(unit, rows)
        there = [number for number, row in enumerate(spans) if any(place == within for _, place in row)]
        return there[0] if there else None

    def spans(self, unit: int, rows: Sequence[Row]) -> list[list[tuple[Span, int]]]:
        """By row: which characters behind the gutter are found, each with its place within the unit."""
        known = self._spans.get(unit)
        if known is None or known[0] is not rows:
            if len(self._spans) > 500:
                self._spans.clear()
            known = self._spans[unit] = rows, self._search(rows)
        return known[1]

    def _search(self, rows: Sequence[Row]) -> list[list[tuple[Span, int]]]:
        text, bounds = "", []
        for row in rows:
            text += " " if row.join == "\n" else row.join
            own = "" if row.bare else row.text
            bounds.append((len(text), len(text) + len(own)))
            text += own
        out: list[list[tuple[Span, int]]] = [[] for _ in rows]
        for within, match in enumerate(self._pattern.finditer(text)):
            number = max(bisect_right(bounds, match.start(), key=lambda bound: bound[0]) - 1, 0)
            while number < len(rows) and bounds[number][0] < match.end():
                start, end = bounds[number]
                span = max(match.start() - start, 0), min(match.end(), end) - start
                if span[0] < span[1]:
                    out[number].append((span, within))
                number += 1
        return out


def has_capitals(query: str) -> bool:
    return query != query.lower()


def _text(unit: Unit) -> str:
    match unit:
        case Piece():
            return unit.answer.text[unit.leaf.start : unit.leaf.end]
        case Prompt():
            return "\n".join([unit.text, *unit.attached])
        case Thought() | Note():
            return unit.text
        case Tool():
            return "\n".join((f"{unit.name} {unit.summary}", unit.input, unit.output))
