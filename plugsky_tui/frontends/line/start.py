"""Puts the chat together and takes it down again, whatever ends it."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.answer import Answer, BlockAnswer, RawAnswer
from plugsky_tui.frontends.line.approvals import Approvals
from plugsky_tui.frontends.line.arrival import Arrival
from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.chat import Chat
from plugsky_tui.frontends.line.deeds import LineDeeds
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboards import make_keyboard
from plugsky_tui.frontends.line.ledger import Ledger
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.line.voice import Spoken, Written
from plugsky_tui.frontends.sessions import OpenSession, Sessions
from plugsky_tui.frontends.tui.look import Look

if TYPE_CHECKING:
    from plugsky_tui.frontends.markdown.leaves import Leaf
    from plugsky_tui.frontends.tui.commands import Command
    from plugsky_tui.session.options import Options

TERMINATED = 143


async def start(
    options: Options, look: Look, manner: Manner, open_session: OpenSession, on_trust: Callable[[bool], None]
) -> int:
    """Chat until the user leaves; the exit code. PlugskyError where the session cannot be opened."""
    house = House(options, look, manner, open_session, on_trust)
    return await house.live()


class House:
    """All parts of one chat."""

    def __init__(
        self,
        options: Options,
        look: Look,
        manner: Manner,
        open_session: OpenSession,
        on_trust: Callable[[bool], None],
    ) -> None:
        self._manner = manner
        self._code = 0
        self._ending = False
        self._main: asyncio.Task[object] | None = None
        self._paper = paper = Paper(sys.stdout, manner, self._end)
        if manner.colour and look.theme != "auto":
            from plugsky_tui.frontends.line.colours import styles_of

            paper.styles = styles_of(look.theme, look.config_dir)
        ledger, changes = Ledger(), Changes()
        voice = Spoken() if manner.spoken else Written()
        self._printer = EventPrinter(
            paper=paper,
            voice=voice,
            answer=_answer(paper, manner),
            ledger=ledger,
            changes=changes,
            spoken=manner.spoken,
            stop="Ctrl+C" if manner.plain else "Esc",
        )
        self._keyboard, files_changed = make_keyboard(
            look=look, manner=manner, paper=paper, changes=changes, choices=self._choices
        )
        self._desk = Desk(paper=paper, keyboard=self._keyboard, voice=voice, manner=manner)
        approvals = Approvals(desk=self._desk, ledger=ledger, printer=self._printer, stop=self._stop)
        self._arrival = Arrival(look=look, desk=self._desk, printer=self._printer, on_trust=on_trust)
        self._sessions = Sessions(
            open_session=open_session,
            options=options,
            asker=approvals.approve,
            questioner=approvals.question,
            opened=self._arrival.opened,
            failed=lambda error: None,  # whoever waits for the session is told
        )
        self._deeds = LineDeeds(
            look=look,
            desk=self._desk,
            sessions=self._sessions,
            printer=self._printer,
            ledger=ledger,
            changes=changes,
            submit=self._submit,
            leave=self._leave,
        )
        self._chat = Chat(
            folder=look.folder,
            desk=self._desk,
            sessions=self._sessions,
            printer=self._printer,
            deeds=self._deeds,
            rested=files_changed,
            data_dir=look.data_dir,
        )

    # --- from beginning to end ----------------------------------------------------------------

    async def live(self) -> int:
        self._main = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._keyboard.interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, TERMINATED)
        try:
            await self._arrival.ask_trust()
            await self._sessions.ready()
            gc.freeze()  # what start-up made stays: no collection need look at it again
            gc.enable()
            preloading = asyncio.create_task(asyncio.to_thread(_preload, self._manner))
            await self._chat.run()
            preloading.cancel()
        except asyncio.CancelledError:
            if not self._ending:
                raise
        finally:
            session = self._sessions.current
            try:
                await self._sessions.close()
                if session is not None and session.left_running:
                    self._paper.line(_left(session.left_running), "warning")
            finally:
                self._paper.end_line()
                self._keyboard.close()
        return self._code

    def _end(self, code: int = TERMINATED) -> None:
        """Leave in order: nothing said is lost, no child is left. A second time is once too often."""
        if self._ending or self._main is None:
            return
        self._ending, self._code = True, code
        self._main.cancel()

    # What is made early, and used when all is there.

    def _stop(self) -> None:
        self._chat.stop()

    def _submit(self, text: str) -> None:
        self._chat.submit(text)

    def _leave(self) -> None:
        self._chat.leave()

    def _choices(self, command: Command) -> Sequence[str]:
        return self._deeds.choices(command)


def _left(processes: Sequence[str]) -> str:
    """What a session could not end: it had left its command's session on purpose."""
    from plugsky_tui.workspace.process_table import named

    return f"Still running, in a session of its own: {named(processes)}"


def _answer(paper: Paper, manner: Manner) -> Answer:
    if manner.spoken:
        from plugsky_tui.frontends.line.spoken_blocks import say

        return BlockAnswer(paper, say)
    return RawAnswer(paper) if manner.plain else BlockAnswer(paper, _draw)


def _draw(paper: Paper, leaf: Leaf) -> None:
    from plugsky_tui.frontends.line.written_blocks import draw  # with rich: after the first prompt

    draw(paper, leaf)


def _preload(manner: Manner) -> None:
    """What the first answer needs, while the user writes the first prompt."""
    from importlib import import_module

    names = ["plugsky_tui.providers.http", "anyio._backends._asyncio"]
    if not (manner.plain or manner.spoken):
        names.insert(0, "plugsky_tui.frontends.line.written_blocks")
    for name in names:
        import_module(name)
