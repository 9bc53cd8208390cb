"""The pacers of a process, one for each account: a server and a key, of which only a digest is kept.

`Pacers` is made at every start; what does the work is imported with the first request.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.providers.pacer import Pacer, Word
    from plugsky_tui.providers.rate_memory import Known

SAVE_S = 5.0  # between two writings, where no limit changed


class Pacers:
    """Made once for a process and handed to whoever sends requests. `folder` gives where limits are remembered;
    without it none are. It is asked, and read, at the first request."""

    def __init__(self, folder: Callable[[], Path] | None = None) -> None:
        self._folder = folder
        self._entries: dict[str, _Entry] = {}  # by account
        self._known: dict[str, Known] | None = None
        self._saved_at = 0.0

    def of(self, host: str, key: str, *, rpm: int | None = None, concurrency: int | None = None) -> Pacer:
        """The pacer of the account of `key` at `host`. Limits that were set are those of whoever asked last."""
        from plugsky_tui.providers.rate_memory import account_of

        account = account_of(host, key)
        if account not in self._entries:
            from plugsky_tui.providers.pacer import Pacer

            known = self._remembered().get(account)
            pacer = Pacer()
            if known is not None:
                pacer.learned, pacer.word = known.limit, _word(known)
            self._entries[account] = _Entry(pacer, host)
        pacer = self._entries[account].pacer
        pacer.rpm, pacer.concurrency = rpm, concurrency
        return pacer

    def settle(self) -> None:
        """After an answer: remember what it said, if that is new and the last time was a while ago."""
        for entry in self._entries.values():
            limit, word = entry.saved
            learned = entry.pacer.learned != limit
            if learned or (entry.pacer.word is not word and monotonic() - self._saved_at > SAVE_S):
                self.save()
                return

    def save(self) -> None:
        """Remember what was learned."""
        new: dict[str, Known] = {}
        for account, entry in self._entries.items():
            now = (entry.pacer.learned, entry.pacer.word)
            if entry.pacer.learned is not None and now != entry.saved:
                new[account] = _known(account, entry, entry.pacer.learned)
            entry.saved = now
        if new and self._folder is not None:
            from plugsky_tui.providers import rate_memory

            self._saved_at = monotonic()
            rate_memory.save(self._folder(), new)

    def _remembered(self) -> dict[str, Known]:
        if self._known is None:
            from plugsky_tui.providers import rate_memory

            self._known = rate_memory.load(self._folder()) if self._folder is not None else {}
        return self._known


class _Entry:
    """An account: its pacer, and what of it was saved last."""

    __slots__ = ("host", "pacer", "saved")

    def __init__(self, pacer: Pacer, host: str) -> None:
        self.pacer = pacer
        self.host = host
        self.saved: tuple[int | None, Word | None] = (pacer.learned, pacer.word)


def _known(account: str, entry: _Entry, limit: int) -> Known:
    from plugsky_tui.providers.rate_memory import Known

    word, offset = entry.pacer.word, time() - monotonic()
    if word is None:
        return Known(account, entry.host, time(), limit)
    return Known(account, entry.host, word.at + offset, limit, word.remaining, word.reset_at + offset)


def _word(known: Known) -> Word | None:
    """What another process heard not long ago, by this one's clock."""
    from plugsky_tui.providers.pacer import Word
    from plugsky_tui.providers.rate_headers import WINDOW_S

    age = time() - known.at
    if known.remaining is None or not 0 <= age < WINDOW_S:
        return None
    now = monotonic()
    return Word(known.remaining, 0, now - age, now - age + max(0.0, known.reset_at - known.at))
