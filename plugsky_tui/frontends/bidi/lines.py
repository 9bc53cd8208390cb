"""One line of a paragraph in the order it is seen (UAX #9, rules L1 and L2)."""

from __future__ import annotations

from collections.abc import Sequence

# What has no width of its own at the end of a line: white space, isolate controls, and what rule X9 removes.
_TRAILING = frozenset(("WS", "FSI", "LRI", "RLI", "PDI", "LRE", "RLE", "LRO", "RLO", "PDF", "BN"))


def line_levels(classes: Sequence[str], levels: Sequence[int], base: int) -> list[int]:
    """The levels of one line after rule L1; `classes` are those from before the algorithm."""
    out = list(levels)
    trailing = True
    for place in range(len(out) - 1, -1, -1):
        name = classes[place]
        if name in ("B", "S"):
            trailing = True
            out[place] = base
        elif trailing and name in _TRAILING:
            out[place] = base
        else:
            trailing = False
    return out


def visual_order(levels: Sequence[int]) -> list[int]:
    """Rule L2: for each place on the screen, from the left, which character (or cluster) of the line stands there."""
    order = list(range(len(levels)))
    if not order:
        return order
    lowest_odd = min((level for level in levels if level & 1), default=0)
    if not lowest_odd:
        return order
    for level in range(max(levels), lowest_odd - 1, -1):
        start = 0
        while start < len(levels):
            if levels[start] < level:
                start += 1
                continue
            end = start
            while end < len(levels) and levels[end] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = end
    return order
