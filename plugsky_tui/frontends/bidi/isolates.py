"""What stands in a text as a thing of its own, left to right: paths, addresses, commands, identifiers."""

from __future__ import annotations

import re
from functools import cache

Span = tuple[int, int]


@cache
def _words() -> re.Pattern[str]:
    """Words of ASCII in a row."""
    return re.compile("[!-~]+(?: [!-~]+)*")


@cache
def _letter() -> re.Pattern[str]:
    return re.compile("[0-9A-Za-z]")


@cache
def _technical() -> re.Pattern[str]:
    """What no word of prose has within or before it: a slash, an underscore, an option's dashes, a call, a date …"""
    return re.compile(
        r"[/\\_@#$%^&*+=<>{}|~]|::|->|\(\)|(?<!\S)[.-]+[A-Za-z]|[A-Za-z][.:-][0-9A-Za-z]|[0-9][.:-][A-Za-z]"
        r"|[0-9](?:[.:-][0-9]+){2}|[a-z][A-Z]|\[\w*\]"
    )


@cache
def _paths() -> re.Pattern[str]:
    """Paths with names in other letters: a slash, and it begins as one or has ASCII in it."""
    return re.compile(r"(?<!\S)(?=\S*[/\\])(?:[\"'`(]?(?:[/~]|\.{1,2}/|[A-Za-z]:)\S+|(?=\S*[A-Za-z])\S+)")


_BEFORE, _AFTER = "\"'`([{<", "\"'`)]}>.,;:!?،؛؟"
_PAIRS = {")": "(", "]": "[", "}": "{", ">": "<"}
_CLOSERS = {opening: closing for closing, opening in _PAIRS.items()}


def technical_spans(text: str) -> list[Span]:
    """Where `text` names something technical: words around it are part of it, as in `git commit --amend`.

    Punctuation of the sentence stays outside.
    """
    spans: list[Span] = []
    for match in _words().finditer(text):
        start, end = _bare(text, *match.span())
        if _technical().search(text, start, end) and _letter().search(text, start, end):
            spans.append((start, end))
    if "/" in text or "\\" in text:
        spans += [_bare(text, *match.span()) for match in _paths().finditer(text)]
    return merged(spans)


def _bare(text: str, start: int, end: int) -> Span:
    """Without quotes, brackets that are not closed or opened inside, and the sentence's punctuation."""
    while start < end and text[start] in _BEFORE:
        closing = _CLOSERS.get(text[start], text[start])
        if closing in text[start + 1 : end - 1]:
            break
        if text[end - 1] == closing:
            end -= 1
        start += 1
    while end > start and text[end - 1] in _AFTER:
        opening = _PAIRS.get(text[end - 1])
        if opening is not None and opening in text[start:end]:
            break
        end -= 1
    return start, end


def merged(spans: list[Span]) -> list[Span]:
    """The spans in order; those that overlap or touch become one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        elif start < end:
            out.append((start, end))
    return out
