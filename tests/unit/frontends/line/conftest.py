from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import StringIO

import pytest

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.answer import BlockAnswer, RawAnswer
from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Interrupted
from plugsky_tui.frontends.line.ledger import Ledger
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.line.voice import Spoken, Written

DUMB = Manner(plain=True, colour=False)
SPOKEN = Manner(plain=True, spoken=True, colour=False)
MONOCHROME = Manner(colour=False)
COLOURED = Manner()


@dataclass
class Script:
    """A keyboard that answers what it was told to; None is Esc, an exception is raised. It prints what it was asked."""

    paper: Paper
    answers: list[str | Exception | None] = field(default_factory=list)
    editable: bool = False
    draft: str = ""
    guarded: list[bool] = field(default_factory=list)

    async def ask(self, marker, default="", *, guarded=False):
        self.guarded.append(guarded)
        answer = self.answers.pop(0)
        self.paper.line(f"{marker}{default}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    secret = ask

    async def prompt(self, marker, continued):
        raise Interrupted

    def edits_defaults(self):
        return self.editable

    def hear(self, hearing):
        return nullcontext()

    def interrupt(self): ...
    def close(self): ...


@dataclass
class Stage:
    """All of a chat that needs no terminal."""

    manner: Manner
    stream: StringIO = field(default_factory=StringIO)
    stopped: int = 0
    now: float = 0.0

    def __post_init__(self):
        from plugsky_tui.frontends.line.spoken_blocks import say
        from plugsky_tui.frontends.line.written_blocks import draw

        self.paper = Paper(self.stream, self.manner)
        self.voice = Spoken() if self.manner.spoken else Written()
        self.ledger, self.changes = Ledger(), Changes()
        if self.manner.plain and not self.manner.spoken:
            self.answer = RawAnswer(self.paper)
        else:
            self.answer = BlockAnswer(self.paper, say if self.manner.spoken else draw)
        self.keyboard = Script(self.paper)
        self.desk = Desk(paper=self.paper, keyboard=self.keyboard, voice=self.voice, manner=self.manner)
        self.printer = EventPrinter(
            paper=self.paper,
            voice=self.voice,
            answer=self.answer,
            ledger=self.ledger,
            changes=self.changes,
            spoken=self.manner.spoken,
            stop="Esc",
            clock=lambda: self.now,
        )

    def stop(self):
        self.stopped += 1

    @property
    def printed(self) -> str:
        return self.stream.getvalue()

    def show(self, *events) -> str:
        for event in events:
            self.printer.show(event)
        return self.printed


@pytest.fixture
def stage(monkeypatch) -> Callable[[Manner], Stage]:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Stage
