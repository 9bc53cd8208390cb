"""What part of the sheet is on the screen.

The position is a row of a unit, not a number of lines: heights above it may turn out different from their
estimate without anything moving.
"""

from __future__ import annotations

from dataclasses import dataclass

from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.sheet import Sheet


@dataclass(slots=True)
class Line:
    """One line of the screen: row `row` of unit `unit`."""

    unit: int
    number: int
    row: Row


class Viewport:
    """`follow` keeps the end in sight. `lines` is what was settled last."""

    def __init__(self, sheet: Sheet) -> None:
        self.height = 0
        self.follow = True
        self.lines: list[Line] = []
        self._sheet = sheet
        self._unit = 0
        self._row = 0

    @property
    def top(self) -> int:
        """The number of the first line, as far as heights are known."""
        heights = self._sheet.heights
        return heights.before(min(self._unit, len(heights))) + self._row

    @property
    def at_end(self) -> bool:
        if not self.lines:
            return True
        last = self.lines[-1]
        return last.unit == len(self._sheet.heights) - 1 and last.number == len(self._sheet.rows(last.unit)) - 1

    def units(self) -> list[int]:
        """The numbers of the units that are seen."""
        return list(dict.fromkeys(line.unit for line in self.lines))

    def settle(self) -> None:
        """Find the lines to show; lays out what is seen for the first time."""
        count = len(self._sheet.heights)
        if not count or self.height <= 0:
            self.lines, self._unit, self._row = [], 0, 0
            return
        if self.follow:
            self._to_end()
        elif self._unit >= count:
            self._unit, self._row = count - 1, 0
        lines = self._collect()
        if len(lines) < self.height and (self._unit or self._row):
            self._to_end()
            lines = self._collect()
        self.lines = lines

    def move(self, lines: int) -> None:
        """Scroll by a number of lines (negative: up)."""
        sheet = self._sheet
        count = len(sheet.heights)
        if not count:
            return
        self._row += lines
        while self._row < 0 and self._unit > 0:
            self._unit -= 1
            self._row += len(sheet.rows(self._unit))
        self._row = max(self._row, 0)
        while self._unit < count - 1 and self._row >= len(sheet.rows(self._unit)):
            self._row -= len(sheet.rows(self._unit))
            self._unit += 1
        self._row = min(self._row, max(len(sheet.rows(self._unit)) - 1, 0))

    def go(self, place: int) -> None:
        """Scroll to about line `place` of all."""
        if not len(self._sheet.heights):
            return
        self._unit, row = self._sheet.heights.find(place)
        self._row = min(row, max(len(self._sheet.rows(self._unit)) - 1, 0))

    def put(self, unit: int, row: int = 0) -> None:
        """Have this row at the top of the screen, as far as there is enough below it."""
        self._unit, self._row = unit, row

    def reveal(self, unit: int, row: int) -> None:
        """Have this row in sight: where it is not, at a third of the height."""
        if all((line.unit, line.number) != (unit, row) for line in self.lines):
            self.put(unit, row)
            self.move(-(self.height // 3))

    def show(self, first: int, last: int) -> None:
        """Scroll as little as needed to have the units from `first` to `last` in sight, their beginning above all."""
        seen = [line.unit for line in self.lines]
        if not seen:
            return
        if first < seen[0] or (first == seen[0] and self._row):
            self._unit, self._row = first, 0
            return
        below = sum(len(self._sheet.rows(number)) for number in range(seen[-1], last + 1))
        below -= 1 + self.lines[-1].number
        above = next((place for place, unit in enumerate(seen) if unit >= first), len(seen))
        if below > 0:
            self.move(min(below, above) if above < len(seen) else below)

    def _to_end(self) -> None:
        need = self.height
        for unit in range(len(self._sheet.heights) - 1, -1, -1):
            size = len(self._sheet.rows(unit))
            if size >= need:
                self._unit, self._row = unit, size - need
                return
            need -= size
        self._unit = self._row = 0

    def _collect(self) -> list[Line]:
        lines: list[Line] = []
        unit, start = self._unit, self._row
        while unit < len(self._sheet.heights) and len(lines) < self.height:
            rows = self._sheet.rows(unit)
            if start >= len(rows) > 0 and not lines:
                start = self._row = len(rows) - 1  # the unit has shrunk
            end = min(len(rows), start + self.height - len(lines))
            lines.extend(Line(unit, number, rows[number]) for number in range(start, end))
            unit, start = unit + 1, 0
        return lines
