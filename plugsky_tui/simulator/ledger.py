"""Who has used what: requests and tokens by API key, day (UTC) and model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timezone


@dataclass(slots=True)
class Entry:
    """What one key used of one model on one day."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(slots=True)
class Used:
    """A sum of entries; `requests_by_model` counts requests by the model that answered."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    requests_by_model: Counter[str] = field(default_factory=Counter)

    @property
    def total_tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Ledger:
    """Counts for as long as the simulator runs. It grows with keys, days and models, not with requests."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, date, str], Entry] = {}

    def record(self, key: str, model: str, prompt_tokens: int, completion_tokens: int) -> None:
        """One answered request of `key` ("" for nobody in particular), today."""
        entry = self._entries.setdefault((key, today(), model), Entry())
        entry.requests += 1
        entry.prompt_tokens += prompt_tokens
        entry.completion_tokens += completion_tokens

    def between(self, key: str, start: date, end: date) -> Used:
        """What `key` used from `start` to `end`, both days included."""
        used = Used()
        for (owner, day, model), entry in self._entries.items():
            if owner == key and start <= day <= end:
                used.requests += entry.requests
                used.prompt_tokens += entry.prompt_tokens
                used.completion_tokens += entry.completion_tokens
                used.requests_by_model[model] += entry.requests
        return used


def today() -> date:
    """The day usage is counted on: that of UTC."""
    return datetime.now(timezone.utc).date()
