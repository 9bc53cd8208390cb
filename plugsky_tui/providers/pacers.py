"""The pacers of a process, one for each account, and what is remembered of the accounts' limits between runs.

An account is a server and a key; the key itself is kept nowhere, only a digest of both. What is remembered is a
cache: without it the first requests of a process are sent without knowing the limit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any

from plugsky_tui.kernel.record import record
from plugsky_tui.providers.pacer import Pacer, Word
from plugsky_tui.providers.rate_headers import WINDOW_S

FILE = "rates.json"
SAVE_S = 5.0  # between two writings, where no limit changed
KEPT_S = 90 * 86400.0
MOST_KEPT = 50
_VERSION = 1


@record
class Known:
    """What an answer of `host` at `at` said (seconds since 1970): `limit` requests a minute, `remaining` of them
    left, more from `reset_at` on. The last two are 0 and None where that was not said."""

    account: str
    host: str
    at: float
    limit: int
    remaining: int | None = None
    reset_at: float = 0.0


@dataclass(slots=True)
class _Entry:
    pacer: Pacer
    account: str
    host: str
    saved: tuple[int | None, Word | None]


class Pacers:
    """Made once for a process and handed to whoever sends requests. `folder` gives where limits are remembered;
    without it none are. It is asked, and read, at the first request."""

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self._entries: dict[str, _Entry] = {}  # by account
        self._known: dict[str, Known] | None = None
        self._saved_at = 0.0

    def of(self, host: str, key: str, *, rpm: int | None = None, concurrency: int | None = None) -> Pacer:
        """The pacer of the account of `key` at `host`. Limits that were set are those of whoever asks first."""
        account = account_of(host, key)
        entry = self._entries.get(account)
        if entry is None:
            known = self._remembered().get(account)
            pacer = Pacer(rpm=rpm, concurrency=concurrency)
            if known is not None:
                pacer.learned, pacer.word = known.limit, _word(known)
            entry = self._entries[account] = _Entry(pacer, account, host, (pacer.learned, pacer.word))
        return entry.pacer

    def settle(self) -> None:
        """After an answer: remember what it said, if that is new and the last time was a while ago."""
        for entry in self._entries.values():
            limit, word = entry.saved
            learned = entry.pacer.learned != limit
            if learned or (entry.pacer.word is not word and monotonic() - self._saved_at > SAVE_S):
                self.save()
                return

    def save(self) -> None:
        """Remember what was learned. A cache that cannot be written is no error."""
        new: dict[str, Known] = {}
        for entry in self._entries.values():
            now = (entry.pacer.learned, entry.pacer.word)
            if entry.pacer.learned is not None and now != entry.saved:
                new[entry.account] = _known(entry, entry.pacer.learned)
            entry.saved = now
        if new and self._folder is not None:
            self._saved_at = monotonic()
            folder = self._folder()
            _write(folder, {**load(folder), **new})

    def _remembered(self) -> dict[str, Known]:
        if self._known is None:
            self._known = load(self._folder()) if self._folder is not None else {}
        return self._known


def account_of(host: str, key: str) -> str:
    """The name of an account: a digest, from which nobody gets the key back."""
    from hashlib import sha256  # at the first request it is there anyway

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


def _checked(row: dict[str, Any]) -> Known:
    known = Known(**row)
    at, reset_at = float(known.at), float(known.reset_at)
    remaining = None if known.remaining is None else int(known.remaining)
    return Known(str(known.account), str(known.host), at, max(1, int(known.limit)), remaining, reset_at)


def _write(folder: Path, known: dict[str, Known]) -> None:
    from plugsky_tui.config.files import write_atomic

    newest = sorted(known.values(), key=lambda item: item.at, reverse=True)[:MOST_KEPT]
    kept = {"v": _VERSION, "accounts": [_row(item) for item in newest]}
    try:
        write_atomic(folder / FILE, json.dumps(kept), durable=False)
    except OSError:
        pass


def _row(known: Known) -> dict[str, Any]:
    return asdict(known)


def _known(entry: _Entry, limit: int) -> Known:
    word, offset = entry.pacer.word, time() - monotonic()
    if word is None:
        return Known(entry.account, entry.host, time(), limit)
    return Known(entry.account, entry.host, word.at + offset, limit, word.remaining, word.reset_at + offset)


def _word(known: Known) -> Word | None:
    """What another process heard not long ago, by this one's clock."""
    age = time() - known.at
    if known.remaining is None or not 0 <= age < WINDOW_S:
        return None
    now = monotonic()
    return Word(known.remaining, 0, now - age, now - age + max(0.0, known.reset_at - known.at))
