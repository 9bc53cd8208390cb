"""What a layout depends on, and what it remembers from one frame to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from plugsky_tui.frontends.markdown.leaves import Leaf
from plugsky_tui.frontends.tui.transcript.colours import Colours
from plugsky_tui.frontends.tui.transcript.diff_view import DiffViews
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.table_layout import ColumnNeeds
from plugsky_tui.frontends.tui.transcript.units import Thought

MARGIN = 2
# Lines of prose longer than this are hard to read.
MEASURE = 116
TAB = 4


@dataclass(slots=True)
class Memo:
    """The rows of the complete lines of the leaf that is growing, so that a frame lays out only what is new.

    `parts` holds for each line what its rows were made from, and the rows.
    """

    leaf: Leaf | None = None
    parts: list[tuple[object, list[Row]]] = field(default_factory=list)

    def line(self, leaf: Leaf, number: int, source: object, make: Callable[[], list[Row]]) -> list[Row]:
        """The rows of line `number`, made anew if it was made from something else than `source`."""
        if self.leaf is not leaf:
            self.leaf, self.parts = leaf, []
        if number < len(self.parts):
            before, rows = self.parts[number]
            if before is source or before == source:
                return rows
            del self.parts[number:]
        rows = make()
        if number == len(self.parts):
            self.parts.append((source, rows))
        return rows


@dataclass(slots=True)
class Context:
    """One per width and palette. `thoughts` holds the rows of the complete lines of reasoning that was opened.

    `pale` is set where code could not be coloured yet: it has to be laid out again in a while.
    """

    width: int
    palette: Palette
    colours: Colours
    diffs: DiffViews
    columns: ColumnNeeds = field(default_factory=ColumnNeeds)
    memo: Memo = field(default_factory=Memo)
    thoughts: dict[Thought, list[list[Row]]] = field(default_factory=dict)
    pale: bool = False
