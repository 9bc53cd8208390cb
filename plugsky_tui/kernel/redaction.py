"""Takes API keys out of texts: whatever is shown, kept or sent to a model goes through here."""

from __future__ import annotations

from collections.abc import Iterable

REDACTED = "[key]"
_SHORTEST = 8  # characters: a shorter "key" would be found in everything


def redact(text: str, keys: Iterable[str]) -> str:
    """`text` with each of `keys` replaced by "[key]"."""
    for key in keys:
        if len(key) >= _SHORTEST and key in text:
            text = text.replace(key, REDACTED)
    return text


class StreamRedactor:
    """The same for a text that comes in pieces, wherever these are cut: an end that may be the beginning of a key
    waits for the next piece."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = [key for key in keys if len(key) >= _SHORTEST]
        self._firsts = tuple({key[0] for key in self._keys})
        self._held = ""

    def feed(self, piece: str) -> str:
        """What of the text may be shown now; possibly nothing."""
        if not self._held:
            for first in self._firsts:
                if first in piece:
                    break
            else:
                return piece  # most pieces: nothing in them begins a key
        text = redact(self._held + piece, self._keys)
        held = max((_overlap(text, key) for key in self._keys), default=0)
        if not held:
            self._held = ""
            return text
        self._held = text[-held:]
        return text[:-held]

    @property
    def waiting(self) -> bool:
        return bool(self._held)

    def end(self) -> str:
        """What was waiting: the text ends here."""
        text, self._held = self._held, ""
        return text


def _overlap(text: str, key: str) -> int:
    """How much of the end of `text` is a beginning of `key`, and not all of it."""
    start = max(0, len(text) - len(key) + 1)
    at = text.find(key[0], start)
    while at >= 0:
        if key.startswith(text[at:]):
            return len(text) - at
        at = text.find(key[0], at + 1)
    return 0
