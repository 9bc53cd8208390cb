"""The keys of vi in a text area: what the machine says is done to its text, its caret and its selection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.events import Key
from textual.widgets.text_area import Selection

from plugsky_tui.frontends.tui.vim.machine import Outcome, Vim
from plugsky_tui.frontends.tui.vim.places import on_line

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.composer.area import Composer


class VimKeys:
    """Hears each key before anybody else does."""

    def __init__(self, area: Composer) -> None:
        self._area = area
        self._vim = Vim()
        self._shown: Selection | None = None  # what a visual mode has selected

    @property
    def mode(self) -> str:
        return self._vim.mode

    @property
    def typing(self) -> bool:
        """Whether keys are text."""
        return self._vim.mode == "insert"

    def reset(self) -> None:
        """The composer is empty again."""
        self._vim.reset()
        self._area.show_keys(self.mode)

    def press(self, event: Key) -> bool:
        """Do what a key means; False where it means nothing to vi."""
        area, vim = self._area, self._vim
        if vim.mode.startswith("visual") and area.selection != self._shown:
            vim.press("escape", area.text, self._caret())  # the mouse, or an arrow key, has selected something else
        name = event.character if event.is_printable and event.character else event.key
        text = area.text
        outcome = vim.press(name, text, self._caret())
        area.show_keys(vim.mode)
        if outcome.taken:
            self._take(outcome, text)
        return outcome.taken

    def _caret(self) -> int:
        return self._area.offset_of(self._area.cursor_location)

    def _take(self, outcome: Outcome, before: str) -> None:
        area = self._area
        match outcome.wish:
            case "undo" | "redo":
                area.action_undo() if outcome.wish == "undo" else area.action_redo()
                area.move_cursor(self._location(on_line(area.text, self._caret())))
                return
            case "earlier":
                area.action_history_previous()
                return
            case "later":
                area.action_history_next()
                return
            case _:
                pass
        if outcome.text != before:
            self._change(before, outcome.text)
        if outcome.selection is not None:
            start, end = (self._location(at) for at in outcome.selection)
            backwards = (
                outcome.at == outcome.selection[0] < outcome.selection[1] - 1
            )  # then the caret is at its beginning
            self._shown = Selection(end, start) if backwards else Selection(start, end)
            area.selection = self._shown
        else:
            area.move_cursor(self._location(outcome.at))

    def _change(self, before: str, after: str) -> None:
        """Replace what is different, so that undo brings just that back."""
        start = 0
        most = min(len(before), len(after))
        while start < most and before[start] == after[start]:
            start += 1
        same = 0
        while same < most - start and before[-1 - same] == after[-1 - same]:
            same += 1
        first, last = self._location(start), self._location(len(before) - same)
        self._area.history.checkpoint()
        self._area.replace(after[start : len(after) - same], first, last)
        self._area.history.checkpoint()

    def _location(self, at: int) -> tuple[int, int]:
        return self._area.location_of(at)
