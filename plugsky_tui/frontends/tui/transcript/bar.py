"""A scroll bar that is cheap to move.

Textual's own draws each of its cells through the whole styling machinery: half of what a frame costs while text
streams in. This one asks the same renderer for the cells, and keeps the few strips that differ.
"""

from __future__ import annotations

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

# A bar consists of a dozen different cells, in a few colours.
_KEPT = 128


class Bar(ScrollBar):
    """Behaves and looks like a vertical `ScrollBar`."""

    def __init__(self, thickness: int) -> None:
        super().__init__(vertical=True, name="vertical", thickness=thickness)
        self._cells: dict[tuple[str, Style | None], Strip] = {}

    def render_lines(self, crop: Region) -> list[Strip]:
        bar = self.render()
        if not isinstance(bar, ScrollBarRender) or not isinstance(bar.style, Style):
            return super().render_lines(crop)
        segments = bar.render_bar(
            size=self.size.height,
            virtual_size=bar.virtual_size,
            window_size=bar.window_size,
            position=bar.position,
            thickness=bar.thickness,
            vertical=True,
            back_color=bar.style.bgcolor or Color.default(),
            bar_color=bar.style.color or Color.default(),
        ).segments
        strips = [self._strip(segment) for segment in segments[crop.y : crop.bottom]]
        for line_filter in self.get_line_filters():
            background = self.background_colors[1]
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return strips

    def _strip(self, segment: Segment) -> Strip:
        key = segment.text, segment.style
        strip = self._cells.get(key)
        if strip is None:
            if len(self._cells) > _KEPT:
                self._cells.clear()
            strip = self._cells[key] = Strip([segment], self.thickness)
        return strip
