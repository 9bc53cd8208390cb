"""The body of `POST /v1/chat/completions`, checked and typed.

Parameters: the chat reference of the API (its table of parameters, `route_hint` and
`max_cost_per_1m` of the routing section), and those the OpenAI SDKs send besides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

from plugsky_tui.simulator import checks, strict_schema
from plugsky_tui.simulator.chat_messages import parse_messages
from plugsky_tui.simulator.conversation import Conversation, ToolChoice, ToolSpec
from plugsky_tui.simulator.errors import invalid

MAX_TOOLS = 128
MAX_CHOICES = 128
MAX_STOPS = 4

_FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh")

_ACTED_ON = {
    "model", "messages", "temperature", "top_p", "n", "stream", "stream_options", "stop", "max_tokens",
    "max_completion_tokens", "presence_penalty", "frequency_penalty", "tools", "tool_choice", "response_format",
    "seed", "user", "logprobs", "top_logprobs", "route_hint", "max_cost_per_1m", "reasoning_effort",
    "parallel_tool_calls",
}  # fmt: skip
# Known to OpenAI's API and its SDKs, without an effect on a rule-based answer.
_PASSED_OVER = {
    "metadata", "store", "service_tier", "logit_bias", "prediction", "modalities",
    "safety_identifier", "prompt_cache_key", "verbosity",
}  # fmt: skip
REQUIRED = ("model", "messages")
KNOWN = _ACTED_ON | _PASSED_OVER

Format = Literal["text", "json_object", "json_schema"]


@dataclass(slots=True)
class ResponseFormat:
    """`schema` is that of "json_schema", else None."""

    kind: Format = "text"
    schema: dict[str, Any] | None = None


@dataclass(slots=True)
class ChatRequest:
    """`max_tokens` None: no limit. `top_logprobs` None: none asked for. `max_cost`: dollars for a million tokens.
    `one_call`: at most one call an answer (`parallel_tool_calls` false)."""

    model: str
    conversation: Conversation
    stream: bool = False
    include_usage: bool = False
    choices: int = 1
    stop: list[str] = field(default_factory=list)
    max_tokens: int | None = None
    format: ResponseFormat = field(default_factory=ResponseFormat)
    top_logprobs: int | None = None
    route_hint: str | None = None
    max_cost: float | None = None
    one_call: bool = False

    @property
    def pictures(self) -> bool:
        return any(message.images for message in self.conversation.messages)


def parse_chat(body: dict[str, Any]) -> ChatRequest:
    """The request in `body`. ApiError 400 for whatever the API would refuse."""
    if body.get("model") in (None, ""):
        raise invalid("you must provide a model parameter", "model", "missing_required_parameter")
    model = checks.text(body["model"], "model")
    if "messages" not in body:
        raise checks.missing("messages")
    checks.unknown(body, KNOWN)
    conversation = Conversation(parse_messages(body["messages"]), _tools(body.get("tools")))
    conversation.choice = _choice(body.get("tool_choice"), conversation.tools)
    check_sampling(body)
    stream = checks.boolean(body, "stream")
    return ChatRequest(
        model,
        conversation,
        stream=stream,
        include_usage=include_usage(body.get("stream_options"), stream),
        choices=checks.integer(body, "n", 1, MAX_CHOICES) or 1,
        stop=stops(body.get("stop")),
        max_tokens=_max_tokens(body),
        format=_format(body.get("response_format"), conversation),
        top_logprobs=_logprobs(body),
        route_hint=_route_hint(body),
        max_cost=checks.number(body, "max_cost_per_1m", 0, float("inf")),
        one_call=body.get("parallel_tool_calls") is not None and not checks.boolean(body, "parallel_tool_calls"),
    )


def check_sampling(body: dict[str, Any]) -> None:
    """Parameters that have no effect where nothing is sampled, and must be right all the same."""
    checks.number(body, "temperature", 0, 2)
    checks.number(body, "top_p", 0, 1)
    checks.number(body, "presence_penalty", -2, 2)
    checks.number(body, "frequency_penalty", -2, 2)
    checks.integer(body, "seed", -(2**63), 2**63 - 1)
    if body.get("user") is not None:
        checks.text(body["user"], "user")
    if body.get("reasoning_effort") is not None:
        checks.one_of(checks.text(body["reasoning_effort"], "reasoning_effort"), "reasoning_effort", _EFFORTS)


def _tools(value: Any) -> list[ToolSpec]:
    if value is None:
        return []
    specs: list[ToolSpec] = []
    for place, item in enumerate(checks.array(value, "tools", at_most=MAX_TOOLS)):
        at = f"tools[{place}]"
        tool = checks.mapping(item, at)
        if "type" not in tool:
            raise checks.missing(f"{at}.type")
        checks.one_of(checks.text(tool["type"], f"{at}.type"), f"{at}.type", ("function",))
        if "function" not in tool:
            raise checks.missing(f"{at}.function")
        specs.append(_function(checks.mapping(tool["function"], f"{at}.function"), f"{at}.function"))
    return specs


def _function(function: dict[str, Any], at: str) -> ToolSpec:
    if "name" not in function:
        raise checks.missing(f"{at}.name")
    name = checks.text(function["name"], f"{at}.name")
    if not _FUNCTION_NAME.fullmatch(name):
        raise invalid(
            f"Invalid '{at}.name': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]{1,64}$'.",
            f"{at}.name",
            "invalid_value",
        )
    about = function.get("description")
    if about is not None:
        checks.text(about, f"{at}.description")
    schema = checks.mapping(function.get("parameters") or {}, f"{at}.parameters")
    if schema and schema.get("type", "object") != "object":
        raise invalid(
            f"Invalid schema for function '{name}': schema must be a JSON Schema of 'type: \"object\"', "
            f"got 'type: {schema['type']!r}'.",
            f"{at}.parameters",
            "invalid_function_parameters",
        )
    if checks.boolean(function, "strict") and (said := strict_schema.problem(schema)):
        raise invalid(
            f"Invalid schema for function '{name}': {said}", f"{at}.parameters", "invalid_function_parameters"
        )
    return ToolSpec(name, about or "", schema)


def _choice(value: Any, tools: list[ToolSpec]) -> ToolChoice:
    if value is None:
        return ToolChoice()
    if not tools and value != "none":
        raise invalid(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", "tool_choice"
        )
    match value:
        case "auto" | "none" | "required" as mode:
            return ToolChoice(mode)
        case str():
            checks.one_of(value, "tool_choice", ("none", "auto", "required"))
        case {"type": "function", "function": {"name": str(name)}}:
            if all(tool.name != name for tool in tools):
                raise invalid(f"Tool choice '{name}' not found in 'tools' parameter.", "tool_choice")
            return ToolChoice("named", name)
    raise checks.wrong_type(value, "tool_choice", "one of 'none', 'auto', 'required' or a function to call")


def include_usage(value: Any, stream: bool) -> bool:
    """Whether `stream_options` asks for a last chunk with the usage."""
    if value is None:
        return False
    if not stream:
        raise invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")
    options = checks.mapping(value, "stream_options")
    checks.unknown(options, ("include_usage", "include_obfuscation"), "stream_options.")
    return checks.boolean(options, "include_usage", "stream_options.")


def stops(value: Any) -> list[str]:
    """The texts of `stop`, without empty ones."""
    match value:
        case None:
            return []
        case str():
            return [value] if value else []
        case list():
            listed = checks.array(value, "stop", at_most=MAX_STOPS, may_be_empty=True)
            return [text for place, item in enumerate(listed) if (text := checks.text(item, f"stop[{place}]"))]
        case _:
            raise checks.wrong_type(value, "stop", "a string or an array of strings")


def _max_tokens(body: dict[str, Any]) -> int | None:
    old, new = checks.integer(body, "max_tokens", 1), checks.integer(body, "max_completion_tokens", 1)
    if old is not None and new is not None:
        raise invalid(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens"
        )
    return old if old is not None else new


def _format(value: Any, conversation: Conversation) -> ResponseFormat:
    if value is None:
        return ResponseFormat()
    wanted = checks.mapping(value, "response_format")
    if "type" not in wanted:
        raise checks.missing("response_format.type")
    at = "response_format.type"
    match checks.one_of(checks.text(wanted["type"], at), at, ("text", "json_object", "json_schema")):
        case "json_object":
            if not any("json" in message.text.lower() for message in conversation.messages):
                raise invalid(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
                    "messages",
                )
            return ResponseFormat("json_object")
        case "json_schema":
            described = checks.mapping(wanted.get("json_schema"), "response_format.json_schema")
            if "name" not in described:
                raise checks.missing("response_format.json_schema.name")
            schema = checks.mapping(described.get("schema") or {}, "response_format.json_schema.schema")
            if checks.boolean(described, "strict") and (said := strict_schema.problem(schema)):
                raise invalid(f"Invalid schema for response_format '{described['name']}': {said}", "response_format")
            return ResponseFormat("json_schema", schema)
        case _:
            return ResponseFormat()


def _logprobs(body: dict[str, Any]) -> int | None:
    top = checks.integer(body, "top_logprobs", 0, 20)
    wanted = checks.boolean(body, "logprobs")
    if top is not None and not wanted:
        raise invalid("The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.", "top_logprobs")
    return (top or 0) if wanted else None


def _route_hint(body: dict[str, Any]) -> str | None:
    hint = body.get("route_hint")
    if hint is None:
        return None
    return checks.one_of(checks.text(hint, "route_hint"), "route_hint", ("cost", "quality", "latency"))
