"""The help on the screen: read from the top, or searched by typing."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key, Mount, Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from plugsky_tui.frontends.tui.help import Section, found
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.picker import SMALL
from plugsky_tui.frontends.tui.widgets.cells import wrapped_words
from plugsky_tui.frontends.tui.widgets.columns import heading, prose

_NARROW = 60  # cells: below, what a key does stands under it
_WIDEST = 34  # cells of keys and commands
_MOVES = {"up": "scroll_up", "down": "scroll_down"}


class HelpLayer(Layer[None]):
    """Ends without a value. The input has the focus; arrows scroll."""

    DEFAULT_CSS = """
    HelpLayer > VerticalScroll {
        height: auto; margin-top: 1; scrollbar-size-vertical: 1; overflow-x: hidden;
        & > Static { height: auto; }
    }
    HelpLayer.-small > VerticalScroll { margin-top: 0; }
    """

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections
        self._input = Input(placeholder="type to search", select_on_focus=False)
        self._body = Static("", markup=False)
        self._scroll = VerticalScroll(self._body)
        self._scroll.can_focus = False

    def compose(self) -> ComposeResult:
        yield self._input
        yield self._scroll

    def on_mount(self, event: Mount) -> None:
        self._input.cursor_blink = False
        self.border_title = Content("Help")
        self.border_subtitle = Content("↑↓ PgUp PgDn · Esc")
        self._fit()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        small = self.app.size.height < SMALL
        self.set_class(small, "-small")
        self._scroll.styles.max_height = max(self.app.size.height - (5 if small else 7), 3)
        self._redraw()

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._redraw()
        self._scroll.scroll_home(animate=False)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.finish(None)

    def on_key(self, event: Key) -> None:
        if event.key in _MOVES:
            event.stop()
            event.prevent_default()
            getattr(self._scroll, _MOVES[event.key])(animate=False)

    def focus_target(self) -> Widget:
        return self._input

    def scroll_page(self, direction: int) -> bool:
        (self._scroll.scroll_page_up if direction < 0 else self._scroll.scroll_page_down)(animate=False)
        return True

    def _redraw(self) -> None:
        width = max(self.app.size.width - 5, 10)
        sections = found(self._sections, self._input.value)
        lines = section_lines(sections, width)
        if not sections:
            lines = prose("Nothing of that name. Other words for it?", width, "$text-muted")
        self._body.update(Content("\n").join(lines))


def section_lines(sections: Sequence[Section], width: int) -> list[Content]:
    """All of `sections` in `width` cells, each in two columns."""
    lines: list[Content] = []
    for section in sections:
        lines += [Content(""), heading(section.title)] if lines else [heading(section.title)]
        left = min(max(cell_len(name) for name, _ in section.rows), _WIDEST)
        for name, text in section.rows:
            lines += _row(name, text, left, width)
    return lines


def _row(name: str, text: str, left: int, width: int) -> list[Content]:
    if width < _NARROW or cell_len(name) > left:
        head = [Content.styled(row, "bold") for row in wrapped_words(name, width)]
        indent = 2 if width < _NARROW else left + 2
        return [*head, *(Content(" " * indent + row) for row in wrapped_words(text, max(width - indent, 8)))]
    rows = wrapped_words(text, max(width - left - 2, 8))
    first = Content.assemble((name, "bold"), " " * (left + 2 - cell_len(name)), rows[0])
    return [first, *(Content(" " * (left + 2) + row) for row in rows[1:])]
