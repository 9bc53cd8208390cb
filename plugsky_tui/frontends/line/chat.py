"""The chat: prompts and commands, one after the other, until the user leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING, cast

from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.deeds import LINE_COMMANDS, LineDeeds
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Cleared, Ended, Entered, Hearing, Pressed
from plugsky_tui.frontends.line.own import Own
from plugsky_tui.frontends.line.words import one_line
from plugsky_tui.frontends.own_lines import content_of, kind_of
from plugsky_tui.frontends.tui.commands import COMMANDS, Call, parse
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import Status, ThreadCompleted

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.frontends.sessions import Sessions
    from plugsky_tui.frontends.tui.commands import Deeds

QUIT_WITHIN_S = 2.0  # the second Ctrl+C must follow the first one this soon
_LOOK_S = 3.0  # how often a run that goes on is asked whether it has been silent for long
_END_WITHIN_S = 2.0  # for the last events of a run that is to end


class Chat:
    """`rested` is called when a run has ended. `data_dir` takes the details of what breaks (None: nothing does)."""

    def __init__(
        self,
        *,
        folder: Path,
        desk: Desk,
        sessions: Sessions,
        printer: EventPrinter,
        deeds: LineDeeds,
        rested: Callable[[], None],
        data_dir: Path | None,
    ) -> None:
        self._own = Own(folder=folder, desk=desk, printer=printer)
        self._desk = desk
        self._paper = desk.paper
        self._keyboard = desk.keyboard
        self._sessions = sessions
        self._printer = printer
        self._deeds = deeds
        self._rested = rested
        self._data_dir = data_dir
        self._queued: list[str] = []
        self._task: asyncio.Task[Status] | None = None  # the run, or the command
        self._left = False
        self._quit_armed_at = float("-inf")
        self._explained = False  # what typing ahead does

    async def run(self) -> None:
        """Until the user leaves, or input ends."""
        while not self._left:
            if self._queued:
                text = self._queued.pop(0)
                self._paper.gap()
                self._printer.prompt(text)
            else:
                typed = await self._typed()
                if typed is None:
                    continue
                text = typed
            if text.strip() and await self._do(text) != "completed":
                self._unqueue()

    def leave(self) -> None:
        self._left = True

    def submit(self, text: str) -> None:
        """Send `text` next."""
        self._queued.insert(0, text)

    def stop(self) -> None:
        """Interrupt the run or the command, if there is one."""
        session = self._sessions.current
        if session is not None and session.busy:
            session.interrupt()
        elif self._task is not None:
            self._task.cancel()

    # --- what is typed ------------------------------------------------------------------------

    async def _typed(self) -> str | None:
        """A prompt or a command; None where there is nothing to do yet."""
        mode = self._sessions.current.mode if self._sessions.current else ""
        voice = self._desk.voice
        self._paper.gap()
        match await self._keyboard.prompt(voice.marker.format(mode=mode), voice.continued):
            case Entered(text):
                return text
            case Pressed(command, draft):
                self._keyboard.draft = draft
                return command
            case Cleared(text):
                self._cleared(text)
                return None
            case Ended():
                self.leave()
                return None

    def _cleared(self, text: str) -> None:
        if text.strip():
            self._paper.line("Cleared. Up brings it back." if self._keyboard.edits_defaults() else "Cleared.", "faint")
        elif monotonic() - self._quit_armed_at <= QUIT_WITHIN_S:
            self.leave()
        else:
            self._quit_armed_at = monotonic()
            self._paper.line("Ctrl+C once more ends the chat.", "faint")

    def _queue(self, text: str) -> None:
        if text.strip() == "/background":  # waiting would make no sense of it
            self._paper.note(self._deeds.moved())
            return
        self._queued.append(text)
        self._paper.note(f"Queued: {one_line(text)}")

    def _unqueue(self) -> None:
        """What was to follow something that did not come to its end is not sent: the user decides anew."""
        if not self._queued:
            return
        queued, self._queued = self._queued, []
        for text in queued:
            self._paper.line(f"Not sent: {one_line(text)}", "warning")
        if self._keyboard.edits_defaults():
            self._keyboard.draft = "\n\n".join([*queued, *filter(None, [self._keyboard.draft])])

    def _begun(self) -> None:
        """Somebody types though nothing shows it."""
        if not self._explained:
            self._explained = True
            self._paper.note("You type ahead, unseen: Enter queues the line, Esc interrupts.")

    # --- what is done -------------------------------------------------------------------------

    async def _do(self, text: str) -> Status:
        call = parse(text, LINE_COMMANDS)
        if call is None:
            own = kind_of(text) and content_of(text)
            return await self._finished(self._run(self._do_own(text)) if own else self._send(text))
        if call.command is None:
            self._unknown(call)
            return "failed"
        deeds = cast("Deeds", self._deeds)  # of LINE_COMMANDS, it has all
        return await self._finished(self._run(call.command.run(deeds, call.argument)))

    async def _do_own(self, text: str) -> None:
        """A line that begins with `!` or `#`."""
        session = await self._sessions.ready()
        if kind_of(text) == "shell":
            await self._own.run_command(session, content_of(text))
        else:
            await self._own.note(session, content_of(text))

    def _unknown(self, call: Call) -> None:
        if any(command.name == call.name for command in COMMANDS):
            self._paper.line(
                f"/{call.name} needs the full-screen UI: plugsky -c goes on with this thread there.", "warning"
            )
            return
        nearest = f" Did you mean {' or '.join(f'/{name}' for name in call.nearest)}?" if call.nearest else ""
        self._paper.line(f"There is no command /{call.name}.{nearest} /help lists them.", "warning")

    async def _finished(self, work: Awaitable[Status]) -> Status:
        """Do `work` while the keyboard is heard. Where this is cancelled, the run still ends in order."""
        self._task = task = asyncio.ensure_future(work)
        try:
            with self._keyboard.hear(Hearing(self._queue, self._begun, self.stop)):
                while not (await asyncio.wait({task}, timeout=_LOOK_S))[0]:
                    self._tell_still()
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait({task}, timeout=_END_WITHIN_S)
            raise
        finally:
            self._task = None
        if task.cancelled():
            self._paper.line("Stopped.", "warning")
            return "interrupted"
        return task.result()

    def _tell_still(self) -> None:
        if self._sessions.current is not None and self._sessions.current.busy:  # a command may be asking something
            self._printer.still()

    async def _run(self, deed: Awaitable[None]) -> Status:
        try:
            await deed
        except PlugskyError as error:
            self._printer.error(error)
            return "failed"
        except asyncio.CancelledError:
            self._paper.line("Stopped.", "warning")
            return "interrupted"
        except Exception as error:
            self._broke(error)
            return "failed"
        return "completed"

    def _broke(self, error: Exception) -> None:
        """A fault of ours: the user is told, the details are kept, and the chat goes on."""
        from plugsky_tui.frontends.crash import report

        self._paper.line(report(error, self._data_dir), "error")

    async def _send(self, text: str) -> Status:
        """One prompt. Between two events nothing is awaited: `Session.interrupt` cancels this task."""
        status: Status = "failed"
        try:
            session = await self._sessions.ready()
            prompt, images = await self._own.with_mentions(session, text)
            async with aclosing(session.send(prompt, images)) as events:
                async for event in events:
                    self._printer.show(event)
                    if isinstance(event, ThreadCompleted):
                        status = event.status
        except PlugskyError as error:
            self._printer.error(error)
        except Exception as error:
            self._broke(error)
        finally:
            self._rested()
        return status
