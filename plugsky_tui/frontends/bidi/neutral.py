"""Neutral types: brackets, spaces and other signs (UAX #9, rules N0 to N2)."""

from __future__ import annotations

from collections.abc import Sequence

from plugsky_tui.frontends.bidi.mirrors import CLOSING, OPENING

_NEUTRAL = frozenset(("B", "S", "WS", "ON", "FSI", "LRI", "RLI", "PDI"))
# What numbers and letters count as beside neutrals.
_SIDE = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
_DEEPEST = 63  # BD16


def resolve_brackets(names: list[str], original: Sequence[str], chars: Sequence[str], level: int, sos: str) -> None:
    """N0: both brackets of a pair go the way of what they enclose. In place; `original` are the classes before W1."""
    own = "LR"[level & 1]
    for opening, closing in _pairs(names, chars):
        inside = {side for name in names[opening + 1 : closing] if (side := _SIDE.get(name))}
        if not inside:
            continue
        if own in inside:
            side = own
        else:
            before = next((s for place in range(opening - 1, -1, -1) if (s := _SIDE.get(names[place]))), sos)
            side = before if before != own else own
        for bracket in (opening, closing):
            names[bracket] = side
            mark = bracket + 1
            while mark < len(names) and original[mark] in ("NSM", "BN"):
                names[mark] = side
                mark += 1


def _pairs(names: Sequence[str], chars: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of brackets (BD16), by the places of their opening ones."""
    pairs: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for place, char in enumerate(chars):
        if names[place] != "ON":
            continue
        if (wanted := OPENING.get(char)) is not None:
            if len(waiting) == _DEEPEST:
                return []
            waiting.append((wanted, place))
        elif (closer := CLOSING.get(char)) is not None:
            for depth in range(len(waiting) - 1, -1, -1):
                if waiting[depth][0] == closer:
                    pairs.append((waiting[depth][1], place))
                    del waiting[depth:]
                    break
    return sorted(pairs)


def resolve_neutrals(names: list[str], level: int, sos: str, eos: str) -> None:
    """N1 and N2: neutrals between two texts of one direction go along with them, others with their embedding."""
    own = "LR"[level & 1]
    place, end = 0, len(names)
    while place < end:
        if names[place] not in _NEUTRAL:
            place += 1
            continue
        last = place
        while last < end and names[last] in _NEUTRAL:
            last += 1
        before = _SIDE[names[place - 1]] if place else sos
        after = _SIDE[names[last]] if last < end else eos
        names[place:last] = [before if before == after else own] * (last - place)
        place = last
