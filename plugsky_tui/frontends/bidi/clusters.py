"""What is one character to its reader: letters with their marks, emoji sequences, flags (UAX #29, as far as cells go)."""

from __future__ import annotations

import re
from functools import cache

from rich.cells import get_character_cell_size, split_graphemes

from plugsky_tui.frontends.bidi.joining import ZWJ

LAM = "\u0644"
_FLAG_LETTERS = ("\U0001f1e6", "\U0001f1ff")

Cluster = tuple[int, int, int]  # where it begins and ends, and how many cells it takes


def clusters_of(text: str) -> list[Cluster]:
    """The clusters of `text`, as wide as Rich measures them: but that flags stay whole, and Arabic letters apart."""
    spans: list[Cluster] = split_graphemes(text)[0]
    if ZWJ in text:
        spans = _joined_apart(text, spans)
    if max(text, default="") >= _FLAG_LETTERS[0]:
        spans = _flags_together(text, spans)
    return spans


def unbroken(text: str) -> list[Cluster]:
    """What no line may break within: clusters, and a lam with its alef."""
    clusters = clusters_of(text)
    alefs = {match.end() - 1 for match in _lam_alefs().finditer(text)} if LAM in text else set()
    if not alefs:
        return clusters
    out: list[Cluster] = []
    for cluster in clusters:
        if cluster[0] in alefs and out:
            first = out.pop()
            cluster = (first[0], cluster[1], first[2] + cluster[2])
        out.append(cluster)
    return out


@cache
def _lam_alefs() -> re.Pattern[str]:
    """A lam with its marks and the alef behind it."""
    return re.compile("\u0644[\u0610-\u061a\u064b-\u065f\u0670]*[\u0622\u0623\u0625\u0627]")


def _flags_together(text: str, spans: list[Cluster]) -> list[Cluster]:
    """Two regional indicators are one flag."""
    out: list[Cluster] = []
    waiting = False  # for the second letter of a flag
    for start, end, cells in spans:
        is_letter = _FLAG_LETTERS[0] <= text[start] <= _FLAG_LETTERS[1]
        if is_letter and waiting:
            first = out.pop()
            out.append((first[0], end, first[2] + cells))
        else:
            out.append((start, end, cells))
        waiting = is_letter and not waiting
    return out


def _joined_apart(text: str, spans: list[Cluster]) -> list[Cluster]:
    """A joiner makes one of emoji, but not of letters, which only lean towards each other."""
    out: list[Cluster] = []
    for start, end, cells in spans:
        place = text.find(ZWJ, start, end - 1)
        if place < 0 or not "\u0590" <= text[start] <= "\u08ff":
            out.append((start, end, cells))
            continue
        out.append((start, place + 1, cells))
        for second in range(place + 1, end):
            if (size := get_character_cell_size(text[second])) or out[-1][1] <= start:
                out.append((second, second + 1, size))
            else:
                out[-1] = (out[-1][0], second + 1, out[-1][2])
    return out
