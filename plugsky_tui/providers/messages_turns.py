"""A conversation as the `messages` of Anthropic's Messages API.

Its rules (https://docs.claude.com/en/api/messages): user and assistant take turns, the user begins and ends;
the results of a turn's calls all stand at the beginning of the next one; no text is empty; thinking stands first,
exactly as it came, and never last; ids match `^[a-zA-Z0-9_-]+$`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from plugsky_tui.kernel.messages import UNPARSED, AssistantMessage, Image, Message, Thought, ToolMessage, UserMessage
from plugsky_tui.providers.plain_calls import call_in_words, image_in_words, result_in_words

Block = dict[str, Any]
Turn = dict[str, Any]

GO_ON = "(continue)"  # stands where the format wants words of the user, and there are none
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_MAX_NAME = 128
_MAX_ID = 64
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9_-]")


def turns_of(messages: Sequence[Message], *, returned: Callable[[str], bool], plain: bool = False) -> list[Turn]:
    """`returned` tells of a model's name whether its thoughts go back; `plain`: calls and results are put in words."""
    writer = _Writer(returned, plain)
    for message in messages:
        match message:
            case UserMessage():
                writer.user([*_texts(message.text), *map(_image, message.images)])
            case ToolMessage():
                writer.user(writer.result(message))
            case AssistantMessage():
                writer.assistant(writer.answer(message))
    return writer.finish()


def tool_name(name: str) -> str:
    """A name the server takes back, also where the model made up one that no server accepts."""
    return _NOT_ALLOWED.sub("_", name)[:_MAX_NAME] or "unknown"


def has_thoughts(turn: Turn) -> bool:
    """Whether a turn begins with thinking, as the format asks of a turn whose calls are answered with thinking on."""
    return bool(turn["content"]) and turn["content"][0]["type"] in ("thinking", "redacted_thinking")


def opens_with_results(turn: Turn) -> bool:
    return bool(turn["content"]) and turn["content"][0]["type"] == "tool_result"


class _Writer:
    def __init__(self, returned: Callable[[str], bool], plain: bool) -> None:
        self._turns: list[Turn] = []
        self._returned = returned
        self._plain = plain
        self._ids: dict[str, str] = {}  # call id -> the one sent, the same on every request

    def user(self, blocks: list[Block]) -> None:
        if not blocks:
            return
        if self._last() == "user":
            self._turns[-1]["content"] += blocks
        else:
            self._turns.append({"role": "user", "content": blocks})

    def assistant(self, blocks: list[Block]) -> None:
        if not blocks:
            return
        if self._last() != "user":
            self.user(_texts(GO_ON))
        self._turns.append({"role": "assistant", "content": blocks})

    def finish(self) -> list[Turn]:
        if self._last() != "user":
            self.user(_texts(GO_ON))
        return self._turns

    def answer(self, message: AssistantMessage) -> list[Block]:
        said = _texts(message.text)
        if self._plain:
            said += _texts("\n".join(map(call_in_words, message.calls)))
        else:
            said += [
                {
                    "type": "tool_use",
                    "id": self._id(call.call_id),
                    "name": tool_name(call.name),
                    "input": {UNPARSED: call.raw} if call.arguments is None else call.arguments,
                }
                for call in message.calls
            ]
        if not said or not self._returned(message.model):
            return said
        return [*map(_thought, message.thoughts), *said]

    def result(self, message: ToolMessage) -> list[Block]:
        pictures = list(map(_image, message.images))
        if self._plain:
            return [*_texts(result_in_words(message)), *pictures]
        content: str | list[Block] = [*_texts(message.output), *pictures] if pictures else message.output
        block: Block = {"type": "tool_result", "tool_use_id": self._id(message.call_id), "content": content}
        return [block if message.ok else block | {"is_error": True}]

    def _last(self) -> str:
        return self._turns[-1]["role"] if self._turns else ""

    def _id(self, call_id: str) -> str:
        if call_id not in self._ids:
            taken = set(self._ids.values())
            safe = wanted = _NOT_ALLOWED.sub("_", call_id)[:_MAX_ID] or "call"
            number = 2
            while safe in taken:
                safe, number = f"{wanted[: _MAX_ID - 8]}_{number}", number + 1
            self._ids[call_id] = safe
        return self._ids[call_id]


def _texts(text: str) -> list[Block]:
    """A block of text; none where it would be empty."""
    return [{"type": "text", "text": text}] if text.strip() else []


def _image(image: Image) -> Block:
    if image.media_type not in IMAGES:
        return {"type": "text", "text": image_in_words(image)}
    return {"type": "image", "source": {"type": "base64", "media_type": image.media_type, "data": image.data}}


def _thought(thought: Thought) -> Block:
    if thought.redacted:
        return {"type": "redacted_thinking", "data": thought.seal}
    return {"type": "thinking", "thinking": thought.text, "signature": thought.seal}
