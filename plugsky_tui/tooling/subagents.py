"""What the tool `task` is given: the agents there are, and a way to give one of them a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plugsky_tui.kernel.ports import Progress, ToolResult
from plugsky_tui.kernel.record import record


@record
class Subagent:
    """One that may be given tasks. `reads_only`: none of its tools changes anything."""

    name: str
    description: str
    reads_only: bool = False


class Subagents(Protocol):
    @property
    def offered(self) -> Sequence[Subagent]:
        """The first is the one for any task."""
        ...

    async def run(self, agent: str, prompt: str, progress: Progress) -> ToolResult:
        """One task, done by the agent of that name with a conversation of its own. `progress` is given a line for each
        thing it does, and the events behind it. The result's output is its final answer, `denied` are the calls it was
        not allowed; where it failed, the output is why, and what it had said until then. Files that its calls change are
        told at once, as events: they stay changed whatever becomes of it.

        ToolError where there is no such agent. Cancelling ends it and all it runs.
        """
        ...
