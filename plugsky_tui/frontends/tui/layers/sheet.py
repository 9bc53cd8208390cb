"""Tables and bars to look at: drawn anew for each width, and whenever there is something new."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key, Mount, Resize
from textual.widget import Widget
from textual.widgets import Static

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.base import Layer

Draw = Callable[[int], Sequence[Content]]  # the lines for a width in cells; none may be wider


class SheetLayer(Layer[None]):
    """Ends without a value, on Esc, Enter or q."""

    DEFAULT_CSS = """
    SheetLayer > VerticalScroll {
        height: auto; background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
        & > Static { height: auto; width: 1fr; }
    }
    """

    def __init__(self, title: str, draw: Draw) -> None:
        super().__init__()
        self._title = title
        self._draw = draw
        self._body = Static("", markup=False)
        self._scroll = VerticalScroll(self._body)

    def compose(self) -> ComposeResult:
        yield self._scroll

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(clean(self._title))
        self._fit()

    def show(self, draw: Draw) -> None:
        """Something else to see, at the same place."""
        self._draw = draw
        if self.is_mounted:
            self._redraw()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        self._scroll.styles.max_height = max(self.app.size.height - 5, 3)
        self._redraw()

    def _redraw(self) -> None:
        # the frame, its padding, and the column that a scroll bar may take
        self._body.update(Content("\n").join(self._draw(max(self.app.size.width - 5, 10))))
        self.call_after_refresh(self._say_how)

    def _say_how(self) -> None:
        self.border_subtitle = Content("↑↓ PgUp PgDn · Esc" if self._scroll.max_scroll_y > 0 else "Esc")

    def focus_target(self) -> Widget:
        return self._scroll

    def on_key(self, event: Key) -> None:
        if event.key in ("q", "enter"):
            event.stop()
            self.finish(None)

    def scroll_page(self, direction: int) -> bool:
        if self._scroll.max_scroll_y <= 0:
            return False
        if direction < 0:
            self._scroll.scroll_page_up(animate=False)
        else:
            self._scroll.scroll_page_down(animate=False)
        return True
