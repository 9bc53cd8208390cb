"""An answer of Anthropic's Messages API put together to the items the loop reads.

The stream is `message_start`; for each block `content_block_start`, deltas, `content_block_stop`; then `message_delta`
and `message_stop` (https://docs.claude.com/en/docs/build-with-claude/streaming). Calls are only handed out with
`Finished`: never those of a stream that broke.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, ThoughtSealed, Usage
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.calls import CallCollector
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import complaint_of, host_of, stream_error
from plugsky_tui.providers.format import Expected
from plugsky_tui.providers.json_events import EventReader
from plugsky_tui.providers.sse import ServerEvent
from plugsky_tui.providers.text import SurrogateJoiner
from plugsky_tui.providers.usage import MessageTokens

UNKNOWN = "unknown"

# The format's reasons under the names the loop knows; others stay as they are.
_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
}
# Reasons that mean: the model did not end by itself, so what it was writing last is not complete.
_CUT_OFF = {
    "max_tokens": "The answer was cut off: it reached the output limit (max_tokens).",
    "model_context_window_exceeded": "The answer was cut off: the model's context is full.",
    "refusal": "The server ended the answer: its safety filter, or the model, declined to go on.",
    "pause_turn": "The server paused in the middle of the answer: say 'continue'.",
}
# The statuses that errors inside a stream stand for (https://docs.claude.com/en/api/errors).
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}


@dataclass(slots=True)
class _Block:
    """A content block being written. `place` numbers the calls of the answer; `given` are arguments that came whole."""

    kind: str
    place: int = 0
    given: dict[str, Any] | None = None
    signature: str = ""
    written: bool = False  # deltas came


class MessagesAssembly:
    """One answer. Feed it the events of the stream, then call `end` once."""

    def __init__(self, endpoint: Endpoint, expected: Expected) -> None:
        self.done = False
        self.shown = False
        self._endpoint = endpoint
        self._expected = expected
        self._reader = EventReader(endpoint, expected.request_id)
        self._calls = CallCollector(expected.tools, expected.used_ids)
        self._tokens = MessageTokens()
        self._text = SurrogateJoiner()
        self._reasoning = SurrogateJoiner()
        self._open: dict[int, _Block] = {}
        self._made = 0  # calls begun
        self._writing_call = False  # what was written last is a call
        self._model = ""
        self._reason = ""
        self._answered = False
        self._passed_over: list[str] = []

    @property
    def call_begun(self) -> bool:
        return self._calls.begun

    @property
    def complete(self) -> bool:
        return self.done or bool(self._reason)

    def feed(self, event: ServerEvent) -> list[StreamItem]:
        if self.done:
            return []
        data = self._reader.read(event)
        self.done = self._reader.ended
        items: list[StreamItem] = []
        match data:
            case dict():
                self._event(data, event.name, items)
            case Notice():
                items.append(data)
            case None:
                pass
        self.shown = self.shown or bool(items)
        return items

    def feed_whole(self, body: dict[str, Any]) -> list[StreamItem]:
        if body.get("type") == "error" or body.get("error"):
            raise self._error(body)
        content = body.get("content")
        if not isinstance(content, list):
            raise ProviderError(
                f"{host_of(self._endpoint)} answered with JSON that is no message of Anthropic's format.",
                hint='An endpoint that speaks OpenAI\'s format has kind = "openai-chat".',
                code="bad_stream",
            )
        items: list[StreamItem] = []
        self._begin(body)
        for place, block in enumerate(content):
            if isinstance(block, dict):
                self._start(place, block, items)
                self._stop(place, items)
        self._finish(body)
        self.done, self.shown = True, bool(items)
        return items

    def end(self) -> list[StreamItem]:
        if not self.complete or not self._answered:
            raise self._reader.broken_off(self._answered)
        items: list[StreamItem] = []
        for place in list(self._open):
            self._stop(place, items)
        if text := self._text.end():
            items.append(TextDelta(text))
        cut = self._reason in _CUT_OFF
        calls, notices = self._calls.finish(cut=cut and self._writing_call)
        if cut:
            notices.append(Notice(_REASONS.get(self._reason, self._reason), _CUT_OFF[self._reason]))
        if self._passed_over:
            kinds = ", ".join(dict.fromkeys(self._passed_over))
            notices.append(Notice("blocks_left_out", f"Parts of the answer that plugsky has no use for: {kinds}."))
        items += notices
        model = self._model or self._expected.model
        if self._tokens.known:
            prompt, output = self._tokens.prompt, self._tokens.output
            window = self._expected.window(model) or self._expected.window(self._expected.model)
            items.append(Usage(prompt, output, self._tokens.cached, prompt + output, window))
        reason = _REASONS.get(self._reason, self._reason) or UNKNOWN
        items.append(Finished("stop" if reason == "tool_calls" and not calls else reason, model, calls))
        return items

    # --- events -------------------------------------------------------------------------------

    def _event(self, data: dict[str, Any], name: str, items: list[StreamItem]) -> None:
        kind = data.get("type") or name
        match kind:
            case "content_block_delta":
                if isinstance(delta := data.get("delta"), dict):
                    self._delta(_place(data), delta, items)
            case "content_block_start":
                if isinstance(block := data.get("content_block"), dict):
                    self._start(_place(data), block, items)
            case "content_block_stop":
                self._stop(_place(data), items)
            case "message_start":
                if isinstance(message := data.get("message"), dict):
                    self._begin(message)
            case "message_delta":
                if isinstance(delta := data.get("delta"), dict):
                    self._finish(delta)
                self._tokens.read(data.get("usage"))
            case "message_stop":
                self.done = True
            case _ if kind == "error" or data.get("error"):
                raise self._error(data)
            case _:
                pass  # ping, and what comes to be: the format asks to pass over events one does not know

    def _begin(self, message: dict[str, Any]) -> None:
        self._answered = True
        if isinstance(model := message.get("model"), str):
            self._model = model[:200]
        self._tokens.read(message.get("usage"))

    def _finish(self, message: dict[str, Any]) -> None:
        if isinstance(reason := message.get("stop_reason"), str) and reason and not self._reason:
            self._reason = reason[:100]

    def _start(self, place: int, given: dict[str, Any], items: list[StreamItem]) -> None:
        if place in self._open:  # never closed, which is how some servers begin the next one
            self._stop(place, items)
        self._answered = True
        kind = given.get("type")
        block = self._open[place] = _Block(kind if isinstance(kind, str) else "")
        self._writing_call = False
        match block.kind:
            case "text":
                self._speak(given.get("text"), items)
            case "thinking":
                self._think(block, given.get("thinking"), items)
                block.signature = _text(given.get("signature"))
            case "redacted_thinking":
                block.signature = _text(given.get("data"))
            case "tool_use":
                self._begin_call(block, given)
            case _:
                self._passed_over.append(block.kind[:40] or "a block of no type")

    def _begin_call(self, block: _Block, given: dict[str, Any]) -> None:
        block.place, self._made = self._made, self._made + 1
        self._writing_call = True
        if isinstance(arguments := given.get("input"), dict) and arguments:
            block.given = arguments
        self._calls.feed({"index": block.place, "id": given.get("id"), "function": {"name": given.get("name")}})

    def _delta(self, place: int, delta: dict[str, Any], items: list[StreamItem]) -> None:
        block = self._open.get(place)
        match delta.get("type"):
            case "text_delta":
                self._answered = True
                self._speak(delta.get("text"), items)
            case "thinking_delta" if block is not None:
                self._think(block, delta.get("thinking"), items)
            case "input_json_delta" if block is not None and block.kind == "tool_use":
                block.written = block.written or bool(delta.get("partial_json"))
                self._write(block, delta.get("partial_json"))
            case "signature_delta" if block is not None:
                block.signature += _text(delta.get("signature"))
            case _:
                pass

    def _stop(self, place: int, items: list[StreamItem]) -> None:
        block = self._open.pop(place, None)
        if block is None:
            return
        match block.kind:
            case "thinking" | "redacted_thinking":
                if thought := self._reasoning.end():
                    items.append(ReasoningDelta(thought))
                if block.signature or block.written:
                    items.append(ThoughtSealed(block.signature, redacted=block.kind == "redacted_thinking"))
            case "tool_use" if block.given is not None and not block.written:
                self._write(block, block.given)
            case _:
                pass

    def _write(self, block: _Block, arguments: object) -> None:
        self._writing_call = True
        self._calls.feed({"index": block.place, "function": {"arguments": arguments}})

    def _speak(self, text: object, items: list[StreamItem]) -> None:
        if isinstance(text, str) and (text := self._text.feed(text)):
            items.append(TextDelta(text))

    def _think(self, block: _Block, text: object, items: list[StreamItem]) -> None:
        if not isinstance(text, str):
            return
        block.written = block.written or bool(text)
        if text := self._reasoning.feed(text):
            items.append(ReasoningDelta(text))

    def _error(self, data: dict[str, Any]) -> ProviderError:
        complaint = complaint_of(data)
        complaint.status = complaint.status or _STATUSES.get(complaint.kind)
        return stream_error(complaint, self._endpoint, self._expected.request_id)


def _place(data: dict[str, Any]) -> int:
    place = data.get("index")
    return place if isinstance(place, int) else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
