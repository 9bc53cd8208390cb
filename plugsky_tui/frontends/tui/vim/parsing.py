"""Keys to commands: `2d3w` is the operator d, six times the motion w."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from plugsky_tui.frontends.tui.vim.objects import NAMES

_MOTIONS = frozenset("hjklwWbBeE0^${}%G;,")
_WITH_LETTER = frozenset("fFtT")
_OPERATORS = frozenset("dcy")
_SIMPLE = frozenset([*"xXsSpPuoOaAiIJ~.vVDCY", "ctrl+r"])
_SIMPLE_VISUAL = frozenset([*"xXsSpPouJ~vVDCY"])
_MOST = 9999


@dataclass(slots=True)
class Command:
    """`kind` "motion" has its name and perhaps a letter; "object" is `iw`; "line" is the doubled operator (`dd`)."""

    kind: Literal["motion", "object", "line", "simple"]
    name: str
    count: int | None = None
    operator: str = ""
    argument: str = ""


Parsed = Command | Literal["more", "wrong"]


def parse(keys: Sequence[str], *, visual: bool) -> Parsed:
    """`keys` as a command; "more" where they could become one."""
    count, place = _count(keys, 0)
    if place == len(keys):
        return "more"
    operator = ""
    if keys[place] in _OPERATORS:
        operator = keys[place]
        if visual:
            return Command("simple", operator, count)
        again, place = _count(keys, place + 1)
        if count and again:
            count = min(count * again, _MOST)
        else:
            count = count or again
        if place == len(keys):
            return "more"
        if keys[place] == operator:
            return Command("line", operator, count, operator)
    return _rest(keys[place:], count, operator, visual)


def _rest(keys: Sequence[str], count: int | None, operator: str, visual: bool) -> Parsed:
    first, *more = keys
    second = more[0] if more else None
    if first in _MOTIONS:
        return Command("motion", first, count, operator)
    if first == "g":
        if second is None:
            return "more"
        return Command("motion", "gg", count, operator) if second == "g" else "wrong"
    if first in _WITH_LETTER:
        if second is None:
            return "more"
        return Command("motion", first, count, operator, second) if len(second) == 1 else "wrong"
    if first in ("i", "a") and (operator or visual):
        if second is None:
            return "more"
        return Command("object", first + second, count, operator) if second in NAMES else "wrong"
    if operator:
        return "wrong"
    if first == "r":
        if second is None:
            return "more"
        letter = "\n" if second == "enter" and not visual else second
        return Command("simple", "r", count, argument=letter) if len(letter) == 1 else "wrong"
    return Command("simple", first, count) if first in (_SIMPLE_VISUAL if visual else _SIMPLE) else "wrong"


def _count(keys: Sequence[str], place: int) -> tuple[int | None, int]:
    count: int | None = None
    while place < len(keys) and (keys[place] in "123456789" or (keys[place] == "0" and count is not None)):
        count = min((count or 0) * 10 + int(keys[place]), _MOST)
        place += 1
    return count, place
