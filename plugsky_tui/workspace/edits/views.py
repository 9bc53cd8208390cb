"""Looking at a text as if some of its characters were others, and finding the way back to what it really holds."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field

from plugsky_tui.workspace.edits.places import Place

LINE_ENDS = re.compile(r"\r\n?")
# Possessive, and only from the start of a run of blanks: linear also on a line of a million spaces.
BLANKS = re.compile(r"(?<![ \t])[ \t]++(?=[\r\n]|\Z)|\r\n?")
_LONGER = re.compile(rf"{BLANKS.pattern}|\u2026")

# What keyboards have no key for, and models write with the key beside it (or the other way round).
_PLAIN = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)
_PLAIN_AND_DOTS = _PLAIN | {ord("\u2026"): "..."}


def plain(text: str) -> str:
    """`text` with typographic quotes, dashes, spaces and dots as those of a keyboard."""
    return text if text.isascii() else text.translate(_PLAIN_AND_DOTS)


@dataclass(slots=True)
class View:
    """A text with some pieces left out or written otherwise, and the way back to the whole text."""

    text: str
    at: list[int] = field(default_factory=list)  # where each piece starts in this text
    kept: list[int] = field(default_factory=list)  # how many characters stand for it here
    whole: list[tuple[int, int]] = field(default_factory=list)  # start and end in the whole text

    def place(self, start: int, length: int) -> Place | None:
        """Where `length` characters from `start` on are in the whole text; None where that would split a piece."""
        first, begins, _ = self._span(start)
        last, _, ends = self._span(start + length - 1)
        return Place(first[0], last[1]) if begins and ends else None

    def _span(self, at: int) -> tuple[tuple[int, int], bool, bool]:
        """The character at `at` in the whole text, and whether it is the first and the last that stands for it."""
        piece = bisect_right(self.at, at) - 1
        if piece < 0:
            return (at, at + 1), True, True
        offset = at - self.at[piece]
        if offset < self.kept[piece]:
            return self.whole[piece], offset == 0, offset == self.kept[piece] - 1
        start = self.whole[piece][1] + offset - self.kept[piece]
        return (start, start + 1), True, True


def by_line_ends(text: str) -> View:
    r"""Each line end as "\n"."""
    return _viewed(text, LINE_ENDS, _stand_in)


def without_blanks(text: str) -> View:
    r"""Without spaces and tabs at the ends of lines, each line end as "\n"."""
    return _viewed(text, BLANKS, _stand_in)


def in_plain(text: str) -> View:
    """As `without_blanks`, and with the characters of a keyboard only (see `plain`)."""
    return _viewed(text.translate(_PLAIN), _LONGER, _stand_in)


def _stand_in(piece: str) -> str:
    return "..." if piece == "\u2026" else "\n" if piece[0] == "\r" else ""


def _viewed(text: str, pieces: re.Pattern[str], stand_in: Callable[[str], str]) -> View:
    view = View("")
    parts: list[str] = []
    done = length = 0
    for piece in pieces.finditer(text):
        start, end = piece.span()
        left = stand_in(piece[0])
        parts += (text[done:start], left)
        length += start - done
        view.at.append(length)
        view.kept.append(len(left))
        view.whole.append((start, end))
        length += len(left)
        done = end
    parts.append(text[done:])
    view.text = "".join(parts)
    return view
