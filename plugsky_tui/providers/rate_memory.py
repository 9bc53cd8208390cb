"""What is remembered of accounts' limits between runs: a small file in the cache folder.

It holds no key, only a digest of server and key. Without it the first requests of a process are sent without knowing
the limit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Any

from plugsky_tui.kernel.record import field_names, record

FILE = "rates.json"
KEPT_S = 90 * 86400.0
MOST_KEPT = 50
_VERSION = 1


@record
class Known:
    """What an answer of `host` at `at` said (seconds since 1970): `limit` requests a minute, `remaining` of them
    left, more from `reset_at` on. The last two are None and 0 where that was not said."""

    account: str
    host: str
    at: float
    limit: int
    remaining: int | None = None
    reset_at: float = 0.0


def account_of(host: str, key: str) -> str:
    """The name of an account: a digest, from which nobody gets the key back."""
    return sha256(f"{host.lower()}\n{key}".encode()).hexdigest()[:16]


def load(folder: Path) -> dict[str, Known]:
    """What is remembered, by account; nothing where that cannot be read."""
    from plugsky_tui.config.files import read_regular

    try:
        found = read_regular(folder / FILE)
        kept = json.loads(found[0]) if found is not None else {}
        if not isinstance(kept, dict) or kept.get("v") != _VERSION:
            return {}
        known = [_checked(row) for row in kept["accounts"]]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {item.account: item for item in known if time() - KEPT_S < item.at}


def save(folder: Path, new: Mapping[str, Known]) -> None:
    """Remember `new` beside what other processes have. A cache that cannot be written is no error."""
    from plugsky_tui.config.files import write_atomic

    newest = sorted({**load(folder), **new}.values(), key=lambda item: item.at, reverse=True)[:MOST_KEPT]
    rows = [{name: getattr(item, name) for name in field_names(item)} for item in newest]
    try:
        write_atomic(folder / FILE, json.dumps({"v": _VERSION, "accounts": rows}), durable=False)
    except OSError:
        pass


def _checked(row: dict[str, Any]) -> Known:
    known = Known(**row)
    at, reset_at = float(known.at), float(known.reset_at)
    remaining = None if known.remaining is None else int(known.remaining)
    return Known(str(known.account), str(known.host), at, max(1, int(known.limit)), remaining, reset_at)
