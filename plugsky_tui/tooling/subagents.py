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
        thing it does. The result's output is its final answer, `changes` and `denied` are all of its calls'.

        ToolError where it fails, with what it had said until then. Cancelling ends it and all it runs.
        """
        ...
