"""What is said before the first prompt: whether the folder is trusted, where one is, and what was said before."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugsky_tui import __version__
from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Interrupted
from plugsky_tui.frontends.line.words import count
from plugsky_tui.frontends.text import reveal
from plugsky_tui.frontends.tui.look import Look, has_key, short_folder
from plugsky_tui.kernel.messages import UserMessage

if TYPE_CHECKING:
    from plugsky_tui.session.session import Session

_SHOWN_AGAIN = 3  # prompts of a thread that is taken up, with what followed


class Arrival:
    """`on_trust` hears the answer where `look.brings` names things to trust."""

    def __init__(self, *, look: Look, desk: Desk, printer: EventPrinter, on_trust: Callable[[bool], None]) -> None:
        self._look = look
        self._desk = desk
        self._paper = desk.paper
        self._printer = printer
        self._on_trust = on_trust

    async def ask_trust(self) -> None:
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
            answer = await self._desk.keyboard.ask("Do you trust this folder? 1 or 2, Enter is no: ", guarded=True)
        except Interrupted:
            answer = None
        if answer is not None:
            self._on_trust(answer.strip().lower() in ("1", "y", "yes"))

    def opened(self, session: Session, fresh: bool) -> None:
        """`session` is the one from here on; `fresh` where another one was before it."""
        if fresh:
            self._printer.forget()
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
        if self._desk.manner.spoken:
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
