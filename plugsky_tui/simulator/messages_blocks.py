"""The content blocks of a Messages request: their types, and which role may send which.

Source: Anthropic's Messages API reference. Blocks of its server tools (web search, code execution)
and files kept by its Files API are refused by name: nothing here could act on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from plugsky_tui.simulator import messages_checks as checks
from plugsky_tui.simulator.conversation import FunctionCall
from plugsky_tui.simulator.messages_sources import check_image, check_pdf, check_url, plain_text

TOOL_USE_ID = "[a-zA-Z0-9_-]+"

BlockRole = Literal["user", "assistant"]

_ROLE_OF: dict[str, BlockRole | None] = {
    "text": None,  # both
    "image": "user",
    "document": "user",
    "tool_result": "user",
    "thinking": "assistant",
    "redacted_thinking": "assistant",
    "tool_use": "assistant",
}


@dataclass(slots=True)
class Text:
    """`at` of this and the other blocks is the path that errors name."""

    at: str
    text: str


@dataclass(slots=True)
class Picture:
    """An image, or the pages of a PDF: something that only a model that sees can take."""

    at: str


@dataclass(slots=True)
class Thought:
    at: str
    thinking: str
    signature: str


@dataclass(slots=True)
class Redacted:
    at: str
    data: str


@dataclass(slots=True)
class Use:
    at: str
    call: FunctionCall


@dataclass(slots=True)
class Result:
    at: str
    call_id: str
    content: list[Text | Picture]


Block = Text | Picture | Thought | Redacted | Use | Result


def parse_content(value: Any, at: str, role: BlockRole) -> list[Block]:
    """The blocks of a message's `content` at `at`; a string is one block of text. ApiError 400 names the one that is wrong."""
    if isinstance(value, str):
        return [Text(at, value)] if value else []
    return [_block(item, f"{at}.{place}", role) for place, item in enumerate(checks.array(value, at))]


def parse_texts(value: Any, at: str) -> list[str]:
    """A `system` prompt: a string, or blocks of text."""
    if isinstance(value, str):
        return [value] if value else []
    texts: list[str] = []
    for place, item in enumerate(checks.array(value, at)):
        here = f"{at}.{place}"
        block = checks.mapping(item, here)
        checks.one_of(checks.required(block, "type", here), f"{here}.type", ("text",))
        texts.append(_text(block, here).text)
    return texts


def kind_of(block: Block) -> str:
    """A block's `type` on the wire."""
    match block:
        case Text():
            return "text"
        case Picture():
            return "image"
        case Thought():
            return "thinking"
        case Redacted():
            return "redacted_thinking"
        case Use():
            return "tool_use"
        case Result():
            return "tool_result"


def _block(value: Any, at: str, role: BlockRole) -> Block:
    block = checks.mapping(value, at)
    kind = checks.tag(block, at, _ROLE_OF)
    only_in = _ROLE_OF[kind]
    if only_in not in (None, role):
        message = at.split(".content", 1)[0]
        raise checks.wrong(message, f"`{kind}` blocks can only be in `{only_in}` messages")
    match kind:
        case "thinking":
            here = f"{at}.thinking"
            checks.no_extras(block, ("type", "thinking", "signature"), here)
            thinking = checks.text(checks.required(block, "thinking", here), f"{here}.thinking")
            return Thought(at, thinking, checks.text(checks.required(block, "signature", here), f"{here}.signature"))
        case "redacted_thinking":
            here = f"{at}.redacted_thinking"
            checks.no_extras(block, ("type", "data"), here)
            return Redacted(at, checks.text(checks.required(block, "data", here), f"{here}.data"))
        case "tool_use":
            return _use(block, at)
        case "tool_result":
            return _result(block, at)
        case _:
            return _shown(block, kind, at)


def _shown(block: dict[str, Any], kind: str, at: str) -> Text | Picture:
    """Text, image and document: what may stand in a message and in a tool's result."""
    match kind:
        case "text":
            return _text(block, at)
        case "image":
            return _image(block, at)
        case _:
            return _document(block, at)


def _text(block: dict[str, Any], at: str) -> Text:
    here = f"{at}.text"
    checks.no_extras(block, ("type", "text", "cache_control", "citations"), here)
    checks.cache_control(block, here)
    said = checks.text(checks.required(block, "text", here), f"{here}.text")
    top = at.split(".", 1)[0]
    if not said:
        raise checks.wrong(top, "text content blocks must be non-empty")
    if not said.strip():
        raise checks.wrong(top, "text content blocks must contain non-whitespace text")
    return Text(at, said)


def _use(block: dict[str, Any], at: str) -> Use:
    here = f"{at}.tool_use"
    checks.no_extras(block, ("type", "id", "name", "input", "cache_control", "caller"), here)
    checks.cache_control(block, here)
    call_id = checks.matching(checks.required(block, "id", here), f"{here}.id", TOOL_USE_ID)
    name = checks.text(checks.required(block, "name", here), f"{here}.name")
    arguments = checks.mapping(checks.required(block, "input", here), f"{here}.input")
    return Use(at, FunctionCall(name, json.dumps(arguments, ensure_ascii=False), call_id))


def _result(block: dict[str, Any], at: str) -> Result:
    here = f"{at}.tool_result"
    checks.no_extras(block, ("type", "tool_use_id", "content", "is_error", "cache_control"), here)
    checks.cache_control(block, here)
    call_id = checks.matching(checks.required(block, "tool_use_id", here), f"{here}.tool_use_id", TOOL_USE_ID)
    checks.boolean(block, "is_error", here)
    content = block.get("content", "")
    if isinstance(content, str):
        return Result(at, call_id, [Text(f"{here}.content", content)])
    parts: list[Text | Picture] = []
    for place, item in enumerate(checks.array(content, f"{here}.content")):
        inner = f"{here}.content.{place}"
        part = checks.mapping(item, inner)
        parts.append(_shown(part, checks.tag(part, inner, ("text", "image", "document")), inner))
    return Result(at, call_id, parts)


def _image(block: dict[str, Any], at: str) -> Picture:
    here = f"{at}.image"
    checks.no_extras(block, ("type", "source", "cache_control", "transformations"), here)
    checks.cache_control(block, here)
    check_image(checks.mapping(checks.required(block, "source", here), f"{here}.source"), f"{here}.source")
    return Picture(at)


def _document(block: dict[str, Any], at: str) -> Text | Picture:
    here = f"{at}.document"
    checks.no_extras(block, ("type", "source", "title", "context", "citations", "cache_control"), here)
    checks.cache_control(block, here)
    about = [checks.text(block[name], f"{here}.{name}") for name in ("title", "context") if block.get(name) is not None]
    source = checks.mapping(checks.required(block, "source", here), f"{here}.source")
    kind = checks.tag(source, f"{here}.source", ("text", "content", "base64", "url"))
    inside = f"{here}.source.{kind}"
    match kind:
        case "text":
            return Text(at, "\n".join([*about, plain_text(source, inside)]))
        case "content":
            texts = parse_texts(checks.required(source, "content", inside), f"{inside}.content")
            return Text(at, "\n".join([*about, *texts]))
        case "base64":
            check_pdf(source, inside)
        case _:
            check_url(source, inside)
    return Picture(at)
