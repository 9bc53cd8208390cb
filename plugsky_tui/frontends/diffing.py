"""The lines of a change, as data: what a diff shows before it has a width."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from plugsky_tui.workspace.hunks import Change as Stretch
from plugsky_tui.workspace.hunks import changes

Kind = Literal["same", "removed", "added", "skip"]
# Characters of a line that are not the same on the other side.
Change = tuple[int, int]

CONTEXT_LINES = 3
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
# Longer lines, and more lines in a row, are not compared word by word: nobody would look for a word in them.
_MOST_WORDS = 400
_MOST_WORDED = 200


@dataclass(slots=True)
class DiffLine:
    """One line: its number before and after the change (1-based; None on the side where it is not). `changed` are the
    words of it that are other ones on the other side."""

    kind: Kind
    text: str
    old: int | None = None
    new: int | None = None
    changed: Sequence[Change] = ()


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
    pairs = list(zip(old, new, strict=False))[:_MOST_WORDED] if len(old) == len(new) else []
    words = [_changed_words(one, other) for one, other in pairs]
    words += [((), ())] * max(len(old) - len(words), len(new) - len(words))
    for number, text in enumerate(old):
        diff.lines.append(DiffLine("removed", text, a + number + 1, None, words[number][0]))
    for number, text in enumerate(new):
        diff.lines.append(DiffLine("added", text, None, b + number + 1, words[number][1]))
    diff.removed += len(old)
    diff.added += len(new)


def _changed_words(old: str, new: str) -> tuple[Sequence[Change], Sequence[Change]]:
    """The words, with what stands between them, that differ; none where hardly anything is common."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    pairs = [(0, len(a), 0, len(b))] if max(len(a), len(b)) > _MOST_WORDS else changes(a, b)
    lost = sum(len("".join(a[a1:a2]).strip()) for a1, a2, _, _ in pairs)
    gained = sum(len("".join(b[b1:b2]).strip()) for _, _, b1, b2 in pairs)
    if (len(old.strip()) - lost) * 3 < len(old.strip()) or (len(new.strip()) - gained) * 3 < len(new.strip()):
        return (), ()
    return _places(a, [(a1, a2) for a1, a2, _, _ in pairs]), _places(b, [(b1, b2) for _, _, b1, b2 in pairs])


def _places(words: Sequence[str], spans: Sequence[Change]) -> list[Change]:
    """`spans` of words as spans of characters."""
    starts = list(accumulate((len(word) for word in words), initial=0))
    return [(starts[start], starts[end]) for start, end in spans if start < end]
