"""Scripts: prepared replies, played in order, for tests and demonstrations. docs/simulator.md has the format."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from plugsky_tui.simulator.conversation import Conversation, FunctionCall, Reply
from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.streaming import Delivery

_KEYS = {
    "when", "times", "text", "reasoning", "tool_calls", "finish_reason",
    "status", "error", "headers", "raw", "agent", "delay", "pace", "cut_after",
}  # fmt: skip
_RESULT_OF = re.compile(r"tool result of (\S+)")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
_PLACE = "${workspace}"


class ScriptError(ValueError):
    """A script is wrong; the message says where."""


@dataclass(slots=True)
class ScriptedReply:
    """One entry. At most one of `reply`, `error` and `raw` is set; none of them: the agent answers.

    `left` is how often it can still be played. `deltas` are the exact pieces of the text where
    the script gives them as a list.
    """

    when: str = ""
    left: int = 1
    reply: Reply | None = None
    deltas: list[str] | None = None
    error: ApiError | None = None
    raw: list[bytes] | None = None
    delay_s: float = 0.0
    pace_s: float | None = None
    cut_after: int | None = None

    def delivery(self, usual_pace_s: float) -> Delivery:
        return Delivery(usual_pace_s if self.pace_s is None else self.pace_s, self.delay_s, self.cut_after)

    def fits(self, conversation: Conversation) -> bool:
        """Whether `when` holds: nothing, "tool result of NAME", "/regex/" or a part of the last user message."""
        if not self.when:
            return True
        if asked := _RESULT_OF.fullmatch(self.when):
            return asked.group(1) == _last_result_of(conversation)
        said = conversation.last_user_text()
        if len(self.when) > 2 and self.when.startswith("/") and self.when.endswith("/"):
            return re.search(self.when[1:-1], said) is not None
        return self.when.lower() in said.lower()


def _last_result_of(conversation: Conversation) -> str | None:
    """The name of the tool whose result the conversation ends with."""
    last = conversation.messages[-1]
    if last.role != "tool":
        return None
    calls = (call for message in reversed(conversation.messages) for call in message.calls)
    return next((call.name for call in calls if call.call_id == last.call_id), None)


@dataclass(slots=True)
class Script:
    """Replies still to be played. Playing one uses it up."""

    replies: list[ScriptedReply] = field(default_factory=list)

    def next(self, conversation: Conversation) -> ScriptedReply:
        """The first reply left that fits. ApiError 400 where there is none: a client must not try that again."""
        for reply in self.replies:
            if reply.left > 0 and reply.fits(conversation):
                reply.left -= 1
                return _fresh(reply)
        left = sum(reply.left > 0 for reply in self.replies)
        reason = (
            f"none of its {left} remaining replies fits this request" if left else "all of its replies have been played"
        )
        raise ApiError(400, f"The simulator's script has nothing to answer: {reason}.", code="script_exhausted")

    def placed_in(self, workspace: Path) -> Script:
        """A copy in which ${workspace} stands for the folder `workspace`."""
        return Script([_placed(reply, str(workspace)) for reply in self.replies])


def _fresh(reply: ScriptedReply) -> ScriptedReply:
    """A copy whose calls can be given ids of their own each time it is played."""
    if reply.reply is None:
        return reply
    return replace(reply, reply=replace(reply.reply, calls=[replace(call) for call in reply.reply.calls]))


def _placed(reply: ScriptedReply, folder: str) -> ScriptedReply:
    if reply.reply is None:
        return replace(reply)
    inside_json = json.dumps(folder)[1:-1]
    calls = [replace(call, arguments=call.arguments.replace(_PLACE, inside_json)) for call in reply.reply.calls]
    return replace(reply, reply=replace(reply.reply, text=reply.reply.text.replace(_PLACE, folder), calls=calls))


# --- reading -----------------------------------------------------------------------------------


def load_script(path: Path) -> Script:
    """The script in a .json or .jsonl file. OSError where it cannot be read, ScriptError where it is wrong."""
    return parse_script(path.read_text(encoding="utf-8"))


def parse_script(text: str) -> Script:
    """A JSON list of replies (or {"replies": [...]}), or one reply a line."""
    try:
        parsed = json.loads(text)
    except ValueError as whole_error:
        entries = _lines(text, whole_error)
    else:
        if isinstance(parsed, dict) and isinstance(parsed.get("replies"), list):
            parsed = parsed["replies"]
        entries = parsed if isinstance(parsed, list) else [parsed]
    return Script([_reply(entry, f"reply {number}") for number, entry in enumerate(entries, 1)])


def _lines(text: str, whole_error: ValueError) -> list[Any]:
    entries: list[Any] = []
    for number, line in enumerate(text.split("\n"), 1):  # U+2028 and the like may stand in strings
        if not line.strip():
            continue
        try:
            entries.append(json.loads(line))
        except ValueError as error:
            # Where not even the first line stands alone, it was meant to be one JSON text.
            problem = f"line {number}: {error}" if entries else str(whole_error)
            raise ScriptError(f"the script is no valid JSON: {problem}") from None
    return entries


def _reply(entry: Any, at: str) -> ScriptedReply:
    if not isinstance(entry, dict):
        raise ScriptError(f"{at}: must be an object")
    if unknown := sorted(set(entry) - _KEYS):
        raise ScriptError(f"{at}: unknown key '{unknown[0]}'; there are {', '.join(sorted(_KEYS))}")
    kinds = [name for name in ("status", "raw", "agent") if name in entry]
    speaks = any(name in entry for name in ("text", "reasoning", "tool_calls"))
    if len(kinds) + speaks != 1:
        raise ScriptError(f"{at}: give text, reasoning and tool_calls, or else one of status, raw and agent")
    reply = ScriptedReply(
        when=_when(entry, at),
        left=_number(entry, "times", at, 1, whole=True) or 1,
        delay_s=_number(entry, "delay", at, 0) or 0.0,
        pace_s=_number(entry, "pace", at, 0),
        cut_after=_number(entry, "cut_after", at, 0, whole=True),
    )
    if "status" in entry:
        reply.error = _error(entry, at)
    elif "raw" in entry:
        reply.raw = _raw(entry["raw"], at)
    elif speaks:
        reply.deltas, reply.reply = _spoken(entry, at)
    return reply


def _when(entry: Mapping[str, Any], at: str) -> str:
    when = entry.get("when", "")
    if not isinstance(when, str):
        raise ScriptError(f"{at}: 'when' must be a string")
    if len(when) > 2 and when.startswith("/") and when.endswith("/"):
        try:
            re.compile(when[1:-1])
        except re.error as error:
            raise ScriptError(f"{at}: 'when' is no valid regular expression: {error}") from None
    return when


def _number(entry: Mapping[str, Any], name: str, at: str, low: int, *, whole: bool = False) -> Any:
    value = entry.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value < low:
        raise ScriptError(f"{at}: '{name}' must be {'a whole number' if whole else 'a number'} of at least {low}")
    return value


def _error(entry: Mapping[str, Any], at: str) -> ApiError:
    status = entry["status"]
    if isinstance(status, bool) or not isinstance(status, int) or not 400 <= status <= 599:
        raise ScriptError(f"{at}: 'status' must be an HTTP status from 400 to 599")
    error = entry.get("error") or {}
    headers = entry.get("headers") or {}
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, dict) or not isinstance(headers, dict):
        raise ScriptError(f"{at}: 'error' must be a text or an object, 'headers' an object")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(str(value)):
            raise ScriptError(f"{at}: the header {name!r} cannot be sent")
    return ApiError(
        status,
        str(error.get("message", f"This status {status} was scripted.")),
        kind=str(error.get("type") or ""),
        param=error.get("param"),
        code=error.get("code"),
        headers={str(name).lower(): str(value) for name, value in headers.items()},
    )


def _raw(value: Any, at: str) -> list[bytes]:
    parts = value if isinstance(value, list) else [value]
    out: list[bytes] = []
    for part in parts:
        match part:
            case str():
                out.append(part.encode())
            case {"base64": str(encoded)}:
                try:
                    out.append(base64.b64decode(encoded, validate=True))
                except ValueError:
                    raise ScriptError(f"{at}: 'raw' has base64 that is none") from None
            case _:
                raise ScriptError(f"{at}: 'raw' must be text, {{\"base64\": …}}, or a list of these")
    return out


def _spoken(entry: Mapping[str, Any], at: str) -> tuple[list[str] | None, Reply]:
    text = entry.get("text", "")
    deltas = text if isinstance(text, list) else None
    if deltas is not None and not all(isinstance(piece, str) for piece in deltas):
        raise ScriptError(f"{at}: 'text' must be a string or a list of strings")
    calls = entry.get("tool_calls", [])
    if not isinstance(calls, list):
        raise ScriptError(f"{at}: 'tool_calls' must be a list")
    return deltas, Reply(
        "".join(deltas) if deltas is not None else str(text),
        str(entry.get("reasoning", "")),
        [_call(call, at) for call in calls],
        entry.get("finish_reason"),
    )


def _call(value: Any, at: str) -> FunctionCall:
    match value:
        case {"name": str(name), **rest} if set(rest) <= {"arguments", "id"}:
            arguments = rest.get("arguments", {})
            written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
            return FunctionCall(name, written, str(rest.get("id", "")))
    raise ScriptError(f"{at}: a tool call has a 'name', and may have 'arguments' (an object, or its text) and an 'id'")
