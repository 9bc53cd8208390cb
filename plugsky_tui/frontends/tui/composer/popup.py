"""The list of suggestions above the composer. It never has the focus: the composer moves in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from plugsky_tui.frontends.tui.composer.completion import Completion, Suggestion
from plugsky_tui.frontends.tui.widgets.cells import fit, fit_end

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
        self._typed = self._note = ""
        self._top = 0
        self.display = False

    @property
    def open(self) -> bool:
        return bool(self.suggestions or self._note)

    @property
    def chosen(self) -> Suggestion | None:
        return self.suggestions[self.place] if self.suggestions else None

    def show(self, found: Completion) -> None:
        """Show these, the first one chosen. Where they are for the same letters as before, there is only more to
        choose from: what the user has moved to stays chosen."""
        moved = self.chosen if self.place and found.typed == self._typed else None
        self.suggestions, self._typed, self._note = found.suggestions, found.typed, found.note
        self.place = self._top = 0
        for place, suggestion in enumerate(self.suggestions):
            if moved is not None and suggestion.insert == moved.insert:
                self._go_to(place)
        self.display = self.open
        self.refresh(layout=True)

    def close(self) -> None:
        self.show(Completion(0, []))

    def move(self, step: int) -> None:
        if self.suggestions:
            self._go_to((self.place + step) % len(self.suggestions))
            self.refresh()

    def _go_to(self, place: int) -> None:
        self.place = place
        self._top = min(max(self._top, place - self._rows + 1), place)

    @property
    def _rows(self) -> int:
        """How many suggestions are seen: the note takes the place of the last one."""
        return min(len(self.suggestions), ROWS - bool(self._note))

    def get_content_height(self, *_: object) -> int:
        return self._rows + bool(self._note)

    def render_line(self, y: int) -> Strip:
        row = self._top + y - self.gutter.top
        width = self.size.width
        base = self.rich_style
        if self._note and y - self.gutter.top == self._rows:
            note = Segment(fit(f"  {self._note}", width), self.get_component_rich_style("popup--detail"))
            return Strip([Segment(" ", base), note, Segment(" ", base)], width + 2)
        if not 0 <= row < len(self.suggestions):
            return Strip.blank(self.outer_size.width, base)
        suggestion, chosen = self.suggestions[row], row == self.place
        style = self.get_component_rich_style("popup--chosen") if chosen else base
        faint = style if chosen else self.get_component_rich_style("popup--detail")
        widest = max(len(item.label) for item in self.suggestions[self._top : self._top + self._rows])
        column = min(widest + 2, width - 2) if suggestion.detail and width >= 50 else width - 2
        label = fit(_end_of_path(suggestion, column), column)
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
        if 0 <= row < min(self._top + self._rows, len(self.suggestions)):
            self.place = row
            self._accept()


def _end_of_path(suggestion: Suggestion, width: int) -> str:
    """The label; of a path that is too long what tells it from others: its end."""
    label = suggestion.label
    if not suggestion.insert.startswith(f"@{label}") or cell_len(label) <= width:
        return label
    while cell_len(label) > width - 2 and "/" in label[:-1]:
        label = label.partition("/")[2]
    return fit_end(f"…/{label}", width)
