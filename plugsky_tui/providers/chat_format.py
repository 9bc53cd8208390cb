"""OpenAI's wire format: `POST /chat/completions`, as the chat reference of the API has it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.messages import UNPARSED, AssistantMessage, Image, Message, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.ports import Request
from plugsky_tui.providers.assemble import Assembler
from plugsky_tui.providers.format import Expected, Outgoing

if TYPE_CHECKING:
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.errors import Refusal

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]")
_CONTROL = re.compile(r"[\x00-\x1f]")
_MAX_NAME = 64

# What a request can do without where a server refuses it, and what is then lost.
DROPPABLE = {
    "stream_options": "token counts are not reported while streaming",
    "reasoning_content": "the model does not see its earlier reasoning",
    "stream": "the answer comes in one piece",
    "tools": "this model can answer, but not read, edit or run anything",
    "response_format": "the answer is checked here instead",
    "temperature": "the server's own value holds",
    "top_p": "the server's own value holds",
    "max_tokens": "the server's own limit holds",
    "stop": "nothing but its end ends an answer",
    "presence_penalty": "the server's own value holds",
    "frequency_penalty": "the server's own value holds",
    "seed": "answers vary",
    "tool_choice": "the model chooses its tools itself",
    "user": "the account's records do not say who it was for",
    "logprobs": "there are no probabilities",
    "top_logprobs": "there are no probabilities of alternatives",
    "reasoning_effort": "the model thinks as long as it likes",
    "route_hint": "the server routes by its own rules",
    "max_cost_per_1m": "the server routes by its own rules",
}

# Patterns over error messages: compiled when there is one, not at start-up.
_REFUSED = (
    r"(?i)unknown|unrecogni[sz]ed|unsupported|not support|unexpected|not permitted|not allowed|extra (?:inputs|fields?)"
)
_TOOLS = r"(?:tools?|tool calling|tool use|function calling|functions)"
_NO_TOOLS = (
    rf"(?i)(?:does not|doesn't|not) support {_TOOLS}\b|\b{_TOOLS} (?:is|are) not supported"
    r"|(?:unknown|unrecogni[sz]ed|unsupported|unexpected) (?:request )?(?:parameter|argument|field)"
    r"[^\w]*(?:supplied: )?['\"`]?tools\b(?![.\[])"
)
# Servers refuse kinds of it and schemas in as many words as there are servers. What one without it would have promised
# is checked here anyway, so whatever names it drops it.
_SHAPE = r"(?i)response_format|json_schema|\bstructured outputs?\b"
_JSON = r"(?:json|response[ _]?format|response mime type|structured outputs?)"
_NOT_TOGETHER = (  # some servers take a schema, and take tools, but not both
    rf"(?i){_JSON}[^.]{{0,60}}(?:cannot|can't|can not|not be|incompatible)[^.]{{0,60}}(?:tool|function)"
    rf"|(?:tool|function)[^.]{{0,60}}(?:with|and) (?:a |an )?{_JSON}[^.]{{0,60}}(?:unsupported|not supported|cannot)"
)


class ChatFormat:
    """OpenAI's chat completions, and what the many servers that speak them make of it."""

    models_path = "models"

    @property
    def droppable(self) -> Mapping[str, str]:
        return DROPPABLE

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def write(self, request: Request, *, without: Collection[str], made_by: Callable[[str], bool]) -> Outgoing:
        body = body_of(request, without=without, made_by=made_by)
        return Outgoing("chat/completions", body, sent_parameters(body))

    def refused(self, refusal: Refusal, sent: Collection[str]) -> str | None:
        complaint = refusal.complaint
        if refusal.status not in (400, 422):
            return None
        return refused_parameter(complaint.param, f"{complaint.message} {complaint.code}", sent)

    def assembly(self, endpoint: Endpoint, expected: Expected) -> Assembler:
        return Assembler(
            endpoint,
            expected.model,
            tools=expected.tools,
            used_ids=expected.used_ids,
            window=expected.window,
            request_id=expected.request_id,
        )


