"""Choosing for each hunk of a file the one place that is meant, or none at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(slots=True)
class Fit:
    """A hunk may stand at line `at` (from 0). `changed` are the first and last of its old lines that change, counted
    from there; `adapt` suits new lines to the file; `how` says what was overlooked to make it fit."""

    at: int
    changed: tuple[int, int]
    adapt: Callable[[str], str] = str
    how: str = ""

    @property
    def first(self) -> int:
        return self.at + self.changed[0]

    @property
    def last(self) -> int:
        return self.at + self.changed[1]


def choose(
    fits: Sequence[Sequence[Fit]], starts: Sequence[int | None], under: Sequence[list[tuple[int, int]]]
) -> list[Fit] | int:
    """One fit for each hunk, or the number (from 0) of a hunk that cannot be decided.

    `starts` are the first lines (from 1) that unified diffs give, `under` the blocks of their headings. The hunks stand
    in the order of the file; where each has but one place, in any order.
    """
    narrowed = [_narrowed(list(each), starts[at], under[at]) for at, each in enumerate(fits)]
    ways = _ways(narrowed)
    if ways == 1:
        return _the_way(narrowed)
    if ways == 0 and all(len(each) == 1 for each in narrowed):
        return _out_of_order([each[0] for each in narrowed])
    return next((at for at, each in enumerate(narrowed) if len(each) > 1), 0)


def _narrowed(fits: list[Fit], start: int | None, under: list[tuple[int, int]]) -> list[Fit]:
    """The fits that a diff's own line number and heading point to, where both agree or only one of them says anything."""
    if len(fits) < 2:
        return fits
    headed = [fit for fit in fits if any(begin < fit.first <= end for begin, end in under)]
    numbered = [fit for fit in fits if start is not None and fit.at == start - 1]
    if headed and numbered:
        return [fit for fit in numbered if fit in headed] or fits
    return numbered or headed or fits


def _ways(fits: list[list[Fit]]) -> int:
    """In how many ways the hunks fit one behind the other: 0, 1, or 2 for more."""
    return min(2, sum(_counts(fits)[-1])) if fits else 1


def _counts(fits: list[list[Fit]]) -> list[list[int]]:
    counts = [[1] * len(fits[0])]
    for before, now in pairwise(fits):
        last = counts[-1]
        counts.append([min(2, sum(last[at] for at, fit in enumerate(before) if _follows(each, fit))) for each in now])
    return counts


def _the_way(fits: list[list[Fit]]) -> list[Fit]:
    if not fits:
        return []
    counts = _counts(fits)
    chosen = [next(fit for fit, count in zip(fits[-1], counts[-1], strict=True) if count)]
    for at in range(len(fits) - 2, -1, -1):
        chosen.append(
            next(fit for fit, count in zip(fits[at], counts[at], strict=True) if count and _follows(chosen[-1], fit))
        )
    return chosen[::-1]


def _follows(fit: Fit, before: Fit) -> bool:
    """Whether what `fit` changes lies behind what `before` changes. Two that only add may do so in one place, if that is
    not for being the same hunk twice."""
    if before.changed == fit.changed == (0, 0):
        return before.at <= fit.at
    return before.last <= fit.first and before.at < fit.at


def _out_of_order(fits: list[Fit]) -> list[Fit] | int:
    order = sorted(range(len(fits)), key=lambda at: (fits[at].first, fits[at].at))
    for before, after in pairwise(order):
        if not _follows(fits[after], fits[before]):
            return after
    return fits
