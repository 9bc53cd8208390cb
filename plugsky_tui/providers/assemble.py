"""A stream of chunks, as OpenAI-compatible servers send them, put together to the items the loop reads.

What the servers of the field get wrong is mended where the meaning is plain (and said in a
Notice where it changes), and ends in an error where it is not. Calls are only handed out with
`Finished`: never those of a stream that broke.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, Usage
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.calls import CallCollector
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import KEPT, NOTHING_CAME, StreamBroken, complaint_of, host_of, stream_error
from plugsky_tui.providers.sse import ServerEvent
from plugsky_tui.providers.text import SurrogateJoiner, ThoughtSplitter
from plugsky_tui.providers.usage import Tokens

UNKNOWN = "unknown"
_decode = json.JSONDecoder().raw_decode

# Reasons that mean: the model did not end by itself, so what it was writing last is not complete.
_CUT_OFF = {
    "length": "The answer was cut off: it reached the model's output limit.",
    "max_tokens": "The answer was cut off: it reached the model's output limit.",
    "model_length": "The answer was cut off: the model's context is full.",
    "content_filter": "The server's content filter cut the answer off.",
    "insufficient_system_resource": "The server cut the answer off: it had no capacity left.",
}
_FAILED = frozenset({"error", "network_error"})


class Assembler:
    """One answer. Feed it the events of the stream, then call `end` once.

    `model` is the one asked for, `tools` the names on offer, `used_ids` the call ids of the
    conversation so far; `window` gives a model's context size in tokens, or None.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        tools: Collection[str] = (),
        used_ids: Collection[str] = (),
        window: Callable[[str], int | None] = lambda model: None,
        request_id: str = "",
    ) -> None:
        self.done = False  # the server said that it has said everything
        self.finish_reason = ""
        self.shown = False  # something was handed out
        self._endpoint = endpoint
        self._model = ""
        self._asked_model = model
        self._window = window
        self._request_id = request_id
        self._calls = CallCollector(tools, used_ids)
        self._tokens = Tokens()
        self._thoughts = ThoughtSplitter()
        self._text = SurrogateJoiner()
        self._reasoning = SurrogateJoiner()
        self._reasons_apart = False  # reasoning came in a field of its own
        self._answered = False  # any choice was seen
        self._deltas = False  # the answer comes in deltas
        self._said = _Said()
        self._writing_call = False
        self._other_choices = False
        self._stray = False

    @property
    def call_begun(self) -> bool:
        return self._calls.begun

    @property
    def complete(self) -> bool:
        """Whether the stream may end here."""
        return self.done or bool(self.finish_reason)

    def feed(self, event: ServerEvent) -> list[StreamItem]:
        """What one event adds. Raises ProviderError for an error in the stream, StreamBroken for broken JSON."""
        if self.done:
            return []
        data = event.data
        try:
            chunk, end = _decode(data)
        except (ValueError, RecursionError):
            return self._odd(event)
        if end != len(data) and data[end:].strip():
            return self._odd(event)
        if not isinstance(chunk, dict):
            return self._odd(event)
        return self._chunk(chunk, event.name)

    def feed_whole(self, body: dict[str, Any]) -> list[StreamItem]:
        """An answer in one piece, from a server that does not stream: the same object, with `message` for `delta`."""
        items = self._chunk(body)
        self.done = True
        return items

    def end(self) -> list[StreamItem]:
        """The last items, `Finished` among them as the very last. Raises StreamBroken where the answer is not complete."""
        if not self.complete or not self._answered:
            where = "in the middle of the answer" if self._answered else "without an answer"
            raise StreamBroken(
                f"The stream from {host_of(self._endpoint)} ended {where}.",
                hint=KEPT if self._answered else NOTHING_CAME,
                request_id=self._request_id,
            )
        items: list[StreamItem] = self._flush()
        cut = self.finish_reason in _CUT_OFF
        calls, notices = self._calls.finish(cut=cut and self._writing_call)
        if self._thoughts.unclosed:
            notices.append(
                Notice("reasoning_unclosed", "The model never closed its thoughts: its answer may be among them.")
            )
        if cut:
            notices.append(Notice(self.finish_reason, _CUT_OFF[self.finish_reason]))
        if self._other_choices:
            notices.append(Notice("choices_ignored", "The server sent several answers: the first one is shown."))
        items += notices
        model = self._model or self._asked_model
        if self._tokens.known:
            tokens = self._tokens
            window = self._window(model) or self._window(self._asked_model)
            items.append(Usage(tokens.prompt or 0, tokens.completion or 0, tokens.cached or 0, tokens.context, window))
        reason = self.finish_reason or UNKNOWN
        if reason in ("tool_calls", "function_call") and not calls:
            reason = "stop"
        items.append(Finished(reason, model, calls))
        return items

    # --- one chunk, the long way --------------------------------------------------------------

    def _chunk(self, chunk: dict[str, Any], name: str = "") -> list[StreamItem]:
        error = chunk.get("error")
        if name == "error" or error or (error is not None and not chunk.get("choices")):
            raise stream_error(complaint_of(chunk), self._endpoint, self._request_id)
        if not self._model and isinstance(model := chunk.get("model"), str):
            self._model = model[:200]
        self._tokens.read(chunk.get("usage"))
        if isinstance(extra := chunk.get("x_groq"), dict):
            self._tokens.read(extra.get("usage"))
        items: list[StreamItem] = []
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if not isinstance(choice, dict):
                continue
            self._answered = True
            if choice.get("index") not in (None, 0, "0"):
                self._other_choices = True
                continue
            self._choice(choice, items)
        self.shown = self.shown or bool(items)
        return items

    def _choice(self, choice: dict[str, Any], items: list[StreamItem]) -> None:
        if error := choice.get("error"):
            raise stream_error(complaint_of({"error": error}), self._endpoint, self._request_id)
        self._tokens.read(choice.get("usage"))
        delta, message = choice.get("delta"), choice.get("message")
        if isinstance(delta, dict) and delta:
            self._deltas = True
            self._delta(delta, items)
        elif isinstance(message, dict):
            self._message(message, items)
        elif isinstance(text := choice.get("text"), str):  # the shape of the older completions
            self._speak(text, items)
        reason = choice.get("finish_reason")
        if isinstance(reason, str) and reason and not self.finish_reason:
            self.finish_reason = reason[:100]
            if reason in _FAILED:
                raise stream_error(complaint_of({"error": reason}), self._endpoint, self._request_id)

    def _message(self, message: dict[str, Any], items: list[StreamItem]) -> None:
        """A whole message. Where deltas came before, it says again what they said: only what they lacked is new."""
        if not self._deltas:
            self._delta(message, items)
            return
        content = message.get("content")
        rest = self._said.rest_of(content) if isinstance(content, str) else ""
        calls = None if self._calls.begun else message.get("tool_calls")
        self._delta({"content": rest, "tool_calls": calls}, items)

    def _delta(self, delta: dict[str, Any], items: list[StreamItem]) -> None:
        reasoning = _reasoning(delta)
        content = delta.get("content")
        if isinstance(content, list):
            text, thought = _parts(content)
            reasoning = reasoning or thought
        else:
            text = content if isinstance(content, str) else ""
        if reasoning:
            self._reasons_apart = True
            self._think(reasoning, items)
        if text:
            self._said.add(text)
            self._speak(text, items)
        if isinstance(refusal := delta.get("refusal"), str):
            self._speak(refusal, items)
        if calls := delta.get("tool_calls"):
            self._calls.feed(calls)
            self._writing_call = True
        elif function := delta.get("function_call"):
            self._calls.feed_legacy(function)
            self._writing_call = True

    def _speak(self, text: str, items: list[StreamItem]) -> None:
        text = self._text.feed(text)
        for is_thought, piece in self._thoughts.feed(text):
            if not is_thought:
                items.append(TextDelta(piece))
                self._writing_call = self._writing_call and piece.isspace()
            elif not self._reasons_apart:  # else the same thoughts came in their own field already
                items.append(ReasoningDelta(piece))

    def _think(self, text: str, items: list[StreamItem]) -> None:
        if text := self._reasoning.feed(text):
            items.append(ReasoningDelta(text))

    def _flush(self) -> list[StreamItem]:
        items: list[StreamItem] = []
        if thought := self._reasoning.end():
            items.append(ReasoningDelta(thought))
        if text := self._text.end():
            self._speak(text, items)
        for is_thought, piece in self._thoughts.end():
            if not is_thought:
                items.append(TextDelta(piece))
            elif not self._reasons_apart:
                items.append(ReasoningDelta(piece))
        return items

    def _odd(self, event: ServerEvent) -> list[StreamItem]:
        """Data that is no JSON object."""
        data = event.data.strip()
        if data in ("[DONE]", '"[DONE]"'):
            self.done = True
            return []
        if event.name == "error":
            raise stream_error(complaint_of(data), self._endpoint, self._request_id)
        if data[:1] == "{":
            # Something of the answer is lost, perhaps of a command: no guess is safe.
            raise StreamBroken(
                "A part of the answer came damaged (it is not JSON).",
                hint="Try again; if it happens again, the server or a proxy garbles its streams.",
                request_id=self._request_id,
            )
        if not data or self._stray:
            return []
        self._stray = True
        return [Notice("stray_data", "The server sent data that is no part of an answer: it was left out.")]


