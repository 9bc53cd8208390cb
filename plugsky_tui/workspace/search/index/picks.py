"""What was found so far, and how well it fits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import islice

from plugsky_tui.workspace.search.index.expressions import in_order
from plugsky_tui.workspace.search.index.segment import Segment, folded
from plugsky_tui.workspace.search.index.table import Table


class Fit(IntEnum):
    """How a name or its path matches, best first."""

    EXACT = 0  # the name is the query, but for its ending
    PREFIX = 1  # it begins with it
    WORD = 2  # a word in it does
    INITIALS = 3  # the query is made of beginnings of its words
    ANYWHERE = 4  # the query stands somewhere in it
    PATH = 5  # beginnings of words of its folders, then of its own
    SCATTERED = 6  # it has the letters in this order
    IN_FOLDER = 7  # the query stands in the path of its folder
    SPREAD = 8  # its path has the letters in this order


@dataclass(slots=True)
class Query:
    """`text` is folded; in `letters`, of the same length, capitals that count are kept."""

    text: str
    letters: str

    @classmethod
    def of(cls, typed: str) -> Query:
        text = folded(typed)
        return cls(text, typed if len(typed) == len(text) and typed != typed.lower() else text)

    @property
    def cased(self) -> bool:
        return self.letters != self.text

    def from_on(self, start: int) -> Query:
        return Query(self.text[start:], self.letters[start:])


@dataclass(slots=True)
class Picks:
    """The best so far, at least `most` if there are so many. `case` says of a path whether the capitals fit."""

    table: Table
    most: int
    case: Callable[[str], bool]
    found: dict[str, tuple[int, int, int, str]] = field(default_factory=dict)

    def enough(self) -> bool:
        return len(self.found) >= self.most

    def add(self, segment: Segment, at: int, fit: int, detail: int = 0) -> bool:
        """Whether it is one more. `detail` tells apart what fits alike: less is better."""
        return self.take(self.table.path(segment, at), fit, detail)

    def take(self, path: str, fit: int, detail: int = 0) -> bool:
        if path in self.found or not self.case(path):
            return False
        self.found[path] = (fit, detail, len(path), path)
        return True

    def some(self, segment: Segment, names: Iterable[int], fit: int, detail: int = 0) -> None:
        """Add names that come shortest path first, as many as can matter."""
        for _ in islice((at for at in names if self.add(segment, at, fit, detail)), self.most):
            pass

    def best(self) -> list[str]:
        return sorted(self.found, key=self.found.__getitem__)[: self.most]


def smart_case(typed: str) -> Callable[[str], bool]:
    """Case counts where there is a capital in `typed`: its letters must stand in the path as they are."""
    if typed == typed.lower():
        return lambda path: True
    letters = re.compile(in_order(typed))
    return lambda path: letters.match(path) is not None
