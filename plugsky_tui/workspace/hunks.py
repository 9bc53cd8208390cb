"""What differs between two texts, as stretches of lines; and the text with some of these changes made, others not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

Change = tuple[int, int, int, int]
"""Lines a1 to a2 (0-based, the end not included) of what was become lines b1 to b2 of what is to be."""

# Comparing more pairs of lines than this takes too long: such a stretch counts as replaced.
_MOST_PAIRS = 1_000_000
# Changes with no more unchanged lines than this between them belong together.
_APART = 2


def lines_of(text: str) -> list[str]:
    r"""The lines of `text`, each with its "\n": put together again, they are the text."""
    *lines, last = text.split("\n")
    lines = [line + "\n" for line in lines]
    return [*lines, last] if last else lines


def changes(old: Sequence[str], new: Sequence[str]) -> list[Change]:
    """What to replace to make of the lines `old` the lines `new`. What is equal at both ends is not compared."""
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < len(old) - head and tail < len(new) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if not a and not b:
        return []
    if not a or not b or len(a) * len(b) > _MOST_PAIRS:
        return [(head, head + len(a), head, head + len(b))]
    from difflib import SequenceMatcher  # 8 ms, and only diffs need it

    return [
        (a1 + head, a2 + head, b1 + head, b2 + head)
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
        if tag != "equal"
    ]


def hunks(before: str, after: str) -> list[list[Change]]:
    """The changes between two texts, those together that stand close together: what is taken or left as a whole."""
    groups: list[list[Change]] = []
    for change in changes(lines_of(before), lines_of(after)):
        if groups and change[0] - groups[-1][-1][1] <= _APART:
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


def with_only(before: str, after: str, groups: Sequence[Sequence[Change]], chosen: Collection[int]) -> str:
    """`before` with those `groups` (of `hunks`) made whose numbers are `chosen`."""
    old, new = lines_of(before), lines_of(after)
    out: list[str] = []
    place = 0
    for number, group in enumerate(groups):
        if number not in chosen:
            continue
        for a1, a2, b1, b2 in group:
            out += old[place:a1]
            out += new[b1:b2]
            place = a2
    return "".join(out + old[place:])
