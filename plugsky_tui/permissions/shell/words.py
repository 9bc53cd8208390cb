"""One shell word: quotes removed as bash removes them (POSIX 2.2 and 2.6), expansions noticed, not made."""

from __future__ import annotations

from plugsky_tui.permissions.shell.syntax import Word

_STARTS_EXPANSION = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_{([@*#?$!-")
_ESCAPED_IN_DOUBLE = frozenset('$`"\\\n')
_GLOB = frozenset("*?[")


def read_word(raw: str) -> Word:
    """The word written `raw` (the characters between two blanks or operators)."""
    return _Reader(raw).word()


class _Reader:
    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.exact = True
        self.quoted = False
        self._text: list[str] = []
        self._pattern: list[str] = []
        self._bare: list[str] = []  # what braces and tildes are looked for in; quoted characters stand as NUL

    def word(self) -> Word:
        raw, i = self.raw, 0
        while 0 <= i < len(raw):
            match raw[i]:
                case "\\":
                    i = self._backslash(i)
                case "'":
                    i = self._single(i)
                case '"':
                    i = self._double(i)
                case char:
                    if char == "`" or self._expands(i, "'\""):
                        self.exact = False
                    self._take(char)
                    i += 1
        if i < 0:  # a quote that is never closed
            return Word(raw, raw, exact=False, quoted=True)
        bare = "".join(self._bare)
        tilde = bare == "~" or bare.startswith("~/")
        if _has_braces(bare) or "=~" in bare or ":~" in bare or (bare.startswith("~") and not tilde):
            self.exact = False  # {a,b}; x=~; ~user and ~+: other folders than we know
        # A `[` that is never closed is no glob, but the name of a command.
        globbed = "*" in bare or "?" in bare or "]" in bare.partition("[")[2]
        pattern = "".join(self._pattern) if globbed else None
        return Word(raw, "".join(self._text), self.exact, self.quoted, pattern, tilde)

    def _expands(self, i: int, also: str = "") -> bool:
        following = self.raw[i + 1 : i + 2]
        return self.raw[i] == "$" and following != "" and (following in _STARTS_EXPANSION or following in also)

    def _backslash(self, i: int) -> int:
        self.quoted = True
        following = self.raw[i + 1 : i + 2]
        if following in ("", "\n"):
            self.exact = False
        else:
            self._take(following, literal=True)
        return i + 2

    def _single(self, i: int) -> int:
        self.quoted = True
        self._bare.append("\0")  # also an empty quote keeps `~""` from being a home folder
        close = self.raw.find("'", i + 1)
        if close < 0:
            return -1
        self._take(self.raw[i + 1 : close], literal=True)
        return close + 1

    def _double(self, i: int) -> int:
        self.quoted = True
        self._bare.append("\0")
        raw = self.raw
        i += 1
        while i < len(raw) and raw[i] != '"':
            if raw[i] == "\\" and raw[i + 1 : i + 2] in _ESCAPED_IN_DOUBLE:
                if raw[i + 1] == "\n":
                    self.exact = False  # what it joins may become an expansion
                else:
                    self._take(raw[i + 1], literal=True)
                i += 2
                continue
            if raw[i] == "`" or self._expands(i):
                self.exact = False
            self._take(raw[i], literal=True)
            i += 1
        return i + 1 if i < len(raw) else -1

    def _take(self, characters: str, *, literal: bool = False) -> None:
        self._text.append(characters)
        if literal:
            self._bare.append("\0" * len(characters))
            self._pattern += [f"[{char}]" if char in _GLOB else char for char in characters]
            return
        self._bare.append(characters)
        self._pattern.append(characters)


def _has_braces(bare: str) -> bool:
    """Whether bash would expand braces: `{a,b}`, `{1..3}`. `{}` and `HEAD@{1}` stay as they are."""
    _, brace, inside = bare.partition("{")
    return bool(brace) and "}" in inside and ("," in inside or ".." in inside)
