"""From events to lines: one `match`, for what happens now and for what is printed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import StringIO
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.line.answer import Answer
from plugsky_tui.frontends.line.ledger import Entry, Ledger
from plugsky_tui.frontends.line.paper import Paper, Role
from plugsky_tui.frontends.line.prompts import prompt_lines
from plugsky_tui.frontends.line.voice import Voice, role_of_notice
from plugsky_tui.frontends.line.words import count, seconds
from plugsky_tui.kernel.display import DiffBlock, TodoBlock
from plugsky_tui.kernel.events import (
    Compaction,
    ErrorRaised,
    Event,
    Notice,
    PermissionResolved,
    ReasoningDelta,
    Retry,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    TurnCompleted,
    Usage,
)
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.session.beside import USERS_CALL

if TYPE_CHECKING:
    from plugsky_tui.kernel.errors import PlugskyError

QUIET_S = 15.0  # after so long without a word, one is said; then after twice as long
_PROGRESS = "task"  # the tool whose output tells, line by line, what a subagent does
_ALLOWED = "The user allowed it"


class EventPrinter:
    """Prints events; decides nothing. `stop` is the key that interrupts."""

    def __init__(
        self,
        *,
        paper: Paper,
        voice: Voice,
        answer: Answer,
        ledger: Ledger,
        changes: Changes,
        spoken: bool,
        stop: str,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._paper = paper
        self._voice = voice
        self._answer = answer
        self._ledger = ledger
        self._changes = changes
        self._spoken = spoken
        self._stop = stop
        self._clock = clock
        self._live = True  # False while a thread is printed again
        self._begun = 0.0
        self._model = ""
        self._usage: Usage | None = None
        self._thought = False  # that it thinks was said in this run
        self._writing = False  # text of the model's is being printed
        self._said = StringIO()  # since the last turn began
        self._last_word = 0.0  # when something was last told
        self._patience = QUIET_S
        self._held: list[Event] | None = None  # what happens while a question stands there
        self.last_answer = ""

    def hold(self) -> None:
        """A question is put: nothing may be printed into the line of its answer."""
        if self._held is None:
            self._held = []

    def go_on(self) -> None:
        """The question is answered: print what happened meanwhile."""
        held, self._held = self._held or [], None
        self._last_word = self._clock()
        for event in held:
            self.show(event)

    def replay(self, history: Sequence[UserMessage | Event], start: int = 0) -> None:
        """Print again what was said and done before, from the item `start` on; the calls before it are only noted."""
        self._live = False
        try:
            for item in history[:start]:
                self._note(item)
            for item in history[start:]:
                if isinstance(item, UserMessage):
                    self._end_answer()
                    self._paper.gap()
                    self.prompt(item.text)
                else:
                    self.show(item)
            self._end_answer()
        finally:
            self._live = True

    def _note(self, item: UserMessage | Event) -> None:
        match item:
            case ToolCalled():
                self._ledger.called(item)
            case ToolResulted(call_id, ok, display=display):
                entry = self._ledger.of(call_id)
                if entry is not None:
                    entry.result = item
                if ok:
                    self._changes.note(display)
            case TextDelta(text) if text.strip():
                self.last_answer = text.strip()
            case _:
                pass

    def forget(self) -> None:
        """Another thread begins to be shown: its calls are numbered anew."""
        self._ledger.clear()
        self._changes.clear()
        self.last_answer = ""

    def still(self) -> None:
        """Nothing may have been heard for a while: say what it is that takes so long."""
        now = self._clock()
        if self._held is not None or now - self._last_word < self._patience:
            return
        self._patience *= 2
        entry = self._ledger.last
        what = "waiting for the model" if entry is None or entry.result is not None else f"running call {entry.number}"
        self._tell(
            f"Still {what}, {seconds(now - self._last_word, spoken=self._spoken)}. {self._stop} interrupts.", "faint"
        )

    def prompt(self, text: str) -> None:
        """One that was not typed just now: from the queue, or from before."""
        self._paper.lines(prompt_lines(self._voice, text))

    def error(self, error: PlugskyError) -> None:
        """An error and, under it, what to do."""
        self._fail(error.message, error.hint)

    def show(self, event: Event) -> None:
        if self._held is not None:
            self._held.append(event)
            return
        self._last_word, self._patience = self._clock(), QUIET_S
        if type(event) is TextDelta:  # the hot path comes first
            if not self._writing and event.text.strip():
                self._writing = True
                self._paper.gap()
            self._said.write(event.text)
            self._answer.feed(event.text)
            return
        match event:
            case ReasoningDelta(text) if text and not self._thought and self._live:
                self._thought = True
                self._answer.end()
                self._paper.lines(self._voice.thinking())
            case ThreadStarted():
                self._begun, self._usage, self._model, self._thought = self._clock(), None, event.model, False
            case ToolCalled():
                self._end_answer()
                self._paper.lines(self._voice.called(self._ledger.called(event)))
            case PermissionResolved():
                self._resolved(event)
            case ToolOutput():
                self._progress(event)
            case ToolResulted():
                self._result(event)
            case Usage():
                self._usage = event
            case Retry(attempt, wait_s, _, reason):
                wait = seconds(wait_s, spoken=self._spoken)
                self._tell(
                    f"{reason.rstrip('.')}: attempt {attempt + 1} in {wait}. {self._stop} ends the wait.", "warning"
                )
            case Notice("paced", text, wait_s):
                why = text.rpartition(": waiting")[0] or text
                self._tell(
                    f"{why}: sent in {seconds(wait_s, spoken=self._spoken)}. {self._stop} ends the wait.", "faint"
                )
            case Notice(code, text):
                self._tell(text, role_of_notice(code))
            case Compaction(before, after):
                self._tell(f"The conversation was shortened from {before:,} to {after:,} tokens.", "faint")
            case TurnCompleted(_, model):
                self._end_answer()
                self._model = model
            case ErrorRaised():
                self._failed(event)
            case ThreadCompleted():
                self._completed(event)
            case _:
                pass  # requests, questions (they are asked at their place), files (their diff is in the result)

    def _tell(self, text: str, role: Role) -> None:
        self._answer.end()
        self._paper.line(text, role)

    def _end_answer(self) -> None:
        self._answer.end()
        self._writing = False
        text = self._said.getvalue().strip()
        if text:
            self.last_answer = text
            self._said = StringIO()

    def _resolved(self, event: PermissionResolved) -> None:
        """Which rule was kept of "always", or why none was. Why something is not allowed is in its result."""
        allowed = event.verdict == "allow" and event.by == "user" and self._live
        if allowed and event.reason.removeprefix(_ALLOWED).strip("."):
            self._tell(event.reason, "faint")

    def _progress(self, event: ToolOutput) -> None:
        entry = self._ledger.of(event.call_id)
        if entry is not None and entry.call.name == _PROGRESS and event.text.strip():
            self._answer.end()
            self._paper.lines(self._voice.progress(entry, event.text))

    def _result(self, event: ToolResulted) -> None:
        self._answer.end()
        entry = self._ledger.of(event.call_id)
        if entry is None:
            entry = self._ledger.called(ToolCalled(event.call_id, "tool"))
        entry.result = event
        if event.call_id.startswith(USERS_CALL):  # who runs a command wants to see what it prints
            self._paper.line(event.output, "output")
            return
        self._paper.lines(self._voice.resulted(entry, event))
        if event.ok:
            self._changes.note(event.display)
            self._show_displays(entry, event)

    def _show_displays(self, entry: Entry, event: ToolResulted) -> None:
        for block in event.display:
            match block:
                case DiffBlock():
                    self._paper.lines(self._voice.diff(block, whole=self._live and not entry.seen))
                case TodoBlock(items):
                    self._paper.lines(self._voice.todo(items))
                case _:
                    pass  # the output, which /open prints

    def _failed(self, event: ErrorRaised) -> None:
        self._end_answer()
        hint = event.hint
        if event.code == "auth" and "auth login" in hint:  # a key of Plugsky's, not of another endpoint's
            hint += " Or enter one here: /login"
        self._fail(event.message, hint, f"Request {event.request_id}" if event.request_id else "")

    def _fail(self, message: str, *more: str) -> None:
        self._answer.end()
        self._paper.line(f"Error: {message}", "error")
        for text in more:
            if text:
                self._paper.line(f"{'' if self._spoken else '  '}{text}")

    def _completed(self, event: ThreadCompleted) -> None:
        self._end_answer()
        if not self._live:
            if event.status == "interrupted":
                self._paper.line("Interrupted.", "faint")
            return
        match event.status:
            case "interrupted":
                self._paper.line("Interrupted. Say what to do instead, or just go on.", "warning")
            case "failed":
                self._paper.line("Failed.", "error")
            case "limited":
                self._paper.line("Stopped by a limit. The thread can be continued.", "warning")
            case "completed":
                pass
        facts = [self._model, count(event.turns, "request")]
        if self._usage is not None:
            facts.append(_context(self._usage))
        facts.append(seconds(self._clock() - self._begun, spoken=self._spoken))
        text = ", ".join(fact for fact in facts if fact)
        self._paper.line(f"Done: {text}." if self._spoken else f"({text})", "faint")


def _context(usage: Usage) -> str:
    used = f"{usage.context_tokens:,} tokens"
    if not usage.context_window:
        return f"{used} of context"
    return f"{used} of {usage.context_window:,} ({100 * usage.context_tokens / usage.context_window:.0f}%)"
