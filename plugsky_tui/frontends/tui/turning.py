"""Lines of styled text as they are seen, where some of it goes from right to left.

What is laid out, selected and copied stays in logical order; here, at the very end, it is put into the order of the
screen. Each style is a thing of its own that stays where it is (a token of code, a column, a sign): only what is in
it is turned round. A word in two styles stays one word, its letters joined.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.bidi.classes import classes_of, has_rtl
from plugsky_tui.frontends.bidi.clusters import clusters_of
from plugsky_tui.frontends.bidi.paragraph import Glyph, Paragraphs, Way

_LETTERS = frozenset(("R", "AL", "NSM"))


def glyphs_in_place(segments: Sequence[Segment], way: Way, base: int | None = 0) -> list[Glyph]:
    """The glyphs of a line in which each part stays where it is, and takes as many cells as before.

    `base` is the direction of the parts: 0 for code, None where the first letter of each is to decide.
    """
    text = "".join(segment.text for segment in segments)
    glyphs: list[Glyph] = []
    start = 0
    for end in _joints(segments, text):
        glyphs += _part(text[start:end], start, way, base)
        start = end
    return glyphs


def _joints(segments: Sequence[Segment], text: str) -> list[int]:
    """Where one part ends and the next begins: between styles, but not within a word."""
    joints: list[int] = []
    end = 0
    for segment in segments:
        end += len(segment.text)
        inside = 0 < end < len(text) and _LETTERS.issuperset(classes_of(text[end - 1 : end + 1]))
        if segment.text and not inside:
            joints.append(end)
    return joints


def _part(part: str, place: int, way: Way, base: int | None) -> list[Glyph]:
    """The glyphs of what begins at `place`. Signs before the first letter and spaces at the end stay outside."""
    if part.isascii() or not has_rtl(part):
        return _plain(part, place)
    first = next((number for number, char in enumerate(part) if char.isalnum()), 0) if base is None else 0
    last = len(part.rstrip(" "))
    core = part[first:last]
    turned = Paragraphs(core, [(0, len(core))] if base == 0 else (), base).line(0, len(core), way)
    # A lam-alef takes one cell instead of two: what stands behind must not move.
    spare = sum(cells for _, _, cells in clusters_of(core)) - sum(glyph.cells for glyph in turned)
    for glyph in turned:
        glyph.start, glyph.end = glyph.start + place + first, glyph.end + place + first
    filling = [Glyph(place + last, place + last, " " * spare, spare)] if spare > 0 else []
    return [*_plain(part[:first], place), *turned, *filling, *_plain(part[last:], place + last)]


def _plain(text: str, place: int) -> list[Glyph]:
    return [Glyph(place + first, place + last, text[first:last], cells) for first, last, cells in clusters_of(text)]


def turned(segments: Sequence[Segment], glyphs: Sequence[Glyph], filling: Style | None = None) -> list[Segment]:
    """The line of `segments` with its characters where `glyphs` has them, each in its own style."""
    styles: list[Style | None] = []
    for segment in segments:
        styles += [segment.style] * len(segment.text)
    out: list[Segment] = []
    waiting: list[str] = []
    before: Style | None = None
    for glyph in glyphs:
        style = styles[glyph.start] if glyph.start < glyph.end else filling or _near(styles, glyph.start)
        if waiting and style != before:
            out.append(Segment("".join(waiting), before))
            waiting = []
        waiting.append(glyph.text)
        before = style
    if waiting:
        out.append(Segment("".join(waiting), before))
    return out


def _near(styles: Sequence[Style | None], place: int) -> Style | None:
    return styles[max(min(place, len(styles)) - 1, 0)] if styles else None
