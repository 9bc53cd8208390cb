"""Runs prompts, one after the other: what is sent while the agent works waits in line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import Status, ThreadCompleted, TurnStarted

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.event_view import EventView
    from plugsky_tui.frontends.tui.sessions import Sessions
    from plugsky_tui.frontends.tui.widgets.queue import QueueLines


class Agent:
    """`restore` puts text back into the composer: what could not be sent is never lost. `done` is called when it comes to rest."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        view: EventView,
        queue: QueueLines,
        restore: Callable[[str], None],
        done: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._view = view
        self._queue = queue
        self._restore = restore
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._queued: list[str] = []
        self._steering: list[str] = []

    @property
    def busy(self) -> bool:
        return self._task is not None

    def submit(self, text: str) -> None:
        """Send `text` now, or when the agent is done."""
        self._queued.append(text)
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        self._show_queue()

    def steer(self, text: str) -> None:
        """Let the agent hear `text` at its next step; sent as a prompt where it does not work."""
        session = self._sessions.current
        if session is None or not session.busy:
            self.submit(text)
            return
        session.steer(text)
        self._steering.append(text)
        self._show_queue()

    def unqueue(self) -> bool:
        """Put what waits in line back into the composer; False where nothing does."""
        if not self._queued:
            return False
        texts, self._queued = self._queued, []
        self._restore("\n\n".join(texts))
        self._show_queue()
        return True

    def interrupt(self) -> bool:
        """Stop the run; False where none runs."""
        if self._task is None:
            return False
        session = self._sessions.current
        if session is not None and session.busy:
            session.interrupt()
        else:
            self._task.cancel()  # still waiting for the session
        return True

    async def end(self, within_s: float = 2.0) -> None:
        """Stop the run and wait for its last events, for a while."""
        task = self._task
        if task is None:
            return
        self._queued.clear()
        self.interrupt()
        await asyncio.wait({task}, timeout=within_s)

    async def _work(self) -> None:
        try:
            while self._queued:
                text = self._queued.pop(0)
                self._show_queue()
                status = await self._run(text)
                if status != "completed":
                    break
        finally:
            self._task = None
            self._view.idle()
            self.unqueue()
            self._done()

    async def _run(self, text: str) -> Status:
        """One prompt. Between two events nothing is awaited: `Session.interrupt` cancels this task."""
        self._view.prompt(text)
        try:
            session = await self._sessions.ready()
        except PlugskyError:
            self._restore(text)  # the error is on the screen already
            return "failed"
        except asyncio.CancelledError:
            self._view.notice("Not sent: interrupted before the session was ready.", "warning")
            self._restore(text)
            return "interrupted"
        status: Status = "failed"
        self._view.started()
        try:
            async with aclosing(session.send(text)) as events:
                async for event in events:
                    self._view.show(event)
                    if type(event) is TurnStarted:
                        self._heard()
                    elif isinstance(event, ThreadCompleted):
                        status = event.status
        except PlugskyError as error:
            self._view.error(error)
        except Exception as error:  # a fault of ours must not take the user's screen and draft with it
            self._view.error(PlugskyError(f"The run broke: {type(error).__name__}: {error}"))
        return status

    def _heard(self) -> None:
        """The loop takes what was said meanwhile at the start of a turn."""
        if not self._steering:
            return
        for text in self._steering:
            self._view.prompt(text)
        self._steering.clear()
        self._show_queue()

    def _show_queue(self) -> None:
        self._queue.show(self._steering, self._queued)
