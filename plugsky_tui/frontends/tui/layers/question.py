"""A question of the agent's: options by number, or free text."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount, Resize
from textual.widget import Widget
from textual.widgets import Input

from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.choices import Choice, Choices
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, safe

GUARD_S = 0.35
_MOST = 9


class QuestionLayer(Layer[str]):
    """Ends with the answer, or None where the user did not want to answer."""

    DEFAULT_CSS = """
    QuestionLayer > BlocksView { margin-bottom: 1; }
    QuestionLayer > Input { margin-top: 1; }
    QuestionLayer.-free > Input { margin-top: 0; }
    """
    guard_s = GUARD_S

    def __init__(self, question: str, options: Sequence[str], *, asks: str = "") -> None:
        """`asks` is the subagent that wants to know; "" is the agent itself."""
        super().__init__()
        self._asks = asks
        self._options = list(options[:_MOST])
        self._choices = Choices(
            [Choice(str(number), safe(option).replace("\n", " ")) for number, option in enumerate(self._options, 1)],
            ready=lambda: self.ready,
            column=True,
        )
        self._input = Input(
            select_on_focus=False, placeholder="or say it in your own words" if options else "your answer"
        )
        self.set_class(not self._options, "-free")

        self._text = BlocksView([("prose", line) for line in safe(question).split("\n")])

    def compose(self) -> ComposeResult:
        yield self._text
        if self._options:
            yield self._choices
        yield self._input

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(f"The subagent {safe(self._asks)} asks" if self._asks else "The agent asks")
        self.border_subtitle = Content("Enter answers · Esc: no answer")
        self._input.cursor_blink = False

    def on_resize(self, event: Resize) -> None:
        size = self.app.size
        answers = self._choices.get_content_height(size, size, size.width - 4) if self._options else 0
        self._text.styles.max_height = max(size.height - answers - 9, 2)

    def scroll_page(self, direction: int) -> bool:
        return self._text.page(direction)

    def focus_target(self) -> Widget:
        return self._choices if self._options else self._input

    def on_choices_picked(self, message: Choices.Picked) -> None:
        message.stop()
        self.finish(self._options[message.index])

    def on_choices_unknown(self, message: Choices.Unknown) -> None:
        """Whoever just types means free text."""
        message.stop()
        self._input.focus()
        self._input.insert_text_at_cursor(message.character)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if self.ready and message.value.strip():
            self.finish(message.value.strip())
