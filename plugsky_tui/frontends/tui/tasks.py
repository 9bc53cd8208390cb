"""The tasks of subagents: what each was given, and what it has done so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from plugsky_tui.kernel.events import (
    PermissionAsked,
    PermissionResolved,
    RequestStarted,
    ToolCalled,
    ToolResulted,
    Within,
)
from plugsky_tui.session.subagent_steps import WAITING, Steps


@dataclass(slots=True)
class Task:
    """`last` is the line on what it did last. Texts are untrusted. Times are `Tasks.clock`'s; `ended` None: it runs."""

    call_id: str
    agent: str
    prompt: str
    begun: float
    ended: float | None = None
    ok: bool = True
    last: str = ""
    steps: Steps = field(default_factory=Steps)


class Tasks:
    """Those of this thread that have been seen at work, the oldest first."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.all: list[Task] = []
        self._running: dict[str, Task] = {}

    def called(self, call: ToolCalled) -> None:
        if call.name != "task":
            return
        given = call.arguments or {}
        task = Task(
            call.call_id, str(given.get("agent") or "general"), str(given.get("prompt") or call.raw or ""), self.clock()
        )
        self._running[call.call_id] = task
        self.all.append(task)

    def within(self, event: Within) -> None:
        task = self._running.get(event.call_id)
        if task is None:
            return
        told = task.steps.take(event.event)
        if isinstance(event.event, PermissionAsked):
            told = f"{WAITING} waits for your answer"
        if told:
            task.last = told
        elif isinstance(event.event, RequestStarted | PermissionResolved | ToolResulted) and task.steps.all:
            task.last = task.steps.all[-1].line  # whatever it waited for is over

    def resulted(self, result: ToolResulted) -> None:
        task = self._running.pop(result.call_id, None)
        if task is not None:
            task.ended, task.ok = self.clock(), result.ok

    def rest(self) -> None:
        """The agent has come to rest: whatever had no result was broken off."""
        for task in self._running.values():
            task.ended, task.ok = self.clock(), False
        self._running.clear()

    def clear(self) -> None:
        self.all.clear()
        self._running.clear()

    @property
    def running(self) -> int:
        return len(self._running)
