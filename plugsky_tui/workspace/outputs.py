"""A text that may become too long: its head and tail are kept, all of it goes to a file."""

from __future__ import annotations

from collections import deque

from plugsky_tui.workspace.spill import Spill, SpillFile

HEAD = 10_000  # characters
TAIL = 20_000  # more of the end: that is where commands say how they ended


class BoundedOutput:
    """Add pieces as they come; `text()` is what a model is sent of them.

    Memory is bounded by head and tail, whatever comes.
    """

    def __init__(self, spill: Spill, kind: str, head: int = HEAD, tail: int = TAIL) -> None:
        self._spill, self._kind = spill, kind
        self._head_limit, self._tail_limit = head, tail
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._file: SpillFile | None = None
        self._tried = False
        self.size = 0  # characters in all

    def add(self, piece: str) -> None:
        if not piece:
            return
        self.size += len(piece)
        if self._tried:
            if self._file is not None:
                self._file.write(piece)
        elif self.size > self._head_limit + self._tail_limit:
            self._start_file(piece)
        room = self._head_limit - self._head_size
        if room > 0:
            self._head.append(piece[:room])
            self._head_size += len(self._head[-1])
            piece = piece[room:]
        if piece:
            self._tail.append(piece)
            self._tail_size += len(piece)
        while self._tail and self._tail_size - len(self._tail[0]) >= self._tail_limit:
            self._tail_size -= len(self._tail.popleft())

    @property
    def path(self) -> str | None:
        """The file that holds all of it, where one was needed and could be made."""
        return self._file.path if self._file else None

    def text(self) -> str:
        """All of it, or head and tail cut at line ends, with a line between that says what is missing and where it is."""
        head, tail = "".join(self._head), "".join(self._tail)
        if self.size <= self._head_limit + self._tail_limit:
            return head + tail
        tail = tail[-self._tail_limit :]
        head = head[: head.rfind("\n", len(head) // 2) + 1] or head
        cut = tail.find("\n", 0, len(tail) // 2)
        tail = tail[cut + 1 :]
        left_out = self.size - len(head) - len(tail)
        where = "no file could be made to hold it"
        if self._file is not None:
            where = f"{'the whole output is' if self._file.complete else 'its first 50 MiB are'} in {self._file.path}"
        newline = "" if head.endswith("\n") else "\n"
        return f"{head}{newline}[… {left_out:,} characters are left out here; {where} …]\n{tail}"

    @property
    def complete(self) -> bool:
        """Whether that file has all of it."""
        return self._file is not None and self._file.complete

    def take(self) -> str:
        """What `text()` is of the pieces since the last `take`. The file goes on holding all of them."""
        text = self.text()
        self._head.clear()
        self._tail.clear()
        self._head_size = self._tail_size = self.size = 0
        return text

    def keep_all(self) -> str | None:
        """Have a file with all of it from now on, however short it is; its path, None where none can be made."""
        if not self._tried:
            self._start_file("")
        return self.path

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _start_file(self, piece: str) -> None:
        self._tried = True
        self._file = self._spill.open(self._kind)
        if self._file is not None:
            self._file.write("".join((*self._head, *self._tail, piece)))
