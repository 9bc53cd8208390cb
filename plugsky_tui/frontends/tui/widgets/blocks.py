"""Lines of text that can be scrolled: commands and diffs to approve, changes to look through.

Nothing is left out and nothing is parsed: what cannot be seen (control, bidi and invisible
characters) is made visible. Lines are broken hard at the width, so that none hides to the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from plugsky_tui.frontends.text import reveal
from plugsky_tui.frontends.tui.widgets.cells import fit, wrapped, wrapped_words
from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock

LineKind = Literal["text", "prose", "command", "file", "hunk", "added", "removed", "faint"]
Line = tuple[LineKind, str]


class BlocksView(ScrollView, can_focus=False):
    """As high as its lines, unless its style says less."""

    DEFAULT_CSS = """
    BlocksView {
        height: auto; overflow-x: hidden; overflow-y: auto; scrollbar-size: 0 1; scrollbar-gutter: stable;
    }
    BlocksView > .blocks--command { color: $text-accent; text-style: bold; }
    BlocksView > .blocks--file { color: $text-primary; text-style: bold; }
    BlocksView > .blocks--hunk { color: $text-muted; }
    BlocksView > .blocks--added { color: $text-success; background: $success-muted; }
    BlocksView > .blocks--removed { color: $text-error; background: $error-muted; }
    BlocksView > .blocks--faint { color: $text-muted; }
    """
    COMPONENT_CLASSES = {
        "blocks--command",
        "blocks--file",
        "blocks--hunk",
        "blocks--added",
        "blocks--removed",
        "blocks--faint",
    }

    def __init__(self, lines: Sequence[Line], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = lines
        self._rows: list[Line] = []
        self._wrapped_at = -1

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        if list(lines) == list(self._lines):
            return
        self._lines, self._wrapped_at = lines, -1
        self.refresh(layout=True)

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

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._wrap(width))

    def on_resize(self, event: Resize) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self._wrap(width)))

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        rows = self._wrap(width)
        if row >= len(rows):
            return Strip.blank(width, self.rich_style)
        kind, text = rows[row]
        plain = kind in ("text", "prose")
        style = self.rich_style if plain else self.get_component_rich_style(f"blocks--{kind}")
        return Strip([Segment(fit(text, width), style)], width)

    def _wrap(self, width: int) -> list[Line]:
        """The rows at `width`: nothing in them is wider."""
        if width != self._wrapped_at and width > 0:
            self._wrapped_at = width
            self._rows = [
                (kind, part)
                for kind, text in self._lines
                for part in (wrapped_words(text, width) if kind == "prose" else wrapped(text, width))
            ]
        return self._rows


def lines_of(blocks: Sequence[Display]) -> list[Line]:
    """Every line of `blocks`, safe to draw."""
    lines: list[Line] = []
    for block in blocks:
        if lines:
            lines.append(("text", ""))
        match block:
            case DiffBlock():
                lines += diff_lines(block)
            case TextBlock():
                kind: LineKind = "command" if block.language in ("console", "bash", "sh") else "text"
                lines += [(kind, line) for line in safe(block.text).split("\n")]
            case TodoBlock():
                marks = {"pending": "☐", "in_progress": "◐", "completed": "☑"}
                lines += [("text", f"{marks[item.status]} {safe(item.text)}") for item in block.items]
            case TableBlock():
                lines += [("text", "  ".join(safe(cell) for cell in row)) for row in (block.header, *block.rows)]
    return lines


def diff_lines(block: DiffBlock, context: int = 3) -> list[Line]:
    """The change of one file as a unified diff under a line that names it."""
    from difflib import unified_diff  # only when there is a diff to show

    what = "new file" if block.before is None else "deleted" if block.after is None else ""
    lines: list[Line] = [("file", f"{safe(block.path)}{f' ({what})' if what else ''}")]
    before = safe(block.before or "").splitlines()
    after = safe(block.after or "").splitlines()
    for number, line in enumerate(unified_diff(before, after, n=context, lineterm="")):
        if number < 2:
            continue  # the two header lines: the file is named above
        match line[:1]:
            case "@":
                lines.append(("hunk", line))
            case "+":
                lines.append(("added", line))
            case "-":
                lines.append(("removed", line))
            case _:
                lines.append(("text", line))
    if len(lines) == 1:
        lines.append(("faint", "(no change of text)"))
    return lines


def safe(text: str) -> str:
    """`text` with everything invisible made visible, tabs as spaces."""
    return reveal(text).expandtabs(4)
