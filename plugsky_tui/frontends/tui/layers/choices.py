"""A few choices, each with its key: side by side as far as they fit, or one under the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click, Key
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit, wrapped_words


@dataclass(slots=True)
class Choice:
    """`key` picks it, `label` (possibly untrusted) names it."""

    key: str
    label: str


class Choices(Widget, can_focus=True):
    """Posts `Picked`. Arrows and Tab move, Enter picks what is marked, a choice's key picks it at once.

    Keys and clicks before `ready()` are swallowed.
    """

    DEFAULT_CSS = "Choices { height: auto; }"

    class Picked(Message):
        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Unknown(Message):
        """A printable key that is no choice's."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    class Swallowed(Message):
        """A printable key that came too early to count."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(
        self,
        choices: Sequence[Choice],
        *,
        marked: int = 0,
        ready: Callable[[], bool] = lambda: True,
        column: bool = False,
    ) -> None:
        """`marked` is the index the focus begins on; `column` puts them under each other even where they fit."""
        super().__init__()
        self.choices = choices
        self.marked = marked
        self._ready = ready
        self._column = column

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return sum(self._height(row, width) for row in self._rows(width))

    def render(self) -> Content:
        width = self.size.width
        rows = [Content(" ").join([self._box(index, width) for index in row]) for row in self._rows(width)]
        return Content("\n").join(rows)

    def _box(self, index: int, width: int) -> Content:
        choice, marked = self.choices[index], index == self.marked
        style = "bold $block-cursor-foreground on $block-cursor-background" if marked else ""
        first, *rest = self._label(choice, width)
        parts = [("❯ " if marked else "  ", style), (choice.key, style or "bold $text-primary"), (f" {first} ", style)]
        indent = " " * (cell_len(choice.key) + 3)
        parts += [(f"\n{indent}{line} ", style) for line in rest]
        return Content.assemble(*parts)

    def _label(self, choice: Choice, width: int) -> list[str]:
        """The lines of a label: more than one where it has a row of its own and does not fit into that."""
        label = clean(choice.label)
        if not self._column and self._cell_width(choice) <= width:
            return [label]
        room = max(width - cell_len(choice.key) - 4, 2)
        return [fit(line, room) for line in wrapped_words(label, room)]

    def _height(self, row: list[int], width: int) -> int:
        return max(len(self._label(self.choices[index], width)) for index in row)

    def _rows(self, width: int) -> list[list[int]]:
        """Which choices stand in which row."""
        rows: list[list[int]] = []
        left = 0
        for index, choice in enumerate(self.choices):
            needed = self._cell_width(choice) + 1
            if self._column or not rows or needed - 1 > left:
                rows.append([])
                left = width
            rows[-1].append(index)
            left -= needed
        return rows

    def _cell_width(self, choice: Choice) -> int:
        return cell_len(f"  {choice.key} {clean(choice.label)} ")

    async def on_key(self, event: Key) -> None:
        if event.key in ("tab", "right", "down", "left", "up", "shift+tab", "enter") or event.is_printable:
            event.stop()
            event.prevent_default()
        else:
            return
        if not self._ready():
            if event.character is not None and event.is_printable:
                self.post_message(self.Swallowed(event.character))
            return
        match event.key:
            case "tab" | "right" | "down":
                self._move(1)
            case "left" | "up" | "shift+tab":
                self._move(-1)
            case "enter":
                self.post_message(self.Picked(self.marked))
            case _:
                self._pick_by_key(event)

    def _pick_by_key(self, event: Key) -> None:
        character = event.character or ""
        for index, choice in enumerate(self.choices):
            if choice.key == character.lower():
                self.marked = index
                self.refresh()
                self.post_message(self.Picked(index))
                return
        self.post_message(self.Unknown(character))

    def _move(self, step: int) -> None:
        self.marked = (self.marked + step) % len(self.choices)
        self.refresh()

    def on_click(self, event: Click) -> None:
        event.stop()
        if not self._ready():
            return
        index = self._at(event.x, event.y)
        if index is not None:
            self.marked = index
            self.refresh()
            self.post_message(self.Picked(index))

    def _at(self, x: int, y: int) -> int | None:
        width = self.size.width
        for row in self._rows(width):
            y -= self._height(row, width)
            if y < 0:
                return self._in_row(row, x)
        return None

    def _in_row(self, row: list[int], x: int) -> int | None:
        right = 0
        for index in row:
            right += self._cell_width(self.choices[index]) + 1
            if x < right or self._column:
                return index
        return None
