"""Rows as strips: filled to the width, with the cursor and the selection on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from plugsky_tui.frontends.tui.direction import is_turned
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row, overlay

if TYPE_CHECKING:
    from plugsky_tui.frontends.bidi.paragraph import Glyph, Way

Span = tuple[int, int]


class BesideBar(Strip):
    """A strip with room for the scroll bar at its end.

    The compositor cuts every line where the bar begins, and makes two new strips of it. Here they are there already.
    """

    def __init__(self, content: Strip, bar: Strip) -> None:
        super().__init__([*content, *bar], content.cell_length + bar.cell_length)
        self._parts = [content, bar]
        self._cuts = [content.cell_length, content.cell_length + bar.cell_length]

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        places = list(cuts)
        return self._parts if places == self._cuts else super().divide(places)


class Painter:
    """Makes strips of one width and palette, with `bar` cells for the scroll bar. A plain row keeps its strip.

    Rows are in logical order; their strips are in that of the screen, as far as `way` leaves it to us.
    """

    def __init__(self, width: int, bar: int, palette: Palette, way: Way = "logical") -> None:
        self._width = width
        self._palette = palette
        self._way = way
        self._bar = Strip([Segment(" " * bar, palette.base)], bar) if bar else None
        self.blank = self._fill([], None)

    def strip(
        self,
        row: Row,
        *,
        cursor: bool = False,
        selected: Span | None = None,
        selection: Style | None = None,
        found: Sequence[tuple[Span, Style]] = (),
    ) -> Strip:
        """The strip of `row`; `selected` characters behind the gutter get the style `selection`, `found` ones their own."""
        if not cursor and selected is None and not found:
            if row.strip is None:
                row.strip = self._fill(self._turned(row, row.segments), row.fill)
            return row.strip
        segments = row.segments
        for (start, end), style in found:
            segments = overlay(segments, start + row.gutter, end + row.gutter, style)
        if selected is not None and selection is not None:
            segments = overlay(segments, selected[0] + row.gutter, selected[1] + row.gutter, selection)
        segments = self._turned(row, segments)
        if cursor:
            segments = self._with_cursor(segments)
        return self._fill(segments, row.fill)

    def with_offsets(self, row: Row, place: int) -> Strip:
        """The strip of `row` with what Textual's selection looks for: which characters of which line it shows."""
        if (glyphs := self.glyphs(row)) is not None:
            return self._turned_with_offsets(row, glyphs, place)
        segments: list[Segment] = []
        x = -row.gutter
        for segment in row.segments:
            meta = Style.from_meta({"offset": (x, place)})
            segments.append(Segment(segment.text, segment.style + meta if segment.style else meta))
            x += len(segment.text)
        end = Style.from_meta({"offset": (max(x, 0), place)})
        segments.append(Segment("", end))
        return self._fill(segments, row.fill)

    def glyphs(self, row: Row) -> list[Glyph] | None:
        """Where the characters of `row` are seen, from left to right; None where they are in their own order."""
        if self._way == "logical" or (row.turn is None and not is_turned(row.segments)):
            return None
        if row.turn is not None:
            return row.turn.glyphs(self._way)
        from plugsky_tui.frontends.tui.turning import glyphs_in_place  # only for those who read from right to left

        return glyphs_in_place(row.segments, self._way)

    def _turned(self, row: Row, segments: list[Segment]) -> list[Segment]:
        if (glyphs := self.glyphs(row)) is None:
            return segments
        from plugsky_tui.frontends.tui.turning import turned

        return turned(segments, glyphs, row.fill or self._palette.base)

    def _turned_with_offsets(self, row: Row, glyphs: list[Glyph], place: int) -> Strip:
        segments = [
            Segment(glyph.text, Style.from_meta({"offset": (glyph.start - row.gutter, place)})) for glyph in glyphs
        ]
        ends = row.turn is None or not row.turn.base
        segments.append(Segment("", Style.from_meta({"offset": (len(row.text) if ends else 0, place)})))
        return self._fill(segments, row.fill)

    def _fill(self, segments: list[Segment], fill: Style | None) -> Strip:
        used = sum(segment.cell_length for segment in segments)
        if used < self._width:
            segments = [*segments, Segment(" " * (self._width - used), fill or self._palette.base)]
            used = self._width
        content = Strip(segments, used)
        if used > self._width:
            content = content.adjust_cell_length(self._width, self._palette.base)
        return content if self._bar is None else BesideBar(content, self._bar)

    def _with_cursor(self, segments: list[Segment]) -> list[Segment]:
        """The first cell becomes a bar."""
        bar = Segment("▎", self._palette.cursor)
        if not segments:
            return segments
        head = segments[0]
        style = head.style or self._palette.base
        if head.text[:1] == "▌":
            return [
                Segment("▌", style + Style(color=self._palette.warning.color)),
                Segment(head.text[1:], style),
                *segments[1:],
            ]
        return [bar, Segment(head.text[1:], head.style), *segments[1:]]
