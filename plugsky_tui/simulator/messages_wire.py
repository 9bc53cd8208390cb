"""The shapes of a message: whole, and as the events of a stream.

Source: Anthropic's Messages API reference ("Create a message", "Streaming messages").
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.chat_wire import ARGUMENT_FRAGMENT, pieces
from plugsky_tui.simulator.conversation import FunctionCall, Reply
from plugsky_tui.simulator.http import to_json

_STOP_REASONS = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "length": "max_tokens",
    "content_filter": "refusal",
}
_CACHE = {  # nothing is cached here
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}


@dataclass(slots=True)
class _Part:
    """A content block: whole; the fields that are still empty as it begins; and what fills them piece by piece."""

    block: dict[str, Any]
    empty: dict[str, Any] = field(default_factory=dict)
    deltas: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Answered:
    """One message on its way out.

    `thought` is the block of thinking it begins with; `stopped_by` the stop sequence that ended it;
    `deltas` the exact pieces of the text, if given.
    """

    model: str
    reply: Reply
    input_tokens: int
    thought: dict[str, Any] | None = None
    stopped_by: str | None = None
    deltas: list[str] | None = None
    id: str = field(default_factory=lambda: "msg_" + os.urandom(12).hex())

    def whole(self) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        return self._message([part.block for part in self._parts()], self._ending(), self._usage())

    def events(self) -> Iterator[bytes]:
        """The events of a stream, in order."""
        opening = self._message([], {"stop_reason": None, "stop_sequence": None}, {**self._usage(), "output_tokens": 1})
        yield _event({"type": "message_start", "message": opening})
        yield _event({"type": "ping"})
        for index, part in enumerate(self._parts()):
            opened = {**part.block, **part.empty}
            yield _event({"type": "content_block_start", "index": index, "content_block": opened})
            for delta in part.deltas:
                yield _event({"type": "content_block_delta", "index": index, "delta": delta})
            yield _event({"type": "content_block_stop", "index": index})
        ended = {key: value for key, value in self._usage().items() if key not in ("service_tier", "cache_creation")}
        yield _event({"type": "message_delta", "delta": self._ending(), "usage": ended})
        yield _event({"type": "message_stop"})

    def output_tokens(self) -> int:
        return (
            tokens.of_text(self.reply.reasoning)
            + tokens.of_text(self.reply.text)
            + sum(tokens.of_text(call.name) + tokens.of_text(call.arguments) for call in self.reply.calls)
        )

    def _message(self, blocks: list[dict[str, Any]], ending: dict[str, Any], usage: dict[str, Any]) -> dict[str, Any]:
        opening = {"id": self.id, "type": "message", "role": "assistant", "model": self.model, "content": blocks}
        return {**opening, **ending, "usage": usage}

    def _ending(self) -> dict[str, Any]:
        if self.stopped_by is not None:
            return {"stop_reason": "stop_sequence", "stop_sequence": self.stopped_by}
        finished = self.reply.finished_as
        return {"stop_reason": _STOP_REASONS.get(finished, finished), "stop_sequence": None}

    def _usage(self) -> dict[str, Any]:
        return {
            "input_tokens": self.input_tokens,
            **_CACHE,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": self.output_tokens(),
            "output_tokens_details": {"thinking_tokens": tokens.of_text(self.reply.reasoning)},
            "service_tier": "standard",
        }

    def _parts(self) -> Iterator[_Part]:
        if self.thought is not None:
            yield _thought_part(self.thought)
        if self.reply.text or self.deltas:
            said = pieces(self.reply.text) if self.deltas is None else self.deltas
            deltas = [{"type": "text_delta", "text": piece} for piece in said]
            yield _Part({"type": "text", "text": self.reply.text}, {"text": ""}, deltas)
        for call in self.reply.calls:
            starts = range(0, len(call.arguments), ARGUMENT_FRAGMENT)
            written = ["", *(call.arguments[start : start + ARGUMENT_FRAGMENT] for start in starts)]
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in written]
            use = {"type": "tool_use", "id": call.call_id, "name": call.name, "input": _input(call)}
            yield _Part(use, {"input": {}}, deltas)


def new_tool_use_id() -> str:
    return "toolu_" + os.urandom(12).hex()


def _thought_part(thought: dict[str, Any]) -> _Part:
    if thought["type"] != "thinking":  # redacted: it comes at once
        return _Part(thought)
    deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(thought["thinking"])]
    signed = {"type": "signature_delta", "signature": thought["signature"]}
    return _Part(thought, {"thinking": "", "signature": ""}, [*deltas, signed])


def _input(call: FunctionCall) -> dict[str, Any]:
    """A call's arguments as the object that the whole message must have.

    What is no JSON object (a call cut short, or a script's own) is wrapped as Anthropic's guide to
    fine-grained tool streaming wraps it.
    """
    try:
        parsed = json.loads(call.arguments or "{}")
    except ValueError:
        return {"INVALID_JSON": call.arguments}
    return parsed if isinstance(parsed, dict) else {"INVALID_JSON": call.arguments}


def _event(data: dict[str, Any]) -> bytes:
    name: str = data["type"]
    return b"event: " + name.encode() + b"\ndata: " + to_json(data) + b"\n\n"
