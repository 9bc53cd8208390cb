"""Fuzzy matching for pickers and completions: linear in the text, whatever is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
_AS_TYPED = 500.0  # the score of whatever holds the query as it is typed is above this
_IN_MORE = 300.0


def score(query: str, text: str) -> float | None:
    """How well `query` is found in `text`, letters in order, case ignored; None where it is not.

    A run of letters counts more than scattered ones, the start of a word more than its middle,
    and a short text more than a long one.
    """
    if not query:
        return 0.0
    query, text = query.casefold(), text.casefold()
    found = text.find(query)
    if found >= 0:
        at_word = found == 0 or not text[found - 1].isalnum()
        return 1000.0 + (200 if at_word else 0) + (200 if found == 0 else 0) - len(text) * 0.1 - found * 0.5
    total, place, run = 0.0, 0, 0
    for letter in query:
        if letter == " ":
            run = 0
            continue
        at = text.find(letter, place)
        if at < 0:
            return None
        run = run + 1 if at == place and place else 1
        total += run * 3 + (6 if at == 0 or not text[at - 1].isalnum() else 0) - min(at - place, 10) * 0.3
        place = at + 1
    return total - len(text) * 0.05


def match(query: str, title: str, more: str = "") -> float | None:
    """How well `query` fits a row: all of it in the title, or each of its words somewhere. In `more` a word must stand
    as it is typed: scattered letters are found in any long text."""
    whole = score(query, title)
    if whole is not None and whole >= _AS_TYPED:
        return whole
    total, text = 0.0, more.casefold()
    for word in query.casefold().split():
        in_title, at = score(word, title), text.find(word)
        in_more = None if at < 0 else _IN_MORE + (100 if at == 0 or not text[at - 1].isalnum() else 0)
        best = max((value for value in (in_title, in_more) if value is not None), default=None)
        if best is None:
            return whole
        total += best
    return total


def ranked(
    query: str, items: Iterable[T], text_of: Callable[[T], str], more_of: Callable[[T], str] | None = None
) -> list[T]:
    """The items that match, best first; in their own order where `query` is empty or scores are equal."""
    if not query:
        return list(items)
    if more_of is None:
        scored = [(score(query, text_of(item)), item) for item in items]
    else:
        scored = [(match(query, text_of(item), more_of(item)), item) for item in items]
    matched = [(value, item) for value, item in scored if value is not None]
    matched.sort(key=lambda pair: -pair[0])
    return [item for _, item in matched]
