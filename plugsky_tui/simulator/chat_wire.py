"""The shapes of a chat completion: whole, and as the chunks of a stream.

Source: the OpenAI API reference (chat completion object, chat completion chunk object), which
the Plugsky chat reference says is followed exactly.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.conversation import FunctionCall, Reply

FINGERPRINT = "fp_plugsky_simulator"
ARGUMENT_FRAGMENT = 24  # characters

_PIECES = re.compile(r"\s*\S{1,5}|\s+")


@dataclass(slots=True)
class Completion:
    """One answer on its way out. `top_logprobs` None: none asked for. `deltas`: the exact pieces of the text, if given."""

    model: str
    replies: list[Reply]
    prompt_tokens: int
    top_logprobs: int | None = None
    deltas: list[str] | None = None
    id: str = field(default_factory=lambda: "chatcmpl-" + os.urandom(14).hex())
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [self._choice(index, reply) for index, reply in enumerate(self.replies)],
            "usage": self.usage(),
            "system_fingerprint": FINGERPRINT,
        }

    def chunks(self, *, include_usage: bool) -> Iterator[dict[str, Any]]:
        """The objects of a stream, in order; choices alternate. With usage, each chunk names it and the last has it."""
        base = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
        }
        extra = {"usage": None} if include_usage else {}
        streams = [self._choice_chunks(index, reply) for index, reply in enumerate(self.replies)]
        for choice in chain.from_iterable(zip_longest(*streams)):
            if choice is not None:
                yield {**base, "choices": [choice], **extra}
        if include_usage:
            yield {**base, "choices": [], "usage": self.usage()}

    def completion_tokens(self) -> int:
        """What was said, thought and called, in all choices."""
        return self._reasoning_tokens() + sum(
            tokens.of_text(reply.text)
            + sum(tokens.of_text(call.name) + tokens.of_text(call.arguments) for call in reply.calls)
            for reply in self.replies
        )

    def usage(self) -> dict[str, Any]:
        completion = self.completion_tokens()
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": self._reasoning_tokens()},
        }

    def _reasoning_tokens(self) -> int:
        return sum(tokens.of_text(reply.reasoning) for reply in self.replies)

    def _choice(self, index: int, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
        if not reply.calls:
            message["content"] = reply.text
        if reply.reasoning:
            message["reasoning_content"] = reply.reasoning
        if reply.calls:
            message["tool_calls"] = [_call(call) for call in reply.calls]
        return {
            "index": index,
            "message": message,
            "logprobs": self._logprobs(pieces(reply.text)),
            "finish_reason": reply.finished_as,
        }

    def _choice_chunks(self, index: int, reply: Reply) -> Iterator[dict[str, Any]]:
        yield _delta(index, {"role": "assistant", "content": "", "refusal": None})
        for piece in pieces(reply.reasoning):
            yield _delta(index, {"reasoning_content": piece})
        for piece in pieces(reply.text) if self.deltas is None else self.deltas:
            yield {**_delta(index, {"content": piece}), "logprobs": self._logprobs([piece])}
        for place, call in enumerate(reply.calls):
            opened = {"index": place, **_call(FunctionCall(call.name, "", call.call_id))}
            yield _delta(index, {"tool_calls": [opened]})
            for start in range(0, len(call.arguments), ARGUMENT_FRAGMENT):
                fragment = call.arguments[start : start + ARGUMENT_FRAGMENT]
                yield _delta(index, {"tool_calls": [{"index": place, "function": {"arguments": fragment}}]})
        yield {**_delta(index, {}), "finish_reason": reply.finished_as}

    def _logprobs(self, said: list[str]) -> dict[str, Any] | None:
        """A rule is certain of what it says: each piece has the probability 1, and no alternative."""
        if self.top_logprobs is None:
            return None
        certain = [{"token": piece, "logprob": 0.0, "bytes": list(piece.encode("utf-8", "replace"))} for piece in said]
        content = [{**token, "top_logprobs": [token] if self.top_logprobs else []} for token in certain]
        return {"content": content, "refusal": None}


def pieces(text: str) -> list[str]:
    """`text` in bits of a few characters, as a model's tokens come: joined, they are the text again."""
    return _PIECES.findall(text)


def new_call_id() -> str:
    return "call_" + os.urandom(12).hex()


def _delta(index: int, delta: dict[str, Any]) -> dict[str, Any]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}


def _call(call: FunctionCall) -> dict[str, Any]:
    return {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
