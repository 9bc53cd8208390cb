"""Where lines break: at spaces and between wide characters, never within what its reader takes for one.

Widths are terminal cells, as `rich.cells` counts them.
"""

from __future__ import annotations

import re
from functools import cache

from plugsky_tui.frontends.bidi.clusters import LAM, unbroken

Span = tuple[int, int]

# Closing punctuation and small kana do not begin a line (the core of JIS X 4051's kinsoku rules).
_NOT_FIRST = frozenset("、。，．・：；！？」』）】》〉〕］｝ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?:;)]}%…”’")


@cache
def _simple() -> re.Pattern[str]:
    """Text of which each character is one cell wide: letters of Latin, Greek and Cyrillic, common punctuation, boxes."""
    return re.compile(
        r"[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u0530\u2010-\u2027\u2030-\u2052\u20ac\u2190-\u2193\u2500-\u257f]*\Z"
    )


def is_simple(text: str) -> bool:
    """Whether `text` is as many cells wide as it has characters, whichever part of it is taken."""
    return text.isascii() or _simple().match(text) is not None


def wrap(text: str, width: int) -> list[Span]:
    """The rows of `text`, as spans, at most `width` cells wide (at least one). A newline breaks."""
    width = max(width, 1)
    if "\n" not in text:
        return _wrap_line(text, 0, len(text), width)
    spans: list[Span] = []
    start = 0
    for line in text.split("\n"):
        spans += _wrap_line(text, start, start + len(line), width)
        start += len(line) + 1
    return spans


def chop(text: str, width: int) -> list[Span]:
    """The rows of a line of code: cut where the width ends, whatever stands there."""
    width = max(width, 1)
    if is_simple(text):
        return [(place, min(place + width, len(text))) for place in range(0, len(text), width)] or [(0, 0)]
    spans: list[Span] = []
    start = cells = 0
    for first, _, size in unbroken(text):
        if cells + size > width and first > start:
            spans.append((start, first))
            start, cells = first, 0
        cells += size
    spans.append((start, len(text)))
    return spans


@cache
def _letters() -> re.Pattern[str]:
    """Simple text with Hebrew and Arabic letters, without marks: as wide as it has characters, too."""
    return re.compile(
        r"[ -~\u00a0-\u02ff\u2010-\u2027\u2030-\u2052\u05be\u05d0-\u05ea"
        r"\u060c\u061b\u061f\u0621-\u064a\u0660-\u066f\u0671-\u06d5\u06ee-\u06ff]*\Z"
    )


def _wrap_line(text: str, start: int, end: int, width: int) -> list[Span]:
    if end - start <= width and is_simple(text[start:end]):
        return [(start, end)]
    line = text[start:end]
    # No word is cut where all fit: then it does not matter that a lam and its alef are one.
    if is_simple(line) or (_letters().match(line) and max(map(len, line.split(" "))) <= width):
        return _wrap_simple(text, start, end, width)
    return [(start + a, start + b) for a, b in _wrap_wide(text[start:end], width)]


def _wrap_simple(text: str, start: int, end: int, width: int) -> list[Span]:
    spans: list[Span] = []
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        if cut <= start or not text[start:cut].strip():
            spans.append((start, start + width))
            start += width
            continue
        row_end = cut
        while text[row_end - 1] == " ":
            row_end -= 1
        spans.append((start, row_end))
        start = cut + 1
        while start < end and text[start] == " ":
            start += 1
    if start < end or not spans:
        spans.append((start, end))
    return spans


def _wrap_wide(text: str, width: int) -> list[Span]:
    spans: list[Span] = []
    start = cells = 0  # of the row
    break_end = break_next = -1  # the last place to break: where the row would end, and the next begin
    break_cells = 0  # cells of the row up to `break_next`
    wide_before = False
    for first, last, size in unbroken(text):
        char = text[first:last]
        if char == " ":
            if text[first - 1 : first] != " " or break_next != first:
                break_end = first
            cells += 1
            break_next, break_cells, wide_before = last, cells, False
            continue
        wide = size == 2 and char[0] != LAM  # which has its alef with it, and is part of a word
        if (wide or wide_before) and first > start and char not in _NOT_FIRST and break_next != first:
            break_end, break_next, break_cells = first, first, cells
        if cells + size > width and first > start:
            if break_end > start:
                spans.append((start, break_end))
                start, cells = break_next, cells - break_cells
            else:
                spans.append((start, first))
                start, cells = first, 0
            break_end = break_next = -1
            if cells + size > width and first > start:
                spans.append((start, first))
                start, cells = first, 0
        cells += size
        wide_before = wide
    if start < len(text) or not spans:
        spans.append((start, len(text)))
    return spans
