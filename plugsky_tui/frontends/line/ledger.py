"""The tool calls of a thread, numbered as they are printed, so that any of them can be looked at again."""

from __future__ import annotations

from dataclasses import dataclass

from plugsky_tui.kernel.events import ToolCalled, ToolResulted


@dataclass(slots=True)
class Entry:
    """`result` None: it has not ended. `seen`: its diff was printed already, when the user was asked."""

    number: int
    call: ToolCalled
    result: ToolResulted | None = None
    seen: bool = False


class Ledger:
    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._by_id: dict[str, Entry] = {}

    def called(self, call: ToolCalled) -> Entry:
        entry = Entry(len(self._entries) + 1, call)
        self._entries.append(entry)
        self._by_id[call.call_id] = entry
        return entry

    def of(self, call_id: str) -> Entry | None:
        """The newest call of that id."""
        return self._by_id.get(call_id)

    def number(self, number: int) -> Entry | None:
        return self._entries[number - 1] if 0 < number <= len(self._entries) else None

    @property
    def last(self) -> Entry | None:
        return self._entries[-1] if self._entries else None

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Another thread begins to be shown."""
        self._entries.clear()
        self._by_id.clear()
