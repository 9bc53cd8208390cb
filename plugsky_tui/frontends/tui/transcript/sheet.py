"""The rows of the units: laid out when they are seen, remembered, and until then estimated."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from plugsky_tui.frontends.tui.transcript.colours import PER_FRAME, PER_FRAME_RUSHING, RUSHING, Colours
from plugsky_tui.frontends.tui.transcript.context import Context
from plugsky_tui.frontends.tui.transcript.diff_view import DiffViews
from plugsky_tui.frontends.tui.transcript.document import Changes
from plugsky_tui.frontends.tui.transcript.heights import Heights
from plugsky_tui.frontends.tui.transcript.layout import estimate, unit_rows
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row, reuse
from plugsky_tui.frontends.tui.transcript.units import Unit

# Units whose rows are remembered. A screen shows a few dozen.
REMEMBERED = 512


class Sheet:
    """Rows by unit. `layouts` counts how many units were laid out (for those who doubt that it is few)."""

    def __init__(self, units: Sequence[Unit], colours: Colours) -> None:
        self.layouts = 0
        self.heights = Heights()
        self._units = units
        self._colours = colours
        self._diffs = DiffViews()
        self._context: Context | None = None
        self._rows: dict[int, list[Row]] = {}  # in the order they were last used
        self._old: dict[int, list[Row]] = {}  # rows of units that changed: most of them will look the same again
        self._pale: set[int] = set()

    @property
    def width(self) -> int:
        return self._context.width if self._context else 0

    @property
    def ready(self) -> bool:
        return self._context is not None

    def dress(self, width: int, palette: Palette) -> None:
        """Lay everything out anew, for this width and palette."""
        self._context = Context(width, palette, self._colours, self._diffs)
        self._rows.clear()
        self._old.clear()
        self._pale.clear()
        self.heights = Heights()
        self.heights.extend(estimate(unit, width) for unit in self._units)

    def update(self, changes: Changes) -> None:
        """Take in what changed in the units."""
        if self._context is None:
            return
        for number in changes.single:
            self._forget(number)
        start, count = changes.start, len(self.heights)
        if start >= count == len(self._units):
            return
        kept = [self.heights[number] for number in range(start, min(count, len(self._units)))]
        for number in range(start, count):
            self._forget(number)
        self.heights.truncate(start)
        self.heights.extend(kept)
        for number in range(start + len(kept), len(self._units)):
            self.heights.append(estimate(self._units[number], self._context.width))

    def begin_frame(self, visible: Collection[int], streamed: int) -> None:
        """Some more code may be coloured: of the units that are seen. `streamed` characters came in since the last frame."""
        self._colours.budget = PER_FRAME_RUSHING if streamed > RUSHING else PER_FRAME
        for number in self._pale.intersection(visible):
            self._forget(number)

    def is_pale(self, visible: Collection[int]) -> bool:
        """Whether any of these units waits for its colours."""
        return not self._pale.isdisjoint(visible)

    def rows(self, number: int) -> list[Row]:
        """The rows of a unit. Measures it, so that `heights` may change."""
        rows = self._rows.get(number)
        if rows is not None:
            return rows
        context = self._context
        assert context is not None
        context.pale = False
        self.layouts += 1
        unit = self._units[number]
        rows = unit_rows(unit, self._units[number - 1] if number else None, context)
        if (old := self._old.pop(number, None)) is not None:
            rows = reuse(rows, old)
        if context.pale:
            self._pale.add(number)
        self._rows[number] = rows
        self.heights.set(number, len(rows))
        return rows

    def trim(self, visible: Collection[int]) -> None:
        """Forget the rows of units that were not seen for long."""
        self._old.clear()
        if len(self._rows) <= REMEMBERED:
            return
        for number in visible:
            if number in self._rows:
                self._rows[number] = self._rows.pop(number)  # last in the order
        for number in list(self._rows)[: len(self._rows) - REMEMBERED // 2]:
            if number not in visible:
                del self._rows[number]

    def clear(self) -> None:
        self._rows.clear()
        self._old.clear()
        self._pale.clear()
        self._diffs.clear()
        self.heights.truncate(0)

    def _forget(self, number: int) -> None:
        self._pale.discard(number)
        rows = self._rows.pop(number, None)
        if rows is not None:
            self._old[number] = rows
