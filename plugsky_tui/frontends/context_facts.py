"""What a request holds, and roughly how much room each kind of it takes.

Only the server counts tokens; by kind they are estimated from lengths, so that the kinds add up to what the server said.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from plugsky_tui.frontends.calls import summary
from plugsky_tui.kernel.events import ToolCalled
from plugsky_tui.kernel.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.ports import ToolDefinition

Kind = Literal["system", "instructions", "tools", "prompts", "answers", "calls", "results", "images"]

_PER_TOKEN = 4  # characters of English and of code; where letters are no ASCII, there are about two of them in a token
_PER_IMAGE = 1_000  # tokens; most servers take 500 to 1,500
_MOST_RESULTS = 5
# As session.prompt puts them in.
_INSTRUCTIONS = re.compile(
    r"\nInstructions from (?P<name>[^\n]+), for work in its folder:\n<instructions>\n.*?\n</instructions>", re.DOTALL
)


@dataclass(slots=True)
class Share:
    """`name` may be untrusted: of instructions it is that of a file."""

    kind: Kind
    name: str
    tokens: int


@dataclass(slots=True)
class ContextFacts:
    """`shares` add up to `tokens`; `counted`: that number is the server's. `window` None: not known. `largest` are the
    results that take most, as (what was called, tokens)."""

    shares: list[Share] = field(default_factory=list)
    tokens: int = 0
    window: int | None = None
    counted: bool = False
    largest: list[tuple[str, int]] = field(default_factory=list)


def context_facts(
    *,
    system: str,
    definitions: Sequence[ToolDefinition],
    conversation: Sequence[Message],
    tokens: int | None,
    window: int | None,
) -> ContextFacts:
    """`tokens` is what the server counted last, None before its first answer."""
    estimated = [*_fixed(system, definitions), *_said(conversation)]
    total = sum(share.tokens for share in estimated)
    largest = _largest(conversation)
    if tokens and total:
        factor = tokens / total
        for share in estimated:
            share.tokens = round(share.tokens * factor)
        largest = [(name, round(size * factor)) for name, size in largest]
        total = tokens
    shares = [share for share in estimated if share.tokens > 0]
    return ContextFacts(shares, total, window, bool(tokens), largest)


def estimate(text: str) -> int:
    """The tokens of `text`, roughly."""
    if text.isascii():
        return -(-len(text) // _PER_TOKEN)
    plain = sum(char.isascii() for char in text)
    return -(-plain // _PER_TOKEN) + -(-(len(text) - plain) // 2)


def _fixed(system: str, definitions: Sequence[ToolDefinition]) -> list[Share]:
    files = [Share("instructions", found["name"], estimate(found[0])) for found in _INSTRUCTIONS.finditer(system)]
    rest = _INSTRUCTIONS.sub("", system)
    told = sum(estimate(one.name + one.description + json.dumps(one.parameters)) for one in definitions)
    return [Share("system", "system prompt", estimate(rest)), *files, Share("tools", f"{len(definitions)} tools", told)]


def _said(conversation: Sequence[Message]) -> list[Share]:
    sums: dict[Kind, int] = dict.fromkeys(("prompts", "answers", "calls", "results", "images"), 0)
    for message in conversation:
        match message:
            case UserMessage():
                sums["prompts"] += estimate(message.text)
                sums["images"] += _PER_IMAGE * len(message.images)
            case AssistantMessage():
                sums["answers"] += estimate(message.text) + sum(estimate(one.text) for one in message.thoughts)
                sums["calls"] += sum(estimate(f"{one.name}{_given(one)}") for one in message.calls)
            case ToolMessage():
                sums["results"] += estimate(message.output)
                sums["images"] += _PER_IMAGE * len(message.images)
    names = {
        "prompts": "your prompts",
        "answers": "answers",
        "calls": "tool calls",
        "results": "tool results",
        "images": "images",
    }
    return [Share(kind, names[kind], size) for kind, size in sums.items()]


def _given(call: ToolCall) -> str:
    return call.raw if call.arguments is None else json.dumps(call.arguments, ensure_ascii=False, default=str)


def _largest(conversation: Sequence[Message]) -> list[tuple[str, int]]:
    calls = {
        call.call_id: call
        for message in conversation
        if isinstance(message, AssistantMessage)
        for call in message.calls
    }
    found = [
        (_called(calls.get(message.call_id), message.name), estimate(message.output))
        for message in conversation
        if isinstance(message, ToolMessage)
    ]
    return sorted((pair for pair in found if pair[1]), key=lambda pair: -pair[1])[:_MOST_RESULTS]


def _called(call: ToolCall | None, name: str) -> str:
    if call is None:
        return name
    return f"{name} {summary(ToolCalled(call.call_id, name, call.arguments, call.raw))}".rstrip()
