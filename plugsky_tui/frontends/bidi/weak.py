"""Weak types: numbers, their signs and separators, and marks (UAX #9, rules W1 to W7)."""

from __future__ import annotations

_ISOLATE_MARKS = frozenset(("LRI", "RLI", "FSI", "PDI"))
_NUMBERISH = frozenset(("NSM", "EN", "AN", "ES", "CS", "ET", "AL"))


def resolve_weak(names: list[str], sos: str) -> None:
    """Resolve the classes of one isolating run sequence, in place; `sos` is what it starts after."""
    if _NUMBERISH.isdisjoint(names):
        return
    _marks_and_letters(names, sos)
    if "ES" in names or "CS" in names:
        _separators(names)
    if "ET" in names:
        _terminators(names)
    strong = sos
    for place, name in enumerate(names):
        if name == "EN":
            if strong == "L":
                names[place] = "L"  # W7
        elif name in ("L", "R"):
            strong = name
        elif name in ("ES", "ET", "CS"):
            names[place] = "ON"  # W6


def _marks_and_letters(names: list[str], sos: str) -> None:
    """W1 to W3; W4 still sees which numbers W2 made Arabic ones, and W3 changes nothing it looks at."""
    before = strong = sos
    for place, name in enumerate(names):
        if name == "NSM":
            name = names[place] = "ON" if before in _ISOLATE_MARKS else before
        before = name
        match name:
            case "EN" if strong == "AL":
                before = names[place] = "AN"
            case "AL":
                strong, names[place] = "AL", "R"
            case "L" | "R":
                strong = name


def _separators(names: list[str]) -> None:
    """W4: a single separator between two numbers of the same kind."""
    for place in range(1, len(names) - 1):
        name = names[place]
        if name not in ("ES", "CS"):
            continue
        before, after = names[place - 1], names[place + 1]
        if before == after and (before == "EN" or (before == "AN" and name == "CS")):
            names[place] = before


def _terminators(names: list[str]) -> None:
    """W5: terminators beside European numbers."""
    place, end = 0, len(names)
    while place < end:
        if names[place] != "ET":
            place += 1
            continue
        last = place
        while last < end and names[last] == "ET":
            last += 1
        if (place and names[place - 1] == "EN") or (last < end and names[last] == "EN"):
            names[place:last] = ["EN"] * (last - place)
        place = last
