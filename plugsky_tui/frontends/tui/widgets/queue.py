"""Prompts that wait: for the agent to be done, or for its next step."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit

MOST = 3
_QUEUED, _STEERING = "⏎ queued: ", "↳ next step: "
_ROOM_FOR_HINT = 60


class QueueLines(Widget, can_focus=False):
    """One line each for the first few that wait; hidden where none does."""

    DEFAULT_CSS = "QueueLines { height: auto; padding: 0 2; color: $text-muted; display: none; }"

    def __init__(self, *, key: str = "", id: str | None = None) -> None:
        """`key` takes back what is queued, as people read it."""
        super().__init__(id=id)
        self.key = key
        self._lines: list[tuple[str, str]] = []
        self._more = 0  # that wait and are not shown

    def show(self, steering: Sequence[str], queued: Sequence[str]) -> None:
        """`steering` is heard at the agent's next step, `queued` is sent when it is done."""
        lines = [(_STEERING, text) for text in steering] + [(_QUEUED, text) for text in queued]
        self._lines, self._more = lines[:MOST], max(len(lines) - MOST, 0)
        self.display = bool(lines)
        self.refresh(layout=True)

    def get_content_height(self, *_: object) -> int:
        return len(self._lines) + (self._more > 0)

    @property
    def _hint(self) -> str:
        one = sum(label == _QUEUED for label, _ in self._lines) + self._more == 1
        back = f" · {self.key} takes {'it' if one else 'all'} back" if self.key else ""
        return f"  ↑ edits {'it' if one else 'the last'}{back}"

    def render(self) -> Content:
        width = self.size.width
        rows = []
        hint = self._hint if width >= _ROOM_FOR_HINT else ""
        for label, text in self._lines:
            line = " ".join(clean(text[:500]).split())
            tail = hint if label == _QUEUED else ""
            room = width - cell_len(label) - cell_len(tail)
            rows.append(Content.assemble((label, "$text-accent"), (fit(line, room), "$foreground"), tail))
            hint = "" if tail else hint  # once is enough
        if self._more > 0:
            rows.append(Content(f"  and {self._more} more"))
        return Content("\n").join(rows)
