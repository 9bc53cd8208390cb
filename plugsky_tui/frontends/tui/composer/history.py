"""The prompts of one folder, kept between sessions as JSON Lines that only the user can read."""

from __future__ import annotations

import os
from pathlib import Path

KEEP_ENTRIES = 1000
KEEP_BYTES = 4_000_000
LONGEST = 1_000_000  # characters; a longer prompt is remembered for this session only


class PromptHistory:
    """Earlier prompts, and where in them the user is while paging with up and down.

    Read when first asked for. Nothing here is worth failing for: an unreadable line is skipped,
    and a folder that cannot be written to means a history of this session only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._entries: list[str] | None = None
        self._place: int | None = None
        self._draft = ""

    @property
    def entries(self) -> list[str]:
        """Oldest first."""
        if self._entries is None:
            self._entries = _read(self._path) if self._path else []
        return self._entries

    @property
    def browsing(self) -> bool:
        return self._place is not None

    def add(self, text: str) -> None:
        """Remember a prompt; the same one twice in a row is one."""
        self.leave()
        if not text.strip() or (self.entries and self.entries[-1] == text):
            return
        self.entries.append(text)
        if self._path is not None and len(text) <= LONGEST and not _holds_key(text):
            _append(self._path, text)

    def previous(self, draft: str) -> str | None:
        """The next older prompt, `draft` being what is in the composer now; None at the oldest."""
        if self._place is None:
            self._place, self._draft = len(self.entries), draft
        if self._place == 0:
            return None
        self._place -= 1
        return self.entries[self._place]

    def next(self) -> str | None:
        """The next newer prompt, at last the draft that was left; None when not paging."""
        if self._place is None:
            return None
        self._place += 1
        if self._place < len(self.entries):
            return self.entries[self._place]
        draft = self._draft
        self.leave()
        return draft

    def leave(self) -> None:
        """Stop paging: what is in the composer is a draft of its own now."""
        self._place, self._draft = None, ""


def _holds_key(text: str) -> bool:
    """Whether an API key may be in there, such as one pasted into the wrong place: that is not for the disk."""
    from plugsky_tui.config.credentials import PREFIXES

    return any(prefix in text for prefix in PREFIXES)


def history_file(data_dir: Path, folder: Path) -> Path:
    """Where the prompts of `folder` are kept."""
    from hashlib import blake2b  # on first use, like json below: nothing of this is on the first screen

    name = blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    return data_dir / "history" / f"{name}.jsonl"


def _read(path: Path) -> list[str]:
    import json

    try:
        data = path.read_bytes()
    except OSError:
        return []
    entries: list[str] = []
    for line in data.splitlines():
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(text, str) and text:
            entries.append(text)
    if len(entries) > 2 * KEEP_ENTRIES or len(data) > 2 * KEEP_BYTES:
        entries = _trimmed(entries)
        _rewrite(path, entries)
    return entries


def _trimmed(entries: list[str]) -> list[str]:
    kept, size = 0, 0
    for text in reversed(entries[-KEEP_ENTRIES:]):
        size += len(text)
        if size > KEEP_BYTES:
            break
        kept += 1
    return entries[len(entries) - kept :]


def _line(text: str) -> bytes:
    import json

    return json.dumps({"text": text}).encode() + b"\n"


def _append(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, _line(text))  # one write: two processes don't tear each other's lines
        finally:
            os.close(handle)
    except OSError:
        return


def _rewrite(path: Path, entries: list[str]) -> None:
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.writelines(_line(text) for text in entries)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
