"""`POST /v1/messages` and `POST /v1/messages/count_tokens`: Anthropic's Messages API."""

from __future__ import annotations

from typing import Any

from plugsky_tui.simulator import tokens
from plugsky_tui.simulator.answering import Answer, answer
from plugsky_tui.simulator.conversation import Conversation, Reply
from plugsky_tui.simulator.errors import ApiError, ConnectionCut, invalid
from plugsky_tui.simulator.filling import fill
from plugsky_tui.simulator.http import HttpResponse, json_response, to_json
from plugsky_tui.simulator.messages_request import (
    MessagesRequest,
    Thinking,
    check_version,
    parse_count_request,
    parse_messages_request,
)
from plugsky_tui.simulator.messages_signature import redact, sign
from plugsky_tui.simulator.messages_turns import check_signatures, check_thinking_returned
from plugsky_tui.simulator.messages_wire import Answered, new_tool_use_id
from plugsky_tui.simulator.models import Model
from plugsky_tui.simulator.routing import Call
from plugsky_tui.simulator.streaming import event_stream

CLAUDE_IS = "plugsky-pro"  # "Map claude-3-5-sonnet → plugsky-pro": the API's migration guide
# Anthropic documents this text for tests: thinking is then sent redacted.
REDACTION_TRIGGER = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)


async def create(call: Call) -> HttpResponse:
    """One message, streamed or whole."""
    check_version(call.http.headers)
    request = parse_messages_request(call.http.json())
    prompt = request.prompt
    asked = _find(call, prompt.model)
    call.caller.may_infer(asked)
    conversation = prompt.conversation()
    input_tokens = _input_tokens(conversation)
    pictures = any(message.images for message in conversation.messages)
    model = call.service.catalogue.routed(asked, hint=None, tools=bool(conversation.tools), pictures=pictures)
    _check_model(model, input_tokens, pictures=pictures)
    check_signatures(prompt.turns, None if asked is not model else model.id)
    if prompt.thinking.kind == "enabled" and model.reasons:
        check_thinking_returned(prompt.turns)

    answered = await answer(call.service, conversation)
    if answered.raw is not None:
        call.record(model.id, input_tokens, 0)  # nobody knows what is in it
        return event_stream(answered.raw, answered.delivery)
    message = _message(request, conversation, answered, model, input_tokens)
    call.record(model.id, input_tokens, message.output_tokens())
    if request.stream:
        return event_stream(message.events(), answered.delivery)
    if answered.delivery.cut_after is not None:
        raise ConnectionCut
    return json_response(message.whole())


async def count_tokens(call: Call) -> HttpResponse:
    """How many tokens a prompt has: what `create` would say in `usage.input_tokens`."""
    check_version(call.http.headers)
    prompt = parse_count_request(call.http.json())
    call.caller.may_infer(_find(call, prompt.model))
    return json_response({"input_tokens": _input_tokens(prompt.conversation())})


def _find(call: Call, name: str) -> Model:
    try:
        return call.service.catalogue.find(CLAUDE_IS if name.startswith("claude-") else name)
    except ApiError as error:
        raise ApiError(404, f"model: {name}", param="model", code=error.code) from None


def _check_model(model: Model, input_tokens: int, *, pictures: bool) -> None:
    if model.kind == "embedding":
        raise invalid(f"'{model.id}' makes embeddings, not messages. Use it with POST /v1/embeddings.", "model")
    if pictures and not model.sees:
        raise invalid(
            f"'{model.id}' takes no image and no PDF. Use a model with the capability 'vision', such as plugsky-qwen-vl.",
            "messages",
        )
    if input_tokens > model.context:
        raise invalid(
            f"prompt is too long: {input_tokens} tokens > {model.context} maximum",
            "messages",
            "context_length_exceeded",
        )


def _input_tokens(conversation: Conversation) -> int:
    return tokens.of_messages(conversation.messages) + sum(
        tokens.of_text(tool.name) + tokens.of_text(tool.description) + tokens.of_text(to_json(tool.parameters).decode())
        for tool in conversation.tools
    )


def _message(
    request: MessagesRequest, conversation: Conversation, answered: Answer, model: Model, input_tokens: int
) -> Answered:
    """The answer in its final shape; what a script prepared is left as it is."""
    reply, stopped_by = answered.reply, None
    thinking = request.prompt.thinking
    if not thinking.wanted or not (answered.prepared or model.reasons):
        reply.reasoning = ""
    if not answered.prepared:
        stopped_by = _shape(reply, request)
    for function_call in reply.calls:
        function_call.call_id = function_call.call_id or new_tool_use_id()
    thought = _thought(reply, thinking, conversation, model)
    return Answered(model.id, reply, input_tokens, thought, stopped_by, answered.deltas)


def _shape(reply: Reply, request: MessagesRequest) -> str | None:
    """Fit the agent's reply to the request's schema, stop sequences and `max_tokens`. The stop sequence that ended it."""
    if request.prompt.tools.one_call:
        del reply.calls[1:]
    if request.prompt.schema is not None and not reply.calls:
        reply.text = to_json(fill(request.prompt.schema, reply.text)).decode()
    found = [(place, stop) for stop in request.stop_sequences if (place := reply.text.find(stop)) >= 0]
    stopped_by = None
    if found:
        place, stopped_by = min(found)
        reply.text, reply.calls = reply.text[:place], []
    left = request.max_tokens - tokens.of_text(reply.reasoning)
    allowed = tokens.cut(reply.text, max(left, 0))
    if allowed != reply.text:
        reply.text, reply.calls, reply.finish_reason = allowed, [], "length"
        return None
    written = tokens.of_text(reply.text) + sum(tokens.of_text(made.arguments) for made in reply.calls)
    if reply.calls and written > left:
        reply.calls[-1].arguments = tokens.cut(reply.calls[-1].arguments, 1)
        reply.finish_reason = "length"  # a call cut short, as models leave them
    return stopped_by


def _thought(reply: Reply, thinking: Thinking, conversation: Conversation, model: Model) -> dict[str, Any] | None:
    """The block of thinking that `reply` begins with.

    Calls always have one, if only an empty one: the client must begin with it when it sends the results.
    """
    needed = bool(reply.calls) and thinking.kind == "enabled" and model.reasons
    if not reply.reasoning and not needed:
        return None
    if REDACTION_TRIGGER in conversation.last_user_text():
        return {"type": "redacted_thinking", "data": redact(reply.reasoning, model.id)}
    shown = reply.reasoning if thinking.shown else ""
    return {"type": "thinking", "thinking": shown, "signature": sign(shown, model.id)}
