"""A text as it is seen: paragraphs are resolved once, lines of them put into the order of the screen.

The text itself stays as it is. Places are characters of it (logical order); cells count from the left of the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plugsky_tui.frontends.bidi.classes import classes_of
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


class Paragraphs:
    """The directions in `text`, whose paragraphs end at newlines.

    `isolates` are spans that go from left to right whatever is around them, beside what is recognised as such;
    `base` is the direction of all paragraphs (1: right to left) where their first strong letters do not decide.
    """

    def __init__(self, text: str, isolates: Sequence[Span] = (), base: int | None = None) -> None:
        self.text = text
        self._isolates = isolates
        self._given = base
        self._classes: list[str] = []
        self._levels: list[int] = []
        self._bases: list[tuple[int, int]] = []  # where a paragraph ends, and its level
        self._marks: dict[int, list[int]] = {}  # levels of the isolate controls that would stand before a character

    def base_at(self, place: int) -> int:
        """The level of the paragraph around `place`: 1 where it goes from right to left."""
        if not self._bases:
            self._resolve()
        return next((base for end, base in self._bases if place <= end), 0)

    def line(self, start: int, end: int, way: Way = "visual") -> list[Glyph]:
        """The line of the characters from `start` to `end`, from the left of the screen to the right."""
        base = self.base_at(start)
        text = self.text[start:end]
        levels = line_levels(self._classes[start:end], self._levels[start:end], base)
        clusters = clusters_of(text)
        if way == "visual":
            clusters = _lam_alefs(text, clusters, levels)
        rtl = [levels[first] & 1 == 1 for first, _, _ in clusters]
        texts = [text[first:last] for first, last, _ in clusters]
        if way == "visual":
            texts = shaped(texts, rtl)
        glyphs = [
            Glyph(start + first, start + last, MIRRORED.get(drawn, drawn) if odd else drawn, cells, odd)
            for (first, last, cells), drawn, odd in zip(clusters, texts, rtl, strict=True)
        ]
        glyphs = self._ordered(glyphs, [levels[first] for first, _, _ in clusters])
        return _words_turned(glyphs, self._classes) if way == "words" else glyphs

    def _ordered(self, glyphs: list[Glyph], levels: Sequence[int]) -> list[Glyph]:
        """The glyphs of a line from left to right. Controls that are not there still keep apart what they isolate."""
        if not self._marks:
            return [glyphs[place] for place in visual_order(levels)]
        entries: list[tuple[int, Glyph | None]] = []
        for own, level in zip(glyphs, levels, strict=True):
            entries += [(mark, None) for mark in self._marks.get(own.start, ())]
            entries.append((level, own))
        order = visual_order([level for level, _ in entries])
        return [glyph for place in order if (glyph := entries[place][1]) is not None]

    def _resolve(self) -> None:
        isolates = merged([*self._isolates, *technical_spans(self.text)])
        start = 0
        for part in self.text.split("\n"):
            end = start + len(part)
            inside = [(max(a, start) - start, min(b, end) - start) for a, b in isolates if a < end and b > start]
            classes = classes_of(part)
            if inside:
                levels, base, marks = _resolved(part, classes, inside, self._given)
                self._marks |= {start + place: found for place, found in marks.items()}
            else:
                levels, base = embedding_levels(classes, self._given, part)
            self._classes += [*classes, "B"]
            self._levels += [*levels, base]
            self._bases.append((end, base))
            start = end + 1


def _resolved(
    text: str, classes: Sequence[str], isolates: Sequence[Span], base: int | None
) -> tuple[list[int], int, dict[int, list[int]]]:
    """The levels of one paragraph and its own, as if LRI and PDI stood around each of `isolates`; and their levels.

    Signs within an isolate stay in their place between its words, as in code: they count as left-to-right letters.
    """
    marked: list[str] = []
    chars: list[str] = []
    place = 0
    for start, end in isolates:
        inside = ["L" if name in _SIGNS else name for name in classes[start:end]]
        marked += [*classes[place:start], "LRI", *inside, "PDI"]
        chars += [text[place:start], "\u2066", text[start:end], "\u2069"]
        place = end
    marked += classes[place:]
    chars.append(text[place:])
    found, base = embedding_levels(marked, base, "".join(chars))
    marks: dict[int, list[int]] = {}
    for number, (start, end) in enumerate(isolates):
        marks.setdefault(start, []).append(found[start + 2 * number])
        marks.setdefault(end, []).append(found[end + 2 * number + 1])
    added = {start + 2 * number for number, (start, _) in enumerate(isolates)}
    added |= {end + 2 * number + 1 for number, (_, end) in enumerate(isolates)}
    return [level for place, level in enumerate(found) if place not in added], base, marks


def _lam_alefs(text: str, clusters: list[Cluster], levels: Sequence[int]) -> list[Cluster]:
    """A lam and the alef behind it are one: they are drawn in one cell."""
    out: list[Cluster] = []
    for first, last, cells in clusters:
        if out and levels[first] & 1 and is_lam_alef(text[out[-1][0] : out[-1][1]], text[first:last]):
            out[-1] = (out[-1][0], last, out[-1][2])
        else:
            out.append((first, last, cells))
    return out


def _words_turned(glyphs: list[Glyph], classes: Sequence[str]) -> list[Glyph]:
    """The letters of each right-to-left word the other way round; what they stand for stays with the place."""
    start = 0
    while start < len(glyphs):
        if not _is_letter(glyphs[start], classes):
            start += 1
            continue
        end = start
        while end < len(glyphs) and _is_letter(glyphs[end], classes):
            end += 1
        turned = [(glyph.text, glyph.cells) for glyph in glyphs[start:end]][::-1]
        for glyph, (text, cells) in zip(glyphs[start:end], turned, strict=True):
            glyph.text, glyph.cells = text, cells
        start = end
    return glyphs


def _is_letter(glyph: Glyph, classes: Sequence[str]) -> bool:
    return glyph.rtl and classes[glyph.start] in ("R", "AL")
