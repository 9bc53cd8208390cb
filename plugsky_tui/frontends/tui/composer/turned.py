"""A text area whose right-to-left lines are seen, and walked through, in the order of the screen.

The text, its selection and what is typed stay in logical order, as `TextArea` has them; only drawing, the arrow keys
and the mouse look at the screen. Lines without right-to-left text, and those with tabs, are left to `TextArea`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from textual.events import MouseEvent
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.strip import Strip
from textual.widgets import TextArea

from plugsky_tui.frontends.bidi.classes import has_rtl
from plugsky_tui.frontends.tui.direction import TurningFilter

if TYPE_CHECKING:
    from plugsky_tui.frontends.bidi.paragraph import Glyph, Way

Location = tuple[int, int]


@dataclass(slots=True)
class _Row:
    """A row of the screen: characters from `start` to `end` of line `line`, as `glyphs` behind `indent` empty cells.

    The cell behind the last character of a line, where the caret may stand, is a glyph, too.
    """

    line: int
    start: int
    end: int
    is_last: bool
    rtl: bool
    indent: int
    glyphs: list[Glyph]

    def place_of(self, column: int) -> int:
        """Which glyph, from the left, `column` is in."""
        places = (place for place, glyph in enumerate(self.glyphs) if glyph.start <= column < glyph.end)
        return next(places, 0 if self.rtl else len(self.glyphs) - 1)

    def cell_of(self, column: int) -> int:
        return self.indent + sum(glyph.cells for glyph in self.glyphs[: self.place_of(column)])

    def column_at(self, cell: int) -> int:
        """The column that is seen at `cell`, or the nearest."""
        before = self.indent
        for glyph in self.glyphs:
            before += glyph.cells
            if before > cell:
                return glyph.start
        return self.glyphs[-1].start


class TurnedArea(TextArea):
    """`way` is that of right-to-left text to the terminal: "logical" leaves everything to `TextArea`."""

    def __init__(self, *args: Any, way: Way = "logical", **options: Any) -> None:
        self._way = way
        self._known_row: tuple[tuple[object, ...], _Row] | None = None
        super().__init__(*args, **options)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [one for one in super().get_line_filters() if not isinstance(one, TurningFilter)]

    # --- Rows ------------------------------------------------------------------------------------

    def _row_at(self, y: int) -> _Row | None:
        """Row `y` of the text, if it has to be turned."""
        if self._way == "logical" or not 0 <= y < self.wrapped_document.height:
            return None
        found = self.wrapped_document._offset_to_line_info[y]
        return None if found is None else self._row(*found)

    def _row_of(self, location: Location) -> _Row | None:
        """The row in which the caret stands at `location`, if it has to be turned."""
        if self._way == "logical" or not has_rtl(self.document.get_line(location[0])):
            return None
        return self._row_at(self.wrapped_document.location_to_offset(location).y)

    def _row(self, line: int, section: int) -> _Row | None:
        text = self.document.get_line(line)
        if text.isascii() or "\t" in text or not has_rtl(text):
            return None
        wraps = self.wrapped_document.get_offsets(line)
        width = self.scrollable_content_region.size.width - self.gutter_width
        key = (line, section, text, tuple(wraps), width)
        if self._known_row is not None and self._known_row[0] == key:
            return self._known_row[1]
        from plugsky_tui.frontends.bidi.paragraph import Glyph, Paragraphs

        edges = [0, *wraps, len(text)]
        start, end, is_last = edges[section], edges[section + 1], section == len(wraps)
        paragraphs = Paragraphs(text)
        rtl, glyphs = paragraphs.base_at(0) == 1, paragraphs.line(start, end, self._way)
        if is_last:
            caret = [Glyph(end, end + 1, " ", 1)]
            glyphs = [*caret, *glyphs] if rtl else [*glyphs, *caret]
        indent = max(width - sum(glyph.cells for glyph in glyphs), 0) if rtl else 0
        row = _Row(line, start, end, is_last, rtl, indent, glyphs)
        self._known_row = key, row
        return row

    # --- Drawing ---------------------------------------------------------------------------------

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        row = self._row_at(y + self.scroll_offset.y)
        if row is None:
            return strip
        from rich.segment import Segment

        from plugsky_tui.frontends.bidi.paragraph import Glyph
        from plugsky_tui.frontends.tui.turning import turned

        segments = [segment for segment in strip if not segment.control]
        length = row.end - row.start + row.is_last
        glyphs = [Glyph(g.start - row.start, g.end - row.start, g.text, g.cells) for g in row.glyphs]
        filling = (
            segments[-1].style if segments and sum(len(one.text) for one in segments) > length else self.rich_style
        )
        line = turned(segments, glyphs, filling)
        line.insert(0, Segment(" " * row.indent, filling))
        return Strip(line).adjust_cell_length(strip.cell_length, filling)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the caret is seen: input methods open their window there."""
        offset = super().cursor_screen_offset
        row = self._row_of(self.cursor_location)
        if row is None:
            return offset
        return Offset(self.content_region.x + self.gutter_width + row.cell_of(self.cursor_location[1]), offset.y)

    # --- Keys and mouse --------------------------------------------------------------------------

    def move_cursor(self, location: Location, *args: Any, **options: Any) -> None:
        super().move_cursor(self._outside(location, 0), *args, **options)

    def get_cursor_left_location(self) -> Location:
        return self._outside(super().get_cursor_left_location(), 0)

    def get_cursor_right_location(self) -> Location:
        return self._outside(super().get_cursor_right_location(), 1)

    def _outside(self, location: Location, edge: int) -> Location:
        """`location`, or the beginning (0) or end (1) of the emoji or flag it is within."""
        line, column = location
        if not 0 <= line < self.document.line_count or (text := self.document.get_line(line)).isascii():
            return location
        from plugsky_tui.frontends.bidi.clusters import clusters_of

        around = (spot for spot in clusters_of(text) if spot[0] < column < spot[1] and spot[2] == 2)
        spot = next(around, None)
        return location if spot is None else (line, spot[edge])

    # The actions are ours, and not the locations beside the caret: what deletes asks for those, and means the text.

    def action_cursor_left(self, select: bool = False) -> None:
        if not self._step(-1, select):
            super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        if not self._step(1, select):
            super().action_cursor_right(select)

    def _step(self, step: int, select: bool) -> bool:
        """Move by one place of the screen. False where the row is not turned."""
        row = self._row_of(self.cursor_location)
        if row is None:
            return False
        if select or self.selection.is_empty:
            target = self._beside(row, step)
        else:
            target = max(*self.selection) if (step > 0) != row.rtl else min(*self.selection)
        self.move_cursor(target, select=select)
        return True

    def _beside(self, row: _Row, step: int) -> Location:
        """The location one to the left (-1) or to the right of the caret; behind the edge, in the row before or after."""
        place = row.place_of(self.cursor_location[1]) + step
        if 0 <= place < len(row.glyphs):
            return row.line, row.glyphs[place].start
        if (step > 0) != row.rtl:  # where the line goes on
            if not row.is_last:
                return row.line, row.end
            return (row.line + 1, 0) if row.line + 1 < self.document.line_count else self.cursor_location
        if row.start > 0:
            return row.line, row.start - 1
        return (row.line - 1, len(self.document.get_line(row.line - 1))) if row.line > 0 else self.cursor_location

    def action_cursor_word_left(self, select: bool = False) -> None:
        row = self._row_of(self.cursor_location)
        if row is not None and row.rtl:
            super().action_cursor_word_right(select)
        else:
            super().action_cursor_word_left(select)

    def action_cursor_word_right(self, select: bool = False) -> None:
        row = self._row_of(self.cursor_location)
        if row is not None and row.rtl:
            super().action_cursor_word_left(select)
        else:
            super().action_cursor_word_right(select)

    def get_cursor_up_location(self) -> Location:
        return self._above_or_below(-1) or super().get_cursor_up_location()

    def get_cursor_down_location(self) -> Location:
        return self._above_or_below(1) or super().get_cursor_down_location()

    def _above_or_below(self, step: int) -> Location | None:
        """The location seen above (-1) or below the caret; None where neither row is turned, or there is none."""
        y = self.wrapped_document.location_to_offset(self.cursor_location).y + step
        target = self._row_at(y)
        if not 0 <= y < self.wrapped_document.height or (target is None and self._row_at(y - step) is None):
            return None
        cell = self.navigator.last_x_offset
        if target is not None:
            return target.line, target.column_at(cell)
        return self.wrapped_document.offset_to_location(Offset(cell, y))

    def record_cursor_width(self) -> None:
        row = self._row_of(self.cursor_location)
        if row is None:
            super().record_cursor_width()
        else:
            self.navigator.last_x_offset = row.cell_of(self.cursor_location[1])

    def get_target_document_location(self, event: MouseEvent) -> Location:
        scroll_x, scroll_y = self.scroll_offset
        row = self._row_at(event.y + scroll_y - self.gutter.top)
        if row is None:
            return super().get_target_document_location(event)
        return row.line, row.column_at(event.x - self.gutter_width + scroll_x - self.gutter.left)
