"""Embedding levels: the Unicode Bidirectional Algorithm (UAX #9, revision 46) up to the line.

Takes the bidirectional classes of one paragraph, gives a level to each character: even ones go left to right, odd
ones right to left. Linear in the length of the paragraph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugsky_tui.frontends.bidi.classes import first_strong
from plugsky_tui.frontends.bidi.neutral import resolve_brackets, resolve_neutrals
from plugsky_tui.frontends.bidi.weak import resolve_weak

MAX_DEPTH = 125  # BD2

_ISOLATES = frozenset(("LRI", "RLI", "FSI"))
_EMBEDDINGS = frozenset(("LRE", "RLE", "LRO", "RLO"))
_REMOVED = _EMBEDDINGS | {"PDF", "BN"}  # rule X9
_FORMATTING = _ISOLATES | _REMOVED | {"PDI", "B"}


@dataclass(slots=True)
class _Status:
    """An entry of the directional status stack (rule X1)."""

    level: int
    override: str = ""
    isolate: bool = False


@dataclass(slots=True)
class _Sequence:
    """An isolating run sequence (BD13): the places of its characters, and the levels that decide its sos and eos."""

    places: list[int]
    level: int
    start: int = 0
    end: int = 0


def embedding_levels(classes: Sequence[str], base: int | None = None, text: str = "") -> tuple[list[int], int]:
    """The level of each character, and that of the paragraph, before rule L1.

    `base` is the paragraph's level (0 or 1) where it is known, else the first strong character decides. `text` is
    looked at for brackets; without it, there are none. What rule X9 removes gets the level of what is before it.
    """
    if base is None:
        base = first_strong(classes) or 0
    if _FORMATTING.isdisjoint(classes):
        names = list(classes)
        levels = [base] * len(names)
        _resolve(names, levels, _Sequence(list(range(len(names))), base, base, base), text)
        return levels, base
    names, explicit = _explicit(classes, base)
    levels = list(explicit)
    kept = [place for place, name in enumerate(classes) if name not in _REMOVED]
    matching = _matching(classes)
    for sequence in _sequences(classes, explicit, kept, matching):
        sequence.start, sequence.end = _edges(classes, explicit, sequence, base, matching)
        _resolve(names, levels, sequence, text)
    before = base
    for place, name in enumerate(classes):
        if name in _REMOVED:
            levels[place] = before
        before = levels[place]
    return levels, base


def _resolve(names: list[str], levels: list[int], sequence: _Sequence, text: str) -> None:
    """Rules W1 to I2 for one sequence."""
    places, level = sequence.places, sequence.level
    sos, eos = "LR"[max(sequence.start, level) & 1], "LR"[max(sequence.end, level) & 1]
    own = [names[place] for place in places]
    original = list(own)
    resolve_weak(own, sos)
    if text:
        resolve_brackets(own, original, [text[place] for place in places], level, sos)
    resolve_neutrals(own, level, sos, eos)
    if level & 1:
        for place, name in zip(places, own, strict=True):
            levels[place] = level if name == "R" else level + 1  # I2
    else:
        for place, name in zip(places, own, strict=True):
            levels[place] = level if name == "L" else level + 1 if name == "R" else level + 2  # I1


def _explicit(classes: Sequence[str], base: int) -> tuple[list[str], list[int]]:
    """Rules X1 to X8: the classes with overrides applied, and the explicit levels."""
    names, levels = list(classes), [base] * len(classes)
    stack = [_Status(base)]
    overflow_isolates = overflow_embeddings = valid_isolates = 0
    for place, name in enumerate(classes):
        top = stack[-1]
        if name in _EMBEDDINGS:  # X2 to X5
            level = _next_level(top.level, name[0] == "R")
            if level <= MAX_DEPTH and not overflow_isolates and not overflow_embeddings:
                stack.append(_Status(level, name[0] if name[2] == "O" else ""))
            elif not overflow_isolates:
                overflow_embeddings += 1
        elif name in _ISOLATES:  # X5a to X5c
            levels[place] = top.level
            names[place] = top.override or name
            rightwards = name == "RLI" or (name == "FSI" and first_strong(classes, place + 1, embedded=True) == 1)
            level = _next_level(top.level, rightwards)
            if level <= MAX_DEPTH and not overflow_isolates and not overflow_embeddings:
                valid_isolates += 1
                stack.append(_Status(level, isolate=True))
            else:
                overflow_isolates += 1
        elif name == "PDI":  # X6a
            if overflow_isolates:
                overflow_isolates -= 1
            elif valid_isolates:
                overflow_embeddings = 0
                while not stack.pop().isolate:
                    pass
                valid_isolates -= 1
            levels[place] = stack[-1].level
            names[place] = stack[-1].override or name
        elif name == "PDF":  # X7
            if overflow_isolates:
                continue
            if overflow_embeddings:
                overflow_embeddings -= 1
            elif not top.isolate and len(stack) > 1:
                stack.pop()
        elif name == "B":  # X8
            levels[place] = base
        else:  # X6
            levels[place] = top.level
            if top.override and name != "BN":
                names[place] = top.override
    return names, levels


def _next_level(level: int, odd: bool) -> int:
    """The least level above `level` that is odd (or even)."""
    return level + 1 + ((level & 1) == odd)


def _matching(classes: Sequence[str]) -> dict[int, int]:
    """Isolate initiators to their PDIs, and the other way round (BD9)."""
    matching: dict[int, int] = {}
    waiting: list[int] = []
    for place, name in enumerate(classes):
        if name in _ISOLATES:
            waiting.append(place)
        elif name == "PDI" and waiting:
            initiator = waiting.pop()
            matching[initiator], matching[place] = place, initiator
        elif name == "B":
            waiting.clear()
    return matching


def _sequences(classes: Sequence[str], levels: list[int], kept: list[int], matching: dict[int, int]) -> list[_Sequence]:
    """The level runs, put together to isolating run sequences (rule X10)."""
    sequences: list[_Sequence] = []
    waiting: dict[int, _Sequence] = {}  # by the initiator they end with
    start = 0
    for end in range(1, len(kept) + 1):
        if end < len(kept) and levels[kept[end]] == levels[kept[start]]:
            continue
        places = kept[start:end]
        start = end
        initiator = matching.get(places[0], -1) if classes[places[0]] == "PDI" else -1
        if (sequence := waiting.pop(initiator, None)) is not None:
            sequence.places += places
        else:
            sequence = _Sequence(places, levels[places[0]])
            sequences.append(sequence)
        if classes[places[-1]] in _ISOLATES and places[-1] in matching:
            waiting[places[-1]] = sequence
    return sequences


def _edges(
    classes: Sequence[str], levels: list[int], sequence: _Sequence, base: int, matching: dict[int, int]
) -> tuple[int, int]:
    """The levels on both sides of a sequence: those of its neighbours that rule X9 did not remove."""
    first, last = sequence.places[0] - 1, sequence.places[-1]
    while first >= 0 and classes[first] in _REMOVED:
        first -= 1
    before = levels[first] if first >= 0 else base
    if classes[last] in _ISOLATES and last not in matching:
        return before, base
    last += 1
    while last < len(classes) and classes[last] in _REMOVED:
        last += 1
    return before, levels[last] if last < len(classes) else base
