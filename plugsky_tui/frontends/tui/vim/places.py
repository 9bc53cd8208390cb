"""Places in a text: lines, words, and the steps of the caret. Offsets count characters from 0."""

from __future__ import annotations

import unicodedata

from plugsky_tui.frontends.bidi.clusters import clusters_of


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Behind the last character of the line, where its newline is."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def first_letter(text: str, at: int) -> int:
    """The first character of the line that is no blank; its end where there is none."""
    start, end = line_start(text, at), line_end(text, at)
    return start + len(text[start:end]) - len(text[start:end].lstrip(" \t"))


def after(text: str, at: int) -> int:
    """One step to the right of `at`: an emoji or a letter with its marks is one step."""
    if at >= len(text):
        return len(text)
    following = text[at + 1 : at + 2]
    if text[at].isascii() and (not following or following.isascii()):
        return at + 1
    start, end = line_start(text, at), line_end(text, at)
    return next((start + spot[1] for spot in clusters_of(text[start:end]) if spot[0] <= at - start < spot[1]), at + 1)


def before(text: str, at: int) -> int:
    """One step to the left of `at`."""
    if at <= 0:
        return 0
    if text[at - 1].isascii():
        return at - 1
    start = line_start(text, at)
    line = text[start : line_end(text, at)]
    return next((start + spot[0] for spot in clusters_of(line) if spot[0] < at - start <= spot[1]), at - 1)


def on_line(text: str, at: int) -> int:
    """`at`, or the last character of its line where it is behind that: the caret of normal mode is on a character."""
    at = max(0, min(at, len(text)))
    end = line_end(text, at)
    return before(text, at) if at == end and at > line_start(text, at) else at


def kind(letter: str, big: bool) -> int:
    """0 for blanks, 1 for letters of words, 2 for all others; `big`: a word is what stands between blanks."""
    if letter.isspace():
        return 0
    if big or letter.isalnum() or letter == "_" or unicodedata.category(letter).startswith("M"):
        return 1
    return 2


def empty_line(text: str, at: int) -> bool:
    """Whether `at` is on a line without characters: for motions that is a word."""
    return (at == 0 or text[at - 1] == "\n") and text[at : at + 1] == "\n"
