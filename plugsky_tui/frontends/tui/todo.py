"""The agent's list of what is to be done, as it stood last: where it is up to is said while it works."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugsky_tui.frontends.text import clean
from plugsky_tui.kernel.display import Display, TodoBlock, TodoItem

SIGNS = {"pending": "☐", "in_progress": "▸", "completed": "☑"}


class Todos:
    """Takes the lists from tool results. Texts are untrusted."""

    def __init__(self) -> None:
        self.items: Sequence[TodoItem] = ()

    def note(self, blocks: Iterable[Display]) -> None:
        for block in blocks:
            if isinstance(block, TodoBlock):
                self.items = list(block.items)

    def clear(self) -> None:
        self.items = ()

    @property
    def done(self) -> int:
        return sum(item.status == "completed" for item in self.items)

    def summary(self) -> str:
        """ "3 of 5: write tests": the number and the text of what is being done; "" where nothing is."""
        doing = next((item for item in self.items if item.status == "in_progress"), None)
        if doing is None:
            return ""
        return f"{self.items.index(doing) + 1} of {len(self.items)}: {' '.join(clean(doing.text).split())}"
