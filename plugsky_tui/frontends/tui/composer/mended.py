"""A text area whose undo can be relied on, and whose places can be counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.widgets.text_area import Selection

from plugsky_tui.frontends.tui.composer.turned import Location, TurnedArea

if TYPE_CHECKING:
    from textual.document._edit import Edit


class MendedArea(TurnedArea):
    def _undo_batch(self, edits: Sequence[Edit]) -> None:
        """One by one: Textual wraps the wrong lines again where several edits of a batch changed their number."""
        for edit in reversed(edits):
            super()._undo_batch([edit])

    def _redo_batch(self, edits: Sequence[Edit]) -> None:
        for edit in edits:
            super()._redo_batch([edit])

    def _refresh_size(self) -> None:
        """While an undo shortens the text, Textual looks for the caret before it has moved it: it must be somewhere."""
        if max(self.selection)[0] >= self.document.line_count:
            self.selection = Selection.cursor(self.document.end)
        super()._refresh_size()

    def offset_of(self, location: Location) -> int:
        """How many characters are before `location`."""
        row, column = location
        return sum(len(self.document.get_line(line)) + 1 for line in range(row)) + column

    def location_of(self, offset: int) -> Location:
        """Where the character number `offset` is; the end of the text where there are fewer."""
        for row in range(self.document.line_count):
            length = len(self.document.get_line(row))
            if offset <= length:
                return row, offset
            offset -= length + 1
        return self.document.end
