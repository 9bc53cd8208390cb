"""A search that goes on: what was found follows what is said meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from plugsky_tui.frontends.tui.transcript.finding import Found, Span, Texts
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.sheet import Sheet
from plugsky_tui.frontends.tui.transcript.units import Unit
from plugsky_tui.frontends.tui.transcript.viewport import Line


class Search:
    """`edition` is a number that is another one whenever a unit has changed."""

    def __init__(self, units: Sequence[Unit], sheet: Sheet) -> None:
        self._units = units
        self._sheet = sheet
        self._edition = -1
        self._texts = Texts(())
        self._found = Found("", ())
        self._origin: int | None = (
            None  # the unit from which the nearest place is looked for: letters typed do not move it
        )

    def look(self, query: str, edition: int, visible: Sequence[int]) -> None:
        """Search for `query`; what was `visible` at first is where it begins."""
        if self._origin is None:
            self._origin = visible[-1] if visible else 0
        self._refresh(edition)
        self._found = Found(query, self._texts.places(query))
        self._found.begin(self._origin)

    def step(self, step: int, edition: int) -> None:
        """To the next place (1) or the one before (-1)."""
        if edition != self._edition:
            here = self.here
            self._refresh(edition)
            self._found = Found(self._found.query, self._texts.places(self._found.query))
            if here in self._found.places:
                self._found.current = self._found.places.index(here)
            elif here is not None:
                self._found.begin(here[0])
        self._found.step(step)
        self._origin = self.here[0] if self.here else self._origin

    def _refresh(self, edition: int) -> None:
        if edition != self._edition:
            self._edition, self._texts = edition, Texts(self._units)

    @property
    def here(self) -> tuple[int, int] | None:
        """The unit of the place that is shown, and which place within it."""
        return self._found.here

    @property
    def state(self) -> tuple[int, int]:
        """The number of the place that is shown, from 1, and how many there are."""
        return self._found.current + 1, len(self._found.places)

    def row_of(self, unit: int, within: int) -> int | None:
        """The row of the unit that shows the place, if one does."""
        return self._found.row_of(unit, within, self._sheet.rows(unit))

    def marks(self, line: Line, palette: Palette) -> list[tuple[Span, Style]]:
        """What is marked on a line of the screen."""
        spans = self._found.spans(line.unit, self._sheet.rows(line.unit))
        if line.number >= len(spans):
            return []
        here = self.here
        return [
            (span, palette.found_here if (line.unit, within) == here else palette.found)
            for span, within in spans[line.number]
        ]
