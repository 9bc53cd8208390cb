"""Placeholders: lines with which a model leaves out text it should have written ("// ... rest of the code ...").

They are never matched against what they might stand for, and never written over what they leave out.
"""

from __future__ import annotations

import re

_DOTS = r"(?:\.{3,}|\u2026)"
_MARKS = r"(?:/[/*]+|\{/\*|\#+|<!--|--+|;+|%+|\"{3}|\*)"  # how comments begin, in most languages
_CLOSERS = r"(?:\*+/\}?|-->|\"{3})?"
_LEFT = r"(?:rest|remaining|remainder|existing|unchanged|previous|other|same|omitted|original|more|snip(?:ped)?|keep)"
_WHAT = (
    r"(?:code|file|function|functions|class|classes|methods?|implementation|imports?|content|contents|lines?|body|logic"
    r"|tests?|cases?|props|fields?|properties|styles?|rules?|page|sections?|items?|entries|text|markup|above|below|before"
    r"|unchanged|same|here|as is|omitted|snip(?:ped)?|stays?|remains?)"
)
_PHRASES = (
    rf"{_DOTS}\s*\(?(?:the\s+)?{_LEFT}\b(?:.*\b{_WHAT}\b)?.*",
    rf"{_DOTS}\s*\(?[\w\s,'-]{{0,60}}\b(?:unchanged|omitted|(?:stays?|remains?) the same|same as (?:before|above))\b.*",
    rf"\(?(?:the\s+)?(?:rest of|remaining|existing|unchanged|previous)\b.*\b{_WHAT}\b.*{_DOTS}\)?",
)
# Bare prose counts only where it is all dots around: comments may end in them, or begin with them.
_PLACEHOLDER = re.compile(
    rf"\s*(?:{_MARKS}\s*(?:{'|'.join(_PHRASES)})|{_PHRASES[2]}|{_DOTS}\s*\(?{_LEFT}\b.*\b{_WHAT}\b.*{_DOTS}\)?|"
    rf"{_DOTS}\s*\(?(?:the\s+)?rest of\b.*)\s*{_CLOSERS}\s*",
    re.IGNORECASE,
)
_LONGEST = 160


def placeholder_in(text: str) -> str | None:
    """The first line of `text` that only says something has been left out."""
    for line in text.splitlines():
        if len(line) <= _LONGEST and ("..." in line or "\u2026" in line) and _PLACEHOLDER.fullmatch(line):
            return line.strip()
    return None


def new_placeholder(new: str, *held: str) -> str | None:
    """A placeholder that `new` would write and that none of the texts `held` has."""
    for line in new.splitlines():
        found = placeholder_in(line)
        if found is not None and not any(found in each for each in held):
            return found
    return None


def left_out(new: str, old: str) -> str | None:
    """A placeholder in `new`, the whole of a file that held `old`, where it stands for lines of `old`: one that `old`
    has too, or beside which nothing of `old` is missing, is text like any other."""
    found = new_placeholder(new, old)
    if found is None:
        return None
    kept = {line.strip() for line in new.splitlines()}
    return found if any(line.strip() and line.strip() not in kept for line in old.splitlines()) else None
