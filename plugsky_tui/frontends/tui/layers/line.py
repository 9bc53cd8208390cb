"""Asks for one line of text, and says what is wrong with it for as long as something is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount, Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, safe
from plugsky_tui.kernel.errors import PlugskyError


class LineLayer(Layer[str]):
    """Ends with the line once `attempt` has taken it, None where the user gave up. PlugskyError of `attempt` is shown, and
    the line stays to be mended."""

    DEFAULT_CSS = """
    LineLayer > Input { margin-top: 1; }
    LineLayer > .state { height: auto; max-height: 6; margin-top: 1; display: none; color: $text-error; }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        attempt: Callable[[str], Awaitable[None]],
        *,
        value: str = "",
        placeholder: str = "",
        keys: str = "Enter keeps it · Esc: all stays as it was",
    ) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self._attempt = attempt
        self._trying: asyncio.Task[None] | None = None
        self._text = BlocksView([("prose", safe(line)) for line in lines])
        self._input = Input(value, placeholder=placeholder, select_on_focus=False)
        self._state = Static("", markup=False, classes="state")

    def compose(self) -> ComposeResult:
        yield self._text
        yield self._input
        yield self._state

    def on_mount(self, event: Mount) -> None:
        self._input.cursor_blink = False
        self.border_title = Content(clean(self._title))
        self.border_subtitle = Content(self._keys)

    def on_resize(self, event: Resize) -> None:
        self._text.styles.max_height = max(self.app.size.height - 12, 2)

    def on_unmount(self) -> None:
        if self._trying is not None:
            self._trying.cancel()

    def scroll_page(self, direction: int) -> bool:
        return self._text.page(direction)

    def focus_target(self) -> Widget:
        return self._input

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        self._say("")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self._trying is None or self._trying.done():
            self._trying = asyncio.create_task(self._try(message.value.strip()))

    async def _try(self, line: str) -> None:
        try:
            await self._attempt(line)
        except PlugskyError as error:
            self._say(f"{error.message}\n{error.hint}".strip())
        else:
            self.finish(line)

    def _say(self, text: str) -> None:
        self._state.update(Content(clean(text)))
        self._state.display = bool(text)
