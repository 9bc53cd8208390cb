"""Where results go that are too long for a model: files only their owner can read, gone after a week."""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress

KEPT_S = 7 * 24 * 3600
FILE_LIMIT = 50 * 1024 * 1024  # bytes: a command that prints for ever must not fill the disk
_PREFIX = "plugsky-"


class SpillFile:
    """One file being written. It never raises for a full disk: what it holds then just ends earlier."""

    def __init__(self, path: str, handle: int) -> None:
        self.path = path
        self.complete = True
        self._handle = handle
        self._left = FILE_LIMIT

    def write(self, text: str) -> None:
        if not self.complete:
            return
        data = text.encode("utf-8", "replace")
        if len(data) > self._left:
            data, self.complete = data[: self._left], False
        self._left -= len(data)
        try:
            while data:
                data = data[os.write(self._handle, data) :]
        except OSError:
            self.complete = False

    def close(self) -> None:
        os.close(self._handle)


class Spill:
    """Makes those files in `folder` (the user's cache folder, unless one is given), which is made when first needed."""

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder
        self._made: set[str] = set()

    @property
    def folder(self) -> str:
        """Absolute."""
        if self._folder is None:
            from plugsky_tui.config.paths import cache_dir  # platformdirs, and only for long results

            self._folder = str(cache_dir() / "outputs")
        return self._folder

    def open(self, kind: str) -> SpillFile | None:
        """A new file, named after `kind` ("shell"); None where none can be made."""
        import secrets  # 1 ms, and only for long results

        path = os.path.join(self.folder, f"{_PREFIX}{kind}-{secrets.token_hex(6)}.txt")
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = SpillFile(path, os.open(path, flags, 0o600))
        except OSError:
            return None
        self._made.add(os.path.realpath(path))
        return file

    def made(self, real: str) -> bool:
        """Whether the file at the real path `real` is one of this session: the model has been given it."""
        return real in self._made

    def save(self, kind: str, text: str) -> str | None:
        """The path of a new file with `text`; None where none can be made."""
        file = self.open(kind)
        if file is None:
            return None
        file.write(text)
        file.close()
        return file.path

    def clean(self, now: float | None = None) -> int:
        """Delete our files that are older than a week; how many there were. Blocking: call it in a thread."""
        oldest = (time.time() if now is None else now) - KEPT_S
        gone = 0
        with suppress(OSError), os.scandir(self.folder) as entries:
            for entry in entries:
                if not entry.name.startswith(_PREFIX):
                    continue
                with suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode) and status.st_mtime < oldest:
                        os.unlink(entry.path)
                        gone += 1
        return gone
