"""The transcript: what was said and done, drawn line by line.

A Textual `ScrollView` without children. Texts given to it are untrusted: they are cleaned before they are kept, and
never parsed as markup. Streamed text is only gathered; frames, at most about 30 a second, take it in and draw what
is on the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import floor
from typing import Any, ClassVar

from rich.cells import get_character_cell_size
from textual import events
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers, Load
from plugsky_tui.frontends.tui.transcript.copying import block_of, block_source, place_of, selected_text, span_in
from plugsky_tui.frontends.tui.transcript.document import Document
from plugsky_tui.frontends.tui.transcript.lexing import LineLexer, find_lexer
from plugsky_tui.frontends.tui.transcript.pacing import Pacer
from plugsky_tui.frontends.tui.transcript.painter import Painter
from plugsky_tui.frontends.tui.transcript.palette import make_palette
from plugsky_tui.frontends.tui.transcript.sheet import Sheet
from plugsky_tui.frontends.tui.transcript.units import NoteKind, can_open
from plugsky_tui.frontends.tui.transcript.viewport import Line, Viewport
from plugsky_tui.kernel.display import Display

# A jump over more screens than this does not lay out what lies between.
_FAR = 4


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
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor(-1)", "Previous block", show=False),
        Binding("down,j", "cursor(1)", "Next block", show=False),
        Binding("enter", "open_block", "Open or fold", show=False),
        Binding("c,y", "copy_block", "Copy", show=False),
        Binding("home,g", "scroll_home", "To the beginning", show=False),
        Binding("end,G", "jump_to_end", "To the end", show=False),
        Binding("space", "page_down", "Page down", show=False),
    ]

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
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.document = Document()
        self.sheet = Sheet(self.document.units, Colours(Lexers(load_lexer or self._load_lexer)))
        self.viewport = Viewport(self.sheet)
        self._pacer = Pacer(self._frame, self._failed)
        self._painter: Painter | None = None
        self._dress_key: tuple[int, str, Color] | None = None
        self._cursor: tuple[int, int] | None = None  # the units of the block the cursor stands on
        self._selection: Selection | None = None
        self._told = (True, 0)  # what FollowChanged said last
        self._seen = 0  # how many units there were when following stopped
        self._thumb: tuple[int, int] | None = None
        self._repaint_all = True

    # --- What is said and done -------------------------------------------------------------------------------

    def add_prompt(self, text: str) -> None:
        """What the user said. Shows the end again."""
        self.document.prompt(text)
        self.viewport.follow = True
        self._request()

    def stream_text(self, delta: str) -> None:
        """The next piece of the model's answer."""
        self.document.write(delta)
        self._request()

    def stream_reasoning(self, delta: str) -> None:
        self.document.think(delta)
        self._request()

    def end_answer(self, *, interrupted: bool = False) -> None:
        """Finish the open answer or reasoning."""
        self.document.end(interrupted=interrupted)
        self._request()

    def add_tool(self, call_id: str, name: str, summary: str, input: str = "") -> None:
        """A tool call begins. `summary` is one line, `input` what it shows when opened."""
        self.document.tool(call_id, name, summary, input)
        self._request()

    def tool_output(self, call_id: str, text: str) -> None:
        """Live output: its last lines are shown until the call ends."""
        self.document.tool_output(call_id, text)
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
        self.document.clear()
        self.sheet.clear()
        self.viewport.follow, self._cursor, self._seen = True, None, 0
        if self.is_attached:
            self.screen.clear_selection()
        self._request()

    def toggle_all_tools(self) -> None:
        """Open all tool calls; fold them where all are open."""
        self.document.toggle_tools()
        self._request()

    def last_answer(self) -> str:
        """The source of the model's last answer."""
        return self.document.last_answer()

    def source(self) -> str:
        """The source of all of it, as Markdown."""
        return self.document.source()

    # --- Frames ----------------------------------------------------------------------------------------------

    def _request(self) -> None:
        if self.is_running:
            self._pacer.request()

    def draw_now(self) -> None:
        """Draw what is waiting to be drawn at once."""
        self._pacer.cancel()
        self._frame()

    def _frame(self) -> None:
        self.sheet.update(self.document.flush())
        if not self._dress():
            return
        before = self.viewport.lines
        self.sheet.begin_frame(self.viewport.units())
        self.viewport.settle()
        visible = self.viewport.units()
        self._tell()
        self._sync()
        self._refresh_lines(before)
        self.sheet.trim(visible)
        if self.sheet.is_pale(visible):
            self._pacer.request()

    def _failed(self, error: Exception) -> None:
        self.app._handle_exception(error)

    def _dress(self) -> bool:
        """Have the sheet fit the size and the theme. Whether there is anything to draw on."""
        width, height = self.size
        if not (width and height) or not self.is_attached:
            return False
        key = (width, self.app.theme, self.background_colors[1])
        if key != self._dress_key:
            self._dress_key = key
            palette = make_palette(self.app.theme_variables, key[2])
            self.sheet.dress(width, palette)
            self._painter = Painter(width, palette)
            self._repaint_all = True
        if height != self.viewport.height:
            self.viewport.height = height
            self._repaint_all = True
        return True

    def _refresh_lines(self, before: list[Line]) -> None:
        """Have the lines drawn again that look different now."""
        width, height = self.size
        lines = self.viewport.lines
        if self._repaint_all:
            self._repaint_all = False
            self.refresh()
            return
        rows = [line.row for line in lines]
        old_rows = [line.row for line in before]
        last = max(len(rows), len(old_rows))
        first = 0
        while first < last and first < len(rows) and first < len(old_rows) and rows[first] is old_rows[first]:
            first += 1
        if len(rows) == len(old_rows):
            while last > first and rows[last - 1] is old_rows[last - 1]:
                last -= 1
        if first < last:
            self.refresh(Region(0, first, width, min(last, height) - first))

    def _sync(self) -> None:
        """Tell Textual where we are, without the layout its reactive attributes would start."""
        width, height = self.size
        total, top = max(self.sheet.heights.total, len(self.viewport.lines)), self.viewport.top
        size = Size(width, total)
        if size != self.virtual_size:
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

    def _tell(self) -> None:
        """Say whether the end is in sight, where that changed."""
        following = self.viewport.follow
        state = (following, 0 if following else max(0, len(self.document.units) - self._seen))
        if state != self._told:
            self._told = state
            self.post_message(self.FollowChanged(*state))

    def _load_lexer(self, language: str, done: Callable[[LineLexer | None], None]) -> None:
        """Make a lexer in another thread: compiling its grammar takes as long as a frame or two."""

        def made(future: asyncio.Future[LineLexer | None]) -> None:
            done(None if future.cancelled() or future.exception() else future.result())
            self._request()

        asyncio.get_running_loop().run_in_executor(None, find_lexer, language).add_done_callback(made)

    # --- Drawing ---------------------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of the region, past Textual's cache: ours are cached by row, so that scrolling finds them again."""
        if self.styles.gutter.totals != (0, 0) or self._painter is None:
            return super().render_lines(crop)
        strips = [self._strip(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, self.background_colors[1]) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """One line, with the offsets that selection by mouse asks for."""
        lines = self.viewport.lines
        if self._painter is None:
            return Strip.blank(self.size.width, self.rich_style)
        if y >= len(lines):
            return self._painter.blank
        line = lines[y]
        return self._painter.with_offsets(line.row, place_of(line.unit, line.number))

    def _strip(self, y: int) -> Strip:
        painter = self._painter
        assert painter is not None
        if y >= len(self.viewport.lines):
            return painter.blank
        line = self.viewport.lines[y]
        cursor = self._cursor is not None and self.has_focus and self._cursor[0] <= line.unit <= self._cursor[1]
        if self._selection is None:
            return painter.strip(line.row, cursor=cursor)
        span = span_in(self._selection, place_of(line.unit, line.number), len(line.row.text))
        style = self.screen.get_component_rich_style("screen--selection")
        return painter.strip(line.row, cursor=cursor, selected=span, selection=style)

    def _redraw(self) -> None:
        self._repaint_all = True
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
        self.viewport.follow = True
        self._request()

    action_jump_to_end = jump_to_end

    def scroll_end(self, **_: Any) -> None:
        self.jump_to_end()

    def _scroll_to(self, x: float | None = None, y: float | None = None, **_: Any) -> bool:
        """All of Textual's ways to scroll end here. There is no animation: it would fight with what streams in."""
        if y is None:
            return False
        return self._scroll_by(floor(y) - floor(self.scroll_y), floor(y))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody set the position, such as the screen while text is being selected."""
        self._scroll_by(floor(new_value) - floor(old_value), floor(new_value))

    def _on_scroll_to(self, message: Any) -> None:
        """The scroll bar was dragged."""
        message.stop()
        if message.y is not None:
            self._scroll_by(floor(message.y) - self.viewport.top, floor(message.y))

    def _scroll_by(self, lines: int, place: int) -> bool:
        """Scroll by `lines`, to about line `place`. Whether anything moved."""
        if not lines or not self.sheet.ready:
            return False
        viewport = self.viewport
        before = viewport.top
        if lines < 0 and viewport.follow:
            viewport.follow, self._seen = False, len(self.document.units)
        if abs(lines) > _FAR * max(viewport.height, 1):
            viewport.go(place)
        else:
            viewport.move(lines)
        if lines > 0 and not viewport.follow and self._ends_here():
            viewport.follow = True
        fraction = self.scroll_y - floor(self.scroll_y)
        self.set_reactive(Widget.scroll_y, viewport.top + fraction)
        self.set_reactive(Widget.scroll_target_y, float(viewport.top))
        self._request()
        return viewport.top != before

    def _ends_here(self) -> bool:
        self.viewport.settle()
        self._repaint_all = True
        return self.viewport.at_end

    # --- Blocks: cursor, opening, copying --------------------------------------------------------------------

    def action_cursor(self, step: int) -> None:
        """Move to the next block (or the one before)."""
        units = self.document.units
        if not units:
            return
        if self._cursor is None:
            visible = self.viewport.units()
            target = visible[-1] if step < 0 and visible else (visible or [len(units) - 1])[0]
        else:
            target = self._cursor[0] - 1 if step < 0 else self._cursor[1] + 1
        if not 0 <= target < len(units):
            return
        self._place_cursor(target)

    def _place_cursor(self, number: int) -> None:
        viewport = self.viewport
        self._cursor = first, last = block_of(self.document.units, number)
        if viewport.follow and first < (viewport.lines[0].unit if viewport.lines else 0):
            viewport.follow, self._seen = False, len(self.document.units)
        if not viewport.follow:
            viewport.show(first, last)
        self._redraw()

    def action_open_block(self) -> None:
        if self._cursor is not None and can_open(self.document.units[self._cursor[0]]):
            self._toggle(self._cursor[0])

    def _toggle(self, number: int) -> None:
        viewport = self.viewport
        if viewport.follow and number < len(self.document.units) - 1:
            # What is opened stays where it is.
            viewport.follow, self._seen = False, len(self.document.units)
        self.document.toggle(number)
        self._redraw()

    def action_copy_block(self) -> None:
        number = self._cursor[0] if self._cursor else len(self.document.units) - 1
        if number >= 0:
            self.post_message(self.CopyRequested(block_source(self.document.units, number)))

    # --- Mouse -----------------------------------------------------------------------------------------------

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()
        place = self._text_at(event.x, event.y)
        if place is None:
            return
        line, char = place
        if event.chain == 2:
            self._select(line, *_word_at(line.row.text, char))
            return
        if event.chain >= 3:
            first, last = block_of(self.document.units, line.unit)
            end = len(self.sheet.rows(last)) - 1
            self.screen.selections = {
                self: Selection(Offset(0, place_of(first, 0)), Offset(1 << 20, place_of(last, end)))
            }
            return
        for start, end, url in line.row.links:
            if start <= char < end:
                self.post_message(self.LinkOpened(url))
                return
        if line.row.action:
            self._toggle(line.unit)

    def _text_at(self, x: int, y: int) -> tuple[Line, int] | None:
        """The line at a point of the widget, and the character behind its gutter."""
        if not 0 <= y < len(self.viewport.lines):
            return None
        line = self.viewport.lines[y]
        cells = chars = 0
        for segment in line.row.segments:
            for char in segment.text:
                if cells >= x + 1:
                    return line, chars - 1 - line.row.gutter
                cells += get_character_cell_size(char)
                chars += 1
        return line, (chars - 1 if cells > x else chars) - line.row.gutter

    def _select(self, line: Line, start: int, end: int) -> None:
        place = place_of(line.unit, line.number)
        self.screen.selections = {self: Selection(Offset(start, place), Offset(end, place))}

    # --- Selection -------------------------------------------------------------------------------------------

    @property
    def allow_select(self) -> bool:
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selected_text(self.document.units, self.sheet, selection), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self._selection = selection
        self._redraw()


def _word_at(text: str, place: int) -> tuple[int, int]:
    """The word around the character at `place`."""

    def is_word(char: str) -> bool:
        return char.isalnum() or char in "_-./"

    if not 0 <= place < len(text) or not is_word(text[place]):
        return place, place + 1
    start = end = place
    while start > 0 and is_word(text[start - 1]):
        start -= 1
    while end < len(text) and is_word(text[end]):
        end += 1
    return start, end
