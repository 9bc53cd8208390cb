"""Right-to-left text on its way to the screen. Light: what puts it in order is imported when there is some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from plugsky_tui.frontends.bidi.classes import has_rtl

if TYPE_CHECKING:
    from plugsky_tui.frontends.bidi.paragraph import Way


def is_turned(segments: Sequence[Segment]) -> bool:
    """Whether anything in the line goes from right to left. Next to nothing for lines of ASCII."""
    return any(not segment.text.isascii() and has_rtl(segment.text) for segment in segments)


class TurningFilter(LineFilter):
    """Puts the lines of all widgets into the order of the screen, but of those that see to it themselves.

    `for_code` does it to code and commands: everything stays in its place but the letters of right-to-left words.
    """

    def __init__(self, way: Way, *, code: bool = False) -> None:
        super().__init__()
        self._way = way
        self._base = 0 if code else None
        self.for_code = self if code else TurningFilter(way, code=True)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if not is_turned(segments):
            return segments
        from plugsky_tui.frontends.tui.turning import glyphs_in_place, turned

        controls = [segment for segment in segments if segment.control]
        texts = [segment for segment in segments if not segment.control]
        return [*controls, *turned(texts, glyphs_in_place(texts, self._way, self._base))]
