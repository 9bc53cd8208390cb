"""A row: one line of the screen, before it becomes a strip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.transcript.turn import Turn


@dataclass(slots=True, eq=False)
class Row:
    """What one line shows, and how it is copied.

    The first `gutter` characters are decoration. `join` is what stands between the row before and this one in copied
    text: a newline, or where a line was wrapped, the space (or nothing) it was wrapped at. A `bare` row is all
    decoration: it is not copied. `fill` is the style of the rest of the line. `links` are (start, end, url) in
    characters behind the gutter; `action` says that a click on the row opens or folds its block. `turn` says where the
    characters are seen if the row is part of a paragraph with right-to-left text: everything else is in logical order.
    """

    segments: list[Segment]
    gutter: int = 0
    join: str = "\n"
    fill: Style | None = None
    links: tuple[tuple[int, int, str], ...] = ()
    bare: bool = False
    action: bool = False
    strip: Strip | None = None
    turn: Turn | None = None

    @property
    def text(self) -> str:
        """What is copied of the row."""
        return "".join(segment.text for segment in self.segments)[self.gutter :]

    def same_as(self, other: Row) -> bool:
        """Whether both look the same."""
        if self.segments != other.segments or self.fill != other.fill or self.links != other.links:
            return False
        return self.turn is other.turn or (
            self.turn is not None and other.turn is not None and self.turn.base == other.turn.base
        )


def blank_row() -> Row:
    return Row([])


def reuse(rows: list[Row], old: list[Row]) -> list[Row]:
    """`rows`, with those that look as before taken from `old`: their strips are drawn already."""
    for place, (row, before) in enumerate(zip(rows, old, strict=False)):
        if row is not before and row.same_as(before):
            rows[place] = before
    return rows


def overlay(segments: list[Segment], start: int, end: int, style: Style) -> list[Segment]:
    """`segments` with `style` on top of the characters from `start` to `end`."""
    out: list[Segment] = []
    place = 0
    for segment in segments:
        text = segment.text
        a, b = min(max(start - place, 0), len(text)), min(max(end - place, 0), len(text))
        place += len(text)
        if a >= b:
            out.append(segment)
            continue
        looks = (
            (text[:a], segment.style),
            (text[a:b], segment.style + style if segment.style else style),
            (text[b:], segment.style),
        )
        out += [Segment(part, look) for part, look in looks if part]
    return out
