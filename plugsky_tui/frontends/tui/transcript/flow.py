"""Runs of styled text, laid into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.bidi.classes import has_rtl
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.wrap import Span, wrap


@dataclass(slots=True)
class Styled:
    """Text of one style; `url` is where a click on it leads. A `lone` one goes from left to right whatever is around it."""

    text: str
    style: Style
    url: str | None = None
    lone: bool = False


def flow(
    runs: Sequence[Styled],
    width: int,
    *,
    first: Sequence[Segment] = (),
    rest: Sequence[Segment] = (),
    fill: Style | None = None,
    mirrored: bool = False,
) -> list[Row]:
    """The rows of `runs`, `width` cells wide beside their gutter: `first` before the first row, `rest` before the others.

    `mirrored`: in paragraphs from right to left, what follows the first segment of the gutter stands at the right.
    """
    text = runs[0].text if len(runs) == 1 else "".join(run.text for run in runs)
    spans = wrap(text, width)
    first_gutter, rest_gutter = _length(first), _length(rest)
    if len(runs) == 1 and runs[0].url is None:
        style = runs[0].style
        contents = [[Segment(text[start:end], style)] if end > start else [] for start, end in spans]
        links: list[tuple[tuple[int, int, str], ...]] = [()] * len(spans)
    else:
        contents, links = _cut(runs, spans)
    rows: list[Row] = []
    for number, (start, _) in enumerate(spans):
        lead, gutter = (first, first_gutter) if number == 0 else (rest, rest_gutter)
        join = text[spans[number - 1][1] : start] if number else "\n"
        rows.append(Row([*lead, *contents[number]], gutter, join, fill, links[number]))
    if not text.isascii() and has_rtl(text):
        from plugsky_tui.frontends.bidi.paragraph import Paragraphs  # only for those who read from right to left
        from plugsky_tui.frontends.tui.transcript.turn import turn_of_line

        paragraphs = Paragraphs(text, _lone(runs))
        for number, (row, (start, end)) in enumerate(zip(rows, spans, strict=True)):
            row.turn = turn_of_line(paragraphs, start, end, rest if number else first, width, mirrored=mirrored)
    return rows


def _lone(runs: Sequence[Styled]) -> list[Span]:
    spans: list[Span] = []
    place = 0
    for run in runs:
        if run.lone:
            spans.append((place, place + len(run.text)))
        place += len(run.text)
    return spans


def _length(segments: Sequence[Segment]) -> int:
    return sum(len(segment.text) for segment in segments)


def _cut(
    runs: Sequence[Styled], spans: Sequence[Span]
) -> tuple[list[list[Segment]], list[tuple[tuple[int, int, str], ...]]]:
    """The segments and the links of each span of the text of `runs`."""
    contents: list[list[Segment]] = []
    links: list[tuple[tuple[int, int, str], ...]] = []
    number = offset = 0  # the run that holds where we are, and where it begins
    for start, end in spans:
        segments: list[Segment] = []
        spots: list[tuple[int, int, str]] = []
        while number < len(runs):
            run = runs[number]
            run_end = offset + len(run.text)
            if run_end > start and offset < end:
                a, b = max(start, offset), min(end, run_end)
                segments.append(Segment(run.text[a - offset : b - offset], run.style))
                if run.url:
                    spots.append((a - start, b - start, run.url))
            if run_end > end:
                break
            offset = run_end
            number += 1
        contents.append(segments)
        links.append(tuple(spots))
    return contents, links
