"""Puts the chat together and takes it down again, whatever ends it."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plugsky_tui import __version__
from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.answer import Answer, BlockAnswer, RawAnswer
from plugsky_tui.frontends.line.approvals import Approvals
from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.chat import Chat
from plugsky_tui.frontends.line.deeds import LINE_COMMANDS, LineDeeds
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Interrupted, Keyboard
from plugsky_tui.frontends.line.ledger import Ledger
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.line.voice import Spoken, Written
from plugsky_tui.frontends.line.words import count
from plugsky_tui.frontends.sessions import OpenSession, Sessions
from plugsky_tui.frontends.text import reveal
from plugsky_tui.frontends.tui.look import Look, has_key, short_folder
from plugsky_tui.kernel.messages import UserMessage

if TYPE_CHECKING:
    from prompt_toolkit.completion import Completion

    from plugsky_tui.frontends.markdown.leaves import Leaf
    from plugsky_tui.frontends.tui.commands import Command
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.session import Session

TERMINATED = 143
_SHOWN_AGAIN = 3  # prompts of a thread that is taken up, with what followed


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
        self._look = look
        self._manner = manner
        self._on_trust = on_trust
        self._code = 0
        self._ending = False
        self._main: asyncio.Task[object] | None = None
        self._paper = paper = Paper(sys.stdout, manner, self._end)
        if manner.colour and look.theme != "auto":
            from plugsky_tui.frontends.line.colours import styles_of

            paper.styles = styles_of(look.theme, look.config_dir)
        self._ledger, self._changes = Ledger(), Changes()
        voice = Spoken() if manner.spoken else Written()
        self._printer = EventPrinter(
            paper=paper,
            voice=voice,
            answer=_answer(paper, manner),
            ledger=self._ledger,
            changes=self._changes,
            spoken=manner.spoken,
            stop="Ctrl+C ends the wait." if manner.plain else "Esc ends the wait.",
        )
        self._files_changed: Callable[[], None] = lambda: None
        self._keyboard: Keyboard = self._make_keyboard()
        self._desk = Desk(paper=paper, keyboard=self._keyboard, voice=voice, manner=manner)
        approvals = Approvals(desk=self._desk, ledger=self._ledger, printer=self._printer, stop=self._stop)
        self._sessions = Sessions(
            open_session=open_session,
            options=options,
            asker=approvals.approve,
            questioner=approvals.question,
            opened=self._opened,
            failed=lambda error: None,  # whoever waits for the session is told
        )
        self._deeds = LineDeeds(
            look=look,
            desk=self._desk,
            sessions=self._sessions,
            printer=self._printer,
            ledger=self._ledger,
            changes=self._changes,
            leave=self._leave,
        )
        self._chat = Chat(
            folder=look.folder,
            desk=self._desk,
            sessions=self._sessions,
            printer=self._printer,
            deeds=self._deeds,
            rested=self._files_changed,
            data_dir=look.data_dir,
        )

    def _make_keyboard(self) -> Keyboard:
        if self._manner.plain:
            from plugsky_tui.frontends.line.plain_keyboard import PlainKeyboard

            return PlainKeyboard(self._paper)
        from plugsky_tui.frontends.line.completing import LineCompleter
        from plugsky_tui.frontends.line.remembering import LineHistory
        from plugsky_tui.frontends.line.toolkit_keyboard import ToolkitKeyboard  # prompt-toolkit: 80 ms
        from plugsky_tui.frontends.tui.composer.history import PromptHistory, history_file

        look, spoken = self._look, self._manner.spoken
        completer = LineCompleter(
            look.folder,
            commands=LINE_COMMANDS,
            choices=self._choices,
            git_allowed=self._trusted,
            recent=self._recent,
            explained=spoken,
        )
        self._files_changed = completer.files_changed
        where = history_file(look.data_dir, look.folder) if look.data_dir else None
        return ToolkitKeyboard(
            sys.stdin,
            sys.stdout,
            self._manner,
            history=LineHistory(PromptHistory(where)),
            completer=completer,
            listed=self._list if spoken else None,
        )

    def _list(self, found: Sequence[Completion]) -> None:
        """Completions to choose from, in lines."""
        self._paper.line(f"{count(len(found), 'completion')}{':' if found else '.'}")
        for one in found:
            self._paper.line(one.display_text)

    def _trusted(self) -> bool:
        from plugsky_tui.permissions.trust import Trust

        return self._look.data_dir is not None and Trust(self._look.data_dir).state(self._look.folder).trusted

    def _recent(self) -> list[str]:
        """The files that this thread has changed, the last one first."""
        return [block.path for block in reversed(self._changes.files())]

    # --- from beginning to end ----------------------------------------------------------------

    async def live(self) -> int:
        self._main = asyncio.current_task()
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._keyboard.interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, TERMINATED)
        try:
            await self._ask_trust()
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

    def _leave(self) -> None:
        self._chat.leave()

    def _choices(self, command: Command) -> Sequence[str]:
        return self._deeds.choices(command)

    async def _ask_trust(self) -> None:
        """Asked once for what a folder brings. The end of input is no answer: it is asked again next time."""
        look, paper = self._look, self._paper
        if not look.brings:
            return
        paper.line(f"{reveal(str(look.folder))} brings things that take effect only if you trust it:", "title")
        for thing in look.brings:
            paper.line(f"- {reveal(thing)}")
        paper.line("You are asked again when they change.")
        paper.lines(self._desk.voice.choices([(1, "yes, I trust it (y)"), (2, "no, leave it inert (n)")], 0))
        try:
            answer = await self._keyboard.ask("Do you trust this folder? 1 or 2, Enter is no: ", guarded=True)
        except Interrupted:
            answer = None
        if answer is not None:
            self._on_trust(answer.strip().lower() in ("1", "y", "yes"))

    def _opened(self, session: Session, fresh: bool) -> None:
        """`session` is the one from here on; `fresh` where another one was before it."""
        if fresh:
            self._ledger.clear()
            self._changes.clear()
        else:
            self._greet(session)
        history = session.history()
        prompts = [place for place, item in enumerate(history) if isinstance(item, UserMessage)]
        start = prompts[-_SHOWN_AGAIN] if len(prompts) > _SHOWN_AGAIN else 0
        if start:
            earlier = count(len(prompts) - _SHOWN_AGAIN, "earlier prompt")
            self._paper.line(f"{earlier}: plugsky threads show {session.thread_id} prints them.", "faint")
        self._printer.replay(history, start)
        for warning in session.warnings:
            self._paper.line(warning, "warning")

    def _greet(self, session: Session) -> None:
        look, paper = self._look, self._paper
        folder = short_folder(look.folder)
        keys = "/help lists commands, Ctrl+D ends."
        if self._manner.spoken:
            lines = [
                f"plugsky {__version__}.",
                f"Folder: {folder}.",
                f"Model: {session.model}.",
                f"Mode: {session.mode}.",
            ]
            if look.branch:
                lines.insert(2, f"Branch: {look.branch}.")
            lines.append(keys)
        else:
            branch = f" ({look.branch})" if look.branch else ""
            lines = [f"plugsky {__version__} in {folder}{branch}", f"{session.model}, mode {session.mode}. {keys}"]
        for line in lines:
            paper.line(line)
        if not has_key(look):
            paper.line("Without an API key, the free tier answers. /login enters one.")


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
