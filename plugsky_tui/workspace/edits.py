"""Replacing a piece of text that a model quotes from memory.

A ladder of relaxations, each tried only when the stricter ones found nothing, each taking a place
only when it is the only one: exact; line ends; space at line ends; indentation that differs by the
same rule on every line; typographic punctuation. Nothing else is ever guessed. What the
model did not change between its old and new text stays in the file as it is there, byte by byte.
Pure: text in, text out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.indents import find_reindented
from plugsky_tui.workspace.text import LINE_END, dominant_line_end

_SHOWN_PLACES = 20

_LINE_ENDS = re.compile(r"\r\n?")
# Possessive, and only from the start of a run of blanks: linear also on a line of a million spaces.
_BLANKS = re.compile(r"(?<![ \t])[ \t]++(?=[\r\n]|\Z)|\r\n?")
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " ")
)


@dataclass(slots=True)
class Edited:
    """`text` after the edit, what was replaced by what, and by which relaxation it was found ("" for none)."""

    text: str
    replaced: list[tuple[str, str]]
    relaxed: str = ""


@dataclass(slots=True)
class Place:
    """Where something matched in the text: `start` to `end`; `adapt` changes a new line to suit the file."""

    start: int
    end: int
    adapt: Callable[[str], str] = str


class NoMatch(ToolError):
    """The old text is not there, or not only once."""

    code = "no_match"


def replace_text(text: str, old: str, new: str, *, replace_all: bool = False) -> Edited:
    """`text` with `old` replaced by `new` where it stands exactly once (everywhere with `replace_all`).

    NoMatch says what is nearest, or which places there are; ToolError where the request makes no sense.
    """
    if old == new:
        raise ToolError(
            "old_string and new_string are the same: there is nothing to change.",
            hint="Send the new text as new_string.",
        )
    if not old:
        raise ToolError("old_string is empty.", hint="Quote the text to replace, or use write for a whole file.")
    for relaxed, find in _LADDER:
        places = find(text, old, new, replace_all)
        if not places:
            continue
        if len(places) > 1 and (not replace_all or relaxed not in ("", _BY_LINE_ENDS)):
            raise _ambiguous(text, places, relaxed)
        if relaxed == _BY_LINE_ENDS and all(text[place.start : place.end] == old for place in places):
            relaxed = ""
        return _apply(text, places, old, new, relaxed)
    from plugsky_tui.workspace.nearest import describe_miss  # difflib, only on the way to an error

    message, hint = describe_miss(text, old, new)
    raise NoMatch(message, hint=hint)


# --- the rungs ---------------------------------------------------------------------------------


def _exact(text: str, old: str, new: str, every: bool) -> list[Place]:
    r"""Where `old` stands as it is; not where its "\n" is half of a "\r\n": the next rung takes that whole."""
    if "\r" in text and "\n" in old and "\r" not in old:
        return []
    return [Place(start, start + len(old)) for start in _occurrences(text, old, every)]


def _line_ends(text: str, old: str, new: str, every: bool) -> list[Place]:
    if "\r" not in text and "\r" not in old:
        return []
    return _in_view(_View.of(text, _LINE_ENDS), _View.of(old, _LINE_ENDS).text, every)


def _blanks(text: str, old: str, new: str, every: bool) -> list[Place]:
    return _in_view(_View.of(text, _BLANKS), _View.of(old, _BLANKS).text, every, ends_line=old.endswith((" ", "\t")))


def _indentation(text: str, old: str, new: str, every: bool) -> list[Place]:
    return [Place(start, end, adapt) for start, end, adapt in find_reindented(text, old, new)]


def _punctuation(text: str, old: str, new: str, every: bool) -> list[Place]:
    plain = text.translate(_PUNCTUATION)
    view, wanted = _View.of(plain, _BLANKS), old.translate(_PUNCTUATION)
    return _in_view(view, _View.of(wanted, _BLANKS).text, every, ends_line=wanted.endswith((" ", "\t")))


_BY_LINE_ENDS = "apart from its line ends"
_LADDER = (
    ("", _exact),
    (_BY_LINE_ENDS, _line_ends),
    ("apart from space at line ends", _blanks),
    ("apart from its indentation, which was adapted", _indentation),
    ("apart from typographic quotes, dashes or spaces", _punctuation),
)


@dataclass(slots=True)
class _View:
    """A text with some pieces left out or shortened to one character, and the way back to the whole text."""

    text: str
    at: list[int] = field(default_factory=list)  # where each piece starts in this text
    kept: list[int] = field(default_factory=list)  # how many characters are left of it: 0 or 1
    whole: list[tuple[int, int]] = field(default_factory=list)  # start and end in the whole text

    @classmethod
    def of(cls, text: str, pieces: re.Pattern[str]) -> _View:
        r"""`text` with each run of blanks in `pieces` left out and each line end in it as "\n"."""
        view = cls("")
        parts: list[str] = []
        done = length = 0
        for piece in pieces.finditer(text):
            start, end = piece.span()
            left = "\n" if text[start] == "\r" else ""
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

    def span(self, place: int) -> tuple[int, int]:
        """Start and end in the whole text of the character at `place`."""
        piece = bisect_right(self.at, place) - 1
        if piece < 0:
            return place, place + 1
        if self.kept[piece] and self.at[piece] == place:
            return self.whole[piece]
        start = self.whole[piece][1] + place - self.at[piece] - self.kept[piece]
        return start, start + 1


def _in_view(view: _View, wanted: str, every: bool, ends_line: bool = False) -> list[Place]:
    """Where `wanted` stands in the view; with `ends_line` only at the end of a line."""
    if not wanted.strip():
        return []
    found = _occurrences(view.text, wanted, every)
    if ends_line:
        found = (start for start in found if view.text[start + len(wanted) : start + len(wanted) + 1] in ("", "\n"))
    return [Place(view.span(start)[0], view.span(start + len(wanted) - 1)[1]) for start in found]


def _occurrences(text: str, wanted: str, every: bool) -> Iterator[int]:
    """Starts of `wanted`: one after the other with `every`, else also overlapping ones, and no more than are shown."""
    at, count = text.find(wanted), 0
    while at >= 0 and (every or count <= _SHOWN_PLACES):
        yield at
        count += 1
        at = text.find(wanted, at + (len(wanted) if every else 1))


# --- what is put in ----------------------------------------------------------------------------


def _apply(text: str, places: list[Place], old: str, new: str, relaxed: str) -> Edited:
    parts: list[str] = []
    replaced: list[tuple[str, str]] = []
    at = 0
    for place in places:
        merged = _merged(text, place, old, new)
        parts += (text[at : place.start], merged)
        replaced.append((text[place.start : place.end], merged))
        at = place.end
    parts.append(text[at:])
    return Edited("".join(parts), replaced, relaxed)


def _merged(text: str, place: Place, old: str, new: str) -> str:
    """What replaces the place: lines of `new` that are lines of `old` stay as the file has them."""
    here = text[place.start : place.end]
    if here == old and ("\r" in old or "\r" not in text):
        return new if "\r" in old else new.replace("\r\n", "\n")
    ends = LINE_END.findall(here)
    here_lines, old_lines, new_lines = LINE_END.split(here), LINE_END.split(old), re.split("\r\n|\n", new)
    neighbour = ends[-1] if ends else _line_end_around(text, place)
    out: list[str] = []
    for old_at, new_at in _pairs(old_lines, new_lines):
        if old_at is None:
            out.append(place.adapt(new_lines[new_at]))
        elif old_lines[old_at] == new_lines[new_at]:
            out.append(here_lines[old_at])
        else:
            adapted = place.adapt(new_lines[new_at])
            out.append(_keep_common(here_lines[old_at], old_lines[old_at], new_lines[new_at], adapted))
        if new_at < len(new_lines) - 1:
            out.append(ends[min(old_at, len(ends) - 1)] if ends and old_at is not None else neighbour)
    return "".join(out)


def _pairs(old_lines: list[str], new_lines: list[str]) -> Iterator[tuple[int | None, int]]:
    """For each new line the old line it stands for, if any."""
    if len(new_lines) == 1 or len(old_lines) == 1:
        yield from ((at if at < len(old_lines) else None, at) for at in range(len(new_lines)))
        return
    from difflib import SequenceMatcher  # 8 ms, and needed only for edits of several lines that do not match exactly

    for _, old_from, old_to, new_from, new_to in SequenceMatcher(None, old_lines, new_lines, False).get_opcodes():
        for at in range(new_to - new_from):
            yield (old_from + at if old_from + at < old_to else None), new_from + at


def _keep_common(here: str, old: str, new: str, adapted: str) -> str:
    """A changed line: what `old` and `new` begin and end with stays as it is `here`, where that has the same length."""
    if (
        adapted != new
        or len(here) < len(old)
        or here[: len(old)].translate(_PUNCTUATION) != old.translate(_PUNCTUATION)
    ):
        return adapted
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return here[:head] + new[head : len(new) - tail] + here[len(old) - tail : len(old)]


def _line_end_around(text: str, place: Place) -> str:
    """The line end of the line in which the place ends, else of the one before it, else the file's."""
    after = LINE_END.search(text, place.end)
    if after:
        return after[0]
    before = max(text.rfind("\n", 0, place.start), text.rfind("\r", 0, place.start))
    if before < 0:
        return dominant_line_end(text)
    return "\r\n" if text[before - 1 : before + 1] == "\r\n" else text[before]


def _ambiguous(text: str, places: list[Place], relaxed: str) -> NoMatch:
    numbers = [line_number(text, place.start) for place in places[:_SHOWN_PLACES]]
    count = f"{len(places)}" if len(places) <= _SHOWN_PLACES else f"more than {_SHOWN_PLACES}"
    where = ", ".join(map(str, numbers))
    return NoMatch(
        f"old_string matches {count} places{f' ({relaxed})' if relaxed else ''}, at lines {where}: "
        "it is not clear which one is meant.",
        hint="Quote more lines around the one you mean"
        + (
            ", or send replace_all=true to change all of them." if not relaxed else ", exactly as they are in the file."
        ),
    )


def line_number(text: str, place: int) -> int:
    r"""The number of the line that `place` is in, from 1, counted as `text.split_lines` does."""
    return text.count("\n" if "\n" in text else "\r", 0, place) + 1
