"""The body of `POST /v1/messages` and of `…/count_tokens`, checked and typed.

Source: Anthropic's Messages API reference, and the types of its Python SDK.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from plugsky_tui.simulator import messages_checks as checks
from plugsky_tui.simulator.conversation import Conversation, Message
from plugsky_tui.simulator.errors import invalid
from plugsky_tui.simulator.messages import COUNT_KNOWN, COUNT_REQUIRED, KNOWN, REQUIRED
from plugsky_tui.simulator.messages_blocks import parse_texts
from plugsky_tui.simulator.messages_tools import Tools, check_cache_marks, parse_tools
from plugsky_tui.simulator.messages_turns import Turn, parse_turns, to_messages

MIN_BUDGET = 1024  # tokens of thinking

_VERSION = re.compile(r"20[2-9]\d-[01]\d-[0-3]\d")  # the SDKs move on; only what is no version at all is refused
_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_DOCS = "Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"

ThinkingKind = Literal["disabled", "enabled", "adaptive"]


@dataclass(slots=True)
class Thinking:
    """`budget` in tokens, 0 where none is given. Where it is not `shown`, blocks come without their text."""

    kind: ThinkingKind = "disabled"
    budget: int = 0
    shown: bool = True

    @property
    def wanted(self) -> bool:
        return self.kind != "disabled"


@dataclass(slots=True)
class Prompt:
    """What a model reads. `schema`: the answer is to be JSON that fits it."""

    model: str
    turns: list[Turn]
    system: list[str]
    tools: Tools
    thinking: Thinking
    schema: dict[str, Any] | None = None

    def conversation(self) -> Conversation:
        opening = [Message("system", "\n".join(self.system))] if self.system else []
        return Conversation([*opening, *to_messages(self.turns)], self.tools.specs, self.tools.choice)


@dataclass(slots=True)
class MessagesRequest:
    """`max_tokens` of the whole answer, its thinking included."""

    prompt: Prompt
    max_tokens: int
    stream: bool = False
    stop_sequences: list[str] = field(default_factory=list)


def check_version(headers: Mapping[str, str]) -> None:
    """ApiError 400 where the header `anthropic-version` is missing or none there is."""
    version = headers.get("anthropic-version")
    if version is None:
        raise checks.wrong("anthropic-version", "header is required")
    if not _VERSION.fullmatch(version):
        raise checks.wrong("anthropic-version", f'"{version}" is not a valid version')


def parse_messages_request(body: dict[str, Any]) -> MessagesRequest:
    """The request in `body`. ApiError 400 for whatever the API would refuse."""
    for name in REQUIRED:
        checks.required(body, name, "")
    if body.get("thread") is not None:  # a beta of 2026 that keeps conversations; the SDK then goes on without it
        raise invalid(
            "Threads are not kept here. Send the full conversation without `thread`.",
            "thread",
            "thread_unsupported_request",
        )
    checks.no_extras(body, KNOWN, "")
    max_tokens = checks.integer(body["max_tokens"], "max_tokens", 0)  # 0 fills the prompt cache and says nothing
    request = MessagesRequest(
        _prompt(body), max_tokens, checks.boolean(body, "stream", ""), _stops(body.get("stop_sequences"))
    )
    _check_sampling(body)
    _check_metadata(body.get("metadata"))
    _check_thinking(body, request.prompt, max_tokens)
    return request


def parse_count_request(body: dict[str, Any]) -> Prompt:
    """The prompt whose tokens are to be counted. ApiError 400 as above."""
    for name in COUNT_REQUIRED:
        checks.required(body, name, "")
    checks.no_extras(body, COUNT_KNOWN, "")
    return _prompt(body)


def _prompt(body: dict[str, Any]) -> Prompt:
    model = checks.text(body["model"], "model")
    if not model:
        raise checks.wrong("model", "String should have at least 1 character")
    checks.cache_control(body, "")
    prompt = Prompt(
        model,
        parse_turns(body["messages"]),
        parse_texts(body["system"], "system") if body.get("system") is not None else [],
        parse_tools(body),
        _thinking(body.get("thinking")),
        _schema(body.get("output_config")),
    )
    check_cache_marks(
        body["messages"], body.get("system"), body.get("tools"), {"cache_control": body.get("cache_control")}
    )
    return prompt


def _thinking(value: Any) -> Thinking:
    if value is None:
        return Thinking()
    given = checks.mapping(value, "thinking")
    match checks.tag(given, "thinking", ("adaptive", "disabled", "enabled")):
        case "enabled":
            at = "thinking.enabled"
            checks.no_extras(given, ("type", "budget_tokens", "display"), at)
            budget = checks.integer(checks.required(given, "budget_tokens", at), f"{at}.budget_tokens", MIN_BUDGET)
            return Thinking("enabled", budget, _shown(given, at))
        case "adaptive":
            checks.no_extras(given, ("type", "display"), "thinking.adaptive")
            return Thinking("adaptive", shown=_shown(given, "thinking.adaptive"))
        case _:
            checks.no_extras(given, ("type",), "thinking.disabled")
            return Thinking()


def _shown(given: dict[str, Any], at: str) -> bool:
    display = given.get("display")
    return display is None or checks.one_of(display, f"{at}.display", ("summarized", "omitted")) == "summarized"


def _check_thinking(body: dict[str, Any], prompt: Prompt, max_tokens: int) -> None:
    """What does not go together with thinking."""
    if not prompt.thinking.wanted:
        return
    if prompt.thinking.budget and max_tokens <= prompt.thinking.budget:
        raise invalid(
            f"`max_tokens` must be greater than `thinking.budget_tokens`. {_DOCS}#max-tokens-and-context-window-size",
            "max_tokens",
        )
    if prompt.tools.forced:
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.", "thinking")
    considerations = f"{_DOCS}#important-considerations-when-using-extended-thinking"
    if body.get("temperature") not in (None, 1):
        raise invalid(f"`temperature` may only be set to 1 when thinking is enabled. {considerations}", "temperature")
    if body.get("top_k") is not None:
        raise invalid(f"`top_k` must be unset when thinking is enabled. {considerations}", "top_k")
    if body.get("top_p") is not None and body["top_p"] < 0.95:
        raise invalid(
            f"`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled. {considerations}",
            "top_p",
        )


def _check_sampling(body: dict[str, Any]) -> None:
    """Parameters that have no effect where nothing is sampled, and must be right all the same."""
    for name in ("temperature", "top_p"):
        if body.get(name) is not None:
            checks.number(body[name], name, 0, 1)
    if body.get("top_k") is not None:
        checks.integer(body["top_k"], "top_k", 0)
    if body.get("service_tier") is not None:
        checks.one_of(body["service_tier"], "service_tier", ("auto", "standard_only"))


def _check_metadata(value: Any) -> None:
    if value is None:
        return
    metadata = checks.mapping(value, "metadata")
    checks.no_extras(metadata, ("user_id",), "metadata")
    if metadata.get("user_id") is not None:
        checks.text(metadata["user_id"], "metadata.user_id")


def _stops(value: Any) -> list[str]:
    if value is None:
        return []
    stops = [
        checks.text(item, f"stop_sequences.{place}") for place, item in enumerate(checks.array(value, "stop_sequences"))
    ]
    if not all(stop.strip() for stop in stops):
        raise checks.wrong("stop_sequences", "each stop sequence must contain non-whitespace")
    return stops


def _schema(value: Any) -> dict[str, Any] | None:
    """The JSON schema of `output_config.format`."""
    if value is None:
        return None
    config = checks.mapping(value, "output_config")
    checks.no_extras(config, ("effort", "format"), "output_config")
    if config.get("effort") is not None:
        checks.one_of(config["effort"], "output_config.effort", _EFFORTS)
    if config.get("format") is None:
        return None
    at = "output_config.format"
    wanted = checks.mapping(config["format"], at)
    checks.tag(wanted, at, ("json_schema",))
    return checks.mapping(checks.required(wanted, "schema", at), f"{at}.schema")
