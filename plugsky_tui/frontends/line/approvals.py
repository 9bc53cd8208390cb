"""What the gate and the ask_user tool ask of the user: one question at a time, in lines, with numbers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Interrupted
from plugsky_tui.frontends.line.ledger import Ledger
from plugsky_tui.frontends.text import reveal
from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock
from plugsky_tui.kernel.ports import Judgement, Prepared, RunCommand
from plugsky_tui.permissions.ask import Approval

if TYPE_CHECKING:
    from plugsky_tui.frontends.line.paper import Line

_LETTERS = {"y": "1", "yes": "1", "t": "2", "a": "3", "n": "4", "no": "4", "": "4"}
_OPTIONS = 9
_PARTS_SHOWN = 6


class Approvals:
    """Both methods may be called side by side. While a question stands there, `printer` holds back what else happens.
    `stop` interrupts the run: Ctrl+C at a question is no, and enough."""

    def __init__(self, *, desk: Desk, ledger: Ledger, printer: EventPrinter, stop: Callable[[], None]) -> None:
        self._desk = desk
        self._ledger = ledger
        self._printer = printer
        self._stop = stop
        self._turn = asyncio.Lock()

    async def approve(self, prepared: Prepared, judgement: Judgement) -> Approval:
        """The user's answer. Whatever is not a plain yes is no: Enter, Esc, the end of input."""
        done = await asyncio.to_thread(self._what_is_done, prepared)
        async with self._alone():
            self._show(prepared, done)
            self._show_why(judgement)
            try:
                return await self._answer(judgement)
            except Interrupted:
                self._stop()
                return Approval("deny")

    async def question(self, question: str, options: list[str]) -> str | None:
        """The user's answer, None where they would not give one."""
        paper, spoken = self._desk.paper, self._desk.manner.spoken
        options = options[:_OPTIONS]
        async with self._alone():
            paper.gap()
            paper.line(f"Question: {reveal(question)}", "title")
            rows = [(number, reveal(option).replace("\n", " ")) for number, option in enumerate(options, 1)]
            paper.lines(self._desk.voice.choices(rows, 0))
            how = "Answer, a number or your own words" if options else "Answer"
            skip = ", Enter gives none: " if spoken or not options else " (Enter gives none): "
            try:
                answer = (await self._desk.keyboard.ask(how + skip, guarded=True) or "").strip()
            except Interrupted:
                self._stop()
                return None
        if answer.isdecimal() and 0 < int(answer) <= len(options):
            return options[int(answer) - 1]
        return answer or None

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        async with self._turn:
            self._printer.hold()
            try:
                yield
            finally:
                self._printer.go_on()

    # --- what is asked ------------------------------------------------------------------------

    def _show(self, prepared: Prepared, done: Sequence[Line]) -> None:
        paper = self._desk.paper
        is_command = any(isinstance(need, RunCommand) for need in prepared.needs)
        paper.gap()
        title = "Run this command?" if is_command else f"{reveal(prepared.title).replace(chr(10), ' ')}?"
        paper.line(f"Permission asked: {title}" if self._desk.manner.spoken else title, "title")
        paper.lines(done)
        entry = self._ledger.of(prepared.call.call_id)
        if entry is not None:
            entry.seen = True

    def _what_is_done(self, prepared: Prepared) -> list[Line]:
        """The whole command or diff; where a tool gave no preview, the arguments of the call. In a thread: diffs take
        time."""
        if prepared.preview:
            return [line for block in prepared.preview for line in self._block(block)]
        commands = [need.command for need in prepared.needs if isinstance(need, RunCommand)]
        if commands:
            return [line for command in commands for line in self._code(command, "Command")]
        from json import dumps  # only for a tool that shows nothing of itself

        shown = dumps(prepared.call.arguments, indent=2, ensure_ascii=False, default=str)
        return self._code(f"{prepared.call.name} {shown}", "Call")

    def _block(self, block: Display) -> list[Line]:
        match block:
            case DiffBlock():
                return self._desk.voice.diff(block)
            case TextBlock(text, language):
                return self._code(text, "Command" if language == "console" else "Text")
            case TodoBlock(items):
                return self._desk.voice.todo(items)
            case TableBlock(header, rows):
                return [("", " | ".join(map(reveal, row))) for row in (header, *rows)]

    def _code(self, text: str, word: str) -> list[Line]:
        """All of it, made visible; `word` says what it is to those who hear it."""
        lines = reveal(text.expandtabs(4)).split("\n")
        if not self._desk.manner.spoken:
            return [("code", f"    {line}") for line in lines]
        if len(lines) == 1:
            return [("", f"{word}: {lines[0]}")]
        return [("", f"{word}, {len(lines)} lines:"), *[("", line) for line in lines]]

    def _show_why(self, judgement: Judgement) -> None:
        paper = self._desk.paper
        paper.line(f"Why it asks: {reveal(judgement.reason)}")
        lead = "Part: " if self._desk.manner.spoken else "  "
        parts = [part for part in judgement.parts if part.verdict != "allow"]
        if len(judgement.parts) > 1 and [part.reason for part in parts] != [judgement.reason]:
            for part in parts[:_PARTS_SHOWN]:
                paper.line(f"{lead}{reveal(part.command).replace(chr(10), '␊')}: {reveal(part.reason)}")
            if len(parts) > _PARTS_SHOWN:
                paper.line(f"{lead}and {len(parts) - _PARTS_SHOWN} more parts")

    # --- the answer ---------------------------------------------------------------------------

    async def _answer(self, judgement: Judgement) -> Approval:
        guarded = True  # the question has just appeared
        self._show_answers(judgement)
        while True:
            typed = await self._desk.keyboard.ask(self._marker(judgement), guarded=guarded)
            guarded = False
            word = (typed or "").strip().lower()
            number = _LETTERS.get(word, word)
            if number in ("2", "3") and not judgement.rememberable:
                self._desk.paper.line("This is never remembered: it can only be allowed once.", "warning")
                continue
            match number:
                case "1":
                    return Approval("allow", "once")
                case "2":
                    return Approval("allow", "thread", rules=list(judgement.suggested_rules))
                case "3":
                    rules = await self._rules(judgement.suggested_rules)
                    if rules:
                        return Approval("allow", "always", rules=rules)
                    self._show_answers(judgement)
                case "4":
                    return Approval("deny")
                case "5":
                    said = await self._desk.keyboard.ask("Word to the model: ")
                    return Approval("deny", word=(said or "").strip())
                case _:
                    self._desk.paper.line("That is none of the answers.", "warning")

    def _show_answers(self, judgement: Judgement) -> None:
        """The numbers are the same whether or not all are on offer: a habit must not say yes to something else."""
        answers = [(1, "yes, once (y)")]
        if judgement.rememberable:
            rules = ", ".join(map(reveal, judgement.suggested_rules))
            answers += [(2, "yes, for this thread (t)"), (3, f"always: {rules} (a)" if rules else "always (a)")]
        answers += [(4, "no (n)"), (5, "no, with a word to the model")]
        self._desk.paper.lines(self._desk.voice.choices(answers, 0))

    def _marker(self, judgement: Judgement) -> str:
        numbers = "1 to 5" if judgement.rememberable else "1, 4 or 5"
        return f"Answer, {numbers}, Enter is no: "

    async def _rules(self, suggested: Sequence[str]) -> list[str]:
        """The rules to keep, as the user leaves them; none where they go back."""
        keyboard, kept = self._desk.keyboard, []
        for rule in suggested or [""]:
            if keyboard.edits_defaults():
                said = await keyboard.ask("Rule to keep, Enter keeps it, Esc goes back: ", rule)
                answer = None if said is None else said.strip()
            else:
                self._desk.paper.line(f"Rule to keep: {reveal(rule)}")
                said = await keyboard.ask("Enter keeps it, another rule replaces it, - goes back: ")
                answer = None if said is None or said.strip() == "-" else said.strip() or rule
            if answer is None:
                return []
            if answer:
                kept.append(answer)
        return kept
