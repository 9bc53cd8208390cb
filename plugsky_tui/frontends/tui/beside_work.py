"""Runs what the user does beside prompting: commands (`! …`) at once, also while the agent works, and notes (`# …`)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.event_view import EventView
    from plugsky_tui.frontends.tui.jobs import JobWatch
    from plugsky_tui.frontends.tui.widgets.activity import ActivityLine
    from plugsky_tui.session.beside import Beside
    from plugsky_tui.session.session import Session


class BesideWork:
    """`agent_busy` tells whether the agent works, `rested` is called when a command has ended: files may have changed."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        view: EventView,
        activity: ActivityLine,
        jobs: JobWatch,
        agent_busy: Callable[[], bool],
        stop_hint: Callable[[], str],
        rested: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._view = view
        self._activity = activity
        self._jobs = jobs
        self._agent_busy = agent_busy
        self._stop_hint = stop_hint
        self._rested = rested
        self._running: dict[asyncio.Task[None], str] = {}

    def run(self, command: str) -> None:
        """Start `command`; its output is shown, and told to the model with the next prompt."""
        task = asyncio.create_task(self._run(command))
        self._running[task] = command
        self.show_activity()

    def stop(self) -> bool:
        """Stop the command that was started last; False where none runs."""
        task = next(reversed(self._running), None)
        if task is None:
            return False
        task.cancel()
        return True

    async def end(self, within_s: float = 2.0) -> None:
        """Stop them all and wait for that, for a while."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=within_s)

    def forget(self) -> None:
        """Another thread has the screen: what runs for the one before is stopped."""
        for task in self._running:
            task.cancel()

    async def note(self, text: str) -> None:
        """Add a line to AGENTS.md. PlugskyError where that cannot be."""
        block = await _beside(await self._sessions.ready()).note(text)
        self._view.beside.note(text, block)

    def show_activity(self) -> None:
        """The line above the composer is the agent's where it works, else of the command started last."""
        if self._agent_busy():
            return
        if not self._running:
            self._activity.stop()
        else:
            command = " ".join(next(reversed(self._running.values())).split())
            self._activity.start(f"Running {command}", hint=self._stop_hint())

    async def _run(self, command: str) -> None:
        from plugsky_tui.session.enclosures import ran_text

        try:
            session = await self._sessions.ready()
            ran = await _beside(session).run(command, self._view.beside.show)
            if self._sessions.current is session:
                session.tell(ran_text(ran))
        except PlugskyError as error:
            self._view.error(error)
        except Exception as error:  # a fault of ours: the user is told, and the UI stays
            self._view.error(PlugskyError(f"That broke: {type(error).__name__}: {error}"))
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._running.pop(task, None)
            self.show_activity()
            self._jobs.look()
            self._rested()


def _beside(session: Session) -> Beside:
    if session.beside is None:
        raise PlugskyError("This session runs no commands of yours.")
    return session.beside
