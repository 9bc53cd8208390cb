"""Tries a command against mode and rules: the verdict, part by part. Nothing is run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Mount, Resize
from textual.filter import LineFilter
from textual.widget import Widget
from textual.widgets import Input, Static

from plugsky_tui.frontends.tui.direction import TurningFilter
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.widgets.blocks import safe
from plugsky_tui.frontends.tui.widgets.columns import item, prose
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.ports import Judgement
from plugsky_tui.permissions.checking import call_to_check

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate

_SIGNS = {"allow": ("✓", "$text-success"), "ask": ("?", "$text-warning"), "deny": ("✗", "$text-error")}
_SAID = {"allow": "goes through", "ask": "is asked about", "deny": "is refused"}


class Verdicts(Static):
    """Commands are seen in the order they have, whatever the direction of their letters."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [one.for_code if isinstance(one, TurningFilter) else one for one in super().get_line_filters()]


class CheckLayer(Layer[None]):
    """Ends without a value; Enter checks what is typed, as often as one likes."""

    DEFAULT_CSS = """
    CheckLayer > VerticalScroll {
        height: auto; margin-top: 1; scrollbar-size-vertical: 1; overflow-x: hidden;
        & > Static { height: auto; }
    }
    """

    def __init__(self, gate: PermissionGate, folder: Path) -> None:
        super().__init__()
        self._gate = gate
        self._folder = folder
        self._input = Input(placeholder="a command, such as git status && make", select_on_focus=False)
        self._body = Verdicts("", markup=False)
        self._scroll = VerticalScroll(self._body)
        self._scroll.can_focus = False
        self._judged: Judgement | str | None = None
        self._judging: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        yield self._input
        yield self._scroll

    def on_mount(self, event: Mount) -> None:
        self._input.cursor_blink = False
        self.border_title = Content("What would become of a command")
        self.border_subtitle = Content("Enter checks it, nothing is run · Esc")
        self._fit()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        self._scroll.styles.max_height = max(self.app.size.height - 8, 3)
        self._redraw()

    def on_unmount(self) -> None:
        if self._judging is not None:
            self._judging.cancel()

    def focus_target(self) -> Widget:
        return self._input

    def scroll_page(self, direction: int) -> bool:
        if self._scroll.max_scroll_y <= 0:
            return False
        (self._scroll.scroll_page_up if direction < 0 else self._scroll.scroll_page_down)(animate=False)
        return True

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        if message.value.strip() and (self._judging is None or self._judging.done()):
            self._judging = asyncio.create_task(self._judge(message.value.strip()))

    async def _judge(self, command: str) -> None:
        call = call_to_check("shell", command, self._folder, self._gate)
        try:
            # in a thread: the first one imports the parser, and paths are looked up
            self._judged = await asyncio.to_thread(self._gate.judge, call)
        except PlugskyError as error:
            self._judged = f"{error.message} {error.hint}".strip()
        self._redraw()

    def _redraw(self) -> None:
        width = max(self.app.size.width - 5, 10)
        match self._judged:
            case None:
                lines = prose(f"Mode {self._gate.mode}, and the rules in force here.", width, "$text-muted")
            case str(problem):
                lines = prose(problem, width, "$text-error")
            case judged:
                lines = verdict_lines(judged, width)
        self._body.update(Content("\n").join(lines))


def verdict_lines(judged: Judgement, width: int) -> list[Content]:
    """The verdict, then each part with its own and the reason."""
    sign, style = _SIGNS[judged.verdict]
    lines = item(
        sign, f"It {_SAID[judged.verdict]}. {safe(judged.reason)}", width, f"bold {style}", sign_style=f"bold {style}"
    )
    if len(judged.parts) > 1:
        lines.append(Content(""))
        for part in judged.parts:
            sign, style = _SIGNS[part.verdict]
            lines += item(sign, safe(part.command).replace("\n", "␊"), width, sign_style=style)
            lines += [Content.styled(f"  {row.plain}", "$text-muted") for row in prose(safe(part.reason), width - 2)]
    if judged.verdict == "ask":
        rules = ", ".join(safe(rule) for rule in judged.suggested_rules)
        told = f"“Always” would keep: {rules}" if judged.rememberable else "It is asked about each time."
        lines += [Content(""), *prose(told, width, "$text-muted")]
    return lines
