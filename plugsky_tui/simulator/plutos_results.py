"""What `POST /process` answered, for `GET /process/{id}`: in memory, each key's own, the newest of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

MAX_RESULTS = 1000  # of one key
MAX_KEYS = 1000

Result = dict[str, Any]


class Results:
    """Bounded on both sides: the oldest result of a key goes first, and the key longest unused."""

    def __init__(self, max_results: int = MAX_RESULTS, max_keys: int = MAX_KEYS) -> None:
        self._max_results = max_results
        self._max_keys = max_keys
        self._kept: OrderedDict[str, OrderedDict[str, Result]] = OrderedDict()

    def keep(self, key: str, result: Result) -> None:
        """Keep `result` under its `id`, for `key` alone."""
        own = self._kept.setdefault(key, OrderedDict())
        self._kept.move_to_end(key)
        own[result["id"]] = result
        if len(own) > self._max_results:
            own.popitem(last=False)
        if len(self._kept) > self._max_keys:
            self._kept.popitem(last=False)

    def find(self, key: str, result_id: str) -> Result | None:
        own = self._kept.get(key)
        return own.get(result_id) if own is not None else None
