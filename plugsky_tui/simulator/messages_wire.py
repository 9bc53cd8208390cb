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
        return self._message(self._blocks(), self._ending(), self._usage())

    def events(self) -> Iterator[bytes]:
        """The events of a stream, in order."""
        opening = self._message([], {"stop_reason": None, "stop_sequence": None}, {**self._usage(), "output_tokens": 1})
        yield _event({"type": "message_start", "message": opening})
        yield _event({"type": "ping"})
        for index, block in enumerate(self._blocks()):
            for kind, said in self._block_events(block):
                yield _event({"type": kind, "index": index, **said})
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

    def _blocks(self) -> list[dict[str, Any]]:
        blocks = [self.thought] if self.thought is not None else []
        if self.reply.text or self.deltas:
            blocks.append({"type": "text", "text": self.reply.text})
        uses = (
            {"type": "tool_use", "id": call.call_id, "name": call.name, "input": _input(call)}
            for call in self.reply.calls
        )
        return [*blocks, *uses]

    def _block_events(self, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        opened, deltas = self._opened(block)
        yield "content_block_start", {"content_block": opened}
        for delta in deltas:
            yield "content_block_delta", {"delta": delta}
        yield "content_block_stop", {}

    def _opened(self, block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """A block as it begins, and what is added to it piece by piece."""
        match block["type"]:
            case "thinking":
                added = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"])]
                signed = {"type": "signature_delta", "signature": block["signature"]}
                return {**block, "thinking": "", "signature": ""}, [*added, signed]
            case "text":
                said = pieces(self.reply.text) if self.deltas is None else self.deltas
                return {**block, "text": ""}, [{"type": "text_delta", "text": piece} for piece in said]
            case "tool_use":
                written = next(call.arguments for call in self.reply.calls if call.call_id == block["id"])
                starts = range(0, len(written), ARGUMENT_FRAGMENT)
                parts = ["", *(written[start : start + ARGUMENT_FRAGMENT] for start in starts)]
                return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": part} for part in parts]
            case _:  # redacted: it comes at once
                return block, []


def new_tool_use_id() -> str:
    return "toolu_" + os.urandom(12).hex()


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
