"""Asks for something that nobody is to see: a masked input, tried before the layer ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount, Paste, Resize
from textual.widget import Widget
from textual.widgets import Input, Static

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, safe
from plugsky_tui.kernel.errors import PlugskyError

LONGEST = 4096


class SecretInput(Input):
    """Takes what is typed and pasted, and gives it to nobody: it cannot be copied out again."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(password=True, placeholder=placeholder, max_length=LONGEST, select_on_focus=False)
        self.cursor_blink = False

    @property
    def selected_text(self) -> str:
        return ""

    def action_copy(self) -> None:
        """Nothing is copied."""

    def action_cut(self) -> None:
        self.delete_selection()

    def _on_paste(self, event: Paste) -> None:
        """Without the line ends and spaces that come along when one copies."""
        event.stop()
        event.prevent_default()
        self.replace("".join(event.text.split()), *sorted(self.selection))


class SecretLayer(Layer[str]):
    """Ends with what `attempt` says of an accepted secret, None where the user gave up.

    `attempt` gives (accepted, what to tell), or raises PlugskyError. While it runs, Esc cancels it.
    """

    DEFAULT_CSS = """
    SecretLayer > SecretInput { margin-top: 1; }
    SecretLayer > .state { height: auto; margin-top: 1; display: none; color: $text-muted; }
    SecretLayer > .state.-refused { color: $text-error; }
    """

    def __init__(
        self, title: str, lines: Sequence[str], placeholder: str, attempt: Callable[[str], Awaitable[tuple[bool, str]]]
    ) -> None:
        super().__init__()
        self._title = title
        self._attempt = attempt
        self._trying: asyncio.Task[None] | None = None
        self._text = BlocksView([("prose", safe(line)) for line in lines])
        self._input = SecretInput(placeholder)
        self._state = Static("", markup=False, classes="state")

    def compose(self) -> ComposeResult:
        yield self._text
        yield self._input
        yield self._state

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(self._title)
        self.border_subtitle = Content("Enter checks and keeps it · Esc: all stays as it was")

    def on_resize(self, event: Resize) -> None:
        self._text.styles.max_height = max(self.app.size.height - 12, 2)

    def on_unmount(self) -> None:
        self._input.clear()
        if self._trying is not None:
            self._trying.cancel()

    def scroll_page(self, direction: int) -> bool:
        return self._text.page(direction)

    def focus_target(self) -> Widget:
        return self._input

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        if self._trying is None:
            self._say("")

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self._trying is None and message.value.strip():
            self._trying = asyncio.create_task(self._try(message.value.strip()))

    def escape(self) -> None:
        if self._trying is not None:
            self._trying.cancel()  # and the layer ends when all is as it was
        else:
            self.finish(None)

    async def _try(self, secret: str) -> None:
        self._say("Asking the server…")
        try:
            accepted, text = await self._attempt(secret)
        except asyncio.CancelledError:
            self.finish(None)
            raise
        except PlugskyError as error:
            accepted, text = False, f"{error.message} {error.hint}".strip()
        except Exception as error:  # a fault of ours: its words might hold the secret, its name does not
            accepted, text = False, f"That broke: {type(error).__name__}"
        self._trying = None
        if accepted:
            self.finish(text)
        else:
            self._say(text, refused=True)

    def _say(self, text: str, *, refused: bool = False) -> None:
        self._state.update(Content(clean(text)))
        self._state.set_class(refused, "-refused")
        self._state.display = bool(text)
