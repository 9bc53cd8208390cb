"""What is piped into `plugsky run`, read without ever waiting on a pipe that stays silent."""

from __future__ import annotations

import os
import select
import stat
import threading

SILENCE_S = 0.15  # a pipe that has said nothing for so long is one that nobody writes to
PAUSE_S = 10.0  # and one that has begun may pause for so long
LIMIT = 8 * 1024 * 1024  # bytes; more than any context window holds


class PipedInput:
    """Reads standard input in the background from the moment it is made, so that start-up and reading overlap."""

    def __init__(self, *, wanted: bool, fd: int = 0) -> None:
        """`wanted`: there is no other prompt, so waiting for the end of the input is right."""
        self._fd = fd
        self._wanted = wanted
        self._pieces: list[bytes] = []
        self.silent = False  # the pipe was open but nobody wrote: it was left alone
        self.cut = False  # it paused too long, or was too long, and only what had come was taken
        self._thread: threading.Thread | None = None
        if self._readable():
            self._thread = threading.Thread(target=self._read, name="stdin", daemon=True)
            self._thread.start()

    def text(self) -> str:
        """All that was piped in; "" for a terminal, a closed or a silent input. Undecodable bytes are replaced."""
        if self._thread is not None:
            self._thread.join()
        return b"".join(self._pieces).decode("utf-8-sig", "replace")

    def _readable(self) -> bool:
        try:
            kind = os.fstat(self._fd).st_mode
        except OSError:  # closed
            return False
        return not os.isatty(self._fd) and (stat.S_ISFIFO(kind) or stat.S_ISREG(kind) or stat.S_ISSOCK(kind))

    def _read(self) -> None:
        size = 0
        wait: float | None = None if self._wanted else SILENCE_S
        while size <= LIMIT:
            try:
                ready, _, _ = select.select([self._fd], [], [], wait)
                piece = os.read(self._fd, 65536) if ready else None
            except OSError:
                return
            if piece is None:
                self.silent, self.cut = not self._pieces, bool(self._pieces)
                return
            if not piece:
                return
            self._pieces.append(piece)
            size += len(piece)
            wait = None if self._wanted else PAUSE_S
        self.cut = True
