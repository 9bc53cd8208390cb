"""A change of one file, compared once and ready to be coloured."""

from __future__ import annotations

from dataclasses import dataclass, field

from plugsky_tui.frontends.diffing import Diff, compare
from plugsky_tui.frontends.markdown.leaves import Code
from plugsky_tui.kernel.display import DiffBlock


@dataclass(slots=True, eq=False)
class DiffView:
    """A diff of the file at `path`, with the code of both sides as leaves that can be coloured."""

    path: str
    diff: Diff
    old: Code = field(init=False)
    new: Code = field(init=False)

    def __post_init__(self) -> None:
        self.old = self._side("removed")
        self.new = self._side("added")

    def _side(self, other: str) -> Code:
        lines = [line.text for line in self.diff.lines if line.kind in ("same", other)]
        language = self.path.rpartition("/")[2]
        return Code((), 0, False, 0, 0, 0, lines=lines, language=language)


# Diffs that are remembered; one that is seen again after so many others is compared again.
_REMEMBERED = 256


class DiffViews:
    """The views made of late: comparing is done once, when a diff is seen."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[DiffBlock, DiffView]] = {}  # by identity; the block is held so that it stays unique

    def of(self, block: DiffBlock) -> DiffView:
        made = self._made.get(id(block))
        if made is None:
            if len(self._made) >= _REMEMBERED:
                for old in list(self._made)[: _REMEMBERED // 2]:
                    del self._made[old]
            made = self._made[id(block)] = block, DiffView(block.path, compare(block.before, block.after))
        return made[1]

    def clear(self) -> None:
        self._made.clear()
