"""Something to look through: it fills most of the screen and Esc closes it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Mount, Resize
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, Part


class ReaderLayer(Layer[None]):
    """Lines to scroll through; ends without a value."""

    def __init__(self, title: str, parts: Sequence[Part]) -> None:
        super().__init__()
        self._title = title
        self._view = BlocksView(parts)
        self._view.can_focus = True

    def compose(self) -> ComposeResult:
        yield self._view

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(clean(self._title))
        self.border_subtitle = Content("↑↓ PgUp PgDn · Esc")

    def on_resize(self, event: Resize) -> None:
        self._view.styles.max_height = max(self.app.size.height - 5, 3)

    def focus_target(self) -> Widget:
        return self._view

    def on_key(self, event: Key) -> None:
        if event.key in ("q", "enter"):
            event.stop()
            self.finish(None)

    def scroll_page(self, direction: int) -> bool:
        return self._view.page(direction)
