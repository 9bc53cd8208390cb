"""Where motions lead. Each takes the text, the caret, and how often; the meaning of each is vi's (POSIX vi, `:help motion`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plugsky_tui.frontends.tui.vim.places import (
    after,
    before,
    empty_line,
    first_letter,
    kind,
    line_end,
    line_start,
    on_line,
)

Span = Literal["exclusive", "inclusive", "lines"]
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}


@dataclass(slots=True)
class Target:
    """`span` says what an operator takes: up to `at`, `at` too, or whole lines."""

    at: int
    span: Span = "exclusive"


def target(
    name: str, text: str, at: int, count: int | None, *, argument: str = "", column: int | None = None
) -> Target | None:
    """Where the motion `name` leads from `at`; None where it leads nowhere. `column` is where j and k aim at."""
    times = count or 1
    match name:
        case "h":
            return Target(_left(text, at, times))
        case "l":
            return Target(_right(text, at, times))
        case "j" | "k":
            return _rows(text, at, times if name == "j" else -times, column)
        case "w" | "W":
            return Target(_repeat(_word_on, text, at, times, name == "W"))
        case "b" | "B":
            return Target(_repeat(_word_back, text, at, times, name == "B"))
        case "e" | "E":
            return Target(_repeat(_word_end, text, at, times, name == "E"), "inclusive")
        case "0":
            return Target(line_start(text, at))
        case "^":
            return Target(first_letter(text, at))
        case "$":
            row = _rows(text, at, times - 1, 0)
            return Target(on_line(text, line_end(text, row.at)), "inclusive") if row else None
        case "gg" | "G":
            return _line(text, (count or 1) if name == "gg" or count else text.count("\n") + 1)
        case "{" | "}":
            return Target(_repeat(_paragraph_on if name == "}" else _paragraph_back, text, at, times, False))
        case "%":
            return _match(text, at)
        case "f" | "F" | "t" | "T":
            return find(text, at, name + argument, times)
        case _:
            return None


def find(text: str, at: int, what: str, times: int, *, again: bool = False) -> Target | None:
    """f, F, t and T with the letter behind it; `again`: it is repeated, so that t does not stop where it is."""
    name, letter = what[0], what[1:]
    start, end = line_start(text, at), line_end(text, at)
    place = at
    if name in "ft":
        place += again and name == "t"
        for _ in range(times):
            place = text.find(letter, place + 1, end)
            if place < 0:
                return None
        return Target(place if name == "f" else before(text, place), "inclusive")
    place -= again and name == "T"
    for _ in range(times):
        place = text.rfind(letter, start, max(place, start))
        if place < 0:
            return None
    return Target(place if name == "F" else after(text, place))


def _left(text: str, at: int, times: int) -> int:
    start = line_start(text, at)
    for _ in range(min(times, at - start)):
        at = before(text, at)
    return max(at, start)


def _right(text: str, at: int, times: int) -> int:
    end = line_end(text, at)
    for _ in range(min(times, end - at)):
        at = after(text, at)
    return min(at, end)


def _rows(text: str, at: int, rows: int, column: int | None) -> Target | None:
    column = at - line_start(text, at) if column is None else column
    for _ in range(abs(rows)):
        if rows > 0:
            at = line_end(text, at) + 1
            if at > len(text):
                return None
        else:
            at = line_start(text, at) - 1
            if at < 0:
                return None
    start = line_start(text, at)
    return Target(min(start + column, line_end(text, start)), "lines")


def _line(text: str, number: int) -> Target:
    at = 0
    for _ in range(min(number - 1, text.count("\n"))):
        at = line_end(text, at) + 1
    return Target(first_letter(text, at), "lines")


def _repeat(step: object, text: str, at: int, times: int, big: bool) -> int:
    for _ in range(min(times, len(text))):
        at = step(text, at, big)  # type: ignore[operator]  # one of the functions below
    return at


def _word_on(text: str, at: int, big: bool) -> int:
    if at >= len(text):
        return len(text)
    here = kind(text[at], big)
    while at < len(text) and here and kind(text[at], big) == here:
        at += 1
    began = at
    while at < len(text) and text[at].isspace() and not (empty_line(text, at) and (at > began or here)):
        at += 1
    return at


def _word_back(text: str, at: int, big: bool) -> int:
    at -= 1
    while at > 0 and text[at].isspace() and not empty_line(text, at):
        at -= 1
    if at <= 0:
        return 0
    here = kind(text[at], big)
    while here and at > 0 and kind(text[at - 1], big) == here:
        at -= 1
    return at


def _word_end(text: str, at: int, big: bool) -> int:
    at += 1
    while at < len(text) and text[at].isspace():
        at += 1
    if at >= len(text):
        return on_line(text, len(text))
    here = kind(text[at], big)
    while at + 1 < len(text) and kind(text[at + 1], big) == here:
        at += 1
    return at


def _paragraph_on(text: str, at: int, big: bool) -> int:
    while at < len(text) and empty_line(text, line_start(text, at)):
        at = line_end(text, at) + 1
    while at < len(text) and not empty_line(text, line_start(text, at)):
        at = line_end(text, at) + 1
    return min(at, len(text))


def _paragraph_back(text: str, at: int, big: bool) -> int:
    at = line_start(text, at)
    while at > 0 and empty_line(text, at):
        at = line_start(text, at - 1)
    while at > 0 and not empty_line(text, at):
        at = line_start(text, at - 1)
    return at


def _match(text: str, at: int) -> Target | None:
    end = line_end(text, at)
    while at < end and text[at] not in "()[]{}":
        at += 1
    if at >= end:
        return None
    opening = text[at] in _PAIRS
    one, other = text[at], _PAIRS.get(text[at]) or _CLOSING[text[at]]
    depth = 0
    for place in range(at, len(text)) if opening else range(at, -1, -1):
        depth += (text[place] == one) - (text[place] == other)
        if depth == 0:
            return Target(place, "inclusive")
    return None
