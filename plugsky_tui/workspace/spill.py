"""Where results go that are too long for a model: files only their owner can read, gone after a week."""

from __future__ import annotations

import os
import re
import stat
import time
from contextlib import suppress

KEPT_S = 7 * 24 * 3600
FILE_LIMIT = 50 * 1024 * 1024  # bytes: a command that prints for ever must not fill the disk
_PREFIX = "plugsky-"
_NAME = re.compile(r"plugsky-[a-z_]+-[0-9a-f]{12}\.txt")


class SpillFile:
    """One file being written, and locked for as long: whoever cleans up leaves it alone, however old it is. It never raises for a full disk: what it holds then just ends earlier."""

    def __init__(self, path: str, handle: int) -> None:
        self.path = path
        self.complete = True
        self._handle = handle
        self._left = FILE_LIMIT
        _lock(handle, shared=True)

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
            if not self._made:  # who fills the folder tidies it, however short the session
                self.clean()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            file = SpillFile(path, os.open(path, flags, 0o600))
        except OSError:
            return None
        self._made.add(os.path.realpath(path))
        return file

    def made(self, real: str) -> bool:
        """Whether the file at the real path `real` holds the rest of a result: the model has been given it.

        Of an earlier session of the thread, or of another one of the user's, its name is the proof: it is random, and
        the folder is not listed without leave. Such a file must be one of its own, no link to another.
        """
        if real in self._made:
            return True
        folder, name = os.path.split(real)
        if not _NAME.fullmatch(name) or folder != os.path.realpath(self.folder):
            return False
        with suppress(OSError):
            status = os.lstat(real)
            return stat.S_ISREG(status.st_mode) and status.st_nlink == 1 and status.st_uid == os.stat(folder).st_uid
        return False

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
                    if stat.S_ISREG(status.st_mode) and status.st_mtime < oldest and not _in_use(entry.path):
                        os.unlink(entry.path)
                        gone += 1
        return gone


def _in_use(path: str) -> bool:
    """Whether a session, of this process or another, still writes to the file."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return not _lock(handle, shared=False)
    finally:
        os.close(handle)


def _lock(handle: int, *, shared: bool) -> bool:
    """Lock an open file until it is closed; False where another lock is in the way. Some file systems have none."""
    try:
        import fcntl  # not on Windows
    except ImportError:
        return True
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
