"""The transcript: what was said and done, drawn line by line.

A Textual `ScrollView` without children. Texts given to it are untrusted: they are cleaned before they are kept, and
never parsed as markup. Streamed text is only gathered; frames, at most about 20 a second, take it in and draw what
is on the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import TYPE_CHECKING, Any

from textual import events
from textual.color import Color
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from plugsky_tui.frontends.tui.direction import TurningFilter
from plugsky_tui.frontends.tui.keys import bindings
from plugsky_tui.frontends.tui.transcript.bar import Bar
from plugsky_tui.frontends.tui.transcript.loading import in_thread
from plugsky_tui.frontends.tui.transcript.pacing import Pacer

if TYPE_CHECKING:
    from plugsky_tui.frontends.bidi.paragraph import Way
    from plugsky_tui.frontends.tui.transcript.colours import Load
    from plugsky_tui.frontends.tui.transcript.document import Document
    from plugsky_tui.frontends.tui.transcript.stage import Stage
    from plugsky_tui.frontends.tui.transcript.units import NoteKind, StepState
    from plugsky_tui.kernel.display import Display


class Transcript(ScrollView, can_focus=True):
    """Shows a conversation. Posts `CopyRequested`, `LinkOpened` and `FollowChanged`."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    Transcript {
        background: $background;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $foreground 18%;
        scrollbar-color-hover: $foreground 36%;
        scrollbar-color-active: $primary;
    }
    """
    BINDINGS = bindings("transcript")

    class CopyRequested(Message):
        """The user wants `text` on the clipboard."""

        def __init__(self, text: str) -> None:
            self.text = text
            super().__init__()

    class LinkOpened(Message):
        """The user clicked a link to `url` (http or https). Ask before opening it."""

        def __init__(self, url: str) -> None:
            self.url = url
            super().__init__()

    class FoundAgain(Message):
        """A key went to another place that was found: its number, from 1, of `total`."""

        def __init__(self, number: int, total: int) -> None:
            self.number = number
            self.total = total
            super().__init__()

    class FollowChanged(Message):
        """Whether the end is kept in sight; if not, how many blocks came in below since."""

        def __init__(self, following: bool, new_below: int) -> None:
            self.following = following
            self.new_below = new_below
            super().__init__()

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        load_lexer: Load | None = None,
        way: Way = "logical",
    ) -> None:
        """`load_lexer` makes the grammars that colour code; by default in another thread, each when it is needed.

        `way` is that of right-to-left text to the terminal.
        """
        super().__init__(name=name, id=id, classes=classes)
        self._load_lexer = load_lexer or in_thread(self._request)
        self._way = way
        self._made: Stage | None = None
        self._pacer = Pacer(self._frame, self._failed)
        self._dressed_for: tuple[int, int, str, Color] | None = None
        self._told = (True, 0)  # what FollowChanged said last
        self._thumb: tuple[int, int] | None = None

    @property
    def stage(self) -> Stage:
        """Everything but Textual; made when there is something to show (importing it takes 15 ms)."""
        if self._made is None:
            from plugsky_tui.frontends.tui.transcript.stage import Stage

            self._made = Stage(self._load_lexer)
        return self._made

    @property
    def document(self) -> Document:
        return self.stage.document

    # --- What is said and done -------------------------------------------------------------------------------

    def add_prompt(self, text: str, attached: Sequence[str] = ()) -> None:
        """What the user said, and a line for each thing sent along. Shows the end again."""
        self.document.prompt(text, attached)
        self.jump_to_end()

    def stream_text(self, delta: str) -> None:
        """The next piece of the model's answer."""
        (self._made or self.stage).document.write(delta)
        self._request()

    def stream_reasoning(self, delta: str) -> None:
        self.document.think(delta)
        self._request()

    def end_answer(self, *, interrupted: bool = False) -> None:
        """Finish the open answer or reasoning."""
        if self._made is not None or interrupted:
            self.document.end(interrupted=interrupted)
            self._request()

    @property
    def writing(self) -> bool:
        """Whether a text or reasoning of the model has begun and not ended."""
        return self._made is not None and self._made.document.writing

    def add_tool(self, call_id: str, name: str, summary: str, input: str = "", *, opened: bool = False) -> None:
        """A tool call begins. `summary` is one line, `input` what it shows when opened."""
        self.document.tool(call_id, name, summary, input, opened=opened)
        self._request()

    def tool_output(self, call_id: str, text: str) -> None:
        """Live output: its last lines are shown until the call ends."""
        self.document.tool_output(call_id, text)
        self._request()

    def tool_step(self, call_id: str, key: str, state: StepState, text: str) -> None:
        """What the subagent of a call does: see `Document.tool_step`."""
        self.document.tool_step(call_id, key, state, text)
        self._request()

    def finish_tool(self, call_id: str, ok: bool, output: str, seconds: float, display: Sequence[Display] = ()) -> None:
        self.document.tool_result(call_id, ok, output, seconds, display)
        self._request()

    def add_notice(self, text: str, kind: NoteKind = "info") -> None:
        """A remark. The first line says what is the matter, those below it what to do."""
        self.document.note(text, kind)
        self._request()

    def add_markdown(self, text: str) -> None:
        """A text that is not the model's, such as help."""
        self.document.markdown(text)
        self._request()

    def clear(self) -> None:
        if self._made is None:
            return
        self._made.clear()
        if self.is_attached:
            self.screen.clear_selection()
        self._request()

    def toggle_all_tools(self) -> None:
        """Open all tool calls and all reasoning; fold them where all are open."""
        self.document.toggle_all()
        self._request()

    def last_answer(self) -> str:
        """The source of the model's last answer."""
        return self._made.document.last_answer() if self._made else ""

    def source(self) -> str:
        """The source of all of it, as Markdown."""
        return self._made.document.source() if self._made else ""

    # --- Frames ----------------------------------------------------------------------------------------------

    def _request(self) -> None:
        if self.is_running:
            self._pacer.request()

    def draw_now(self) -> None:
        """Draw what is waiting to be drawn at once."""
        self._pacer.cancel()
        self._frame()

    def _frame(self) -> None:
        stage = self._made
        if stage is None:
            return
        if not self._dress(stage):
            stage.take()
            return
        first, last = stage.frame(self.size.height)
        self._tell(stage)
        self._sync(stage)
        if first < last:
            self.refresh(Region(0, first, self.size.width, last - first))
        if stage.unfinished:
            self._pacer.request()

    def _failed(self, error: Exception) -> None:
        self.app._handle_exception(error)

    def _dress(self, stage: Stage) -> bool:
        """Have the stage fit the size and the theme. Whether there is anything to draw on."""
        if not self.size or not self.is_attached:
            return False
        bar = self.scrollbar_size_vertical
        background = self.background_colors[1]
        key = (self.size.width, bar, self.app.theme, background)
        if key != self._dressed_for:
            from plugsky_tui.frontends.tui.transcript.palette import make_palette

            self._dressed_for = key
            stage.dress(
                max(self.size.width - bar, 1), bar, make_palette(self.app.theme_variables, background), self._way
            )
        return True

    def _sync(self, stage: Stage) -> None:
        """Tell Textual where we are, without the layout its reactive attributes would start."""
        width, height = self.size
        total, top = stage.lines_in_all, stage.viewport.top
        if (size := Size(width, total)) != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
        if floor(self.scroll_y) != top:
            self.set_reactive(Widget.scroll_y, float(top))
            self.set_reactive(Widget.scroll_target_y, float(top))
        # The bar is drawn in eighths of a line: most frames do not move it.
        thumb = (top * height * 8 // max(total, 1), (top + height) * height * 8 // max(total, 1))
        if thumb != self._thumb and self.show_vertical_scrollbar:
            self._thumb = thumb
            bar = self.vertical_scrollbar
            bar.window_virtual_size, bar.window_size, bar.position = total, height, top

    def _tell(self, stage: Stage) -> None:
        """Say whether the end is in sight, where that changed."""
        state = (stage.viewport.follow, stage.new_below)
        if state != self._told:
            self._told = state
            self.post_message(self.FollowChanged(*state))

    # --- Drawing ---------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of the region, past Textual's cache: ours are cached by row, so that scrolling finds them again."""
        stage = self._made
        if stage is None or self._dressed_for is None or self.styles.gutter.totals != (0, 0):
            return super().render_lines(crop)
        focused, selection = self.has_focus, self.screen.get_component_rich_style("screen--selection")
        strips = [stage.strip(y, focused=focused, selection_style=selection) for y in crop.line_range]
        for line_filter in self._filters(stage):
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def _filters(self, stage: Stage) -> list[LineFilter]:
        """Filters that would change anything: one that mixes the terminal's own colours finds none in most themes."""
        flat = stage.palette is None or stage.palette.flat
        return [
            one
            for one in self.get_line_filters()
            if (flat or not isinstance(one, ANSIToTruecolor)) and not isinstance(one, TurningFilter)
        ]

    def render_line(self, y: int) -> Strip:
        """One line, with the offsets that selection by mouse asks for."""
        if self._made is None or self._dressed_for is None:
            return Strip.blank(self.size.width, self.rich_style)
        return self._made.strip_with_offsets(y)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """Ours, made when Textual first asks for it."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = Bar(self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def _redraw(self) -> None:
        if self._made is not None:
            self._made.repaint()
            self._request()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._redraw())
        self._request()

    def on_unmount(self) -> None:
        self._pacer.cancel()

    def on_resize(self) -> None:
        if self.is_running:
            self.draw_now()

    def on_focus(self) -> None:
        self._redraw()

    def on_blur(self) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._request()

    # --- Scrolling -------------------------------------------------------------------------------------------

    def jump_to_end(self) -> None:
        """Show the end, and keep it in sight."""
        if self._made is not None:
            self._made.viewport.follow = True
            self._request()

    action_jump_to_end = jump_to_end

    def scroll_end(self, **_: Any) -> None:
        self.jump_to_end()

    def _scroll_to(self, x: float | None = None, y: float | None = None, **_: Any) -> bool:
        """All of Textual's ways to scroll end here. There is no animation: it would fight with what streams in."""
        return y is not None and self._scroll_by(floor(y) - floor(self.scroll_y), floor(y))

    def validate_scroll_y(self, value: float) -> float:
        """Not clamped: the viewport knows its end. Textual clamps when the size changes, and that is no scrolling up."""
        return max(value, 0.0)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody set the position, such as the screen while text is being selected."""
        self._scroll_by(floor(new_value) - floor(old_value), floor(new_value))

    def _on_scroll_to(self, message: Any) -> None:
        """The scroll bar was dragged."""
        message.stop()
        if message.y is not None and self._made is not None:
            self._scroll_by(floor(message.y) - self._made.viewport.top, floor(message.y))

    def _scroll_by(self, lines: int, place: int) -> bool:
        stage = self._made
        if stage is None or not lines:
            return False
        moved = stage.scroll(lines, place)
        top, fraction = stage.viewport.top, self.scroll_y - floor(self.scroll_y)
        self.set_reactive(Widget.scroll_y, top + fraction)
        self.set_reactive(Widget.scroll_target_y, float(top))
        self._request()
        return moved

    # --- Keys and mouse --------------------------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move to the next block (or the one before)."""
        self.stage.walk.move_cursor(step)
        self.screen.clear_selection()
        self._request()

    def action_extend(self, step: int) -> None:
        """Select from block to block."""
        selection = self.stage.walk.extend(step)
        if selection is not None:
            self.screen.selections = {self: selection}
        self._request()

    def action_open_block(self) -> None:
        self.stage.walk.open_block()
        self._request()

    def action_copy_block(self) -> None:
        """What is selected, or the block with the cursor."""
        selection = self.screen.selections.get(self)
        if text := self.stage.selected(selection) if selection is not None else self.stage.walk.block_text():
            self.post_message(self.CopyRequested(text))

    def action_copy_message(self) -> None:
        if text := self.stage.walk.message_text():
            self.post_message(self.CopyRequested(text))

    def jump_prompt(self, step: int) -> None:
        """To the next prompt of the user (1) or the one before (-1); behind the last one is the end."""
        if self._made is not None and not self._made.walk.jump_prompt(step) and step > 0:
            self.jump_to_end()
        self._request()

    # --- Searching -------------------------------------------------------------------------------------------

    def search(self, query: str) -> tuple[int, int]:
        """Mark what is found and show the nearest place: its number, from 1, and how many there are."""
        state = self.stage.walk.search(query)
        self._request()
        return state

    def search_on(self, step: int) -> tuple[int, int]:
        """Show the next place (1) or the one before (-1)."""
        state = self.stage.walk.search_on(step)
        self._request()
        return state

    def end_search(self) -> None:
        """Nothing is marked any more; the place stays."""
        if self._made is not None:
            self._made.walk.end_search()
            self._request()

    def action_found(self, step: int) -> None:
        self.post_message(self.FoundAgain(*self.search_on(step)))

    def hears(self, key: str) -> bool:
        """Whether `key` does something here at this moment."""
        bound = self._bindings.key_to_bindings.get(key, ())
        return any(self.check_action(binding.action.partition("(")[0], ()) for binding in bound)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is searched for, the letters that go on searching are typed."""
        return action != "found" or (self._made is not None and self._made.walk.searching)

    async def _on_click(self, event: events.Click) -> None:
        """A link opens, a line of a tool call unfolds; twice selects the word, three times the block."""
        event.prevent_default()
        stage = self._made
        hit = stage.hit(event.x, event.y) if stage is not None else None
        if stage is None or hit is None:
            return
        if event.chain > 1:
            event.stop()  # the screen would select everything
            selection = stage.word_at(hit) if event.chain == 2 else stage.block_at(hit)
            self.screen.selections = {self: selection}
        elif hit.link is not None:
            self.post_message(self.LinkOpened(hit.link))
        else:
            stage.walk.put_cursor(hit.line.unit)
            if hit.line.row.action:
                stage.toggle(hit.line.unit)
            self._request()

    @property
    def allow_select(self) -> bool:
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The source of what is selected (see `copying`)."""
        return (self._made.selected(selection), "\n") if self._made else None

    def selection_updated(self, selection: Selection | None) -> None:
        if self._made is not None:
            self._made.selection = selection
            self._redraw()
