"""The conversation as the model sees it, and its repair.

A conversation is a list of `Message`. The system prompt is not part of it: it is made anew
for each request. `repair` guarantees what every chat API demands: each tool call has exactly
one result, directly after the assistant message that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

from plugsky_tui.kernel.record import record

INTERRUPTED = "Interrupted before it finished: there is no result. Its effects, if any, are unknown."
UNPARSED = "(the arguments could not be parsed as a JSON object)"


@record
class Image:
    """One image: `media_type` such as "image/png", `data` in base64, `name` for people."""

    media_type: str
    data: str
    name: str = ""


@record
class ToolCall:
    """A function call of the model.

    `arguments` is the parsed object, or None where `raw` (the text as it came) is not one.
    """

    call_id: str
    name: str
    arguments: dict[str, Any] | None
    raw: str = ""


@record
class UserMessage:
    text: str
    images: list[Image] = field(default_factory=list)


@record
class Thought:
    """A block of reasoning that its server wants back as it was. `seal` proves that it is; of a thought that
    is `redacted` there is nothing else."""

    text: str
    seal: str
    redacted: bool = False


@record
class AssistantMessage:
    """What the model said. `model` made it; reasoning is only ever returned to that model.

    `reasoning` is all of it, to be read; `thoughts` are its sealed blocks, from servers that seal them.

    `interrupted` marks an answer that was cut off (by the user or by the network).
    """

    text: str = ""
    reasoning: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    model: str = ""
    interrupted: bool = False
    thoughts: list[Thought] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return not (self.text or self.calls)


@record
class ToolMessage:
    """The result of the call `call_id`: `output` is exactly what the model is sent."""

    call_id: str
    name: str
    output: str
    ok: bool = True
    images: list[Image] = field(default_factory=list)


Message = UserMessage | AssistantMessage | ToolMessage


def repair(messages: Sequence[Message]) -> tuple[list[Message], list[str]]:
    """A copy of `messages` that is valid to send, and a sentence for each thing mended.

    Mended: calls without a result (a result saying so is put in), results without a call or
    given twice (dropped), results away from their call (moved behind it), two calls with one
    id (the later is renamed, with its result), assistant messages with nothing in them (dropped).
    """
    mended: list[str] = []
    out: list[Message] = []
    used: set[str] = set()
    placed = 0
    for place, message in enumerate(messages):
        match message:
            case UserMessage():
                out.append(message)
            case AssistantMessage() if message.empty:
                continue
            case AssistantMessage():
                results = _results_for(message, messages, place + 1)
                calls, renamed = _unique_calls(message.calls, used)
                out.append(message if not renamed else _with_calls(message, calls))
                mended += [f"two tool calls had the id {old!r}: the later one is now {new!r}" for old, new in renamed]
                for position, call in enumerate(calls):
                    result = results.get(position)
                    if result is None:
                        mended.append(
                            f"the call {call.name} ({call.call_id}) had no result: it was closed as interrupted"
                        )
                        out.append(ToolMessage(call.call_id, call.name, INTERRUPTED, ok=False))
                        continue
                    placed += 1
                    if result.call_id != call.call_id:
                        result = ToolMessage(call.call_id, call.name, result.output, result.ok, result.images)
                    out.append(result)
            case ToolMessage():
                pass  # placed with its call above; one without a call is counted below
    dropped = sum(isinstance(m, ToolMessage) for m in messages) - placed
    if dropped > 0:
        mended.append(f"{dropped} tool result(s) without a matching call were left out")
    return out, mended


def _results_for(message: AssistantMessage, messages: Sequence[Message], start: int) -> dict[int, ToolMessage]:
    """Call position -> its result, from `start` on. A result counts up to the next assistant message that reuses its id."""
    waiting: dict[str, list[int]] = {}
    for position, call in enumerate(message.calls):
        waiting.setdefault(call.call_id, []).append(position)
    found: dict[int, ToolMessage] = {}
    for place in range(start, len(messages)):
        if not waiting:
            break
        match item := messages[place]:
            case AssistantMessage():
                for call in item.calls:
                    waiting.pop(call.call_id, None)
            case ToolMessage() if item.call_id in waiting:
                positions = waiting[item.call_id]
                found[positions.pop(0)] = item
                if not positions:
                    del waiting[item.call_id]
            case _:
                pass
    return found


def _unique_calls(calls: Sequence[ToolCall], used: set[str]) -> tuple[list[ToolCall], list[tuple[str, str]]]:
    out: list[ToolCall] = []
    renamed: list[tuple[str, str]] = []
    for call in calls:
        name, number = call.call_id or "call", 2
        while name in used or not name:
            name, number = f"{call.call_id or 'call'}_{number}", number + 1
        used.add(name)
        if name != call.call_id:
            renamed.append((call.call_id, name))
            call = ToolCall(name, call.name, call.arguments, call.raw)
        out.append(call)
    return out, renamed


def _with_calls(message: AssistantMessage, calls: list[ToolCall]) -> AssistantMessage:
    return AssistantMessage(
        message.text, message.reasoning, calls, message.model, message.interrupted, message.thoughts
    )
