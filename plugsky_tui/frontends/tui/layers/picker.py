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
from plugsky_tui.frontends.tui.widgets.cells import fit, fit_end, wrapped_words

T = TypeVar("T")
_MOVES = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}
_AROUND = 9  # rows of the screen that are not the list's: its frame, the input, the notes, the status line
_AROUND_SMALL, _NOTE_ROWS = 6, 2  # where the screen is small
_ABOUT_ROWS = 2
_ROOM_FOR_END = 52  # cells
_FARTHEST = 112  # cells: what stands at the right is not farther away than eyes go along a row
SMALL = 18  # rows of the screen: with fewer, every one counts
_MOST = 500  # rows drawn: who has more types a letter


@dataclass(slots=True)
class Pick(Generic[T]):
    """One row. `title` and `detail` may be untrusted; `current` marks what is in force now.

    Rows of a `section` stand together under its heading as long as nothing is typed; a value may be in several.
    `words` are more to find the row by; `faint` rows are not to be had just so. `end` stands at the right, whole.
    """

    value: T
    title: str
    detail: str = ""
    current: bool = False
    section: str = ""
    words: str = ""
    faint: bool = False
    end: str = ""


class Picker(Layer[T], Generic[T]):
    """Ends with the value of the chosen row. `preview` is called with each value the mark comes to."""

    DEFAULT_CSS = """
    Picker > OptionList {
        height: auto; border: none; padding: 0; background: $background; margin-top: 1; scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & > .option-list--option-highlighted { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .option-list--option-disabled { color: $text-primary; text-style: bold; }
    }
    Picker > .about { color: $text-muted; height: 2; display: none; margin-top: 1; }
    Picker > .note { color: $text-muted; height: auto; display: none; margin-top: 1; }
    Picker.-small > OptionList, Picker.-small > .note { margin-top: 0; }
    Picker.-small > .note { max-height: 2; }
    """

    def __init__(
        self,
        title: str,
        picks: Sequence[Pick[T]],
        *,
        hint: str = "type to filter",
        note: str = "",
        preview: Callable[[T], None] | None = None,
        describe: Callable[[T], str] | None = None,
        marked: T | None = None,
        query: str = "",
        most_rows: int = 16,
        widest_title: int = 200,
        keys: str = "↑↓ Enter · Esc",
    ) -> None:
        """`most_rows` is the height of the list where the screen has room for more, `widest_title` the cells that titles may
        take; `keys` says what keys do. `describe` tells of the value the mark is on, below the list, where the screen has
        room for that. The mark begins on `marked`; `query` is typed already."""
        super().__init__()
        self._keys = keys
        self._most_rows = most_rows
        self._widest = widest_title
        self._title = title
        self._picks = list(picks)
        self._shown: list[Pick[T] | None] = []  # by line; None is a heading
        self._note = note
        self._preview = preview
        self._describe = describe
        self._first = marked
        self._about = Static("", markup=False, classes="about")
        self._input = Input(query, placeholder=hint, select_on_focus=False)
        self._list = OptionList(markup=False)
        self._list.can_focus = False
        self._state = Static("", markup=False, classes="note")

    def compose(self) -> ComposeResult:
        yield self._input
        yield self._list
        yield self._about
        yield self._state

    def on_mount(self, event: Mount) -> None:
        self._input.cursor_blink = False
        self.border_title = Content(clean(self._title))
        self.border_subtitle = Content(self._keys)
        self._fit()  # now, so that it is never seen larger than it may be
        self._show(next((pick for pick in self._picks if pick.value == self._first), None))
        self.set_note(self._note)

    def set_picks(self, picks: Sequence[Pick[T]], note: str = "") -> None:
        """Other rows, e.g. a list that came meanwhile; the mark stays on its value where it still is."""
        marked = self.marked
        self._picks, self._note = list(picks), note
        if self.is_mounted:
            self._show(marked)
            self.set_note(note)

    def set_note(self, note: str) -> None:
        """A line under the list: what is being loaded, or what went wrong."""
        self._note = note
        self._state.update(Content(clean(note)))
        self._state.display = bool(note)
        if self.is_mounted:
            self._fit()

    @property
    def note(self) -> str:
        return self._note

    @property
    def room(self) -> int:
        """Cells that a row of the list may take."""
        return self.size.width or self.app.size.width - 4  # at first the size is not known yet

    def focus_target(self) -> Widget:
        return self._input

    def on_resize(self, event: Resize) -> None:
        self._fit()
        self._show(self.marked)

    def _fit(self) -> None:
        """The list has what the screen has left."""
        height = self.app.size.height
        small = height < SMALL
        self.set_class(small, "-small")
        described = self._describe is not None and not small
        self._about.display = described
        around = _AROUND + (_ABOUT_ROWS + 1 if described else 0)
        if small:
            around = _AROUND_SMALL + (_NOTE_ROWS if self._note else 0)
        self._list.styles.max_height = max(min(height - around, self._most_rows), 3)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._show()

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if (pick := self.marked) is not None:
            self.finish(pick.value)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        if (pick := self._shown[message.option_index]) is not None:
            self.finish(pick.value)

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        pick = self.marked
        if self._preview is not None and pick is not None:
            self._preview(pick.value)
        if self._describe is not None:
            self._tell_of(self._describe(pick.value) if pick is not None else "")

    def _tell_of(self, text: str) -> None:
        """Two rows, whatever there is to say: the list stays where it is."""
        rows = wrapped_words(" ".join(clean(text).split()), max(self.size.width - 4, 10))
        if len(rows) > _ABOUT_ROWS:
            rows[_ABOUT_ROWS - 1] = fit(f"{rows[_ABOUT_ROWS - 1]} {rows[_ABOUT_ROWS]}", max(self.size.width - 4, 10))
        self._about.update(Content("\n".join(rows[:_ABOUT_ROWS])))

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

    @property
    def marked(self) -> Pick[T] | None:
        """The row the mark is on."""
        place = self._list.highlighted
        return self._shown[place] if place is not None and place < len(self._shown) else None

    def _show(self, marked: Pick[T] | None = None) -> None:
        query = self._input.value.strip()
        found = ranked(
            query, self._picks, lambda pick: pick.title, lambda pick: f"{pick.detail} {pick.end} {pick.words}"
        )
        if query:
            found = _once_each(found)
        found = found[:_MOST]
        width = max(self.room, 20)
        longest = max((cell_len(clean(pick.title)) for pick in found), default=0)
        titles = min(longest, max(width // 2, 18), self._widest)
        self._shown, options, section = [], [], ""
        for pick in found:
            if pick.section != section and not query:
                section = pick.section
                self._shown.append(None)
                options.append(Option(Content(fit(clean(section).replace("\n", " "), width - 4)), disabled=True))
            self._shown.append(pick)
            options.append(Option(_row(pick, titles, width)))
        self._list.set_options(options)
        self._list.highlighted = self._place(marked, query)

    def _place(self, marked: Pick[T] | None, query: str) -> int | None:
        """Where the mark goes: it stays on its row, or on its value; else what is in force, or the first row."""
        rows = [(place, pick) for place, pick in enumerate(self._shown) if pick is not None]
        if marked is not None:
            same = [place for place, pick in rows if pick.value == marked.value]
            in_section = [place for place in same if (row := self._shown[place]) and row.section == marked.section]
            if same:
                return (in_section or same)[0]
        current = [place for place, pick in rows if pick.current and not query]
        return next(iter(current or [place for place, _ in rows]), None)


def _once_each(picks: Sequence[Pick[T]]) -> list[Pick[T]]:
    """The first row of each value; only values that are in a section can be in several."""
    seen: list[T] = []
    kept: list[Pick[T]] = []
    for pick in picks:
        if not pick.section or pick.value not in seen:
            kept.append(pick)
            if pick.section:
                seen.append(pick.value)
    return kept


def _row(pick: Pick[T], titles: int, width: int) -> Content:
    mark = "● " if pick.current else "  "
    title = fit(clean(pick.title).replace("\n", " "), titles)
    end = "" if width < _ROOM_FOR_END else fit_end(clean(pick.end).replace("\n", " "), max(width - titles - 20, 0))
    room = min(width, _FARTHEST) - titles - 9 - cell_len(end) if end else width - titles - 6
    detail = fit(clean(pick.detail).replace("\n", " "), max(room, 0))
    return Content.assemble(
        (mark, "$text-success"),
        (title, "$text-muted" if pick.faint else ""),
        (f"  {detail if end else detail.rstrip()}", "$text-muted"),
        (f"  {end}" if end else "", "$text-muted"),
    )
