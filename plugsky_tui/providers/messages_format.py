"""Anthropic's wire format: `POST /v1/messages` (https://docs.claude.com/en/api/messages)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.messages import AssistantMessage, Message
from plugsky_tui.kernel.ports import Request, ToolDefinition
from plugsky_tui.providers.format import Expected, Outgoing
from plugsky_tui.providers.messages_assembly import MessagesAssembly
from plugsky_tui.providers.messages_parameters import OBJECT_IN_WORDS, choice, sampling, schema_of, wants_object
from plugsky_tui.providers.messages_refusals import DROPPABLE, refused_parameter, sent_parameters
from plugsky_tui.providers.messages_thinking import plan
from plugsky_tui.providers.messages_turns import Turn, tool_name, turns_of

if TYPE_CHECKING:
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.errors import Refusal

VERSION = "2023-06-01"
_PLUGSKY_KEYS = ("psk_", "sk-live-")
_DATED = re.compile(r"-(?:latest|20\d{6})$")
_CACHED: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
_NOT_AT_THE_TOP = ("oneOf", "anyOf", "allOf")  # the API refuses a tool whose schema begins with one of them


class MessagesFormat:
    """Anthropic's Messages API, and the servers that offer the same."""

    models_path = "models?limit=1000"  # it lists 20 where nobody says

    @property
    def droppable(self) -> Mapping[str, str]:
        return DROPPABLE

    def headers(self, key: str) -> dict[str, str]:
        headers = {"anthropic-version": VERSION}
        if key:
            headers["x-api-key"] = key
        if key.startswith(_PLUGSKY_KEYS):  # the Plugsky API documents bearer tokens, for this surface too
            headers["Authorization"] = f"Bearer {key}"
        return headers

    def write(self, request: Request, *, without: Collection[str], made_by: Callable[[str], bool]) -> Outgoing:
        plain = "tools" in without
        turns = turns_of(request.messages, returned=_returned(request, without, made_by), plain=plain)
        planned = plan(request, turns, without)
        fields, notices = sampling(request.parameters, thinks=planned.thinks)
        body: dict[str, Any] = {
            "model": request.model,
            "max_tokens": planned.max_tokens,
            "messages": turns,
            "stream": True,
            **fields,
        }
        system = request.system
        if wants_object(request.parameters.response_format):
            system = f"{system}\n\n{OBJECT_IN_WORDS}".strip()
        if system.strip():
            body["system"] = system
        if planned.thinking is not None:
            body["thinking"] = planned.thinking
        if not plain:
            body |= _tools(request)
        body |= _output(request, planned.effort, without)
        for name in without:
            if name != "max_tokens":  # it has to be there: the plan has made it small
                body.pop(name, None)
        if "cache_control" not in without:
            _mark(body)
        return Outgoing("messages", body, sent_parameters(body), [*planned.notices, *notices])

    def refused(self, refusal: Refusal, sent: Collection[str]) -> str | None:
        return refused_parameter(refusal.complaint, sent) if refusal.status in (400, 422) else None

    def assembly(self, endpoint: Endpoint, expected: Expected) -> MessagesAssembly:
        return MessagesAssembly(endpoint, expected)


def _returned(request: Request, without: Collection[str], made_by: Callable[[str], bool]) -> Callable[[str], bool]:
    """Of a model's name: whether its thoughts go back.

    They do to the model that made them, where tools are in play: the API wants them there, and has no use for them
    elsewhere. With thinking switched off it refuses them.
    """
    off = request.parameters.reasoning_effort in ("none", "minimal")
    in_play = bool(request.tools) or any(_calls(message) for message in request.messages)
    if off or not in_play or "thinking_blocks" in without:
        return lambda name: False
    return lambda name: bool(name) and (made_by(name) or _is(name, request.model))


def _is(name: str, asked: str) -> bool:
    """Whether a thread's `name` is that of the model asked. "claude-opus-4-1" answers as "claude-opus-4-1-20250805", which
    another process has yet to learn; an answer that was killed has only the name it was asked under, "claude/claude-…"."""
    name, asked = _DATED.sub("", name), _DATED.sub("", asked)
    return name == asked or name.endswith(f"/{asked}")


def _output(request: Request, effort: str | None, without: Collection[str]) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if effort is not None:
        config["effort"] = effort
    schema = schema_of(request.parameters.response_format)
    if schema is not None and "response_format" not in without:
        config["format"] = {"type": "json_schema", "schema": schema}
    return {"output_config": config} if config else {}


# --- tools ------------------------------------------------------------------------------------


def _tools(request: Request) -> dict[str, Any]:
    """The tools on offer. Where there are none, but were: those that the conversation called, which may not be called."""
    if request.tools:
        given = request.parameters.tool_choice
        chosen = {"tool_choice": choice(given)} if given is not None else {}
        return {"tools": [_tool(tool) for tool in request.tools], **chosen}
    called = {tool_name(call.name): None for message in request.messages for call in _calls(message)}
    if not called:
        return {}
    tools = [{"name": name, "input_schema": {"type": "object"}} for name in called]
    return {"tools": tools, "tool_choice": {"type": "none"}}


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    schema = {name: value for name, value in tool.parameters.items() if name not in _NOT_AT_THE_TOP}
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": {"type": "object", **schema},
    }


def _calls(message: Message) -> Sequence[Any]:
    return message.calls if isinstance(message, AssistantMessage) else ()


# --- the prompt cache -------------------------------------------------------------------------


def _mark(body: dict[str, Any]) -> None:
    """Mark where the prompt cache ends: at the tools, at the system prompt, and at the user's last two turns, so that
    this request finds what the one before it left (four marks are all there may be)."""
    if tools := body.get("tools"):
        tools[-1] |= _CACHED
    if system := body.get("system"):
        body["system"] = [{"type": "text", "text": system, **_CACHED}]
    turns: list[Turn] = [turn for turn in body["messages"] if turn["role"] == "user"]
    for turn in turns[-2:]:
        turn["content"][-1] |= _CACHED
