"""How many lines a change adds and removes, as people count them in a diff."""

from __future__ import annotations

from collections import Counter

from plugsky_tui.workspace.text import split_lines

_COMPARED_LINES = 2_000  # on each side: beyond that, lines are only counted, not put in order


def added_and_removed(before: str | None, after: str | None) -> tuple[int, int]:
    """Lines added and removed between two texts (None: there is no file)."""
    old, new = split_lines(before or ""), split_lines(after or "")
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if not old or not new:
        return len(new), len(old)
    if max(len(old), len(new)) > _COMPARED_LINES:
        common = sum((Counter(old) & Counter(new)).values())
    else:
        from difflib import SequenceMatcher  # 8 ms, and needed only once a file has changed

        common = sum(block.size for block in SequenceMatcher(None, old, new, False).get_matching_blocks())
    return len(new) - common, len(old) - common
