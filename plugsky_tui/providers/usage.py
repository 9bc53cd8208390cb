"""Token counts out of a `usage` object, under the names that servers use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_PROMPT = ("prompt_tokens", "input_tokens", "promptTokens")
_COMPLETION = ("completion_tokens", "output_tokens", "completionTokens")
_TOTAL = ("total_tokens", "totalTokens")
_CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens")
_DETAILS = ("prompt_tokens_details", "input_tokens_details")


@dataclass(slots=True)
class Tokens:
    """Counts of one answer. Servers repeat them, cumulated, in every chunk: the last one said wins, nothing is summed."""

    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None
    total: int | None = None

    @property
    def known(self) -> bool:
        return any(count is not None for count in (self.prompt, self.completion, self.total))

    @property
    def context(self) -> int:
        """What the conversation takes now."""
        return (self.prompt or 0) + (self.completion or 0) or (self.total or 0)

    def read(self, usage: object) -> None:
        if not isinstance(usage, dict):
            return
        self.prompt = _first(usage, _PROMPT, self.prompt)
        self.completion = _first(usage, _COMPLETION, self.completion)
        self.total = _first(usage, _TOTAL, self.total)
        self.cached = _first(usage, _CACHED, self.cached)
        for name in _DETAILS:
            if isinstance(details := usage.get(name), dict):
                self.cached = _first(details, _CACHED, self.cached)


@dataclass(slots=True)
class MessageTokens:
    """The same as Anthropic's Messages API counts: `input_tokens` leave out what a prompt cache gave or kept.

    Counts come twice, when a message begins and when it ends, cumulated; some servers give 0 one of these times.
    """

    input: int = 0
    output: int = 0
    cached: int = 0  # read from the cache
    kept: int = 0  # written to the cache
    known: bool = False

    @property
    def prompt(self) -> int:
        return self.input + self.cached + self.kept

    def read(self, usage: object) -> None:
        if not isinstance(usage, dict):
            return
        for name, field in _MESSAGE_COUNTS.items():
            if (count := _count(usage.get(name))) is not None:
                self.known = True
                setattr(self, field, max(getattr(self, field), count))


_MESSAGE_COUNTS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cached",
    "cache_creation_input_tokens": "kept",
}


def _first(usage: dict[str, Any], names: tuple[str, ...], otherwise: int | None) -> int | None:
    return next((count for name in names if (count := _count(usage.get(name))) is not None), otherwise)


def _count(value: object) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return max(0, value)
        case float() if 0 <= value < 1e15:
            return int(value)
        case str() if value.strip().isdecimal() and len(value) < 16:
            return int(value)
        case _:
            return None
