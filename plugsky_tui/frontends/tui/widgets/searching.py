"""The line one types into to search the thread."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Key
from textual.widgets import Input, Static

from plugsky_tui.frontends.tui.transcript.finding import MOST
from plugsky_tui.frontends.tui.transcript.widget import Transcript

_STEPS = {"enter": 1, "down": 1, "shift+enter": -1, "up": -1}
_HINT = "↑↓ before, next · Esc"
_ROOM_FOR_HINT = 64


class SearchLine(Horizontal):
    """Each letter searches anew, Enter and ↓ go to the next place, ↑ to the one before. `closed` is called at its end."""

    DEFAULT_CSS = """
    SearchLine { height: 1; padding: 0 2; background: $surface; display: none; }
    SearchLine > Input {
        border: none; height: 1; padding: 0; width: 1fr; background: $surface;
        &:focus { border: none; background-tint: transparent; }
    }
    SearchLine > .what { width: auto; color: $text-primary; }
    SearchLine > .count { width: auto; color: $text-muted; padding-left: 2; }
    """

    def __init__(self, transcript: Transcript, closed: Callable[[], None]) -> None:
        super().__init__(id="searching")
        self._transcript = transcript
        self._when_closed = closed
        self._input = Input(select_on_focus=True)
        self._count = Static("", markup=False, classes="count")

    def compose(self) -> ComposeResult:
        yield Static("Search: ", markup=False, classes="what")
        yield self._input
        yield self._count

    def on_mount(self) -> None:
        self._input.cursor_blink = False

    def open(self) -> None:
        """Show it; what was searched for last is there, and typing replaces it."""
        self.display = True
        self._input.focus()
        self._input.select_all()
        self._search()

    def close(self) -> None:
        """Take it away, and the marks; the place stays."""
        if self.display:
            self.display = False
            self._transcript.end_search()
            self._when_closed()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        if self.display:
            self._search()

    async def on_key(self, event: Key) -> None:
        if (step := _STEPS.get(event.key)) is not None:
            event.stop()
            event.prevent_default()
            self.tell(*self._transcript.search_on(step))

    def _search(self) -> None:
        self.tell(*self._transcript.search(self._input.value))

    def tell(self, number: int, total: int) -> None:
        """Say which of how many places is shown."""
        if not self._input.value.strip():
            said = ""
        elif not total:
            said = "not found"
        else:
            said = f"{number:,} of {total:,}{'+' if total >= MOST else ''}"
        hint = _HINT if self.app.size.width >= _ROOM_FOR_HINT else ""
        self._count.update(Content(" · ".join(part for part in (said, hint) if part)))
