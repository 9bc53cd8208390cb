"""Says that there is more below, while the transcript does not follow its end."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.widget import Widget


class BelowLine(Widget, can_focus=False):
    """Hidden while the end is in sight; a click jumps to it."""

    DEFAULT_CSS = """
    BelowLine { height: 1; padding: 0 2; color: $text-muted; content-align: right middle; display: none; }
    """

    def __init__(self, *, key: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.key = key
        self._new = 0

    def show(self, following: bool, new_below: int) -> None:
        self.display, self._new = not following, new_below
        self.refresh()

    def render(self) -> Content:
        new = f"{self._new} new below" if self._new else "to the end"
        return Content.assemble((f"↓ {new}", "$text-primary"), (f"  {self.key}" if self.key else "", ""))

    async def on_click(self, event: Click) -> None:
        event.stop()
        await self.app.run_action("app.jump_to_end")