class _Said:
    """Enough of what was said to know it again, in a space that does not grow with it: its length and its end."""

    _END = 256

    def __init__(self) -> None:
        self._length = 0
        self._end = ""

    def add(self, text: str) -> None:
        self._length += len(text)
        self._end += text
        if len(self._end) > 2 * self._END:
            self._end = self._end[-self._END :]

    def rest_of(self, whole: str) -> str:
        """What `whole` says beyond what was said; nothing where it is another text."""
        begins_so = whole[: self._length].endswith(self._end) and len(whole) >= self._length
        return whole[self._length :] if begins_so else ""


def _reasoning(delta: dict[str, Any]) -> str:
    """The reasoning of a delta, from the first of the fields that has any: servers fill several with the same."""
    for name in ("reasoning_content", "reasoning", "thinking"):
        value = delta.get(name)
        if isinstance(value, str) and value:
            return value
        if isinstance(value, dict) and isinstance(text := value.get("content") or value.get("text"), str):
            return text
    details = delta.get("reasoning_details")
    if not isinstance(details, list):
        return ""
    return "".join(
        text
        for detail in details
        if isinstance(detail, dict) and isinstance(text := detail.get("text") or detail.get("summary"), str)
    )


def _parts(content: list[Any]) -> tuple[str, str]:
    """Text and reasoning of a content that is a list of parts."""
    text: list[str] = []
    thought: list[str] = []
    for part in content:
        match part:
            case str():
                text.append(part)
            case {"type": "thinking" | "reasoning", "thinking": list(inner)}:
                thought.append(_parts(inner)[0])
            case {"type": "thinking" | "reasoning", "thinking": str(words)} | {
                "type": "thinking" | "reasoning",
                "text": str(words),
            }:
                thought.append(words)
            case {"text": str(words)}:
                text.append(words)
            case {"type": "refusal", "refusal": str(words)}:
                text.append(words)
            case _:
                pass
    return "".join(text), "".join(thought)
