"""What a server says it is busy with ("Work Done Progress" of the specification): reading the project, as a rule."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

_QUIESCENT = "experimental/serverStatus"  # rust-analyzer's own word for it
_TITLE_LIMIT = 80


class Work:
    """`titles` of what is under way, by token; `done` is set while there is nothing."""

    def __init__(self) -> None:
        self.titles: dict[str, str] = {}
        self.done = asyncio.Event()
        self.done.set()
        self._begun = asyncio.Event()

    def progress(self, params: Any) -> None:
        """Take a $/progress."""
        token, value = str(params["token"]), params["value"]
        match value.get("kind"):
            case "begin":
                self._put(token, _title(value.get("title") or value.get("message"), value))
            case "report" if token in self.titles:
                self._put(token, _title(self.titles[token].partition(" (")[0], value))
            case "end":
                self._end(token)

    def status(self, params: Any) -> None:
        """Take rust-analyzer's experimental/serverStatus."""
        if params.get("quiescent") is False:
            self._put(_QUIESCENT, "reading the project")
        else:
            self._end(_QUIESCENT)

    def over(self) -> None:
        """The server has ended: nothing is under way."""
        self.titles.clear()
        self.done.set()

    async def begins(self, seconds: float) -> None:
        """Wait until something is under way, at most `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._begun.wait()

    def shown(self) -> str:
        """ "Indexing (45%)"; "" where nothing is under way."""
        return ", ".join(self.titles.values())

    def _put(self, token: str, title: str) -> None:
        self.titles[token] = title
        self.done.clear()
        self._begun.set()

    def _end(self, token: str) -> None:
        self.titles.pop(token, None)
        if not self.titles:
            self.done.set()


def _title(title: Any, value: dict[str, Any]) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in str(title or "working"))[:_TITLE_LIMIT]
    percentage = value.get("percentage")
    return f"{text} ({percentage:.0f}%)" if isinstance(percentage, (int, float)) else text
