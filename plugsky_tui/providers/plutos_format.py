"""The wire format of the PlutosAI document: `POST /stream` and `POST /process`, one input and one output.

It knows no turns and no tools: a conversation becomes a transcript, and calls and results words in it, so that a
thread begun with another model stays usable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.messages import AssistantMessage, Message, ToolMessage, UserMessage
from plugsky_tui.kernel.ports import Request
from plugsky_tui.providers.format import Expected, Outgoing
from plugsky_tui.providers.plain_calls import call_in_words, image_in_words, result_in_words
from plugsky_tui.providers.plutos_assembly import PlutosAssembly

if TYPE_CHECKING:
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.errors import Refusal

NO_TOOLS = "PlutosAI's endpoint knows no tools: this model can answer, but not read, edit or run anything."
_NO_IMAGES = "PlutosAI's endpoint takes no images: they are left out."
_TOLD = "You have no tools in this conversation: answer from what it says, and say so where that is not enough."

# Ours -> the document's. /stream takes only the first of these tables, /process both.
_EVERYWHERE = {"temperature": "temperature", "max_tokens": "maxTokens", "top_p": "topP"}
_PROCESS_ONLY = {"frequency_penalty": "frequencyPenalty", "presence_penalty": "presencePenalty", "stop": "stop"}

DROPPABLE = {
    "stream": "the answer comes in one piece",
    "temperature": "the server's own value holds",
    "maxTokens": "the server's own limit holds",
    "topP": "the server's own value holds",
    "frequencyPenalty": "the server's own value holds",
    "presencePenalty": "the server's own value holds",
    "stop": "nothing but its end ends an answer",
    "systemPrompt": "it stands at the beginning of the input instead",
}

# Patterns over error messages: compiled when there is one, not at start-up.
_REFUSED = (
    r"(?i)unknown|unrecogni[sz]ed|unsupported|not support|unexpected|not permitted|not allowed|extra (?:inputs|fields?)"
)


class PlutosFormat:
    """The document's chat surface. Answers come streamed, but for what only /process takes, or where /stream fails."""

    models_path = "models"

    @property
    def droppable(self) -> Mapping[str, str]:
        return DROPPABLE

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"} if key else {}

    def write(self, request: Request, *, without: Collection[str], made_by: Callable[[str], bool]) -> Outgoing:
        given = request.parameters.given()
        names = _EVERYWHERE | _PROCESS_ONLY
        options = {names[name]: value for name, value in given.items() if name in names and names[name] not in without}
        apart = [name for name, theirs in _PROCESS_ONLY.items() if theirs in options]
        streams = "stream" not in without and not apart
        system = f"{request.system}\n\n{_TOLD}".strip() if request.tools else request.system
        text = transcript(request.messages)
        if system and "systemPrompt" in without:
            text = f"{system}\n\n{text}"
        elif system:
            options["systemPrompt"] = system
        body: dict[str, Any] = {"input": text, "model": request.model}
        if options:
            body["options"] = options
        sent = set(options) | ({"stream"} if streams else set())
        notices = _notices(request, [name for name in given if name not in names and name != "tool_choice"])
        if apart and "stream" not in without:
            text = f"PlutosAI's /stream takes no {', '.join(apart)}: the answer comes in one piece, from /process."
            notices.append(Notice("not_streamed", text))
        return Outgoing("stream" if streams else "process", body, sent, notices)

    def refused(self, refusal: Refusal, sent: Collection[str]) -> str | None:
        complaint = refusal.complaint
        said = f"{complaint.message} {complaint.code}"
        if "stream" in sent and _no_stream(refusal.status, complaint.code, said):
            return "stream"
        if refusal.status not in (400, 422):
            return None
        if complaint.code != "invalid_parameters" and not re.search(_REFUSED, said):
            return None
        for name in DROPPABLE:
            if name in sent and name != "stream" and _names(name, complaint.param, said):
                return name
        return None

    def assembly(self, endpoint: Endpoint, expected: Expected) -> PlutosAssembly:
        return PlutosAssembly(endpoint, expected)


def transcript(messages: Sequence[Message]) -> str:
    """The conversation as one input: a single prompt as it is, else who said what, in order."""
    match messages:
        case [UserMessage() as only]:
            return _said(only) or "(no words)"
        case _:
            parts = [f"{_speaker(message)}:\n{said}" for message in messages if (said := _said(message))]
            return "\n\n".join(["This is a conversation. Answer its last message.", *parts])


def _speaker(message: Message) -> str:
    match message:
        case UserMessage():
            return "User"
        case AssistantMessage():
            return "Assistant"
        case ToolMessage():
            return "Tool"


def _said(message: Message) -> str:
    match message:
        case UserMessage():
            parts = [message.text, *map(image_in_words, message.images)]
        case AssistantMessage():
            parts = [message.text, *map(call_in_words, message.calls)]
        case ToolMessage():
            parts = [result_in_words(message), *map(image_in_words, message.images)]
    return "\n".join(part for part in parts if part.strip())


def _notices(request: Request, unknown: Sequence[str]) -> list[Notice]:
    notices: list[Notice] = []
    if request.tools:
        notices.append(Notice("no_tools", NO_TOOLS))
    if any(message.images for message in request.messages if not isinstance(message, AssistantMessage)):
        notices.append(Notice("images_left_out", _NO_IMAGES))
    if unknown:
        notices.append(Notice("parameter_dropped", f"PlutosAI's format has no {', '.join(unknown)}: left out."))
    return notices


def _no_stream(status: int, code: str, said: str) -> bool:
    """Whether /stream is not there, or not for this model."""
    if status in (404, 405, 501):
        return code not in ("invalid_model", "model_not_found")
    return status in (400, 422) and bool(re.search(r"(?i)\bstream(?:ing)?\b", said) and re.search(_REFUSED, said))


def _names(name: str, param: str, said: str) -> bool:
    return param.rpartition(".")[2] == name or bool(re.search(rf"(?<!\w){name}(?!\w)", said))
