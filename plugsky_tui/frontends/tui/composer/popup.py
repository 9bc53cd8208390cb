"""The list of suggestions above the composer. It never has the focus: the composer moves in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from plugsky_tui.frontends.tui.composer.completion import Suggestion
from plugsky_tui.frontends.tui.widgets.cells import fit

ROWS = 8


class CompletionPopup(Widget, can_focus=False):
    """Shows at most ROWS suggestions around the chosen one."""

    DEFAULT_CSS = """
    CompletionPopup { height: auto; background: $surface; color: $foreground; padding: 0 1; margin: 0 1; }
    CompletionPopup > .popup--chosen { background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold; }
    CompletionPopup > .popup--detail { color: $text-muted; }
    """
    COMPONENT_CLASSES = {"popup--chosen", "popup--detail"}

    def __init__(self, *, accept: Callable[[], None]) -> None:
        """`accept` is called when a suggestion is clicked; it is the chosen one then."""
        super().__init__()
        self._accept = accept
        self.suggestions: Sequence[Suggestion] = ()
        self.place = 0
        self._top = 0
        self.display = False

    @property
    def open(self) -> bool:
        return bool(self.suggestions)

    @property
    def chosen(self) -> Suggestion | None:
        return self.suggestions[self.place] if self.suggestions else None

    def show(self, suggestions: Sequence[Suggestion]) -> None:
        """Show other suggestions, the first chosen; none closes the list."""
        self.suggestions, self.place, self._top = suggestions, 0, 0
        self.display = bool(suggestions)
        self.refresh(layout=True)

    def move(self, step: int) -> None:
        self.place = (self.place + step) % len(self.suggestions)
        self._top = min(max(self._top, self.place - ROWS + 1), self.place)
        self.refresh()

    def get_content_height(self, *_: object) -> int:
        return min(len(self.suggestions), ROWS)

    def render_line(self, y: int) -> Strip:
        row = self._top + y - self.gutter.top
        width = self.size.width
        base = self.rich_style
        if not 0 <= row < len(self.suggestions):
            return Strip.blank(self.outer_size.width, base)
        suggestion, chosen = self.suggestions[row], row == self.place
        style = self.get_component_rich_style("popup--chosen") if chosen else base
        faint = style if chosen else self.get_component_rich_style("popup--detail")
        widest = max(len(item.label) for item in self.suggestions[self._top : self._top + ROWS])
        column = min(widest + 2, width - 2) if suggestion.detail and width >= 50 else width - 2
        label = fit(suggestion.label, column)
        detail = fit(suggestion.detail, width - 2 - column)
        marker = "❯ " if chosen else "  "
        gap = Segment(" ", base)
        return Strip(
            [gap, Segment(marker + label, style), Segment(detail, faint + Style(bold=False)), gap],
            width + 2,
        )

    def on_click(self, event: Click) -> None:
        event.stop()
        row = self._top + event.y - self.gutter.top
        if 0 <= row < len(self.suggestions):
            self.place = row
            self._accept()
