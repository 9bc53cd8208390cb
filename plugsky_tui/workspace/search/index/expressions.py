"""Regular expressions for letters in order. None of them backtracks: each takes time linear in the text.

In all of them `letters` is folded, and of texts that are searched as a whole no match goes beyond a line.
"""

from __future__ import annotations

import re

from plugsky_tui.workspace.search.index.segment import MARK


def in_order(letters: str) -> str:
    """Matches from the start where these letters stand in this order; group 1 is from the first of them on."""
    first, *more = map(re.escape, letters)
    return f"[^{first}\n]*+({first}" + "".join(f"[^{letter}\n]*+{letter}" for letter in more) + ")"


def initials(letters: str) -> str:
    """In marked text: each letter follows the one before, or begins the next word that it can begin; so the first."""
    first, *more = map(re.escape, letters)
    return f"{MARK}{first}" + "".join(map(_run_or_word, more))


def as_far_as_it_goes(letters: str) -> str:
    """Always matches from the start, with as many groups as letters stand in this order."""
    return _nested([f"[^{letter}]*+({letter})" for letter in map(re.escape, letters)])


def as_far_as_words_go(letters: str) -> str:
    """The same in marked text, for letters that follow each other or begin words."""
    return _nested([f"({_run_or_word(letter)})" for letter in map(re.escape, letters)])


def _run_or_word(letter: str) -> str:
    return f"(?>{letter}|[^{MARK}\n]*+(?:{MARK}(?!{letter})[^{MARK}\n]*+)*+{MARK}{letter})"


def _nested(steps: list[str]) -> str:
    return "".join(f"(?:{step}" for step in steps) + ")?" * len(steps)
