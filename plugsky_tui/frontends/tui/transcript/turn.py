"""Rows whose paragraph has right-to-left text: where their characters are seen.

A row of a paragraph that goes from right to left stands at the right end of its room, and what is drawn before it
(a bullet, the bar of a quotation) stands behind it, at the right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment

from plugsky_tui.frontends.bidi.clusters import clusters_of
from plugsky_tui.frontends.bidi.paragraph import Glyph, Paragraphs, Way

# Bars at the left edge of their cell, and what stands for them at the right edge.
_BARS = str.maketrans("▎▌│", "▕▐│")


class Turn:
    """How a row is seen. `base` is 1 where it goes from right to left; `make` finds its glyphs, from left to right.

    Glyphs hold places of the row's characters, its gutter included.
    """

    __slots__ = ("_glyphs", "_make", "_way", "base")

    def __init__(self, base: int, make: Callable[[Way], list[Glyph]]) -> None:
        self.base = base
        self._make = make
        self._glyphs: list[Glyph] = []
        self._way: Way = "logical"

    def glyphs(self, way: Way) -> list[Glyph]:
        if way != self._way:
            self._glyphs, self._way = self._make(way), way
        return self._glyphs


def turn_of_line(
    paragraphs: Paragraphs, start: int, end: int, gutter: Sequence[Segment], width: int, *, mirrored: bool
) -> Turn:
    """The turn of the line from `start` to `end`, behind `gutter`, in a room of `width` cells.

    `mirrored`: in paragraphs from right to left, all of the gutter but its first segment stands at the right.
    """
    base = paragraphs.base_at(start)

    def make(way: Way) -> list[Glyph]:
        kept = len(gutter[0].text) if mirrored and gutter else sum(len(segment.text) for segment in gutter)
        text = "".join(segment.text for segment in gutter)
        line = shifted(paragraphs.line(start, end, way), len(text) - start)
        if not base:
            return [*in_order(text), *line]
        marks: list[Glyph] = []
        place = kept
        if mirrored:
            for segment in gutter[1:]:
                marks = [*_mark(segment.text, place, way), *marks]
                place += len(segment.text)
        free = width - cells_of(line)
        return [*in_order(text[:kept]), *filling(free, place + end - start), *line, *marks]

    return Turn(base, make)


def turn_of_gutter(gutter: Sequence[Segment], width: int) -> Turn:
    """The turn of a row that is nothing but the gutter of a paragraph from right to left."""

    def make(way: Way) -> list[Glyph]:
        marks: list[Glyph] = []
        place = len(gutter[0].text)
        for segment in gutter[1:]:
            marks = [*_mark(segment.text, place, way), *marks]
            place += len(segment.text)
        return [*in_order(gutter[0].text), *filling(width, place), *marks]

    return Turn(1, make)


def turn_of_rule(line: str, gutter: Sequence[Segment], width: int) -> Turn:
    """The turn of a rule under a heading from right to left."""
    place = sum(len(segment.text) for segment in gutter)

    def make(way: Way) -> list[Glyph]:
        head = turn_of_gutter(gutter, width - len(line)).glyphs(way)
        kept = len(gutter[0].text)
        return [*head[: kept + 1], *in_order(line, place), *head[kept + 1 :]]

    return Turn(1, make)


def _mark(text: str, place: int, way: Way) -> list[Glyph]:
    """A bullet, a number or a bar, as it stands at the right of its text."""
    return shifted(Paragraphs(text.translate(_BARS), base=1).line(0, len(text), way), place)


def in_order(text: str, place: int = 0) -> list[Glyph]:
    """Text from left to right, as it is."""
    return [Glyph(place + start, place + end, text[start:end], cells) for start, end, cells in clusters_of(text)]


def shifted(glyphs: list[Glyph], by: int) -> list[Glyph]:
    for glyph in glyphs:
        glyph.start += by
        glyph.end += by
    return glyphs


def filling(cells: int, place: int) -> list[Glyph]:
    """Empty cells that stand for the end of what is before `place`."""
    return [Glyph(place, place, " " * cells, cells)] if cells > 0 else []


def cells_of(glyphs: Sequence[Glyph]) -> int:
    return sum(glyph.cells for glyph in glyphs)
