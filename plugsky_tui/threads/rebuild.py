"""From what a thread's file holds to what is said next, and to what is drawn again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from plugsky_tui.kernel.events import (
    ErrorRaised,
    Event,
    Notice,
    ReasoningDelta,
    RequestStarted,
    Retry,
    TextDelta,
    ThoughtSealed,
    ThreadCompleted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Within,
)
from plugsky_tui.kernel.messages import (
    INTERRUPTED,
    AssistantMessage,
    Message,
    Thought,
    ToolCall,
    ToolMessage,
    UserMessage,
    repair,
)
from plugsky_tui.threads.entries import INSIDE, Block, Entry, Header, Inner, Partial, Setting


def conversation(entries: Iterable[Entry]) -> list[Message]:
    """The conversation, valid to send."""
    fold = _Conversation()
    for entry in settled(entries):
        fold.take(entry)
    return repair(fold.messages)[0]


def history(entries: Iterable[Entry]) -> list[UserMessage | Event]:
    """What was shown, to be shown again: each block is one delta, each call has a result."""
    shown: list[UserMessage | Event] = []
    open_calls: dict[str, None] = {}
    for entry in settled(entries):
        if (item := _shown(entry)) is not None:
            shown.append(item)
        match entry:
            case ToolCalled():
                open_calls[entry.call_id] = None
            case ToolResulted():
                open_calls.pop(entry.call_id, None)
            case _:
                pass
    shown += [ToolResulted(call_id, False, INTERRUPTED, 0.0) for call_id in open_calls]
    return shown


def _shown(entry: Entry) -> UserMessage | Event | None:
    match entry:
        case Header() | Setting() | Partial() | ThoughtSealed() | RequestStarted() | Retry():
            return None  # the last two are kept for the statistics
        case Block(kind="text"):
            return TextDelta(entry.text)
        case Block():
            return ReasoningDelta(entry.text)
        case Inner():
            event = _shown(entry.entry)
            # a subagent's prompt is in the call that runs it
            return None if event is None or isinstance(event, UserMessage) else Within(entry.call_id, event)
        case _:
            return entry


def settled(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries with blocks only: pieces of a block that was never finished become one, interrupted. So in each
    subagent's conversation too."""
    pieces: dict[str, list[Partial]] = {}  # by the call of the subagent; "" is none
    for entry in entries:
        whose, one = (entry.call_id, entry.entry) if isinstance(entry, Inner) else ("", entry)
        waiting = pieces.get(whose, [])
        if isinstance(one, Partial):
            if waiting and waiting[0].block != one.block:
                yield _joined(pieces.pop(whose), whose)
            pieces.setdefault(whose, []).append(one)
            continue
        if waiting and not isinstance(one, INSIDE):
            if not (isinstance(one, Block) and one.block == waiting[0].block):
                yield _joined(waiting, whose)
            del pieces[whose]
        yield entry
    for whose, waiting in pieces.items():
        yield _joined(waiting, whose)


def _joined(pieces: list[Partial], whose: str) -> Entry:
    block = Block(pieces[0].kind, pieces[0].block, "".join(piece.text for piece in pieces), interrupted=True)
    return Inner(whose, block) if whose else block


@dataclass(slots=True)
class _Conversation:
    """Puts messages together. An answer is open until its turn ends; it counts as interrupted until it
    called a tool or its turn was completed (calls are only made by answers that were whole)."""

    messages: list[Message] = field(default_factory=list)
    model: str = ""
    names: dict[str, str] = field(default_factory=dict)
    answer: AssistantMessage | None = None
    answered: bool = False  # results of the open answer have come: whatever is said now is the next one
    unsealed: str = ""  # reasoning of the open answer that no seal has closed yet

    def take(self, entry: Entry) -> None:
        match entry:
            case Block(discarded=True):
                pass
            case Block(kind="text"):
                self._open().text += entry.text
            case Block():
                self._open().reasoning += entry.text
                self.unsealed += entry.text
            case ThoughtSealed():
                text = "" if entry.redacted else self.unsealed
                self._open().thoughts.append(Thought(text, entry.seal, entry.redacted))
                self.unsealed = ""
            case ToolCalled():
                answer = self._open()
                answer.calls.append(ToolCall(entry.call_id, entry.name, entry.arguments, entry.raw or ""))
                answer.interrupted = False
                self.names[entry.call_id] = entry.name
            case ToolResulted():
                name = self.names.get(entry.call_id, "")
                self.messages.append(ToolMessage(entry.call_id, name, entry.output, entry.ok, entry.images))
                self.answered = True
            case UserMessage():
                self._close()
                self.messages.append(entry)
            case TurnCompleted():
                if self.answer is not None:
                    self.answer.model, self.answer.interrupted = entry.model, False
                self._close()
            case ErrorRaised() | ThreadCompleted():
                self._close()
            case Notice(code="answer_restarted"):
                if self.answer is not None:
                    self.answer.text = self.answer.reasoning = ""
                    self.answer.thoughts.clear()
            case Header():
                self.model = entry.model
            case Setting(name="model"):
                self.model = entry.value
            case _:
                pass

    def _open(self) -> AssistantMessage:
        if self.answer is None or self.answered:
            self._close()
            self.answer = AssistantMessage(model=self.model, interrupted=True)
            self.messages.append(self.answer)
        return self.answer

    def _close(self) -> None:
        self.answer, self.answered, self.unsealed = None, False, ""
