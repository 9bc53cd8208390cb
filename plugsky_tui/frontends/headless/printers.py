"""Events on standard output and error, one printer for each `--format`."""

from __future__ import annotations

import json
import sys
from io import StringIO
from typing import TYPE_CHECKING, Any, Protocol

from plugsky_tui.frontends.text import clean
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import (
    OF_USE,
    SCHEMA_VERSION,
    ErrorRaised,
    Event,
    Notice,
    PermissionResolved,
    Retry,
    TextDelta,
    ThreadCompleted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Usage,
    Within,
    body,
    to_wire,
)

if TYPE_CHECKING:
    from plugsky_tui.session.subagent_steps import Steps

_MOST_LINES = 6  # of what the model is told
# Line ends to many readers (`str.splitlines` of Python among them), though not to JSON: escaped, an object is one line to all.
_ESCAPED = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
_LONGEST_LINE = 200


class Printer(Protocol):
    def event(self, event: Event, thread_id: str) -> None: ...

    def warning(self, text: str, thread_id: str = "") -> None:
        """Something to know before the run begins."""
        ...

    def failed(self, error: PlugskyError) -> None:
        """There is no run: it could not even begin."""
        ...


def printer_for(style: str) -> Printer:
    match style:
        case "json":
            return JsonPrinter()
        case "jsonl":
            return JsonLinesPrinter()
        case _:
            return TextPrinter()


def error_of(error: PlugskyError) -> ErrorRaised:
    status = getattr(error, "status", None)
    return ErrorRaised(error.code, status, error.message, error.hint, getattr(error, "request_id", ""))


class TextPrinter:
    """The final answer on stdout; what happens on the way, a line each, on stderr."""

    def __init__(self) -> None:
        self._said = StringIO()  # a list would keep each of a million deltas alive
        self._names: dict[str, str] = {}
        self._unfit = False  # the answer is whole, and not what was asked for
        self._agents: dict[str, str] = {}  # by call: "explore 2" is the second task of that agent
        self._within: dict[str, Steps] = {}

    def event(self, event: Event, thread_id: str) -> None:
        match event:
            case TextDelta(text):
                self._said.write(text)
            case TurnStarted():
                self._said = StringIO()
            case ToolCalled(call_id, name, arguments):
                if self._said.tell():  # what it says before it calls tools is not the answer
                    self._tell(self._said.getvalue().strip())
                    self._said = StringIO()
                self._names[call_id] = summary = f"{name} {self._about(call_id, name, arguments)}".rstrip()
                self._tell(f"• {summary}")
            case Within(call_id, inner):
                self._tell_within(call_id, inner)
            case ToolResulted(call_id, ok, output) if not ok:
                first = output.strip().partition("\n")[0]
                self._tell(f"  ✗ {self._names.get(call_id, 'tool')}: {first}")
            case PermissionResolved(_, "deny", _, reason):
                self._tell(f"  not allowed: {reason}")
            case Retry(attempt, wait_s, _, reason):  # which has the status in it
                self._tell(f"  {reason.rstrip('.')}: attempt {attempt} in {wait_s:.1f} s")
            case Notice("answer_restarted", text):  # what came of it is no part of the answer
                self._said = StringIO()
                self._tell(f"  {text}")
            case Notice("asked_again", text):  # it is the model that this is said to, at length
                self._tell(f"  asked again: {_shortened(text)}")
            case Notice(_, text):
                self._tell("  " + text.replace("\n", "\n    "))
            case ErrorRaised(code, _, message, hint):
                self._unfit = code == "schema_mismatch"
                self._tell(f"plugsky: {message}" + (f"\n  {hint}" if hint else ""))
            case ThreadCompleted(status, text):
                if status == "completed":
                    sys.stdout.write(clean(text).rstrip("\n"))
                    sys.stdout.write("\n")
                    sys.stdout.flush()
                elif self._said.tell():
                    why = "the answer does not fit the schema" if self._unfit else "the answer is not whole"
                    self._tell(self._said.getvalue().strip() + f"\n  [{status}: {why}]")
            case _:
                pass

    def _about(self, call_id: str, name: str, arguments: dict[str, Any] | None) -> str:
        match arguments:
            case {"prompt": str(prompt)} if name == "task":
                agent = str((arguments or {}).get("agent", "general"))
                number = 1 + sum(one.partition(" ")[0] == agent for one in self._agents.values())
                self._agents[call_id] = f"{agent} {number}" if number > 1 else agent
                return f"{self._agents[call_id]}: {_gist({'prompt': prompt})}"
            case _:
                return _gist(arguments)

    def _tell_within(self, call_id: str, event: Event) -> None:
        """What a subagent does, below the call that runs it; which one it is is said with each, as several may run."""
        steps = self._within.get(call_id)
        if steps is None:
            from plugsky_tui.session.subagent_steps import Steps  # only where there are subagents

            steps = self._within[call_id] = Steps()
        if line := steps.take(event):
            self._tell(f"  {self._agents.get(call_id, 'task')}  {line}")

    def warning(self, text: str, thread_id: str = "") -> None:
        self._tell(f"plugsky: {text}")

    def failed(self, error: PlugskyError) -> None:
        self._tell(f"plugsky: {error.message}" + (f"\n  {error.hint}" if error.hint else ""))

    def _tell(self, text: str) -> None:
        sys.stderr.write(clean(text) + "\n")
        sys.stderr.flush()


