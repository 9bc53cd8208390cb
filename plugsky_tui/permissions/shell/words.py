"""One shell word: quotes removed as bash removes them (POSIX 2.2 and 2.6), expansions noticed, not made."""

from __future__ import annotations

from plugsky_tui.permissions.shell.syntax import Word

_STARTS_EXPANSION = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_{([@*#?$!-")
_ESCAPED_IN_DOUBLE = frozenset('$`"\\\n')
_GLOB = frozenset("*?[")


def read_word(raw: str) -> Word:
    """The word written `raw` (the bytes between two blanks or operators)."""
    text: list[str] = []
    pattern: list[str] = []
    exact, quoted, globbed = True, False, False
    unquoted: list[str] = []  # what braces and tildes are looked for in; quoted characters stand as NUL
    i, end = 0, len(raw)

    def take(characters: str, *, literal: bool) -> None:
        nonlocal globbed
        text.append(characters)
        unquoted.append("\0" * len(characters) if literal else characters)
        if literal:
            pattern.extend(f"[{c}]" if c in _GLOB else c for c in characters)
        else:
            pattern.append(characters)
            globbed = globbed or not _GLOB.isdisjoint(characters)

    while i < end:
        char = raw[i]
        if char == "\\":
            quoted = True
            if i + 1 < end and raw[i + 1] != "\n":
                take(raw[i + 1], literal=True)
            else:
                exact = False
            i += 2
        elif char == "'":
            close = raw.find("'", i + 1)
            if close < 0:
                return Word(raw, raw, exact=False, quoted=True)
            quoted = True
            take(raw[i + 1 : close], literal=True)
            i = close + 1
        elif char == '"':
            quoted = True
            i += 1
            while i < end and raw[i] != '"':
                if raw[i] == "\\" and i + 1 < end and raw[i + 1] in _ESCAPED_IN_DOUBLE:
                    if raw[i + 1] != "\n":
                        take(raw[i + 1], literal=True)
                    i += 2
                    continue
                if raw[i] == "`" or (raw[i] == "$" and i + 1 < end and raw[i + 1] in _STARTS_EXPANSION):
                    exact = False
                take(raw[i], literal=True)
                i += 1
            if i >= end:
                return Word(raw, raw, exact=False, quoted=True)
            i += 1
        else:
            if char == "`" or (
                char == "$" and i + 1 < end and (raw[i + 1] in _STARTS_EXPANSION or raw[i + 1] in "'\"")
            ):
                exact = False
            take(char, literal=False)
            i += 1

    plain = "".join(unquoted)
    if _has_braces(plain) or "=~" in plain or ":~" in plain:
        exact = False
    tilde = plain == "~" or plain.startswith("~/")
    if plain.startswith("~") and not tilde:
        exact = False  # ~user, ~+: another folder than we know
    return Word(raw, "".join(text), exact, quoted, "".join(pattern) if globbed else None, tilde)


def _has_braces(plain: str) -> bool:
    """Whether bash would expand braces: `{a,b}`, `{1..3}`. `{}` and `HEAD@{1}` stay as they are."""
    start = plain.find("{")
    if start < 0:
        return False
    inside = plain[start + 1 :]
    return "}" in inside and ("," in inside or ".." in inside)
