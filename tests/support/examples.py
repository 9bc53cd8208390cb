"""How many examples hypothesis tries where a test names a number of its own."""

from __future__ import annotations

import os

_WANTED = int(os.environ.get("PLUGSKY_EXAMPLES", "0"))


def examples(usual: int) -> int:
    """`usual`, or what PLUGSKY_EXAMPLES asks for where that is more."""
    return max(usual, _WANTED)
