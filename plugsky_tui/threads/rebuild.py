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
from plugsky_tui.threads.entries import INSIDE, Block, Entry, Header, Partial, Setting


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
        match entry:
            case Header() | Setting() | Partial() | ThoughtSealed() | RequestStarted() | Retry():
                continue  # the last two are kept for the statistics
            case Block(kind="text"):
                shown.append(TextDelta(entry.text))
            case Block():
                shown.append(ReasoningDelta(entry.text))
            case _:
                shown.append(entry)
        match entry:
            case ToolCalled():
                open_calls[entry.call_id] = None
            case ToolResulted():
                open_calls.pop(entry.call_id, None)
            case _:
                pass
    shown += [ToolResulted(call_id, False, INTERRUPTED, 0.0) for call_id in open_calls]
    return shown


def settled(entries: Iterable[Entry]) -> Iterator[Entry]:
    """The entries with blocks only: pieces of a block that was never finished become one, interrupted."""
    pieces: list[Partial] = []
    for entry in entries:
        if isinstance(entry, Partial):
            if pieces and pieces[0].block != entry.block:
                yield _joined(pieces)
                pieces = []
            pieces.append(entry)
            continue
        if pieces and not isinstance(entry, INSIDE):
            if not (isinstance(entry, Block) and entry.block == pieces[0].block):
                yield _joined(pieces)
            pieces = []
        yield entry
    if pieces:
        yield _joined(pieces)


def _joined(pieces: list[Partial]) -> Block:
    return Block(pieces[0].kind, pieces[0].block, "".join(piece.text for piece in pieces), interrupted=True)


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
