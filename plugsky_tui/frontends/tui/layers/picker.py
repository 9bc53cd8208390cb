"""A list to choose from, filtered as you type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Mount, Resize
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.fuzzy import ranked
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.widgets.cells import fit

T = TypeVar("T")
_MOVES = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}
_MOST = 500  # rows drawn: who has more types a letter


@dataclass(slots=True)
class Pick(Generic[T]):
    """One row. `title` and `detail` may be untrusted; `current` marks what is in force now."""

    value: T
    title: str
    detail: str = ""
    current: bool = False


class Picker(Layer[T], Generic[T]):
    """Ends with the value of the chosen row. `preview` is called with each value the mark comes to."""

    DEFAULT_CSS = """
    Picker > OptionList {
        height: auto; border: none; padding: 0; background: $background; margin-top: 1; scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & > .option-list--option-highlighted { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    Picker > .note { color: $text-muted; height: auto; display: none; margin-top: 1; }
    """

    def __init__(
        self,
        title: str,
        picks: Sequence[Pick[T]],
        *,
        hint: str = "type to filter",
        note: str = "",
        preview: Callable[[T], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._picks = list(picks)
        self._shown: list[Pick[T]] = []
        self._note = note
        self._preview = preview
        self._input = Input(placeholder=hint)
        self._list = OptionList(markup=False)
        self._list.can_focus = False
        self._state = Static("", markup=False, classes="note")

    def compose(self) -> ComposeResult:
        yield self._input
        yield self._list
        yield self._state

    def on_mount(self, event: Mount) -> None:
        self._input.cursor_blink = False
        self.border_title = Content(clean(self._title))
        self.border_subtitle = Content("↑↓ Enter · Esc")
        self._show()
        self.set_note(self._note)

    def set_picks(self, picks: Sequence[Pick[T]], note: str = "") -> None:
        """Other rows, e.g. a list that came meanwhile; the mark stays on its value where it still is."""
        marked = self._marked()
        self._picks, self._note = list(picks), note
        if self.is_mounted:
            self._show(marked)
            self.set_note(note)

    def set_note(self, note: str) -> None:
        """A line under the list: what is being loaded, or what went wrong."""
        self._note = note
        self._state.update(Content(clean(note)))
        self._state.display = bool(note)

    def focus_target(self) -> Widget:
        return self._input

    def on_resize(self, event: Resize) -> None:
        self._list.styles.max_height = max(min(self.app.size.height - 9, 16), 3)
        self._show(self._marked())

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._show()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if (pick := self._marked()) is not None:
            self.finish(pick.value)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.finish(self._shown[message.option_index].value)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        if self._preview is not None and (pick := self._marked()) is not None:
            self._preview(pick.value)

    async def on_key(self, event: Key) -> None:
        if (move := _MOVES.get(event.key)) is not None:
            event.stop()
            event.prevent_default()
            await self._list.run_action(move)

    def scroll_page(self, direction: int) -> bool:
        if direction < 0:
            self._list.action_page_up()  # type: ignore[no-untyped-call]  # Textual's
        else:
            self._list.action_page_down()  # type: ignore[no-untyped-call]
        return True

    def _marked(self) -> Pick[T] | None:
        place = self._list.highlighted
        return self._shown[place] if place is not None and place < len(self._shown) else None

    def _show(self, marked: Pick[T] | None = None) -> None:
        query = self._input.value.strip()
        self._shown = ranked(query, self._picks, lambda pick: f"{pick.title} {pick.detail}")[:_MOST]
        width = max(self.size.width, 20)
        titles = min(max((cell_len(clean(pick.title)) for pick in self._shown), default=0), max(width // 2, 18))
        self._list.set_options([Option(_row(pick, titles, width)) for pick in self._shown])
        if not self._shown:
            return
        values = [pick.value for pick in self._shown]
        if marked is not None and marked.value in values:
            self._list.highlighted = values.index(marked.value)
        elif query:
            self._list.highlighted = 0
        else:
            self._list.highlighted = next((i for i, pick in enumerate(self._shown) if pick.current), 0)


def _row(pick: Pick[T], titles: int, width: int) -> Content:
    mark = "● " if pick.current else "  "
    title = fit(clean(pick.title).replace("\n", " "), titles)
    detail = fit(clean(pick.detail).replace("\n", " "), max(width - titles - 6, 0)).rstrip()
    return Content.assemble((mark, "$text-success"), (title, ""), (f"  {detail}", "$text-muted"))
