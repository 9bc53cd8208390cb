"""A change made in part: the hunks that the user left in, and what the model is told of the others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from plugsky_tui.kernel.ports import Hunk
from plugsky_tui.tooling import outcome
from plugsky_tui.tooling.drafts import Draft
from plugsky_tui.workspace.hunks import Change, hunks, lines_of, with_only
from plugsky_tui.workspace.text import encode, presentable


class Partial:
    """The hunks of `drafts`, numbered through all files in the order they are shown.

    A file that is there before and after is changed hunk by hunk. One that comes, goes or moves does so or does not.
    """

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts
        self._shown = outcome.shown(drafts)
        self._found: list[list[list[Change]]] | None = None  # by file shown: its hunks, none where it is one whole

    def hunks(self) -> list[Hunk]:
        """All of them; comparing takes a while."""
        out: list[Hunk] = []
        for block, groups in enumerate(self._groups()):
            out += [Hunk(block, group) for group in groups] or [Hunk(block)]
        return out

    def only(self, chosen: Collection[int]) -> list[Draft]:
        """The drafts with the hunks of these numbers alone."""
        kept: list[Draft] = []
        for draft, groups, numbers in self._by_file():
            wanted = [place for place, number in enumerate(numbers) if number in chosen]
            if len(wanted) == len(numbers):
                kept.append(draft)
            elif wanted:
                kept.append(_narrowed(draft, groups, wanted))
        # The old place of a moved file is given up only where all that was made of it is made.
        stay = {id(draft) for draft in kept}
        hidden = [draft for draft in self._drafts if not any(draft is one for one in self._shown)]
        kept += [draft for draft in hidden if all(id(one) in stay for one in self._shown if one.source is draft)]
        return kept

    def told(self, chosen: Collection[int], *, reveals: bool) -> str:
        """What was left out, for the model. Without `reveals` it is not shown lines it did not write itself."""
        parts: list[str] = []
        left = 0
        for draft, groups, numbers in self._by_file():
            out = [place for place, number in enumerate(numbers) if number not in chosen]
            left += len(out)
            if out and not groups:
                parts.append(f"{draft.target.people}: {outcome.deed(draft)}")
                continue
            old, new = draft.texts() if out else ("", "")
            parts += [_text(draft, groups[place], lines_of(old), lines_of(new), reveals) for place in out]
        head = f"The user left out {left} of {len(self.hunks())} hunks of this change. What was not done:"
        return "\n".join([head, *parts])

    def _groups(self) -> list[list[list[Change]]]:
        if self._found is None:
            self._found = [hunks(*draft.texts()) if _divisible(draft) else [] for draft in self._shown]
        return self._found

    def _by_file(self) -> list[tuple[Draft, list[list[Change]], range]]:
        """Each file that is shown, its hunks, and their numbers."""
        out = []
        first = 0
        for draft, groups in zip(self._shown, self._groups(), strict=True):
            count = max(len(groups), 1)
            out.append((draft, groups, range(first, first + count)))
            first += count
        return out


def _divisible(draft: Draft) -> bool:
    there = draft.found.data is not None and draft.data is not None
    return there and draft.source is None and draft.encoding is not None


def _narrowed(draft: Draft, groups: Sequence[Sequence[Change]], wanted: Collection[int]) -> Draft:
    """`draft` with some of its hunks. Its notes are on all of them: they are left away."""
    assert draft.encoding is not None  # or it would have no hunks
    text = with_only(*draft.texts(), groups, wanted)
    return replace(draft, data=encode(text, draft.encoding), replaced=[], notes=[])


def _text(draft: Draft, group: Sequence[Change], old: list[str], new: list[str], reveals: bool) -> str:
    lines = [f"{draft.target.people}, line {group[0][0] + 1}:"]
    for a1, a2, b1, b2 in group:
        if reveals:
            lines += ["-" + presentable(line.rstrip("\r\n")) for line in old[a1:a2]]
        lines += ["+" + presentable(line.rstrip("\r\n")) for line in new[b1:b2]]
    return "\n".join(lines)
