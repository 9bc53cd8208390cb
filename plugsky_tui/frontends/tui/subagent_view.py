"""What subagents do, below the calls that run them: one line a call, in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugsky_tui.kernel.events import (
    ErrorRaised,
    Notice,
    PermissionAsked,
    PermissionResolved,
    RequestStarted,
    Retry,
    ToolCalled,
    ToolResulted,
    Within,
)
from plugsky_tui.session.subagent_steps import about, one_line

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.transcript.widget import Transcript


class SubagentView:
    """Draws; decides nothing."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._abouts: dict[tuple[str, str], str] = {}  # by the outer and the inner call

    def show(self, within: Within) -> None:
        outer = within.call_id
        match within.event:
            case ToolCalled() as call:
                self._abouts[outer, call.call_id] = text = about(call)
                self._transcript.tool_step(outer, call.call_id, "running", text)
            case ToolResulted() as result:
                text = self._abouts.pop((outer, result.call_id), "")
                if not result.ok:
                    text += f": {one_line(result.output.strip().partition(chr(10))[0])}"
                self._transcript.tool_step(outer, result.call_id, "ok" if result.ok else "failed", text)
            case Retry(_, wait_s, _, reason):
                self._transcript.tool_step(outer, "", "waiting", f"{reason.rstrip('.')}: again in {wait_s:.1f} s")
            case Notice():
                self._transcript.tool_step(outer, "", "waiting", within.event.text)
            case PermissionAsked():
                self._transcript.tool_step(outer, "", "waiting", "waits for your answer")
            case ErrorRaised():
                self._transcript.tool_step(outer, "", "failed", within.event.message)
            case RequestStarted() | PermissionResolved():
                self._transcript.tool_step(outer, "", "ok", "")  # whatever it waited for, it goes on
            case _:
                pass
