"""The rungs of the ladder: each looks for a quoted text a little less strictly than the one before.

Each takes (text, old, new, every) and gives the places it finds; with `every`, one after the other, else overlapping
ones too, so that two that overlap are seen to be two.
"""

from __future__ import annotations

from collections.abc import Callable

from plugsky_tui.workspace.edits.indents import find_reindented
from plugsky_tui.workspace.edits.places import Place, occurrences, starts_line
from plugsky_tui.workspace.edits.views import View, by_line_ends, in_plain, plain, without_blanks

Rung = Callable[[str, str, str, bool], list[Place]]

BY_LINE_ENDS = "apart from its line ends"
BY_BLANKS = "apart from space at line ends"
BY_INDENTATION = "apart from its indentation, which was adapted"


def exact(text: str, old: str, new: str, every: bool) -> list[Place]:
    r"""Where `old` stands as it is; not where its "\n" is half of a "\r\n": the next rung takes that whole."""
    if "\r" in text and "\n" in old and "\r" not in old:
        return []
    return [Place(start, start + len(old)) for start in occurrences(text, old, every)]


def line_ends(text: str, old: str, new: str, every: bool) -> list[Place]:
    if "\r" not in text and "\r" not in old:
        return []
    return _in_view(by_line_ends(text), by_line_ends(old).text, every)


def blanks(text: str, old: str, new: str, every: bool) -> list[Place]:
    return _in_view(without_blanks(text), without_blanks(old).text, every, ends_line=old.endswith((" ", "\t")))


def indentation(text: str, old: str, new: str, every: bool) -> list[Place]:
    return find_reindented(text, old, new)


def punctuation(text: str, old: str, new: str, every: bool) -> list[Place]:
    return _in_view(in_plain(text), in_plain(old).text, every, ends_line=plain(old).endswith((" ", "\t")))


def punctuation_and_indentation(text: str, old: str, new: str, every: bool) -> list[Place]:
    if text.isascii() and old.isascii():
        return []
    return find_reindented(text, old, new, plain)


LADDER: tuple[tuple[str, Rung], ...] = (
    ("", exact),
    (BY_LINE_ENDS, line_ends),
    (BY_BLANKS, blanks),
    (BY_INDENTATION, indentation),
    ("apart from typographic quotes, dashes, dots or spaces", punctuation),
    (
        "apart from typographic quotes, dashes, dots or spaces, and from its indentation, which was adapted",
        punctuation_and_indentation,
    ),
)


def inside_indentation(text: str, place: Place, old: str, new: str) -> bool:
    """Whether one quoted line was found with more indentation in front of it than was quoted.

    The lines that are added to it would then miss as much of theirs.
    """
    if old[0] not in " \t" or "\n" in old.rstrip("\r\n") or "\n" not in new.strip("\r\n"):
        return False
    line = max(text.rfind("\n", 0, place.start), text.rfind("\r", 0, place.start)) + 1
    return not starts_line(text, place.start) and not text[line : place.start].strip(" \t")


def _in_view(view: View, wanted: str, every: bool, ends_line: bool = False) -> list[Place]:
    """Where `wanted` stands in the view; with `ends_line` only at the end of a line."""
    if not wanted.strip():
        return []
    found = occurrences(view.text, wanted, every)
    if ends_line:
        found = (start for start in found if view.text[start + len(wanted) : start + len(wanted) + 1] in ("", "\n"))
    places = (view.place(start, len(wanted)) for start in found)
    return [place for place in places if place is not None]
