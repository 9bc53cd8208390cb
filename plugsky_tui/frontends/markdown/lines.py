"""What one line of Markdown can be: the patterns of CommonMark 0.31 and of GitHub's tables."""

from __future__ import annotations

import re
from functools import cache

from plugsky_tui.frontends.markdown.leaves import Align

# A paragraph or a line longer than this goes on in a new leaf, so that what is laid out per frame stays bounded.
LONGEST = 2000

# First characters that make a line more than text of a paragraph.
SPECIAL = frozenset(" \t>#-+*_`~|=0123456789:")


class Patterns:
    """Compiled once, when the first text that needs them is split."""

    # Only single characters are repeated possessively: up to Python 3.11.4 groups with branches go wrong so
    # (CPython issue 106052).
    def __init__(self) -> None:
        self.fence = re.compile(r" {0,3}(?:(`{3,})[ \t]*([^`]*)|(~{3,})[ \t]*(.*))$")
        self.heading = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
        self.rule = re.compile(r" {0,3}(?:-[ \t]*+){3,}$| {0,3}(?:\*[ \t]*+){3,}$| {0,3}(?:_[ \t]*+){3,}$")
        self.setext = re.compile(r" {0,3}(=+|-+)[ \t]*$")
        self.item = re.compile(r"( *)(?:([-+*])|(\d{1,9})([.)]))(?:( +)(?=[^ ])| *$)")
        self.quote = re.compile(r" {0,3}> ?")
        self.lead = re.compile(r"(?:[ \t]|[-+*>](?=[ \t])|\d{1,9}[.)](?=[ \t]))*")
        self.task = re.compile(r"\[([ xX])\] +(?=\S)")
        self.delimiter = re.compile(r" {0,3}\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*\|?[ \t]*+$")
        # A line that is still being written and might turn out to be a marker is not shown yet.
        self.undecided = re.compile(
            r"[ \t>]*+(?:[-+*_=#`~|:][-+*_=#`~|: \t]*+|\d{1,9}[.)]?[ ]*+)?(?:(?<=[-+*.)] )\[[ xX]?(?:\][ ]*+)?)?$"
        )
        self.sentence_end = re.compile(r"[.!?:;。！？][\"')\]]*\s")


@cache
def patterns() -> Patterns:
    return Patterns()


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def expand_indent(line: str) -> str:
    """`line` with the tabs of its indentation, and behind its markers, as spaces (tab stops of 4)."""
    if "\t" not in line:
        return line
    match = patterns().lead.match(line)
    assert match is not None
    return match[0].expandtabs(4) + line[match.end() :]


def cells_of(line: str) -> list[str]:
    """The cells of a table row; `\\|` is a bar within a cell."""
    line = line.strip()
    line = line.removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    if "\\|" not in line:
        return [cell.strip() for cell in line.split("|")]
    return [cell.strip().replace("\x00", "|") for cell in line.replace("\\|", "\x00").split("|")]


def aligns_of(delimiter: str) -> list[Align]:
    out: list[Align] = []
    for cell in cells_of(delimiter):
        match cell.startswith(":"), cell.endswith(":"):
            case True, True:
                out.append("center")
            case False, True:
                out.append("right")
            case _:
                out.append("left")
    return out


def cut_at(line: str) -> int:
    """Where a line that is too long is best cut: behind a sentence, else behind a word. Looks at the first LONGEST characters only."""
    place = 0
    for match in patterns().sentence_end.finditer(line, LONGEST // 2, LONGEST):
        place = match.end()
    return place or line.rfind(" ", LONGEST // 2, LONGEST) + 1 or LONGEST
