"""`/v1/process`, `/v1/batch` and `/v1/stream`: the surface of the PlutosAI document, chat without tools."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.answering import Answer, answer
from plugsky_tui.simulator.chat_wire import pieces
from plugsky_tui.simulator.conversation import Conversation, Reply
from plugsky_tui.simulator.errors import ApiError, ConnectionCut, invalid
from plugsky_tui.simulator.http import HttpResponse, json_response, to_json
from plugsky_tui.simulator.models import Model
from plugsky_tui.simulator.plutos_request import Wanted, parse_batch, parse_process, parse_stream
from plugsky_tui.simulator.routing import Call
from plugsky_tui.simulator.streaming import event_stream

# The models the document's examples name, as the API's migration guide maps OpenAI's names.
ALSO_CALLED = {"gpt-4": "plugsky-pro", "gpt-3.5-turbo": "plugsky-lite"}


@dataclass(slots=True)
class Processed:
    """One input and what came of it. `model` is the name the answer goes by: that of a routing name's choice."""

    model: str
    input: str
    answered: Answer
    prompt_tokens: int

    @property
    def output(self) -> str:
        return self.answered.reply.text

    @property
    def completion_tokens(self) -> int:
        return tokens.of_text(self.output)

    def usage(self) -> dict[str, int]:
        return _usage(self.prompt_tokens, self.completion_tokens)


class Clock:
    """When an answer was begun, and how long it took."""

    def __init__(self) -> None:
        self._created = datetime.now(timezone.utc)
        self._begun = time.monotonic()

    def read(self) -> dict[str, Any]:
        created = self._created.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"createdAt": created, "processingTime": round((time.monotonic() - self._begun) * 1000)}


async def process(call: Call) -> HttpResponse:
    """One input, answered whole; kept for `GET /process/{id}`."""
    clock = Clock()
    wanted = parse_process(call.http.json())
    [done] = await _all(call, wanted)
    if done.answered.raw is not None:
        return event_stream(done.answered.raw, done.answered.delivery)
    result = {
        "id": "proc_" + os.urandom(8).hex(),
        "output": done.output,
        "model": done.model,
        "usage": done.usage(),
        **clock.read(),
    }
    call.service.processed.keep(call.caller.key, {**result, "input": done.input, "options": wanted.options})
    return json_response(result)


async def get_process(call: Call) -> HttpResponse:
    """What `process` answered before, with its input and options. ApiError 404 for what this key did not ask."""
    found = call.service.processed.find(call.caller.key, call.names["id"])
    if found is None:
        raise ApiError(
            404, f"No result '{call.names['id']}' for this key. The newest 1000 of each key are kept.", param="id"
        )
    return json_response(found)


async def batch(call: Call) -> HttpResponse:
    """Up to 100 inputs, answered one after another."""
    clock = Clock()
    all_done = await _all(call, parse_batch(call.http.json()))
    for done in all_done:
        if done.answered.raw is not None:
            return event_stream(done.answered.raw, done.answered.delivery)
    prompt_tokens = sum(done.prompt_tokens for done in all_done)
    completion_tokens = sum(done.completion_tokens for done in all_done)
    return json_response(
        {
            "id": "batch_" + os.urandom(8).hex(),
            "results": [{"input": done.input, "output": done.output, "usage": done.usage()} for done in all_done],
            "totalUsage": _usage(prompt_tokens, completion_tokens),
            **clock.read(),
        }
    )


async def stream(call: Call) -> HttpResponse:
    """One input, answered as server-sent events: `chunk` after `chunk`, then `complete`."""
    wanted = parse_stream(call.http.json())
    done = await _one(call, wanted, _find(call, wanted), wanted.inputs[0])
    raw = done.answered.raw
    return event_stream(_events(done) if raw is None else raw, done.answered.delivery)


async def _all(call: Call, wanted: Wanted) -> list[Processed]:
    """Every input, answered whole."""
    asked = _find(call, wanted)
    all_done: list[Processed] = []
    for text in wanted.inputs:
        done = await _one(call, wanted, asked, text)
        if done.answered.raw is None and done.answered.delivery.cut_after is not None:
            raise ConnectionCut
        all_done.append(done)
    return all_done


async def _one(call: Call, wanted: Wanted, asked: Model, text: str) -> Processed:
    conversation = wanted.conversation(text)
    model = call.service.catalogue.routed(asked, hint=None, tools=False)
    prompt_tokens = _check_length(model, conversation)
    answered = await answer(call.service, conversation)
    if not answered.prepared:
        _shape(answered.reply, wanted)
    done = Processed(wanted.model if model is asked else model.id, text, answered, prompt_tokens)
    call.record(done.model, prompt_tokens, done.completion_tokens)
    return done


def _find(call: Call, wanted: Wanted) -> Model:
    model = call.service.catalogue.find(ALSO_CALLED.get(wanted.model, wanted.model))
    if model.kind == "embedding":
        raise ApiError(
            404, f"The model '{wanted.model}' makes embeddings, not text.", param="model", code="model_not_found"
        )
    call.caller.may_infer(model)
    return model


def _check_length(model: Model, conversation: Conversation) -> int:
    """The tokens of the prompt. ApiError 400 where the model cannot take as many."""
    prompt_tokens = tokens.of_messages(conversation.messages)
    if prompt_tokens > model.context:
        raise invalid(
            f"The input has {prompt_tokens} tokens; '{model.id}' takes at most {model.context}.",
            "input",
            "context_length_exceeded",
        )
    return prompt_tokens


def _shape(reply: Reply, wanted: Wanted) -> None:
    for stop in wanted.stop:
        reply.text = reply.text.split(stop, 1)[0]
    reply.text = tokens.cut(reply.text, wanted.max_tokens)


def _events(done: Processed) -> Iterator[bytes]:
    deltas = done.answered.deltas
    for piece in pieces(done.output) if deltas is None else deltas:
        yield _event("chunk", {"chunk": "partial", "output": piece})
    yield _event("complete", {"chunk": "final", "output": done.output, "usage": done.usage()})


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + to_json(data) + b"\n\n"


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "promptTokens": prompt_tokens,
        "completionTokens": completion_tokens,
        "totalTokens": prompt_tokens + completion_tokens,
    }
