"""Without colours (NO_COLOR, no-color.org): what they told is told by bold, dim, underlined and reversed text.

Textual would make greys of them, which are colours too. Together with a theme of the terminal's own colours, in which
only what is chosen or selected has a background, a background becomes reversed text.
"""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class Colourless(LineFilter):
    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(text, _plain(style) if style else style, None) for text, style, _ in segments]


@lru_cache(maxsize=1024)
def _plain(style: Style) -> Style:
    stands_out = style.bgcolor is not None and not style.bgcolor.is_default
    return Style(
        bold=style.bold,
        dim=style.dim,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=bool(style.reverse) != stands_out or None,
        link=style.link,
        meta=style.meta,
    )
