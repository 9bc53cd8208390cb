"""What somebody may have meant who wrote a name that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str:
    """The most similar of `names`, or nothing: letters in another order come before letters left out."""
    from difflib import get_close_matches  # 8 ms, and only on the way to a message

    near = get_close_matches(name, list(names), 3, 0.6)
    near.sort(key=lambda found: sorted(found) != sorted(name))
    return next(iter(near), "")
