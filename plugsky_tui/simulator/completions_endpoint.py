"""`POST /v1/completions`, the endpoint from before there were chats.

Shapes, defaults (16 tokens) and limits: the OpenAI API reference ("Legacy / Completions"). Each
prompt is put to the rule-based agent, or to the script, as the message of a user.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.answering import Answer, answer
from plugsky_tui.simulator.chat_wire import FINGERPRINT, pieces
from plugsky_tui.simulator.completions_request import CompletionRequest, parse_completion
from plugsky_tui.simulator.conversation import Conversation, Message
from plugsky_tui.simulator.errors import ApiError, ConnectionCut, invalid
from plugsky_tui.simulator.http import HttpResponse, json_response, to_json
from plugsky_tui.simulator.models import Model
from plugsky_tui.simulator.routing import Call
from plugsky_tui.simulator.streaming import DONE, event_stream


@dataclass(slots=True)
class Choice:
    """One continuation; `echoed` is the prompt before it, where that was asked for."""

    text: str
    finish_reason: str
    echoed: str = ""
    deltas: list[str] | None = None

    def parts(self) -> list[str]:
        """All of it, as the pieces of a stream."""
        return [*pieces(self.echoed), *(pieces(self.text) if self.deltas is None else self.deltas)]


@dataclass(slots=True)
class Completed:
    """The answer on its way out. `logprobs` None: none asked for."""

    model: str
    choices: list[Choice]
    prompt_tokens: int
    logprobs: int | None
    id: str = field(default_factory=lambda: "cmpl-" + os.urandom(14).hex())
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self) -> dict[str, Any]:
        choices = [
            _written(index, choice.echoed + choice.text, self._logprobs(choice.parts(), 0), choice.finish_reason)
            for index, choice in enumerate(self.choices)
        ]
        return {**self._base(), "choices": choices, "usage": self.usage()}

    def events(self, *, include_usage: bool) -> Iterator[bytes]:
        extra = {"usage": None} if include_usage else {}
        streams = [self._chunks(index, choice) for index, choice in enumerate(self.choices)]
        for chunk in chain.from_iterable(zip_longest(*streams)):
            if chunk is not None:
                yield _event({**self._base(), "choices": [chunk], **extra})
        if include_usage:
            yield _event({**self._base(), "choices": [], "usage": self.usage()})
        yield DONE

    def usage(self) -> dict[str, int]:
        said = self.completion_tokens()
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": said,
            "total_tokens": self.prompt_tokens + said,
        }

    def completion_tokens(self) -> int:
        return sum(tokens.of_text(choice.text) for choice in self.choices)

    def _base(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
        }

    def _chunks(self, index: int, choice: Choice) -> Iterator[dict[str, Any]]:
        offset = 0
        for piece in choice.parts():
            yield _written(index, piece, self._logprobs([piece], offset), None)
            offset += len(piece)
        yield _written(index, "", None, choice.finish_reason)

    def _logprobs(self, said: list[str], offset: int) -> dict[str, Any] | None:
        """A rule is certain of what it says: each piece has the probability 1, and no alternative."""
        if self.logprobs is None:
            return None
        offsets = []
        for piece in said:
            offsets.append(offset)
            offset += len(piece)
        return {
            "tokens": said,
            "token_logprobs": [0.0] * len(said),
            "top_logprobs": [{piece: 0.0} for piece in said] if self.logprobs else None,
            "text_offset": offsets,
        }


async def create(call: Call) -> HttpResponse:
    """A continuation of one prompt or of several, streamed or whole."""
    request = parse_completion(call.http.json())
    asked = call.service.catalogue.find(request.model)
    call.caller.may_infer(asked)
    model = call.service.catalogue.routed(asked, hint=None, tools=False)
    counts = [tokens.of_text(prompt.text) if not prompt.tokens else prompt.tokens for prompt in request.prompts]
    _check_model(model, max(counts))

    choices: list[Choice] = []
    for prompt in request.prompts:
        said = await answer(call.service, Conversation([Message("user", prompt.text)]))
        if said.raw is not None:
            call.record(model.id, sum(counts), 0)
            return event_stream(said.raw, said.delivery)
        choices += [_choice(said, request, prompt.text)] * request.choices

    completed = Completed(model.id, choices, sum(counts), request.logprobs)
    call.record(model.id, completed.prompt_tokens, completed.completion_tokens())
    if request.stream:  # several prompts are delivered as the last of them is
        return event_stream(completed.events(include_usage=request.include_usage), said.delivery)
    if said.delivery.cut_after is not None:
        raise ConnectionCut
    return json_response(completed.whole())


def _check_model(model: Model, longest: int) -> None:
    if model.kind == "embedding":
        raise ApiError(
            404,
            "This is not a completion model and thus not supported in the v1/completions endpoint. "
            "Did you mean to use v1/embeddings?",
            param="model",
        )
    if longest > model.context:
        raise invalid(
            f"This model's maximum context length is {model.context} tokens, however you requested {longest} tokens in "
            "your prompt. Please reduce your prompt.",
            "prompt",
            "context_length_exceeded",
        )


def _choice(said: Answer, request: CompletionRequest, prompt: str) -> Choice:
    """What was said, under the request's `stop`, `max_tokens` and `echo`; a script's reply is sent as it is."""
    echoed = prompt if request.echo else ""
    if said.prepared:
        return Choice(said.reply.text, said.reply.finish_reason or "stop", echoed, said.deltas)
    text = said.reply.text
    for stop in request.stop:
        text = text.split(stop, 1)[0]
    allowed = tokens.cut(text, request.max_tokens)
    return Choice(allowed, "stop" if allowed == text else "length", echoed)


def _written(index: int, text: str, logprobs: dict[str, Any] | None, finish_reason: str | None) -> dict[str, Any]:
    return {"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish_reason}


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + to_json(chunk) + b"\n\n"
