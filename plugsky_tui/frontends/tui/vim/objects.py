"""Text objects: iw, aw, i", a(, ip and the like."""

from __future__ import annotations

from plugsky_tui.frontends.tui.vim.places import kind, line_end, line_start

_BRACKETS = {
    **dict.fromkeys("()b", "()"),
    **dict.fromkeys("[]", "[]"),
    **dict.fromkeys("{}B", "{}"),
    **dict.fromkeys("<>", "<>"),
}
NAMES = frozenset("wWp\"'`()b[]{}B<>")


def around(name: str, text: str, at: int, *, inner: bool) -> tuple[int, int] | None:
    """From where to where the object `name` ("w", "(") around `at` goes; None where there is none."""
    if name in "wW":
        return _word(text, at, name == "W", inner)
    if name in "\"'`":
        return _quoted(text, at, name, inner)
    if name == "p":
        return _paragraph(text, at, inner)
    return _bracketed(text, at, _BRACKETS[name], inner)


def _word(text: str, at: int, big: bool, inner: bool) -> tuple[int, int] | None:
    first, last = line_start(text, at), line_end(text, at)
    if at >= last:
        return (at, at) if inner else None
    here = kind(text[at], big)
    start, end = at, at
    while start > first and kind(text[start - 1], big) == here:
        start -= 1
    while end < last and kind(text[end], big) == here:
        end += 1
    if inner:
        return start, end
    if here == 0:  # the blanks, and the word behind them
        following = kind(text[end], big) if end < last else 0
        while end < last and following and kind(text[end], big) == following:
            end += 1
        return start, end
    blanks = end
    while blanks < last and kind(text[blanks], big) == 0:
        blanks += 1
    if blanks > end:
        return start, blanks
    while start > first and kind(text[start - 1], big) == 0:
        start -= 1
    return start, end


def _quoted(text: str, at: int, quote: str, inner: bool) -> tuple[int, int] | None:
    first, last = line_start(text, at), line_end(text, at)
    places = [place for place in range(first, last) if text[place] == quote and text[max(place - 1, 0)] != "\\"]
    for opening, closing in zip(places[::2], places[1::2], strict=False):
        if at <= closing:
            if inner:
                return opening + 1, closing
            end = closing + 1
            while end < last and text[end] in " \t":
                end += 1
            return opening, end
    return None


def _bracketed(text: str, at: int, pair: str, inner: bool) -> tuple[int, int] | None:
    opening, closing = pair[0], pair[1]
    depth, start = 0, at
    while start >= 0:
        letter = text[start : start + 1]
        if letter == opening and depth == 0:
            break
        if start != at:
            depth += (letter == closing) - (letter == opening)
        start -= 1
    if start < 0:
        return None
    depth, end = 0, start
    while end < len(text):
        depth += (text[end] == opening) - (text[end] == closing)
        if depth == 0:
            return (start + 1, end) if inner else (start, end + 1)
        end += 1
    return None


def _paragraph(text: str, at: int, inner: bool) -> tuple[int, int]:
    """Lines without a blank one between them; `ap` takes the blank ones behind, too."""
    lines = text.split("\n")
    here = text.count("\n", 0, at)
    blank = not lines[here].strip()
    first = last = here
    while first > 0 and (not lines[first - 1].strip()) == blank:
        first -= 1
    while last + 1 < len(lines) and (not lines[last + 1].strip()) == blank:
        last += 1
    if not inner:
        while last + 1 < len(lines) and (not lines[last + 1].strip()) != blank:
            last += 1
    start = sum(len(line) + 1 for line in lines[:first])
    return start, min(start + sum(len(line) + 1 for line in lines[first : last + 1]), len(text))