def refused_parameter(param: str, message: str, sent: Collection[str]) -> str | None:
    """The one of `sent` that a 400 refuses by name (`param` and `message` are the server's), if any."""
    if {"tools", "response_format"} <= {*sent} and re.search(_NOT_TOGETHER, message):
        return "response_format"
    if "tools" in sent and re.search(_NO_TOOLS, message):
        return "tools"
    if "response_format" in sent and (param.startswith("response_format") or re.search(_SHAPE, message)):
        return "response_format"
    if not re.search(_REFUSED, message):
        return None
    for name in DROPPABLE:
        if name == "tools" or name not in sent:
            continue  # tools with a fault in them are named too: only the plain words above drop them
        if param.rpartition(".")[2] == name or re.search(rf"(?<![\w]){name}(?![\w])", message):
            return name
    return None


def body_of(request: Request, *, without: Collection[str], made_by: Callable[[str], bool]) -> dict[str, Any]:
    """The body. `without` are parameters to leave out; `made_by` tells of a model's name whether it is the one asked now."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    pictures: list[dict[str, Any]] = []  # of tool results: only a user message can carry them, after all results
    for message in request.messages:
        if pictures and not isinstance(message, ToolMessage):
            messages.append({"role": "user", "content": pictures})
            pictures = []
        messages.append(_message(message, reasons="reasoning_content" not in without, made_by=made_by))
        if isinstance(message, ToolMessage) and message.images:
            pictures.append({"type": "text", "text": f"Images from {message.name} ({message.call_id}):"})
            pictures += map(_picture, message.images)
    if pictures:
        messages.append({"role": "user", "content": pictures})
    body: dict[str, Any] = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
            }
            for tool in request.tools
        ]
    body |= _parameters(request)
    for name in without:
        body.pop(name, None)
    for name, needed in (("stream_options", "stream"), ("top_logprobs", "logprobs")):
        if needed in without:
            body.pop(name, None)
    return body


def _parameters(request: Request) -> dict[str, Any]:
    """Those that are set, as the API spells them."""
    given = request.parameters.given()
    choice = given.get("tool_choice")
    if choice is not None and not request.tools:
        del given["tool_choice"]  # servers refuse a choice among nothing
    elif choice is not None and choice not in ("auto", "none", "required"):
        given["tool_choice"] = {"type": "function", "function": {"name": choice}}
    return given


def sent_parameters(body: dict[str, Any]) -> set[str]:
    """Which of the droppable parameters `body` has."""
    sent = {name for name in DROPPABLE if name in body}
    if any("reasoning_content" in message for message in body["messages"]):
        sent.add("reasoning_content")
    return sent


def _message(message: Message, *, reasons: bool, made_by: Callable[[str], bool]) -> dict[str, Any]:
    match message:
        case UserMessage(text, []):
            return {"role": "user", "content": text}
        case UserMessage(text, images):
            words = [{"type": "text", "text": text}] if text else []
            return {"role": "user", "content": [*words, *map(_picture, images)]}
        case ToolMessage():
            return {"role": "tool", "tool_call_id": message.call_id, "content": message.output}
        case AssistantMessage():
            # An empty string rather than null: templates of open models print a null as "None".
            wire: dict[str, Any] = {"role": "assistant", "content": message.text}
            if message.calls:
                wire["tool_calls"] = _calls(message.calls)
            if reasons and message.reasoning and made_by(message.model):
                wire["reasoning_content"] = message.reasoning
            return wire


def _calls(calls: Sequence[ToolCall]) -> list[dict[str, Any]]:
    return [
        {
            "id": call.call_id,
            "type": "function",
            "function": {"name": _name(call.name), "arguments": _arguments(call)},
        }
        for call in calls
    ]


def _name(name: str) -> str:
    """A name the server takes back, also where the model made up one that no server accepts."""
    return _NOT_IN_NAMES.sub("_", name)[:_MAX_NAME] or "unknown"


def _arguments(call: ToolCall) -> str:
    """Always an object in JSON: templates of open models parse it, and fail the whole request where they cannot.

    The model's own words are kept where they are one, so that a server's prompt cache still matches.
    """
    if call.arguments is None:
        return json.dumps({UNPARSED: call.raw}, ensure_ascii=False)
    if call.raw[:1] == "{" and not _CONTROL.search(call.raw):
        return call.raw
    return json.dumps(call.arguments, ensure_ascii=False)


def _picture(image: Image) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{image.media_type};base64,{image.data}"}}
