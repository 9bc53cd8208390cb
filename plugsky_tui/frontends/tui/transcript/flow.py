"""Runs of styled text, laid into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.wrap import Span, wrap


@dataclass(slots=True)
class Styled:
    """Text of one style; `url` is where a click on it leads."""

    text: str
    style: Style
    url: str | None = None


def flow(
    runs: Sequence[Styled],
    width: int,
    *,
    first: Sequence[Segment] = (),
    rest: Sequence[Segment] = (),
    fill: Style | None = None,
) -> list[Row]:
    """The rows of `runs`, `width` cells wide beside their gutter: `first` before the first row, `rest` before the others."""
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
    return rows


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
