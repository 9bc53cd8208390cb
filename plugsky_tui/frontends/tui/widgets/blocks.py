"""Lines and diffs that can be scrolled: what is to be approved, changes to look through, help.

Nothing is left out and nothing is parsed: what cannot be seen (control, bidi and invisible
characters) is made visible. Lines are broken at the width, so that none hides to the right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Union

from rich.segment import Segment
from rich.style import Style
from textual.events import Resize
from textual.filter import LineFilter
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from plugsky_tui.frontends.diffing import compare
from plugsky_tui.frontends.text import reveal
from plugsky_tui.frontends.tui.direction import TurningFilter
from plugsky_tui.frontends.tui.transcript.diff_view import DiffView
from plugsky_tui.frontends.tui.transcript.palette import Palette, make_palette
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.widgets.cells import wrapped, wrapped_words
from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.transcript.colours import Colours

LineKind = Literal["text", "prose", "command", "title", "faint"]
Line = tuple[LineKind, str]
Part = Union[Line, DiffView]

# Lines of diffs that are coloured as code: it takes a tenth of a millisecond for each.
_COLOURED = 500


class BlocksView(ScrollView, can_focus=False):
    """As high as its lines, unless its style says less."""

    DEFAULT_CSS = """
    BlocksView {
        height: auto; overflow-x: hidden; overflow-y: auto; scrollbar-size: 0 1; scrollbar-gutter: stable;
        background: $background;
    }
    """

    def __init__(self, parts: Sequence[Part], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts = parts
        self._rows: list[Row] = []
        self._laid_out: tuple[int, str] | None = None  # the width and the theme of the rows
        self._colours: Colours | None = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Commands and code are seen in the order they have, prose as it is read."""
        if all(not isinstance(part, DiffView) and part[0] in {"prose", "title"} for part in self._parts):
            return super().get_line_filters()
        return [one.for_code if isinstance(one, TurningFilter) else one for one in super().get_line_filters()]

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show something else."""
        if list(parts) == list(self._parts):
            return
        self._parts, self._laid_out = parts, None
        self.refresh(layout=True)
        if self.is_mounted:
            self._colour_code()

    @property
    def overflows(self) -> bool:
        """Whether there is more than is to be seen."""
        return self.max_scroll_y > 0

    def page(self, direction: int) -> bool:
        """Scroll a page up (-1) or down (1); False where everything is to be seen."""
        if not self.overflows:
            return False
        if direction < 0:
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)
        return True

    def on_mount(self) -> None:
        self._colour_code()

    def _colour_code(self) -> None:
        views = [part for part in self._parts if isinstance(part, DiffView)]
        if views and sum(len(view.diff.lines) for view in views) <= _COLOURED:
            self.run_worker(self._colour(views), exit_on_error=False, exclusive=True)

    async def _colour(self, views: Sequence[DiffView]) -> None:
        """Making lexers takes longer than a frame: the diff is plain until they are there."""
        from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers
        from plugsky_tui.frontends.tui.transcript.lexing import find_lexer

        names = {code.language for view in views for code in (view.old, view.new)}
        found = {name: await asyncio.to_thread(find_lexer, name) for name in names}
        self._colours = Colours(Lexers(lambda name, done: done(found.get(name))))
        self._laid_out = None
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lay_out(width - self.scrollbar_size_vertical))  # its place is kept free

    def on_resize(self, event: Resize) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self._lay_out(width)))

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        rows = self._lay_out(width)
        if row >= len(rows):
            return Strip.blank(width, self.rich_style)
        segments, fill = rows[row].segments, rows[row].fill or self.rich_style
        used = sum(segment.cell_length for segment in segments)
        return Strip([*segments, Segment(" " * max(width - used, 0), fill)]).adjust_cell_length(width, fill)

    def _lay_out(self, width: int) -> list[Row]:
        """The rows at `width`: nothing in them is wider."""
        key = (width, self.app.theme)
        if key == self._laid_out or width <= 0:
            return self._rows
        self._laid_out = key
        palette = make_palette(self.app.theme_variables, self.background_colors[1])
        self._rows = []
        for part in self._parts:
            self._rows += self._rows_of(part, width, palette)
        return self._rows

    def _rows_of(self, part: Part, width: int, palette: Palette) -> list[Row]:
        if isinstance(part, DiffView):
            return self._diff(part, width, palette)
        kind, text = part
        style = _style(kind, palette)
        pieces = wrapped_words(text, width) if kind == "prose" else wrapped(text, width)
        return [Row([Segment(piece, style)]) for piece in pieces]

    def _diff(self, view: DiffView, width: int, palette: Palette) -> list[Row]:
        from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers  # only where there is a diff
        from plugsky_tui.frontends.tui.transcript.context import Context
        from plugsky_tui.frontends.tui.transcript.diff_layout import diff_rows
        from plugsky_tui.frontends.tui.transcript.diff_view import DiffViews

        colours = self._colours or Colours(Lexers(lambda name, done: done(None)))
        colours.budget = 2 * _COLOURED
        return diff_rows(view, Context(width, palette, colours, DiffViews()), (), len(view.diff.lines))


def _style(kind: LineKind, palette: Palette) -> Style:
    match kind:
        case "command":
            return palette.strong
        case "title":
            return palette.heading
        case "faint":
            return palette.dim
        case _:
            return palette.base


def parts_of(blocks: Sequence[Display]) -> list[Part]:
    """Everything in `blocks`, safe to draw. Comparing files can take a while: call it in a thread."""
    parts: list[Part] = []
    for block in blocks:
        if parts:
            parts.append(("text", ""))
        match block:
            case DiffBlock():
                parts += diff_parts(block)
            case TextBlock():
                kind: LineKind = "command" if block.language in ("console", "bash", "sh") else "text"
                parts += [(kind, line) for line in safe(block.text).split("\n")]
            case TodoBlock():
                marks = {"pending": "☐", "in_progress": "▸", "completed": "☑"}
                parts += [("text", f"{marks[item.status]} {safe(item.text)}") for item in block.items]
            case TableBlock():
                parts += [("text", "  ".join(safe(cell) for cell in row)) for row in (block.header, *block.rows)]
    return parts


def diff_parts(block: DiffBlock) -> list[Part]:
    """The change of one file under a line that names it."""
    path, before, after = sides(block)
    view = DiffView(path, compare(before, after))
    what = "new file" if block.before is None else "deleted" if block.after is None else ""
    counts = " ".join(
        text for text in (f"+{view.diff.added}", f"-{view.diff.removed}", what) if text not in ("+0", "-0", "")
    )
    head: Line = ("title", f"{path}  {counts}".rstrip().replace("\n", "␊"))
    return [head, view] if view.diff.lines else [head, ("faint", "no line of it is changed")]


def sides(block: DiffBlock) -> tuple[str, str | None, str | None]:
    """Path, before and after, safe to draw, with as many lines as they have."""
    before, after = _same_line_ends(block.before, block.after)
    return safe(block.path), before if before is None else safe(before), after if after is None else safe(after)


def _same_line_ends(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Both texts without carriage returns where every line of both ends in one; else they are there to be seen."""
    texts = [text for text in (before, after) if text is not None]
    if not all("\r\n" in text and text.count("\r") == text.count("\r\n") == text.count("\n") for text in texts):
        return before, after
    return before and before.replace("\r\n", "\n"), after and after.replace("\r\n", "\n")


def safe(text: str) -> str:
    """`text` with everything invisible made visible, tabs as spaces."""
    return reveal(text).expandtabs(4)
