"""The loop guard: notices an agent that goes in circles.

Tool, input and output are hashed together, so that honest polling (the same call with another
answer each time) passes; the idea is crush's loop_detection.go.
"""

from __future__ import annotations

import json
from collections import deque
from hashlib import blake2b
from typing import Any

WINDOW = 20  # results looked back on: a circle of several calls is seen too
NUDGE_AT = 3
STOP_AT = 5

NUDGE = (
    "You have made this same call with this same result {count} times. Doing it again will not change the "
    "outcome: try something else, or tell the user what stands in the way."
)


class LoopGuard:
    """Counts identical (tool, input, output) triples among the last WINDOW results."""

    def __init__(self) -> None:
        self._recent: deque[bytes] = deque(maxlen=WINDOW)

    def seen(self, name: str, arguments: dict[str, Any] | str, output: str) -> int:
        """Note one result; how often it has now been seen (1 = new)."""
        plain = json.dumps([name, arguments, output], sort_keys=True, default=str, ensure_ascii=True)
        digest = blake2b(plain.encode(), digest_size=16).digest()
        self._recent.append(digest)
        return self._recent.count(digest)
