"""What keys do in the transcript: a cursor that walks from block to block, and searching."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.transcript.copying import block_of, block_source, message_source
from plugsky_tui.frontends.tui.transcript.searching import Search
from plugsky_tui.frontends.tui.transcript.units import Prompt, can_open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual.selection import Selection

    from plugsky_tui.frontends.tui.transcript.finding import Span
    from plugsky_tui.frontends.tui.transcript.stage import Stage
    from plugsky_tui.frontends.tui.transcript.viewport import Line


class Walk:
    """The cursor, and what goes on from there; part of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cursor: tuple[int, int] | None = None  # first and last unit of the block it stands on
        self._anchor: tuple[int, int] | None = None  # the block where selecting with keys began
        self._search: Search | None = None

    def clear(self) -> None:
        self._cursor = self._anchor = self._search = None

    def stands_on(self, unit: int) -> bool:
        """Whether the cursor is on the block that unit `unit` is part of."""
        return self._cursor is not None and self._cursor[0] <= unit <= self._cursor[1]

    def found_on(self, line: Line) -> Sequence[tuple[Span, Style]]:
        """What a search has found on a line of the screen."""
        palette = self._stage.palette
        return self._search.marks(line, palette) if self._search is not None and palette is not None else ()

    # --- Blocks ----------------------------------------------------------------------------------------------

    def move_cursor(self, step: int) -> bool:
        """To the next block (1) or the one before (-1). Whether there is one."""
        units, visible = self._stage.document.units, self._stage.viewport.units()
        self._anchor = None
        if self._cursor is not None:
            target = self._cursor[0] - 1 if step < 0 else self._cursor[1] + 1
        elif visible:
            target = visible[-1] if step < 0 else visible[0]
        else:
            return False
        if not 0 <= target < len(units):
            return False
        self.put_cursor(target)
        first, last = self._cursor or (target, target)
        if visible and first < visible[0]:
            self._stage.stop_following()
        if not self._stage.viewport.follow:
            self._stage.viewport.show(first, last)
        return True

    def put_cursor(self, number: int) -> None:
        """On the block that unit `number` is part of."""
        self._cursor, self._anchor = block_of(self._stage.document.units, number), None
        self._stage.repaint()

    def extend(self, step: int) -> Selection | None:
        """Select from the block the cursor stood on first to the one it comes to."""
        if self._cursor is None:
            self.move_cursor(step)
        elif self._anchor is not None:
            anchor = self._anchor
            self.move_cursor(step)
            self._anchor = anchor
        else:
            self._anchor = self._cursor
        if self._cursor is None:
            return None
        anchor = self._anchor = self._anchor or self._cursor
        return self._stage.span(min(anchor[0], self._cursor[0]), max(anchor[1], self._cursor[1]))

    def jump_prompt(self, step: int) -> bool:
        """To the next prompt of the user (1) or the one before (-1), at the top. False: there is none."""
        self._stage.viewport.settle()  # keys may come faster than frames
        units, lines = self._stage.document.units, self._stage.viewport.lines
        seen = self._stage.viewport.units()
        if self._cursor is not None and self._cursor[0] in seen:
            place = self._cursor[0]
        elif not lines:
            return False
        elif step < 0:
            place = len(units) if self._stage.viewport.follow else seen[0] + (lines[0].number > 0)
        else:
            place = seen[0] - (lines[0].number == 0)
        numbers = range(place - 1, -1, -1) if step < 0 else range(place + 1, len(units))
        target = next((number for number in numbers if isinstance(units[number], Prompt)), None)
        if target is None:
            return False
        self._stage.stop_following()
        self.put_cursor(target)
        self._stage.viewport.put(target)
        return True

    def open_block(self) -> None:
        """Open or fold the block the cursor stands on."""
        if self._cursor is not None and can_open(self._stage.document.units[self._cursor[0]]):
            self._stage.toggle(self._cursor[0])

    def block_text(self) -> str:
        """The source of the block the cursor stands on, or of the last one."""
        number = self._cursor[0] if self._cursor else len(self._stage.document.units) - 1
        return block_source(self._stage.document.units, number) if number >= 0 else ""

    def message_text(self) -> str:
        """The source of the whole message that the block with the cursor is part of, or of the last one."""
        number = self._cursor[0] if self._cursor else len(self._stage.document.units) - 1
        return message_source(self._stage.document.units, number) if number >= 0 else ""

    # --- Searching -------------------------------------------------------------------------------------------

    def search(self, query: str) -> tuple[int, int]:
        """Mark all places of `query` and go to the nearest: its number (from 1) and how many there are. "" ends it."""
        if not query.strip():
            self.end_search()
            return 0, 0
        self._stage.take()
        if self._search is None:
            self._search = Search(self._stage.document.units, self._stage.sheet)
        self._search.look(query, self._stage.edition, self._stage.viewport.units())
        return self._go_to_found()

    def search_on(self, step: int) -> tuple[int, int]:
        """To the next place (1) or the one before (-1), as in `search`."""
        if self._search is None:
            return 0, 0
        self._stage.take()
        self._search.step(step, self._stage.edition)
        return self._go_to_found()

    @property
    def searching(self) -> bool:
        return self._search is not None

    def end_search(self) -> None:
        self._search = None
        self._stage.repaint()

    def _go_to_found(self) -> tuple[int, int]:
        assert self._search is not None
        self._stage.repaint()
        if (here := self._search.here) is not None and self._stage.sheet.ready:
            number, within = here
            row = self._search.row_of(number, within)
            if row is None and can_open(unit := self._stage.document.units[number]) and not getattr(unit, "open", True):
                self._stage.toggle(number)
                self._stage.take()
                row = self._search.row_of(number, within)
            self._stage.stop_following()
            self._cursor = block_of(self._stage.document.units, number)
            self._stage.viewport.settle()  # keys may come faster than frames
            self._stage.viewport.reveal(number, row or 0)
        return self._search.state