class JsonLinesPrinter:
    """Each event as one line, flushed at once."""

    def event(self, event: Event, thread_id: str) -> None:
        if getattr(event, "on_wire", True):
            _write_line(to_wire(event, thread_id))
        elif isinstance(event, Within) and isinstance(event.event, OF_USE):
            _write_line(to_wire(event.event, thread_id) | {"call_id": event.call_id})

    def warning(self, text: str, thread_id: str = "") -> None:
        self.event(Notice("warning", text), thread_id)

    def failed(self, error: PlugskyError) -> None:
        self.event(error_of(error), "")
        self.event(ThreadCompleted("failed", "", 0), "")


class JsonPrinter:
    """One object when all is done; notices and warnings go to stderr."""

    def __init__(self) -> None:
        self._usage = {"prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0, "context_tokens": 0}
        self._window: int | None = None
        self._tools: dict[str, dict[str, Any]] = {}
        self._error: dict[str, Any] | None = None
        self._model = ""

    def event(self, event: Event, thread_id: str) -> None:
        match event:
            case Usage():
                self._add(event)
                self._usage["context_tokens"] = event.context_tokens
                self._window = event.context_window
            case Within(_, Usage() as used):  # counts, but is not what the thread's context takes
                self._add(used)
            case ToolCalled(call_id, name):
                self._tools[call_id] = {"call_id": call_id, "name": name, "ok": None, "seconds": None}
            case ToolResulted(call_id, ok, _, seconds):
                self._tools.setdefault(call_id, {"call_id": call_id, "name": ""}).update(ok=ok, seconds=seconds)
            case TurnCompleted(_, model):
                self._model = model
            case ErrorRaised():
                self._error = body(event)
            case Notice(_, notice):  # among them which limit stopped it
                self.warning(notice)
            case ThreadCompleted(status, text):
                self._print(event, thread_id, status, text)
            case _:
                pass

    def _add(self, used: Usage) -> None:
        for name in ("prompt_tokens", "completion_tokens", "cached_tokens"):
            self._usage[name] += getattr(used, name)

    def warning(self, text: str, thread_id: str = "") -> None:
        sys.stderr.write(f"plugsky: {clean(text)}\n")

    def failed(self, error: PlugskyError) -> None:
        self._error = body(error_of(error))
        self._print(ThreadCompleted("failed", "", 0), "", "failed", "")

    def _print(self, event: ThreadCompleted, thread_id: str, status: str, text: str) -> None:
        _write_line(
            {
                "v": SCHEMA_VERSION,
                "thread_id": thread_id,
                "status": status,
                "text": text,
                "model": self._model,
                "usage": {**self._usage, "context_window": self._window},
                "tools": list(self._tools.values()),
                "denied": body(event)["denied"],
                "error": self._error,
            }
        )


def _write_line(value: dict[str, Any]) -> None:
    try:
        line = json.dumps(value, ensure_ascii=False).translate(_ESCAPED).encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate: escaped, it is still valid JSON
        line = json.dumps(value).encode("ascii")
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _shortened(text: str) -> str:
    lines = text.split("\n")[:_MOST_LINES]
    return "\n    ".join(line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…" for line in lines)


def _gist(arguments: dict[str, Any] | None) -> str:
    """The argument that says most about a call, on one line."""
    if not arguments:
        return ""
    for name in ("command", "file_path", "pattern", "path", "query", "url"):
        if isinstance(value := arguments.get(name), str):
            break
    else:
        value = next((item for item in arguments.values() if isinstance(item, str)), "")
    line = " ".join(value.split())
    return line if len(line) <= 100 else line[:99] + "…"
