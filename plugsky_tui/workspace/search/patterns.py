r"""Regular expressions as ripgrep reads them (docs.rs/regex), said in the language of Python's `re`.

Most is the same in both. What is not: `a++` repeats a repetition there, and forbids backtracking here; classes have
sets in them; there are `\p{Lu}`, `\x{41}`, `\<`, `\b{start}`, `(?<name>…)`, and flags in the middle. What is known to `re` alone
(`\1`, `(?=…)`) stays as it is: ripgrep refuses it, and leaves it to `re` also where it is installed.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

# Bytes that are no UTF-8 are read as these, and so is a carriage return in a line: no class has them, nor has the dot.
NO_LETTERS = "\udc0d\udc80-\udcff"
_ASCII = {  # as in POSIX and ripgrep, for ASCII
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\t\n\v\f\r ",
    "blank": r" \t",
    "word": r"\w",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "graph": "!-~",
    "print": " -~",
    "ascii": r"\x00-\x7f",
}
_ASCII_CLASS = re.compile(r"\[:(\w+):\]")
_NUMBERED = re.compile(r"\\[xuU]\{([0-9A-Fa-f]{1,8})\}")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))")
_EDGE = re.compile(r"\\b\{(start|end)(-half)?\}")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_OPENING = re.compile(r"\((?:\?(?:P<\w+>|<(?![=!])(?=[^\W\d])|P=|<=|<!|[:=!>#]))?")
_COUNT = re.compile(r"\{\d*(?:,\d*)?\}")
_REST_OF_SET = re.compile(r"(?:[^\]\\]|\\.)*\]", re.DOTALL)
_WORD = r"\w"


class NeedsRipgrepError(ValueError):
    """The pattern has something that `re` cannot say; the message names it."""


@dataclass(slots=True)
class _Group:
    start: int  # of its pieces
    flags: list[str]  # switched on inside, each to be closed


def for_re(pattern: str, *, careful: bool = False) -> str:
    """`pattern` for `re`. `careful` is for text with more than ASCII in it: slower, but with ripgrep's notion of
    a letter. NeedsRipgrepError where it cannot be said; what is wrong in it stays wrong, for `re` to complain."""
    return _Reading(pattern, careful).whole()


class _Reading:
    def __init__(self, pattern: str, careful: bool) -> None:
        self._text, self._at = pattern, 0
        self._careful = careful
        self._out: list[str] = []
        self._groups = [_Group(0, [])]
        self._atom: int | None = None  # where the pieces begin that a repetition would repeat
        self._repeated = False

    def whole(self) -> str:
        while self._at < len(self._text):
            match self._text[self._at]:
                case "\\":
                    self._put(self._escape())
                case "[":
                    self._put(self._set())
                case "(":
                    if self._open():
                        return self._text  # (?x): its spaces and comments are for `re` to read
                case ")":
                    self._close()
                case "|":
                    self._alternative()
                case "*" | "+" | "?" | "{":
                    self._repetition()
                case ".":
                    self._at += 1
                    self._put(self._only_letters("."))
                case letter:
                    self._at += 1
                    self._put(letter)
        self._out.append(")" * len(self._groups[0].flags))
        return "".join(self._out)

    def _put(self, piece: str) -> None:
        self._atom, self._repeated = len(self._out), False
        self._out.append(piece)

    def _only_letters(self, piece: str) -> str:
        return f"(?:(?![{NO_LETTERS}]){piece})" if self._careful else piece

    @property
    def _word(self) -> str:
        return f"[{_WORD}{_marks()}]" if self._careful else _WORD

    def _escape(self) -> str:
        text, at = self._text, self._at
        for expression, said in ((_NUMBERED, self._numbered), (_PROPERTY, self._property), (_EDGE, self._edge)):
            if found := expression.match(text, at):
                self._at = found.end()
                return said(found)
        self._at = min(at + 2, len(text))
        escape, word = text[at : self._at], self._word
        match escape:
            case r"\z":
                return r"\Z"
            case r"\<":
                return f"(?<!{word})(?={word})"
            case r"\>":
                return f"(?<={word})(?!{word})"
            case r"\b" if self._careful:
                return f"(?:(?<!{word})(?={word})|(?<={word})(?!{word}))"
            case r"\B" if self._careful:
                return f"(?:(?<!{word})(?!{word})|(?<={word})(?={word}))"
            case r"\w":
                return word
            case r"\W" if self._careful:
                return f"[^{word[1:-1]}{NO_LETTERS}]"
            case r"\D" | r"\S":
                return self._only_letters(escape)
        return escape

    def _numbered(self, found: re.Match[str]) -> str:
        number = int(found[1], 16)
        return re.escape(chr(number)) if number <= sys.maxunicode else found[0]

    def _property(self, found: re.Match[str]) -> str:
        negated = (found[1] == "P") != bool(found[2])
        return self._only_letters(f"[{'^' if negated else ''}{_category(found[3] or found[4], found[0])}]")

    def _edge(self, found: re.Match[str]) -> str:
        word = self._word
        if found[1] == "start":
            return f"(?<!{word})" + ("" if found[2] else f"(?={word})")
        return ("" if found[2] else f"(?<={word})") + f"(?!{word})"

    def _set(self) -> str:
        """A class, from its bracket on."""
        end = _end_of_set(self._text, self._at)
        if end is None:
            self._at += 1
            return "["  # never closed: `re` says so
        inside = self._text[self._at + 1 : end]
        self._at = end + 1
        negated = inside.startswith("^")
        return self._only_letters(f"[{'^' if negated else ''}{self._members(inside.removeprefix('^'))}]")

    def _members(self, inside: str) -> str:
        members: list[str] = []
        at = 0
        while at < len(inside):
            if found := _ASCII_CLASS.match(inside, at):
                members.append(_ASCII.get(found[1], found[0].replace("[", r"\[")))
            elif found := _NUMBERED.match(inside, at):
                members.append(self._numbered(found))
            elif found := _PROPERTY.match(inside, at):
                if found[1] == "P" or found[2]:
                    raise NeedsRipgrepError(f"{found[0]} in brackets")
                members.append(_category(found[3] or found[4], found[0]))
            else:
                members.append(self._member(inside, at))
                at += 2 if inside[at] == "\\" else 1
                continue
            at = found.end()
        return "".join(members)

    def _member(self, inside: str, at: int) -> str:
        two = inside[at : at + 2]
        if at and two in ("&&", "--", "~~"):
            raise NeedsRipgrepError(f"{two} in brackets")
        if inside[at] == "[":
            if "]" in inside[at:]:
                raise NeedsRipgrepError("brackets in brackets")
            return r"\["
        if two == r"\w" and self._careful:
            return _WORD + _marks()
        if inside[at] == "\\":
            return two
        return "\\" + inside[at] if inside[at] in "&|~" or (inside[at] == "]") else inside[at]

    def _open(self) -> bool:
        """A group, or flags; whether they are those of verbose writing."""
        if found := _FLAGS.match(self._text, self._at):
            on, off = found[1], found[2] or ""
            if "x" in on + off:
                return True
            if wrong := set(on + off) - set("imsu") or ("u" in off and "u"):
                raise NeedsRipgrepError(f"the flag {min(wrong)} in {found[0]}")
            self._at = found.end()
            on = on.replace("u", "")
            opening = f"(?{on}{'-' + off if off else ''}:"
            if found[3] == ":":
                self._groups.append(_Group(len(self._out), []))
            else:
                self._groups[-1].flags.append(opening)
            self._out.append(opening)
            self._atom = None
            return False
        found = _OPENING.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        self._groups.append(_Group(len(self._out), []))
        self._atom = None
        self._out.append("(?P<" if found[0] == "(?<" else found[0])
        if found[0] == "(?#":  # a comment: up to its end
            end = self._text.find(")", self._at)
            self._out.append(self._text[self._at : end if end >= 0 else None])
            self._at = end if end >= 0 else len(self._text)
        return False

    def _close(self) -> None:
        self._at += 1
        if len(self._groups) == 1:
            self._out.append(")")  # one too many: `re` says so
            return
        group = self._groups.pop()
        self._out.append(")" * (len(group.flags) + 1))
        self._atom, self._repeated = group.start, False

    def _alternative(self) -> None:
        self._at += 1
        flags = self._groups[-1].flags
        self._out.append(")" * len(flags) + "|" + "".join(flags))
        self._atom = None

    def _repetition(self) -> None:
        found = _COUNT.match(self._text, self._at)
        if self._text[self._at] == "{" and found is None:
            self._at += 1
            self._put("{")
            return
        sign = found[0] if found else self._text[self._at]
        self._at += len(sign)
        if self._text.startswith("?", self._at):
            self._at += 1
            sign += "?"
        if self._atom is not None and self._repeated:
            self._out[self._atom :] = [f"(?:{''.join(self._out[self._atom :])})"]
        self._out.append(sign)
        self._repeated = True


def _end_of_set(text: str, start: int) -> int | None:
    """Where the class closes that opens at `start`: as ripgrep sees it, with brackets inside; else as `re` does."""
    depth, at = 0, start
    while at < len(text):
        letter = text[at]
        if letter == "\\":
            at += 1
        elif letter == "[":
            if depth and (found := _ASCII_CLASS.match(text, at)):
                at = found.end() - 1
            else:
                depth += 1
                at = _past_first(text, at)
        elif letter == "]":
            depth -= 1
            if not depth:
                return at
        at += 1
    found = _REST_OF_SET.match(text, _past_first(text, start) + 1)
    return found.end() - 1 if found else None


def _past_first(text: str, start: int) -> int:
    """The last character of how a class begins: a closing bracket right at its start is one of the letters."""
    at = start + text.startswith("^", start + 1)
    return at + text.startswith("]", at + 1)


@cache
def _category(name: str, written: str) -> str:
    """The members of a class with all letters of a general category of Unicode (`L`, `Lu`)."""
    if not re.fullmatch("[CLMNPSZ][a-z]?", name):
        raise NeedsRipgrepError(written)
    found = _ranges(0, sys.maxunicode, lambda category: category.startswith(name))
    if not found:
        raise NeedsRipgrepError(written)
    return found


@cache
def _marks() -> str:
    """Marks are part of words to ripgrep: accents on their own, the vowels of Arabic, Hebrew and Indic scripts."""
    return _ranges(0x300, 0x3100, lambda category: category in ("Mn", "Mc", "Me")) + "\u200c\u200d\ufe20-\ufe2f"


def _ranges(first: int, last: int, wanted: Callable[[str], bool]) -> str:
    ranges: list[str] = []
    start: int | None = None
    for number in range(first, last + 2):
        inside = number <= last and not 0xD800 <= number <= 0xDFFF and wanted(unicodedata.category(chr(number)))
        if inside and start is None:
            start = number
        elif not inside and start is not None:
            ranges.append(f"{re.escape(chr(start))}-{re.escape(chr(number - 1))}")
            start = None
    return "".join(ranges)
