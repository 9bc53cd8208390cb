"""The transcript without Textual: what it holds, which part is on the screen, and what the user points at.

The widget makes one when there is something to show: until then, none of this is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from plugsky_tui.frontends.bidi.clusters import clusters_of
from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers, Load
from plugsky_tui.frontends.tui.transcript.copying import block_of, place_of, selected_text, span_in
from plugsky_tui.frontends.tui.transcript.document import Document
from plugsky_tui.frontends.tui.transcript.painter import Painter
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.sheet import Sheet
from plugsky_tui.frontends.tui.transcript.viewport import Line, Viewport
from plugsky_tui.frontends.tui.transcript.walk import Walk

if TYPE_CHECKING:
    from plugsky_tui.frontends.bidi.paragraph import Way

# A jump over more screens than this does not lay out what lies between.
_FAR = 4


@dataclass(slots=True)
class Hit:
    """A point on the screen: the line there, and the character of it behind the gutter."""

    line: Line
    char: int

    @property
    def link(self) -> str | None:
        return next((url for start, end, url in self.line.row.links if start <= self.char < end), None)


class Stage:
    """Document, sheet and viewport put together."""

    def __init__(self, load_lexer: Load) -> None:
        self.document = Document()
        self.sheet = Sheet(self.document.units, Colours(Lexers(load_lexer)))
        self.viewport = Viewport(self.sheet)
        self.palette: Palette | None = None
        self.selection: Selection | None = None
        self._painter: Painter | None = None
        self.edition = 0  # grows with every change of a unit
        self.walk = Walk(self)
        self._seen = 0  # how many units there were when following stopped
        self._all_changed = True

    # --- Frames ----------------------------------------------------------------------------------------------

    def dress(self, width: int, bar: int, palette: Palette, way: Way = "logical") -> None:
        """Lay out for lines of `width` cells, and `bar` more for the scroll bar; `way` is that of right-to-left text."""
        self.palette = palette
        self.sheet.dress(width, palette)
        self._painter = Painter(width, bar, palette, way)
        self._all_changed = True

    def take(self) -> int:
        """Take in what was streamed; how many characters that was. For when there is no screen to draw on, too."""
        changes = self.document.flush()
        self.edition += changes.start < len(self.document.units) or bool(changes.single)
        self.sheet.update(changes)
        return changes.streamed

    def frame(self, height: int) -> tuple[int, int]:
        """Find the lines of the screen. From the first to behind the last that looks different now."""
        viewport, streamed = self.viewport, self.take()
        if height != viewport.height:
            viewport.height, self._all_changed = height, True
        before = viewport.lines
        self.sheet.begin_frame(viewport.units(), streamed)
        viewport.settle()
        self.sheet.trim(viewport.units())
        if self._all_changed:
            self._all_changed = False
            return 0, height
        return _difference(before, viewport.lines)

    @property
    def unfinished(self) -> bool:
        """Whether code on the screen waits for its colours."""
        return self.sheet.is_pale(self.viewport.units())

    def repaint(self) -> None:
        """The next frame draws every line."""
        self._all_changed = True

    @property
    def lines_in_all(self) -> int:
        """How many lines there are, as far as they are measured."""
        return max(self.sheet.heights.total, len(self.viewport.lines))

    @property
    def new_below(self) -> int:
        """How many units came in since following stopped."""
        return 0 if self.viewport.follow else max(0, len(self.document.units) - self._seen)

    # --- Drawing ---------------------------------------------------------------------------------------------

    def strip(self, y: int, *, focused: bool, selection_style: Style) -> Strip:
        """Line `y` of the screen."""
        painter, lines = self._painter, self.viewport.lines
        assert painter is not None
        if y >= len(lines):
            return painter.blank
        line = lines[y]
        cursor = focused and self.walk.stands_on(line.unit)
        found = self.walk.found_on(line)
        if self.selection is None:
            return painter.strip(line.row, cursor=cursor, found=found)
        span = span_in(self.selection, place_of(line.unit, line.number), len(line.row.text))
        return painter.strip(line.row, cursor=cursor, selected=span, selection=selection_style, found=found)

    def strip_with_offsets(self, y: int) -> Strip:
        """Line `y` with what selection by mouse looks for."""
        painter, lines = self._painter, self.viewport.lines
        assert painter is not None
        if y >= len(lines):
            return painter.blank
        return painter.with_offsets(lines[y].row, place_of(lines[y].unit, lines[y].number))

    # --- Scrolling -------------------------------------------------------------------------------------------

    def scroll(self, lines: int, place: int) -> bool:
        """Scroll by `lines`, to about line `place` of all. Whether anything moved."""
        viewport = self.viewport
        if not lines or not self.sheet.ready:
            return False
        before = viewport.top
        if lines < 0:
            self.stop_following()
        if abs(lines) > _FAR * max(viewport.height, 1):
            viewport.go(place)
        else:
            viewport.move(lines)
        if lines > 0 and not viewport.follow:
            self._all_changed = True
            viewport.settle()
            viewport.follow = viewport.at_end
        return viewport.top != before

    def stop_following(self) -> None:
        if self.viewport.follow:
            self.viewport.follow, self._seen = False, len(self.document.units)

    def clear(self) -> None:
        self.document.clear()
        self.sheet.clear()
        self.viewport.follow, self._seen = True, 0
        self.walk.clear()

    def toggle(self, number: int) -> None:
        if number < len(self.document.units) - 1:
            self.stop_following()  # what is opened stays where it is
        self.document.toggle(number)
        self._all_changed = True

    # --- Pointing and selecting ------------------------------------------------------------------------------

    def hit(self, x: int, y: int) -> Hit | None:
        """What is at column `x` of line `y` of the screen."""
        if not 0 <= y < len(self.viewport.lines):
            return None
        line, painter = self.viewport.lines[y], self._painter
        row = line.row
        glyphs = painter.glyphs(row) if painter is not None else None
        cells = 0
        if glyphs is None:
            spots = [(start, size) for start, _, size in clusters_of("".join(part.text for part in row.segments))]
        else:
            spots = [(glyph.start, glyph.cells) for glyph in glyphs]
        for start, size in spots:
            cells += size
            if cells > x:
                return Hit(line, start - row.gutter)
        return Hit(line, len(row.text))

    def word_at(self, hit: Hit) -> Selection:
        start, end = _word(hit.line.row.text, hit.char)
        place = place_of(hit.line.unit, hit.line.number)
        return Selection(Offset(start, place), Offset(end, place))

    def block_at(self, hit: Hit) -> Selection:
        return self.span(*block_of(self.document.units, hit.line.unit))

    def span(self, first: int, last: int) -> Selection:
        """All of the units from `first` to `last`."""
        rows = self.sheet.rows(last)
        return Selection(Offset(0, place_of(first, 0)), Offset(len(rows[-1].text), place_of(last, len(rows) - 1)))

    def selected(self, selection: Selection) -> str:
        return selected_text(self.document.units, self.sheet, selection)


def _difference(before: list[Line], after: list[Line]) -> tuple[int, int]:
    """From the first to behind the last line that looks different. Rows that look the same are the same object."""
    first, last, both = 0, max(len(before), len(after)), min(len(before), len(after))
    while first < both and before[first].row is after[first].row:
        first += 1
    if len(before) == len(after):
        while last > first and before[last - 1].row is after[last - 1].row:
            last -= 1
    return first, last


def _word(text: str, place: int) -> tuple[int, int]:
    """The word around the character at `place`: names, numbers, paths."""

    def is_part(char: str) -> bool:
        return char.isalnum() or char in "_-./"

    if not 0 <= place < len(text) or not is_part(text[place]):
        return max(place, 0), max(place, 0) + 1
    start = end = place
    while start > 0 and is_part(text[start - 1]):
        start -= 1
    while end < len(text) and is_part(text[end]):
        end += 1
    return start, end
