"""A text as it is seen: paragraphs are resolved once, lines of them put into the order of the screen.

The text itself stays as it is. Places are characters of it (logical order); cells count from the left of the screen.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plugsky_tui.frontends.bidi.classes import classes_of, first_strong
from plugsky_tui.frontends.bidi.clusters import Cluster, clusters_of
from plugsky_tui.frontends.bidi.isolates import Span, merged, technical_spans
from plugsky_tui.frontends.bidi.joining import is_lam_alef, shaped
from plugsky_tui.frontends.bidi.levels import embedding_levels
from plugsky_tui.frontends.bidi.lines import line_levels, visual_order
from plugsky_tui.frontends.bidi.mirrors import MIRRORED

# How text goes to the terminal. logical: as it is; visual: in the order of the screen, letters joined; words: words
# in the order of the screen, for terminals that turn round (and join) the letters of each word themselves.
Way = Literal["logical", "visual", "words"]

_SIGNS = frozenset(("ON", "ES", "ET", "CS"))


@dataclass(slots=True)
class Glyph:
    """What stands in one place of the screen: the characters from `start` to `end`, drawn as `text`, `cells` wide.

    Filling that stands for no character is empty: `start` is `end` then.
    """

    start: int
    end: int
    text: str
    cells: int
    rtl: bool = False


class _Paragraph:
    """One paragraph, which begins at `start` of its text, as if LRI and PDI stood around each of `isolates`.

    Signs within an isolate stay in their place between its words, as in code: they count as left-to-right letters.
    Levels are found when the first line is drawn; the direction is known before.
    """

    __slots__ = ("_isolates", "_levels", "_marked", "_text", "base", "classes", "marks", "start")

    def __init__(self, text: str, start: int, isolates: Sequence[Span], base: int | None) -> None:
        self.start = start
        self.classes = classes_of(text)
        self.marks: dict[int, list[int]] = {}  # levels of the controls that would stand before a character
        self._text = text
        self._isolates = isolates
        self._marked = self._with_controls()
        self._levels: list[int] | None = None
        self.base = base if base is not None else first_strong(self._marked) or 0

    def _with_controls(self) -> list[str]:
        if not self._isolates:
            return self.classes
        marked: list[str] = []
        place = 0
        for start, end in self._isolates:
            inside = ["L" if name in _SIGNS else name for name in self.classes[start:end]]
            marked += [*self.classes[place:start], "LRI", *inside, "PDI"]
            place = end
        return marked + self.classes[place:]

    @property
    def levels(self) -> list[int]:
        """The level of each character."""
        if self._levels is None:
            self._levels = self._found()
        return self._levels

    def _found(self) -> list[int]:
        if not self._isolates:
            return embedding_levels(self.classes, self.base, self._text)[0]
        chars: list[str] = []
        place = 0
        for start, end in self._isolates:
            chars += [self._text[place:start], "\u2066", self._text[start:end], "\u2069"]
            place = end
        chars.append(self._text[place:])
        found, _ = embedding_levels(self._marked, self.base, "".join(chars))
        levels: list[int] = []
        for number, (start, end) in enumerate(self._isolates):
            shift = 2 * number
            levels += found[len(levels) + shift : start + shift] + found[start + shift + 1 : end + shift + 1]
            self.marks.setdefault(start, []).append(found[start + shift])
            self.marks.setdefault(end, []).append(found[end + shift + 1])
        return levels + found[len(levels) + 2 * len(self._isolates) :]


class Paragraphs:
    """The directions in `text`, whose paragraphs end at newlines.

    `isolates` are spans that go from left to right whatever is around them, beside what is recognised as such;
    `base` is the direction of all paragraphs (1: right to left) where their first strong letters do not decide.
    """

    def __init__(self, text: str, isolates: Sequence[Span] = (), base: int | None = None) -> None:
        self.text = text
        self._isolates = merged([*isolates, *technical_spans(text)])
        self._given = base
        self._ends = [match.start() for match in re.finditer("\n", text)] + [len(text)]
        self._known: dict[int, _Paragraph] = {}

    def base_at(self, place: int) -> int:
        """The level of the paragraph around `place`: 1 where it goes from right to left."""
        return self._at(place).base

    def _at(self, place: int) -> _Paragraph:
        number = min(bisect_left(self._ends, place), len(self._ends) - 1)
        if (known := self._known.get(number)) is None:
            start, end = self._ends[number - 1] + 1 if number else 0, self._ends[number]
            first = bisect_right(self._isolates, start, key=lambda span: span[1])
            last = bisect_left(self._isolates, end, key=lambda span: span[0])
            isolates = [(max(a, start) - start, min(b, end) - start) for a, b in self._isolates[first:last]]
            known = self._known[number] = _Paragraph(self.text[start:end], start, isolates, self._given)
        return known

    def line(self, start: int, end: int, way: Way = "visual") -> list[Glyph]:
        """The line of the characters from `start` to `end`, from the left of the screen to the right."""
        part = self._at(start)
        first, last = start - part.start, end - part.start  # within one paragraph
        text = self.text[start:end]
        levels = line_levels(part.classes[first:last], part.levels[first:last], part.base)
        clusters = clusters_of(text)
        if way == "visual":
            clusters = _lam_alefs(text, clusters, levels)
        rtl = [levels[a] & 1 == 1 for a, _, _ in clusters]
        texts = [text[a:b] for a, b, _ in clusters]
        if way == "visual":
            texts = shaped(texts, rtl)
        glyphs = [
            Glyph(start + a, start + b, MIRRORED.get(drawn, drawn) if odd else drawn, cells, odd)
            for (a, b, cells), drawn, odd in zip(clusters, texts, rtl, strict=True)
        ]
        glyphs = _ordered(glyphs, [levels[a] for a, _, _ in clusters], part)
        return _words_turned(glyphs, self.text) if way == "words" else glyphs


def _ordered(glyphs: list[Glyph], levels: Sequence[int], part: _Paragraph) -> list[Glyph]:
    """The glyphs of a line from left to right. Controls that are not there still keep apart what they isolate."""
    if not part.marks:
        return [glyphs[place] for place in visual_order(levels)]
    entries: list[tuple[int, Glyph | None]] = []
    for own, level in zip(glyphs, levels, strict=True):
        entries += [(mark, None) for mark in part.marks.get(own.start - part.start, ())]
        entries.append((level, own))
    order = visual_order([level for level, _ in entries])
    return [glyph for place in order if (glyph := entries[place][1]) is not None]


def _lam_alefs(text: str, clusters: list[Cluster], levels: Sequence[int]) -> list[Cluster]:
    """A lam and the alef behind it are one: they are drawn in one cell."""
    out: list[Cluster] = []
    for first, last, cells in clusters:
        if out and levels[first] & 1 and is_lam_alef(text[out[-1][0] : out[-1][1]], text[first:last]):
            out[-1] = (out[-1][0], last, out[-1][2])
        else:
            out.append((first, last, cells))
    return out


def _words_turned(glyphs: list[Glyph], text: str) -> list[Glyph]:
    """The letters of each right-to-left word the other way round; what they stand for stays with the place."""
    start = 0
    while start < len(glyphs):
        if not _is_letter(glyphs[start], text):
            start += 1
            continue
        end = start
        while end < len(glyphs) and _is_letter(glyphs[end], text):
            end += 1
        turned = [(glyph.text, glyph.cells) for glyph in glyphs[start:end]][::-1]
        for glyph, (drawn, cells) in zip(glyphs[start:end], turned, strict=True):
            glyph.text, glyph.cells = drawn, cells
        start = end
    return glyphs


def _is_letter(glyph: Glyph, text: str) -> bool:
    return glyph.rtl and classes_of(text[glyph.start])[0] in {"R", "AL"}
