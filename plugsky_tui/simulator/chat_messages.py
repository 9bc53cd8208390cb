"""The `messages` of a chat request: their types, and the order the OpenAI API insists on.

Each assistant message with tool calls must be followed directly by one result for each of them;
a result must belong to a call. Clients that get this wrong are refused, as the real API refuses them.
"""

from __future__ import annotations

import base64
from typing import Any

from plugsky_tui.simulator import checks
from plugsky_tui.simulator.conversation import FunctionCall, Message, Role
from plugsky_tui.simulator.errors import invalid
from plugsky_tui.simulator.pictures import image_type

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


def parse_messages(value: Any) -> list[Message]:
    """The messages of a request. ApiError 400 names the one that is wrong."""
    messages = [_message(item, f"messages[{place}]") for place, item in enumerate(checks.array(value, "messages"))]
    _check_order(messages)
    return messages


def _message(value: Any, at: str) -> Message:
    item = checks.mapping(value, at)
    if "role" not in item:
        raise checks.missing(f"{at}.role")
    role = _ROLES[checks.one_of(checks.text(item["role"], f"{at}.role"), f"{at}.role", _ROLES)]
    calls = _calls(item.get("tool_calls"), f"{at}.tool_calls") if role == "assistant" else []
    message = Message(role, calls=calls)
    content = item.get("content")
    if content is None:
        # Only an assistant may say nothing, and only beside calls (or a refusal).
        if role != "assistant" or not (calls or item.get("refusal")):
            if "content" not in item:
                raise checks.missing(f"{at}.content")
            raise invalid(f"Invalid value for 'content': expected a string, got null. ({at}.content)", f"{at}.content")
    elif isinstance(content, str):
        message.text = content
    else:
        _take_parts(message, content, f"{at}.content")
    if role == "tool":
        if "tool_call_id" not in item:
            raise checks.missing(f"{at}.tool_call_id")
        message.call_id = checks.text(item["tool_call_id"], f"{at}.tool_call_id")
    return message


def _take_parts(message: Message, content: Any, at: str) -> None:
    if not isinstance(content, list):
        raise checks.wrong_type(content, at, "one of a string or array of objects")
    texts: list[str] = []
    for place, value in enumerate(content):
        here = f"{at}[{place}]"
        part = checks.mapping(value, here)
        if "type" not in part:
            raise checks.missing(f"{here}.type")
        match part["type"]:
            case "text":
                texts.append(checks.text(part.get("text"), f"{here}.text"))
            case "image_url" if message.role == "user":
                picture = checks.mapping(part.get("image_url"), f"{here}.image_url")
                _check_picture(picture, f"{here}.image_url")
                message.images += 1
            case "refusal" if message.role == "assistant":
                texts.append(checks.text(part.get("refusal"), f"{here}.refusal"))
            case other:
                allowed = "'text' and 'image_url'" if message.role == "user" else "'text'"
                raise invalid(
                    f"Invalid value: {other!r}. Supported values for the role '{message.role}' are: {allowed}.",
                    f"{here}.type",
                    "invalid_value",
                )
    message.text = "\n".join(texts)


def _check_picture(picture: dict[str, Any], at: str) -> None:
    """ApiError 400 for what is no picture. Nothing is fetched: of a URL only its form is looked at."""
    url = checks.text(picture.get("url"), f"{at}.url")
    if picture.get("detail") is not None:
        checks.one_of(checks.text(picture["detail"], f"{at}.detail"), f"{at}.detail", ("auto", "low", "high"))
    if url.startswith(("https://", "http://")):
        return
    kind, comma, data = url.partition(";base64,")
    if not comma or not kind.startswith("data:image/"):
        raise invalid(
            f"Invalid '{at}.url'. Expected a valid URL or a 'data:image/…;base64,…' URL.", f"{at}.url", "invalid_value"
        )
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise invalid(f"Invalid base64 in '{at}.url'.", f"{at}.url", "invalid_base64") from None
    if image_type(content) is None:
        raise invalid(
            "You uploaded an unsupported image. Please make sure your image has of one the following formats: "
            "['png', 'jpeg', 'gif', 'webp'].",
            f"{at}.url",
            "invalid_image_format",
        )


def _calls(value: Any, at: str) -> list[FunctionCall]:
    if value is None:
        return []
    calls: list[FunctionCall] = []
    for place, item in enumerate(checks.array(value, at, at_most=128)):
        here = f"{at}[{place}]"
        call = checks.mapping(item, here)
        for name in ("id", "type", "function"):
            if name not in call:
                raise checks.missing(f"{here}.{name}")
        checks.one_of(checks.text(call["type"], f"{here}.type"), f"{here}.type", ("function",))
        function = checks.mapping(call["function"], f"{here}.function")
        for name in ("name", "arguments"):
            if name not in function:
                raise checks.missing(f"{here}.function.{name}")
        calls.append(
            FunctionCall(
                checks.text(function["name"], f"{here}.function.name"),
                checks.text(function["arguments"], f"{here}.function.arguments"),
                checks.text(call["id"], f"{here}.id"),
            )
        )
    return calls


def _check_order(messages: list[Message]) -> None:
    waiting: set[str] = set()  # calls of the last assistant message that have no result yet
    answered: set[str] = set()
    for place, message in enumerate(messages):
        if message.role != "tool":
            _check_answered(waiting, place - 1)
            waiting = {call.call_id for call in message.calls}
            answered = set()
            if len(waiting) != len(message.calls):
                raise invalid(
                    f"Invalid parameter: two 'tool_calls' of message[{place}] have the same 'id'.",
                    f"messages[{place}].tool_calls",
                )
            continue
        if not waiting and not answered:
            raise invalid(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
                f"messages[{place}].role",
            )
        if message.call_id in answered:
            raise invalid(
                f"Invalid parameter: Duplicate value for 'tool_call_id' of '{message.call_id}' in message[{place}].",
                f"messages[{place}].tool_call_id",
            )
        if message.call_id not in waiting:
            raise invalid(
                f"Invalid parameter: 'tool_call_id' of '{message.call_id}' not found in 'tool_calls' of previous message.",
                f"messages[{place}].tool_call_id",
            )
        waiting.discard(message.call_id)
        answered.add(message.call_id)
    _check_answered(waiting, len(messages) - 1)


def _check_answered(waiting: set[str], place: int) -> None:
    if waiting:
        raise invalid(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(sorted(waiting))}",
            f"messages[{place}].role",
        )
