"""`POST /v1/chat/completions`."""

from __future__ import annotations

from collections.abc import Iterator

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.answering import answer
from plugsky_tui.simulator.chat_request import KNOWN, REQUIRED, ChatRequest, ResponseFormat, parse_chat
from plugsky_tui.simulator.chat_wire import Completion, new_call_id
from plugsky_tui.simulator.conversation import FunctionCall, Reply
from plugsky_tui.simulator.errors import ApiError, ConnectionCut, invalid
from plugsky_tui.simulator.filling import fill
from plugsky_tui.simulator.http import HttpResponse, json_response, to_json
from plugsky_tui.simulator.models import Model
from plugsky_tui.simulator.routing import Call, Route
from plugsky_tui.simulator.streaming import DONE, event_stream


async def create(call: Call) -> HttpResponse:
    """One completion, streamed or whole."""
    body = call.http.json()
    request = parse_chat(body)
    asked = call.service.catalogue.find(request.model)
    call.caller.may_infer(asked)
    prompt_tokens = tokens.of_messages(request.conversation.messages)
    model = call.service.catalogue.routed(
        asked,
        hint=request.route_hint,
        tools=bool(request.conversation.tools),
        pictures=request.pictures,
        max_cost=request.max_cost,
    )
    _check_model(model, request, prompt_tokens)

    said = await answer(call.service, request.conversation)
    if said.raw is not None:
        call.record(model.id, prompt_tokens, 0)  # nobody knows what is in it
        return event_stream(said.raw, said.delivery)
    reply = said.reply
    if not said.prepared:
        reply.reasoning = reply.reasoning if model.reasons else ""
        reply = _shaped(reply, request)
    for function_call in reply.calls:
        function_call.call_id = function_call.call_id or new_call_id()

    completion = Completion(model.id, [reply] * request.choices, prompt_tokens, request.top_logprobs, said.deltas)
    call.record(model.id, prompt_tokens, completion.completion_tokens())
    if request.stream:
        return event_stream(_events(completion, include_usage=request.include_usage), said.delivery)
    if said.delivery.cut_after is not None:
        raise ConnectionCut
    return json_response(completion.whole())


def _check_model(model: Model, request: ChatRequest, prompt_tokens: int) -> None:
    if model.kind == "embedding":
        raise ApiError(
            404,
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
            "Did you mean to use v1/embeddings?",
            param="model",
        )
    if not model.sees and any(message.images for message in request.conversation.messages):
        raise invalid(
            f"Invalid content type. image_url is only supported by certain models, and '{model.id}' is not one of them.",
            "messages",
        )
    if prompt_tokens > model.context:
        raise invalid(
            f"This model's maximum context length is {model.context} tokens. However, your messages resulted in "
            f"{prompt_tokens} tokens. Please reduce the length of the messages.",
            "messages",
            "context_length_exceeded",
        )
    wanted = request.max_tokens or 0
    if prompt_tokens + wanted > model.context:  # the window holds what goes in and what comes out
        raise invalid(
            f"This model's maximum context length is {model.context} tokens. However, you requested "
            f"{prompt_tokens + wanted} tokens ({prompt_tokens} in the messages, {wanted} in the completion). "
            "Please reduce the length of the messages or completion.",
            "max_tokens",
            "context_length_exceeded",
        )


def _events(completion: Completion, *, include_usage: bool) -> Iterator[bytes]:
    for chunk in completion.chunks(include_usage=include_usage):
        yield b"data: " + to_json(chunk) + b"\n\n"
    yield DONE


def _shaped(reply: Reply, request: ChatRequest) -> Reply:
    """The agent's reply under the request's `response_format`, `stop` and `max_tokens`."""
    if not reply.calls:
        reply.text = _formatted(reply.text, request.format)
    for stop in request.stop:
        reply.text = reply.text.split(stop, 1)[0]
    if request.one_call:
        reply.calls = reply.calls[:1]
    return reply if request.max_tokens is None else _within(reply, request.max_tokens)


def _within(reply: Reply, limit: int) -> Reply:
    """`reply` in at most `limit` tokens, its reasoning among them: that gives way first, then the end of what is said."""
    text = tokens.cut(reply.text, limit)
    if text != reply.text:
        return Reply(text, finish_reason="length")
    left = limit - tokens.of_text(text)
    calls: list[FunctionCall] = []
    for call in reply.calls:
        left -= tokens.of_text(call.name)
        if left <= 0:
            return Reply(text, calls=calls, finish_reason="length")
        arguments = tokens.cut(call.arguments, left)
        calls.append(FunctionCall(call.name, arguments, call.call_id))
        if arguments != call.arguments:  # a call cut short, as models leave them
            return Reply(text, calls=calls, finish_reason="length")
        left -= tokens.of_text(arguments)
    return Reply(text, tokens.cut(reply.reasoning, left), calls, reply.finish_reason)


def _formatted(text: str, wanted: ResponseFormat) -> str:
    match wanted.kind:
        case "text":
            return text
        case "json_object":
            return to_json({"answer": text}).decode()
        case "json_schema":
            return to_json(fill(wanted.schema or {}, text)).decode()


ROUTES = [
    Route(
        "POST",
        "/v1/chat/completions",
        create,
        "chat:write",
        required=REQUIRED,
        optional=sorted(KNOWN.difference(REQUIRED)),
    )
]
