"""What is inside a paragraph: emphasis, code, links. CommonMark 0.31, section 6, without HTML and references.

HTML is text, images are their description, and a link whose text differs from its address is followed by the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from plugsky_tui.frontends.markdown.links import openable, says_itself, shown

STRONG, EMPHASIS, CODE, STRIKE, LINK, ADDRESS, IMAGE = (1 << bit for bit in range(7))


@dataclass(slots=True)
class Run:
    """Text of one look: `flags` are STRONG and so on, `url` is where a click leads (http and https only)."""

    text: str
    flags: int = 0
    url: str | None = None


@dataclass(slots=True)
class _Delimiter:
    """A row of `*`, `_` or `~` that may open or close emphasis; its text is the run at `place`."""

    char: str
    count: int
    place: int
    opens: bool
    closes: bool
    size: int
    inner: bool  # letters on both sides


@dataclass(slots=True)
class _Bracket:
    place: int  # of the run that holds "[" or "!["
    after: int  # where the text behind it begins
    delimiters: int  # how many there were before it
    image: bool


def parse(text: str, *, growing: bool = False) -> list[Run]:
    """The runs of `text`. A newline in a run is a hard line break.

    `growing` text is not complete: emphasis, code and links that are not closed yet are shown as if they were.
    """
    if not _special().search(text):
        return [Run(text)] if text else []
    return _Parser(text, growing).runs()


def join_lines(lines: list[str]) -> str:
    """The lines of a paragraph as one text: a soft break is a space, a hard one (two spaces, backslash) a newline."""
    if len(lines) == 1:
        return lines[0].strip()
    parts: list[str] = []
    for line in lines[:-1]:
        bare = line.strip()
        if line.endswith("  "):
            parts.append(bare + "\n")
        elif bare.endswith("\\") and not bare.endswith("\\\\"):
            parts.append(bare[:-1] + "\n")
        elif bare:
            parts.append(bare + " ")
    parts.append(lines[-1].strip() if lines else "")
    return "".join(parts)


@cache
def _special() -> re.Pattern[str]:
    return re.compile(r"[\\`*_~\[\]<&]|https?://")


@cache
def _token() -> re.Pattern[str]:
    return re.compile(
        r"\\[!-/:-@\[-`{-~]|`+|\*+|_+|~+|!?\[|\]|<(?:https?://|mailto:)[^\s<>]*>|https?://[^\s<>]+"
        r"|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});"
    )


@cache
def _target() -> re.Pattern[str]:
    """What follows a link's text: the address, in angle brackets or with balanced parentheses, and a title."""
    return re.compile(
        r"""\([ \n]*(?:<([^<>\n]*)>|([^\s()<]*+(?:\([^\s()]*+\)[^\s()<]*+)*))(?:[ \n]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \n]*\)"""
    )


@cache
def _half_target() -> re.Pattern[str]:
    return re.compile(r"\([^\s()]*$")


_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}


