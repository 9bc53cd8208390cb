"""What the user does beside prompting, on the screen: commands of their own with their output, and lines for AGENTS.md.

While the model is in the middle of a text, they wait for its end: it is not torn in two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugsky_tui.frontends.calls import summary
from plugsky_tui.kernel.events import Event, ToolCalled, ToolOutput, ToolResulted

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.transcript.widget import Transcript
    from plugsky_tui.kernel.display import DiffBlock
    from plugsky_tui.session.enclosures import Ran

SHELL, NOTE = "!", "#"


class BesideView:
    """`begun` is called before the first thing is drawn."""

    def __init__(self, transcript: Transcript, begun: Callable[[], None]) -> None:
        self._transcript = transcript
        self._begun = begun
        self._held: list[Callable[[], None]] = []
        self._count = 0

    def show(self, event: Event) -> None:
        """An event of a command of the user's."""
        if self._held or self._transcript.writing:
            self._held.append(lambda: self._draw(event))
        else:
            self._draw(event)

    def note(self, text: str, block: DiffBlock) -> None:
        """`text` is in the file of `block` now."""
        if self._held or self._transcript.writing:
            self._held.append(lambda: self._draw_note(text, block))
        else:
            self._draw_note(text, block)

    def release(self) -> None:
        """The text is whole, if any was being written: draw what waits."""
        while self._held and not self._transcript.writing:
            self._held.pop(0)()

    def replay(self, ran: Ran) -> None:
        """A command of an earlier time."""
        from plugsky_tui.session.beside import result_event  # where there was one

        self._count += 1
        call_id = f"replayed_{self._count}"
        self._draw(ToolCalled(call_id, "shell", {"command": ran.command}))
        self._draw(result_event(call_id, ran, 0.0))

    def _draw(self, event: Event) -> None:
        self._begun()
        match event:
            case ToolCalled():
                self._transcript.end_answer()
                command = (event.arguments or {}).get("command", "")
                shown = f"{command}" if "\n" in f"{command}".strip() else ""
                self._transcript.add_tool(event.call_id, SHELL, summary(event), shown, opened=True)
            case ToolOutput():
                self._transcript.tool_output(event.call_id, event.text)
            case ToolResulted():
                self._transcript.finish_tool(event.call_id, event.ok, event.output, event.seconds, event.display)
            case _:
                pass

    def _draw_note(self, text: str, block: DiffBlock) -> None:
        self._begun()
        self._count += 1
        call_id = f"note_{self._count}"
        self._transcript.end_answer()
        self._transcript.add_tool(call_id, NOTE, f"{text} → {block.path}")
        self._transcript.finish_tool(call_id, True, "", 0.0, [block])
