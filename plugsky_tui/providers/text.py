"""What is done to streamed text before it is shown: halves of characters are joined, thoughts set apart."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_HELD = 1024  # blanks held back while a tag may still come

OPEN_TAGS = {"<think>": "</think>", "<thinking>": "</thinking>", "<thought>": "</thought>"}


def join_surrogates(text: str) -> str:
    """`text` with surrogate pairs made one character, and lone surrogates U+FFFD: it can be encoded again."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class SurrogateJoiner:
    """Joins a character whose two UTF-16 halves came as JSON escapes in two deltas (`"\\ud83d"`, `"\\ude00"`)."""

    def __init__(self) -> None:
        self.held = ""

    def feed(self, text: str) -> str:
        text = self.held + text
        self.held = ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self.held = text[:-1], text[-1]
        return join_surrogates(text)

    def end(self) -> str:
        held, self.held = self.held, ""
        return join_surrogates(held)


class ThoughtSplitter:
    """Sets apart the `<think>…</think>` a model writes into its answer where the server leaves it there.

    Only thoughts before the first visible text count: a tag later on is what the model writes about.
    """

    def __init__(self) -> None:
        self.speaking = False  # visible text has begun: all that follows is text
        self._close = ""  # inside a thought: the tag that ends it
        self._held = ""
        self._thought = False

    @property
    def unclosed(self) -> bool:
        return bool(self._close)

    def feed(self, text: str) -> list[tuple[bool, str]]:
        """`text` in pieces, each with whether it is thought."""
        if self.speaking:
            return [(False, text)] if text else []
        return self._leading(text)

    def end(self) -> list[tuple[bool, str]]:
        held, self._held = self._held, ""
        if not held or (self._thought and not self._close and held.isspace()):
            return []
        return [(bool(self._close), held)]

    def _leading(self, text: str) -> list[tuple[bool, str]]:
        out: list[tuple[bool, str]] = []
        text = self._held + text
        self._held = ""
        while text and not self.speaking:
            text = self._inside(text, out) if self._close else self._before(text, out)
        if text:
            out.append((False, text))
        return out

    def _inside(self, text: str, out: list[tuple[bool, str]]) -> str:
        thought, tag, rest = text.partition(self._close)
        if tag:
            self._close = ""
        else:
            keep = _overlap(text, self._close)
            thought, self._held = text[: len(text) - keep], text[len(text) - keep :]
        if thought:
            out.append((True, thought))
        return rest

    def _before(self, text: str, out: list[tuple[bool, str]]) -> str:
        start = text.lstrip()
        for tag, close in OPEN_TAGS.items():
            if start.startswith(tag):
                self._close, self._thought = close, True
                return start[len(tag) :]
        if len(text) <= _MAX_HELD and any(tag.startswith(start) for tag in OPEN_TAGS):
            self._held = text
            return ""
        self.speaking = True
        return text.lstrip("\r\n") if self._thought else text


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
