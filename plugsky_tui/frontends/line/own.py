"""What the user does beside prompting: commands of their own, lines for AGENTS.md, and files that prompts name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.tui.composer.drafts import Draft
from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image
from plugsky_tui.session.enclosures import ran_text

if TYPE_CHECKING:
    from plugsky_tui.session.beside import Beside
    from plugsky_tui.session.session import Session


class Own:
    def __init__(self, *, folder: Path, desk: Desk, printer: EventPrinter) -> None:
        self._folder = folder
        self._desk = desk
        self._printer = printer

    async def run_command(self, session: Session, command: str) -> None:
        """Run a command of the user's own, and let the model know what came of it with the next prompt."""
        session.tell(ran_text(await _beside(session).run(command, self._printer.show)))

    async def note(self, session: Session, text: str) -> None:
        """Add a line to AGENTS.md."""
        self._desk.paper.lines(self._desk.voice.diff(await _beside(session).note(text)))

    async def with_mentions(self, session: Session, text: str) -> tuple[str, list[Image]]:
        """What is sent for the prompt `text`: the files and threads that `@` names go along, images as images."""
        if "@" not in text:
            return text, []
        from plugsky_tui.frontends.tui.illustrating import along_with  # only for those who name something

        along = await along_with(Draft(text), session, self._folder)
        for line in along.lines:
            self._desk.paper.line(f"Sent along: {line}", "faint")
        for remark in along.remarks:
            self._desk.paper.line(remark, "warning")
        return along.prompt, along.images


def _beside(session: Session) -> Beside:
    if session.beside is None:
        raise UsageError("This session takes prompts only.")
    return session.beside
