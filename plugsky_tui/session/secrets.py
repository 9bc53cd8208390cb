"""The user's API keys are kept out of what is said, done and kept: tool results, prompts, answers.

A command may print them, a file hold them, a server send them back: none of it is the model's
business, and a thread is a file that people share.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from plugsky_tui.kernel.events import ReasoningDelta, TextDelta
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Prepared, Progress, StreamItem, Toolbox, ToolDefinition, ToolResult
from plugsky_tui.kernel.record import field_names
from plugsky_tui.kernel.redaction import StreamRedactor, redact

Keys = Callable[[], Sequence[str]]  # those in use now: they may change while a session runs


class Discreet:
    """A toolbox whose results hold no key."""

    def __init__(self, tools: Toolbox, keys: Keys) -> None:
        self._tools = tools
        self._keys = keys

    @property
    def within(self) -> Toolbox:
        return self._tools

    def definitions(self) -> Sequence[ToolDefinition]:
        return self._tools.definitions()

    def reads_only(self, name: str) -> bool:
        return self._tools.reads_only(name)

    async def prepare(self, call: ToolCall) -> Prepared:
        prepared = await self._tools.prepare(call)
        prepared.act = self._silenced(prepared.act)
        return prepared

    def _silenced(
        self, act: Callable[[Progress], Awaitable[ToolResult]]
    ) -> Callable[[Progress], Awaitable[ToolResult]]:
        async def silenced(progress: Progress) -> ToolResult:
            keys = self._keys()
            if not keys:
                return await act(progress)
            live = StreamRedactor(keys)
            # events are a subagent's, whose own toolbox and provider have done this already
            result = await act(lambda told: progress(live.feed(told) if isinstance(told, str) else told))
            if rest := live.end():
                progress(rest)
            result.output = redact(result.output, keys)
            result.display = [_redacted(block, keys) for block in result.display]
            return result

        return silenced


class DiscreetStream:
    """Text and reasoning of one answer without keys, wherever its chunks were cut."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._text = StreamRedactor(keys)
        self._thought = StreamRedactor(keys)
        self._waiting = False  # an end of one of the two may begin a key

    def feed(self, item: StreamItem) -> Sequence[StreamItem]:
        """What may be handed on of, or because of, `item`."""
        kind = type(item)
        if kind is TextDelta:
            return self._said(item, self._text, self._thought)  # type: ignore[arg-type]
        if kind is ReasoningDelta:
            return self._said(item, self._thought, self._text)  # type: ignore[arg-type]
        return (*self._rest(), item) if self._waiting else (item,)

    def _said(
        self, item: TextDelta | ReasoningDelta, redactor: StreamRedactor, other: StreamRedactor
    ) -> Sequence[StreamItem]:
        before = self._rest_of(other) if self._waiting else ()
        text = redactor.feed(item.text)
        self._waiting = redactor.waiting
        if text is item.text:
            return (*before, item)
        return (*before, type(item)(text)) if text else before

    def _rest(self) -> Sequence[StreamItem]:
        self._waiting = False
        return (*self._rest_of(self._thought), *self._rest_of(self._text))

    def _rest_of(self, redactor: StreamRedactor) -> Sequence[StreamItem]:
        rest = redactor.end()
        if not rest:
            return ()
        return (TextDelta(rest) if redactor is self._text else ReasoningDelta(rest),)


def _redacted(value: Any, keys: Sequence[str]) -> Any:
    """A display block, or a part of one, without the keys in any of its texts."""
    if isinstance(value, str):
        return redact(value, keys)
    if isinstance(value, list):
        return [_redacted(item, keys) for item in value]
    for name in field_names(value):
        part = getattr(value, name)
        if (clean := _redacted(part, keys)) is not part and clean != part:
            setattr(value, name, clean)
    return value
