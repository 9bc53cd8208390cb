"""The lines of a change, as data: what a diff shows before it has a width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from plugsky_tui.workspace.hunks import Change as Stretch
from plugsky_tui.workspace.hunks import changes

Kind = Literal["same", "removed", "added", "skip"]
# Characters of a line that changed within it.
Change = tuple[int, int]

CONTEXT_LINES = 3


@dataclass(slots=True)
class DiffLine:
    """One line: its number before and after the change (1-based; None on the side where it is not)."""

    kind: Kind
    text: str
    old: int | None = None
    new: int | None = None
    changed: Change | None = None


@dataclass(slots=True)
class Diff:
    """`lines` with a few unchanged ones around each change; a "skip" line stands for those left out."""

    added: int = 0
    removed: int = 0
    lines: list[DiffLine] = field(default_factory=list)


def compare(before: str | None, after: str | None) -> Diff:
    """The difference between two texts; None is a file that is not there."""
    old, new = _lines(before), _lines(after)
    return next(iter(laid_out(old, new, [changes(old, new)])), Diff())


def hunk_diffs(before: str | None, after: str | None, hunks: Sequence[Sequence[Stretch]]) -> list[Diff]:
    """A diff for each of the `hunks` of a file, which somebody has found already (see `workspace.hunks`)."""
    return laid_out(_lines(before), _lines(after), hunks)


def laid_out(old: list[str], new: list[str], hunks: Sequence[Sequence[Stretch]]) -> list[Diff]:
    """A diff for each of `hunks`: all that stands between two changes is in the one or the other, once."""
    flat = [change for hunk in hunks for change in hunk]
    diffs: list[Diff] = []
    shown = number = 0  # lines of `old`, and changes, that are behind us
    for hunk in hunks:
        diff = Diff()
        for a1, a2, b1, b2 in hunk:
            number += 1
            start = max(a1 - CONTEXT_LINES, shown)
            if start > shown:
                diff.lines.append(DiffLine("skip", ""))
            _same(diff, old, start, a1, b1 - a1)
            _change(diff, old[a1:a2], new[b1:b2], a1, b1)
            next_change = flat[number][0] if number < len(flat) else len(old)
            shown = min(a2 + CONTEXT_LINES, next_change)
            _same(diff, old, a2, shown, b2 - a2)
        diffs.append(diff)
    return diffs


def _lines(text: str | None) -> list[str]:
    return text.split("\n")[: -1 if text.endswith("\n") else None] if text else []


def _same(diff: Diff, old: list[str], start: int, end: int, shift: int) -> None:
    for place in range(start, end):
        diff.lines.append(DiffLine("same", old[place], place + 1, place + shift + 1))


def _change(diff: Diff, old: list[str], new: list[str], a: int, b: int) -> None:
    spots = [_changed_within(one, other) for one, other in zip(old, new, strict=False)] if len(old) == len(new) else []
    for number, text in enumerate(old):
        diff.lines.append(DiffLine("removed", text, a + number + 1, None, spots[number][0] if spots else None))
    for number, text in enumerate(new):
        diff.lines.append(DiffLine("added", text, None, b + number + 1, spots[number][1] if spots else None))
    diff.removed += len(old)
    diff.added += len(new)


def _changed_within(old: str, new: str) -> tuple[Change | None, Change | None]:
    """The stretch that differs between two lines; None where hardly anything is common."""
    shortest = min(len(old), len(new))
    head = 0
    while head < shortest and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shortest - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    common = len(old[:head].strip()) + len(old[len(old) - tail :].strip())
    if not shortest or common * 3 < max(len(old.strip()), len(new.strip())):
        return None, None
    return (head, len(old) - tail), (head, len(new) - tail)
