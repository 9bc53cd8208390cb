"""Thread ids: 26 characters that sort by time, as ULIDs do (github.com/ulid/spec), in lower case."""

from __future__ import annotations

import os
from time import time_ns

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
LENGTH = 26


def new_id() -> str:
    """A new id: 48 bits of milliseconds, then 80 random bits, so that neither a clock that jumps nor two
    starts in the same instant give the same one."""
    number = (time_ns() // 1_000_000 & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    return "".join(ALPHABET[number >> shift & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


def is_id_start(text: str) -> bool:
    """Whether `text` could be the start of an id (and is thereby harmless in a file name)."""
    return 0 < len(text) <= LENGTH and all(char in ALPHABET for char in text)
