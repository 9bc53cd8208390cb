"""Runs prompts, one after the other: what is sent while the agent works waits in line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.composer.drafts import Draft, joined
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import Status, ThreadCompleted, TurnStarted

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.event_view import EventView
    from plugsky_tui.frontends.tui.illustrating import Along
    from plugsky_tui.frontends.tui.widgets.queue import QueueLines
    from plugsky_tui.session.session import Session


class Agent:
    """`restore` puts text back into the composer: what could not be sent is never lost. `began` is called when it has
    something to do, `done` when it comes to rest."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        view: EventView,
        queue: QueueLines,
        folder: Path,
        restore: Callable[[Draft], None],
        began: Callable[[], None],
        done: Callable[[], None],
    ) -> None:
        self._sessions = sessions
        self._view = view
        self._queue = queue
        self._folder = folder
        self._restore = restore
        self._began = began
        self._done = done
        self._task: asyncio.Task[None] | None = None
        self._queued: list[Draft] = []
        self._steering: list[str] = []

    @property
    def busy(self) -> bool:
        return self._task is not None

    def submit(self, draft: Draft) -> None:
        """Send `draft` now, or when the agent is done."""
        self._queued.append(draft)
        if self._task is None:
            self._task = asyncio.create_task(self._work())
            self._began()
        self._show_queue()

    def steer(self, draft: Draft) -> None:
        """Let the agent hear the text of `draft` at its next step; sent as a prompt where it does not work."""
        session = self._sessions.current
        if session is None or not session.busy:
            self.submit(draft)
            return
        session.steer(draft.prompt)
        self._steering.append(draft.prompt)
        self._show_queue()

    def take_last(self) -> Draft | None:
        """What was queued last, which waits no more; None where nothing waits."""
        if not self._queued:
            return None
        draft = self._queued.pop()
        self._show_queue()
        return draft

    def unqueue(self) -> bool:
        """Put what waits in line back into the composer; False where nothing does."""
        if not self._queued:
            return False
        drafts, self._queued = self._queued, []
        self._restore(joined(drafts))
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
                draft = self._queued.pop(0)
                self._show_queue()
                status = await self._run(draft)
                if status != "completed":
                    break
        finally:
            self._task = None
            self._view.idle()
            self.unqueue()
            self._done()

    async def _run(self, draft: Draft) -> Status:
        """One prompt. Between two events nothing is awaited: `Session.interrupt` cancels this task."""
        alone = not draft.images and "@" not in draft.text
        if alone:
            self._view.prompt(draft.prompt)
        along: Along | None = None
        try:
            session = await self._sessions.ready()
            if not alone:
                along = await self._look_at(draft, session)
        except PlugskyError:
            self._restore(draft)  # the error is on the screen already
            return "failed"
        except asyncio.CancelledError:
            self._view.notice("Not sent: interrupted before the session was ready.", "warning")
            self._restore(draft)
            return "interrupted"
        return await self._send(session, draft, along)

    async def _look_at(self, draft: Draft, session: Session) -> Along:
        """Find what goes along with `draft` and show it with that; PlugskyError (shown) where the model cannot see."""
        from plugsky_tui.frontends.tui.illustrating import along_with  # only for those who send any

        try:
            along = await along_with(draft, session, self._folder)
        except PlugskyError as error:
            self._view.error(error)
            raise
        self._view.prompt(draft.prompt, along.images, along.lines)
        for remark in along.remarks:
            self._view.notice(remark, "warning")
        return along

    async def _send(self, session: Session, draft: Draft, along: Along | None) -> Status:
        status: Status = "failed"
        self._view.started()
        prompt, images = (along.prompt, along.images) if along is not None else (draft.prompt, [])
        try:
            async with aclosing(session.send(prompt, images)) as events:
                async for event in events:
                    self._view.show(event)
                    if type(event) is TurnStarted:
                        self._heard()
                    elif isinstance(event, ThreadCompleted):
                        status = event.status
        except PlugskyError as error:
            self._view.error(error)
            if error.code == "no_vision":
                self._restore(draft)  # nothing was sent
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
        self._queue.show(self._steering, [draft.text for draft in self._queued])
