"""Asked once for a folder that brings something that would run or change what the agent may do."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount, Resize
from textual.widget import Widget
from textual.widgets import Static

from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.choices import Choice, Choices
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, safe

GUARD_S = 0.35


class TrustLayer(Layer[bool]):
    """Ends with True where the user trusts the folder; Esc is no."""

    DEFAULT_CSS = """
    TrustLayer { border: round $warning; border-title-color: $warning; }
    TrustLayer > BlocksView { margin: 1 0; }
    TrustLayer > Static { height: auto; }
    """
    guard_s = GUARD_S

    def __init__(self, folder: str, brings: Sequence[str]) -> None:
        super().__init__()
        self._folder = folder
        self._list = BlocksView([("text", f"• {safe(thing)}".replace("\n", " ")) for thing in brings])
        self._choices = Choices(
            [Choice("y", "yes, I trust it"), Choice("n", "no, leave it inert")], marked=1, ready=lambda: self.ready
        )

    def compose(self) -> ComposeResult:
        yield Static(f"{safe(self._folder)} brings things that take effect only if you trust it:", markup=False)
        yield self._list
        yield Static("You are asked again when they change.", markup=False)
        yield self._choices

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content("Do you trust this folder?")

    def on_resize(self, event: Resize) -> None:
        self._list.styles.max_height = max(self.app.size.height - 12, 2)

    def focus_target(self) -> Widget:
        return self._choices

    def escape(self) -> None:
        if self.ready:
            self.finish(False)

    def on_choices_picked(self, message: Choices.Picked) -> None:
        message.stop()
        self.finish(message.index == 0)