class _Parser:
    def __init__(self, text: str, growing: bool) -> None:
        self._text = text
        self._growing = growing
        self._out: list[Run] = []
        self._delimiters: list[_Delimiter] = []
        self._brackets: list[_Bracket] = []

    def runs(self) -> list[Run]:
        text, place = self._text, 0
        token = _token()
        while match := token.search(text, place):
            if match.start() > place:
                self._add(text[place : match.start()])
            place = self._take(match[0], match.start(), match.end())
        if place < len(text):
            self._add(text[place:])
        self._emphasise(0)
        if self._growing:
            self._assume_closed()
        return _merged(self._out)

    def _add(self, text: str, flags: int = 0, url: str | None = None) -> None:
        self._out.append(Run(text, flags, url))

    def _take(self, token: str, start: int, end: int) -> int:
        """Act on `token`; where to read on."""
        match token[0]:
            case "\\":
                # Models write mathematics as \( \) and \[ \]: there, the backslash is part of the text.
                self._add(token if token[1] in "[]()" else token[1:])
            case "`":
                return self._code(token, start, end)
            case "*" | "_" | "~":
                self._delimiter(token, start, end)
            case "!" | "[":
                self._brackets.append(_Bracket(len(self._out), end, len(self._delimiters), token[0] == "!"))
                self._add(token)
            case "]":
                return self._close_bracket(end)
            case "<":
                self._link_itself(token[1:-1])
            case "&":
                self._add(_entity(token))
            case _:
                return self._bare_link(token, start)
        return end

    def _code(self, ticks: str, start: int, end: int) -> int:
        place = end
        while (found := self._text.find(ticks, place)) >= 0:
            after = found + len(ticks)
            if self._text[found - 1] != "`" and self._text[after : after + 1] != "`":
                self._add(_code_text(self._text[end:found]), CODE)
                return after
            while self._text[after : after + 1] == "`":
                after += 1
            place = after
        if self._growing and len(ticks) < 3 and end < len(self._text):
            self._add(self._text[end:], CODE)
            return len(self._text)
        self._add(ticks)
        return end

    def _bare_link(self, url: str, start: int) -> int:
        before = self._text[start - 1] if start else " "
        if before.isalnum():
            self._add(url)
            return start + len(url)
        for end in ("**", "__", "~~", "`", "]"):
            url = url.partition(end)[0]
        url = url.rstrip("?!.,:;*_~'\"")
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip("?!.,:;*_~'\"")
        self._link_itself(url)
        return start + len(url)

    def _link_itself(self, url: str) -> None:
        self._add(shown(url), LINK, url if openable(url) else None)

    # --- Links -----------------------------------------------------------------------------------------------

    def _close_bracket(self, end: int) -> int:
        if not self._brackets:
            self._add("]")
            return end
        bracket = self._brackets.pop()
        match = _target().match(self._text, end)
        if match is None:
            if self._growing and _half_target().match(self._text, end):
                self._out[bracket.place].text = ""
                self._mark(bracket.place, LINK)
                return len(self._text)
            self._add("]")
            return end
        url = _unescape(match[1] if match[1] is not None else match[2])
        self._emphasise(bracket.delimiters)
        self._out[bracket.place].text = "image: " if bracket.image else ""
        self._out[bracket.place].flags |= IMAGE if bracket.image else 0
        target = url if openable(url) else None
        self._mark(bracket.place, IMAGE if bracket.image else LINK, target)
        label = "".join(run.text for run in self._out[bracket.place + 1 :])
        if not label:
            self._add(shown(url) or "[]", LINK, target)
        elif url and not says_itself(label, url):
            self._add(f" ({shown(url)})", ADDRESS, target)
        if not bracket.image:
            self._brackets = [outer for outer in self._brackets if outer.image]  # no links within links
        return match.end()

    def _mark(self, place: int, flags: int, url: str | None = None) -> None:
        for run in self._out[place + 1 :]:
            run.flags |= flags
            run.url = url

    # --- Emphasis (CommonMark 6.2) ---------------------------------------------------------------------------

    def _delimiter(self, token: str, start: int, end: int) -> None:
        before = self._text[start - 1] if start else " "
        after = self._text[end] if end < len(self._text) else " "
        left = not after.isspace() and (after.isalnum() or before.isspace() or not before.isalnum())
        right = not before.isspace() and (before.isalnum() or after.isspace() or not after.isalnum())
        char, count = token[0], len(token)
        self._add(token)
        if char == "~" and count > 2:
            return
        inner = before.isalnum() and after.isalnum()
        opens = left and (char != "_" or not right or not before.isalnum())
        closes = right and (char != "_" or not left or not after.isalnum())
        if opens or closes:
            self._delimiters.append(_Delimiter(char, count, len(self._out) - 1, opens, closes, count, inner))

    def _emphasise(self, bottom: int) -> None:
        """Match closers with openers among the delimiters from `bottom` on, and forget these."""
        delimiters = self._delimiters
        floor: dict[tuple[str, bool, int], int] = {}
        number = bottom
        while number < len(delimiters):
            closer = delimiters[number]
            if not closer.closes or not closer.count:
                number += 1
                continue
            key = (closer.char, closer.opens, closer.size % 3 if closer.char != "~" else closer.size)
            opener = self._opener(closer, number, floor.get(key, bottom))
            if opener is None:
                floor[key] = number
                number += 1
                continue
            self._match(delimiters[opener], closer)
            for between in delimiters[opener + 1 : number]:
                between.count = 0
        if bottom or not self._growing:
            del delimiters[bottom:]

    def _opener(self, closer: _Delimiter, number: int, floor: int) -> int | None:
        for place in range(number - 1, floor - 1, -1):
            opener = self._delimiters[place]
            if not opener.opens or not opener.count or opener.char != closer.char:
                continue
            if closer.char == "~":
                if opener.count == closer.count:
                    return place
                continue
            # The rule of three: a run that both opens and closes only matches where the sum is no multiple of 3.
            both = opener.closes or closer.opens
            if both and (opener.size + closer.size) % 3 == 0 and (opener.size % 3 or closer.size % 3):
                continue
            return place
        return None

    def _match(self, opener: _Delimiter, closer: _Delimiter) -> None:
        count = 2 if opener.count >= 2 and closer.count >= 2 else 1
        flag = STRIKE if closer.char == "~" else STRONG if count == 2 else EMPHASIS
        for run in self._out[opener.place + 1 : closer.place]:
            run.flags |= flag
        for delimiter in (opener, closer):
            delimiter.count -= count
            self._out[delimiter.place].text = delimiter.char * delimiter.count

    def _assume_closed(self) -> None:
        """The text goes on: what was opened last, and is plainly meant, is shown as if it were closed at the end."""
        for delimiter in self._delimiters:
            if not delimiter.opens or not delimiter.count or (delimiter.inner and delimiter.count < 2):
                continue
            if delimiter.char == "~" and delimiter.count < 2:
                continue
            flag = STRIKE if delimiter.char == "~" else STRONG if delimiter.count >= 2 else EMPHASIS
            for run in self._out[delimiter.place + 1 :]:
                run.flags |= flag
            self._out[delimiter.place].text = ""


def _code_text(text: str) -> str:
    text = text.replace("\n", " ")
    if len(text) > 2 and text[0] == text[-1] == " " and not text.isspace():
        return text[1:-1]
    return text


def _unescape(url: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", url) if "\\" in url else url


def _entity(token: str) -> str:
    name = token[1:-1]
    if name[0] != "#":
        return _ENTITIES[name]
    code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    # What would have been removed as a character is not let in as a number.
    if code < 0x20 or 0x7F <= code < 0xA0 or code > 0x10FFFF or not chr(code).isprintable():
        return token
    from plugsky_tui.frontends.text import clean

    return clean(chr(code)) or token


def _merged(runs: list[Run]) -> list[Run]:
    out: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if out and out[-1].flags == run.flags and out[-1].url == run.url:
            out[-1].text += run.text
        else:
            out.append(run)
    return out
