"""The list of suggestions of a composer: when it is open, and what is done with what is chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from plugsky_tui.frontends.tui.composer.completion import Completer, Completion, Suggestion
    from plugsky_tui.frontends.tui.composer.popup import CompletionPopup


class Suggesting:
    """`completer` makes what finds suggestions, when it is first needed; paths of commands are looked for in `folder`."""

    def __init__(self, area: TextArea, completer: Callable[[], Completer], folder: Path) -> None:
        self._area = area
        self._make_completer = completer
        self._folder = folder
        self.popup: CompletionPopup | None = None
        self._start = 0
        self._asked_for = ""  # the line Tab has opened a list for: it stays open until the line changes
        self._dismissed = ""  # the line a list was closed on: it stays closed until the line changes

    @cached_property
    def _completer(self) -> Completer:
        return self._make_completer()

    @property
    def open(self) -> bool:
        return self.popup is not None and self.popup.open

    @property
    def chosen(self) -> Suggestion | None:
        """What Enter or Tab would take; None where no list is open."""
        return self.popup.chosen if self.popup is not None and self.popup.open else None

    def look(self, *, typing: bool) -> None:
        """Find what there is for the line up to the caret; nothing where nobody is `typing` it."""
        row, before = self._before()
        if before and before in (self._dismissed, self._asked_for):
            return
        self._dismissed = self._asked_for = ""
        asks = typing and ("@" in before or (row == 0 and before[:1] == "/"))
        found = self._completer.complete(row, before) if asks else None
        if found is None:
            self.close()
        else:
            self._show(found)

    async def complete_path(self) -> None:
        """Tab in a command of the user's own: the path as far as it is clear, else what there is to choose from."""
        from plugsky_tui.frontends.tui.composer.shell_paths import common_start, complete_path

        row, before = self._before()
        found = await asyncio.to_thread(complete_path, before[1:] if row == 0 else before, self._folder)
        found.start += row == 0  # behind the mark
        only = found.suggestions[0].insert if len(found.suggestions) == 1 else common_start(found)
        if only:
            self._put(only, found.start)
        else:
            self._asked_for = before
            self._show(found)

    def move(self, step: int) -> None:
        if self.popup is not None:
            self.popup.move(step)

    def accept(self) -> None:
        """Put in what is chosen."""
        chosen = self.chosen
        if chosen is not None:
            self.close()
            self._put(chosen.insert, self._start)

    def dismiss(self) -> bool:
        """Close the list until the line changes; False where none is open."""
        if not self.open:
            return False
        self._dismissed = self._before()[1]
        self.close()
        return True

    def close(self) -> None:
        if self.popup is not None and self.popup.open:
            self.popup.close()

    def _show(self, found: Completion) -> None:
        if self.popup is None:
            from plugsky_tui.frontends.tui.composer.popup import CompletionPopup  # not needed for the first paint

            self.popup = CompletionPopup(accept=self.accept)
            self._area.screen.mount(self.popup, before=self._area)
        self.popup.show(found)
        self._start = found.start

    def _before(self) -> tuple[int, str]:
        """The row of the caret, and what stands in it before that."""
        row, column = self._area.cursor_location
        return row, self._area.document.get_line(row)[:column]

    def _put(self, text: str, start: int) -> None:
        """`text` instead of what stands from column `start` to the caret."""
        row, column = self._area.cursor_location
        self._area.replace(text, (row, start), (row, column))
        self._area.move_cursor((row, start + len(text)))
