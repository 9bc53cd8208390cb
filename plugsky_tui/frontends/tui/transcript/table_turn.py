"""Rows of tables with right-to-left text: where the characters of each cell are seen, and in which order the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from plugsky_tui.frontends.bidi.paragraph import Glyph, Way
from plugsky_tui.frontends.markdown.leaves import Align
from plugsky_tui.frontends.tui.transcript.table_layout import BETWEEN, CROSSING
from plugsky_tui.frontends.tui.transcript.turn import Turn, cells_of, filling, in_order


@dataclass(slots=True)
class Cell:
    """One line of one cell: `text` begins at character `place` of the row, the bar before it at `bar`; `width` in cells."""

    turn: Turn | None
    text: str
    bar: int
    place: int
    width: int
    align: Align

    def glyphs(self, way: Way, *, leftwards: bool) -> list[Glyph]:
        """From its left edge to its right one. Text from right to left stands at the right where nothing else is said."""
        line = in_order(self.text, self.place) if self.turn is None else self._turned(self.turn, way)
        free = max(self.width - cells_of(line), 0)
        rightwards = self.align == "left" and (leftwards or (self.turn is not None and self.turn.base == 1))
        before = free if rightwards or self.align == "right" else free // 2 if self.align == "center" else 0
        end = self.place + len(self.text)
        return [*filling(before, self.place), *line, *filling(free - before, end)]

    def _turned(self, turn: Turn, way: Way) -> list[Glyph]:
        return [
            Glyph(glyph.start + self.place, glyph.end + self.place, glyph.text, glyph.cells, glyph.rtl)
            for glyph in turn.glyphs(way)
            if glyph.start < glyph.end
        ]


def turn_of_cells(cells: Sequence[Cell], gutter: Sequence[Segment], free: int, *, leftwards: bool) -> Turn:
    """The turn of one row, with `free` cells before it. `leftwards`: the first cell is at the right."""

    def make(way: Way) -> list[Glyph]:
        lead = "".join(segment.text for segment in gutter)
        glyphs = [*in_order(lead), *filling(free, len(lead))]
        ordered = list(reversed(cells)) if leftwards else list(cells)
        for number, cell in enumerate(ordered):
            if number:
                bar = ordered[number - 1].bar if leftwards else cell.bar
                glyphs += in_order(BETWEEN, bar)
            glyphs += cell.glyphs(way, leftwards=leftwards)
        return glyphs

    return Turn(int(leftwards), make)


def turn_of_crossings(widths: Sequence[int], gutter: Sequence[Segment], free: int) -> Turn:
    """The turn of the rule under the header of a table whose first column is at the right."""

    def make(way: Way) -> list[Glyph]:
        lead = "".join(segment.text for segment in gutter)
        line = CROSSING.join("─" * width for width in reversed(widths))
        return [*in_order(lead), *filling(free, len(lead)), *in_order(line, len(lead))]

    return Turn(1, make)
