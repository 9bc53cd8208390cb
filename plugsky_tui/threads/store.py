"""All threads on disk: one file each in `threads/` of the data folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui import __version__
from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.threads.entries import Header, Setting, to_plain
from plugsky_tui.threads.ids import is_id_start, new_id
from plugsky_tui.threads.log import FileLog, lock
from plugsky_tui.threads.records import VERSION, dump, now, parse, read, to_line
from plugsky_tui.threads.scan import folder_of
from plugsky_tui.threads.thread import Thread

if TYPE_CHECKING:
    from plugsky_tui.threads.index import Row
    from plugsky_tui.threads.usage import Used

SUFFIX = ".jsonl"
LOOKED_AT = 100  # headers read in search of a folder's newest thread, before the index is asked
CANDIDATES = 5


class NoSuchThread(ThreadStoreError):
    """An id that names no thread, or several: a wrong command line."""

    exit_code = 2


@dataclass(slots=True)
class ThreadInfo:
    """One thread in a listing. Times in ISO 8601, UTC; `turns` counts the prompts, `size` bytes.

    `title` is untrusted text.
    """

    thread_id: str
    title: str
    folder: str
    created: str
    updated: str
    turns: int
    model: str
    size: int


@dataclass(slots=True)
class SearchHit:
    """A thread, and a piece of the text in which the words were found (untrusted)."""

    info: ThreadInfo
    excerpt: str


Listing = list[ThreadInfo]
Hits = list[SearchHit]
Times = list[tuple[str, int]]  # ids with the time of the last change, in nanoseconds since the epoch


class ThreadStore:
    """The threads below `data_dir`. Nothing is made there before the first prompt of the first thread."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "threads"

    def create(self, folder: Path | str, model: str, mode: str) -> Thread:
        """A new thread; its file comes with its first prompt."""
        thread = Thread(thread_id=new_id(), folder=os.path.realpath(folder), model=model, mode=mode)
        thread.attach(FileLog(self._file(thread.thread_id), report=thread.report))
        return thread

    def open(self, id_or_prefix: str) -> Thread:
        """The thread with this id, or the only one whose id begins so.

        It is not `writable` where another process has it open. `damage` says what of it was lost.
        Raises ThreadStoreError where there is none, where several begin so, or where it cannot be read.
        """
        thread_id = self.resolve(id_or_prefix)
        path = self._file(thread_id)
        fd, writable = _opened(path)
        try:
            writable = writable and lock(fd)
            data = _contents(fd)
            parsed = parse(data)
        except OSError as error:
            os.close(fd)
            raise ThreadStoreError(f"{path}: {error.strerror}") from error
        except BaseException:
            os.close(fd)
            raise
        thread = Thread(thread_id=thread_id, folder="", model="", mode="ask", writable=writable)
        log = FileLog(
            path,
            report=thread.report,
            fd=fd,
            last_seq=parsed.last_seq,
            size=len(data),
            complete=not data or data.endswith(b"\n"),
            writable=writable,
        )
        thread.attach(log, parsed.entries, parsed.damage)
        return thread

    def newest(self, folder: Path | str) -> str | None:
        """The id of the thread of `folder` that was worked on last."""
        real = os.path.realpath(folder)
        for looked_at, (thread_id, _) in enumerate(self._by_time()):
            if looked_at == LOOKED_AT:
                return next((info.thread_id for info in self.list(real)), None)
            if folder_of(self._file(thread_id)) == real:
                return thread_id
        return None

    def list(self, folder: Path | str | None = None) -> Listing:
        """The threads of `folder`, or all, the last worked on first."""
        from plugsky_tui.threads.index import ThreadIndex  # brings sqlite3, which a run has no use for

        index = ThreadIndex(self._folder, self._index_file())
        return [_info(row) for row in index.rows(None if folder is None else os.path.realpath(folder))]

    def search(self, text: str) -> Hits:
        """The threads in which one prompt, answer, tool call or title has all the words of `text`."""
        from plugsky_tui.threads.index import ThreadIndex

        words = text.split()
        hits = ThreadIndex(self._folder, self._index_file()).search(words)
        return [SearchHit(_info(row), excerpt(found, words)) for row, found in hits]

    def used(self, since: float = 0.0, folder: Path | str | None = None, thread_id: str | None = None) -> Used:
        """The requests and tool calls of all threads, those of `folder` or the one `thread_id`, from `since` on (seconds
        since 1970)."""
        from plugsky_tui.threads.index import ThreadIndex

        index = ThreadIndex(self._folder, self._index_file())
        return index.used(since, None if folder is None else os.path.realpath(folder), thread_id)

    def rename(self, id_or_prefix: str, title: str) -> str:
        """Give a thread another title; its full id. Raises ThreadStoreError, also where another process has it."""
        thread_id = self.resolve(id_or_prefix)
        path = self._file(thread_id)
        before = path.stat()
        thread = self._exclusively(thread_id)
        thread.setting("title", " ".join(title.split()))
        thread.close()
        if thread.problems:
            raise ThreadStoreError(f"The thread could not be renamed. {thread.problems[0]}")
        with suppress(OSError):  # a new name is no new work: the order of the listing stays
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return thread_id

    def delete(self, id_or_prefix: str) -> str:
        """Remove a thread from disk; its full id. Raises ThreadStoreError, also where another process has it."""
        thread_id = self.resolve(id_or_prefix)
        path = self._file(thread_id)
        fd, _ = _opened(path)
        try:
            if not lock(fd):
                raise _busy(thread_id)
            path.unlink()
        except OSError as error:
            raise ThreadStoreError(f"{path}: {error.strerror}") from error
        finally:
            os.close(fd)
        return thread_id

    def fork(self, id_or_prefix: str) -> Thread:
        """A new thread with all that was said in this one, which may be open elsewhere. Records are copied as
        they are; damaged ones are left behind. Raises ThreadStoreError."""
        origin = self.resolve(id_or_prefix)
        fd, _ = _opened(self._file(origin))
        try:
            data = _contents(fd)
        finally:
            os.close(fd)
        old = parse(data)  # says so where a newer version wrote it
        was = Thread(thread_id=origin, folder="", model="", mode="ask")
        was.attach(FileLog(self._file(origin), report=was.report, writable=False), old.entries)
        thread_id = new_id()
        header = Header(thread_id, was.folder, now(), __version__, was.model, was.mode, forked_from=origin)
        records = (record for record, _ in read(data) if record is not None and record["type"] != "thread")
        title = Setting("title", f"{was.title} (fork)".strip())
        copied = [dump({"v": VERSION, "seq": 0, "time": header.created, **to_plain(header)})]
        copied += [dump(record) for record in records]
        copied.append(to_line(title, old.last_seq + 1))
        self._put(self._file(thread_id), b"".join(copied))
        return self.open(thread_id)

    def resolve(self, id_or_prefix: str) -> str:
        """The full id. Raises NoSuchThread, naming the candidates."""
        start = id_or_prefix.strip().lower()
        ids = sorted(self._ids(), reverse=True) if is_id_start(start) else []
        found = [thread_id for thread_id in ids if thread_id.startswith(start)]
        if start in found:
            return start
        if len(found) == 1:
            return found[0]
        if not found:
            raise NoSuchThread(
                f"There is no thread {id_or_prefix!r}.", hint="`plugsky threads list` shows all threads."
            )
        more = f" and {len(found) - CANDIDATES} more" if len(found) > CANDIDATES else ""
        raise NoSuchThread(
            f"{len(found)} threads begin with {start!r}.", hint=f"Which one? {', '.join(found[:CANDIDATES])}{more}"
        )

    def _exclusively(self, thread_id: str) -> Thread:
        thread = self.open(thread_id)
        if not thread.writable:
            thread.close()
            raise _busy(thread_id)
        return thread

    def _file(self, thread_id: str) -> Path:
        return self._folder / (thread_id + SUFFIX)

    def _index_file(self) -> Path:
        return self._folder / "index.sqlite3"

    def _ids(self) -> Iterator[str]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208  # names are wanted, and there may be many
        except OSError:
            return
        yield from (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))

    def _by_time(self) -> Times:
        """All threads, the last changed first."""
        found: Times = []
        for thread_id in self._ids():
            with suppress(OSError):
                found.append((thread_id, self._file(thread_id).stat().st_mtime_ns))
        return sorted(found, key=lambda item: (item[1], item[0]), reverse=True)

    def _put(self, path: Path, data: bytes) -> None:
        """A new file, whole or not at all."""
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise ThreadStoreError(f"The copy could not be written: {error.strerror}.") from error


def excerpt(text: str, words: list[str], width: int = 100) -> str:
    """About `width` characters of `text` around the first of `words`, on one line."""
    folded = text.casefold()
    at = min((place for word in words if (place := folded.find(word.casefold())) >= 0), default=0)
    start = max(0, at - width // 3)
    piece = " ".join(text[start : start + width].split())
    return ("…" if start else "") + piece + ("…" if start + width < len(text) else "")


def _opened(path: Path) -> tuple[int, bool]:
    """A descriptor of the file, and whether it can be written to. Never waits, follows no link."""
    flags = os.O_APPEND | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    writable = True
    try:
        try:
            fd = os.open(path, os.O_RDWR | flags)
        except PermissionError:
            fd, writable = os.open(path, os.O_RDONLY | flags), False
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
            fd, writable = os.open(path, os.O_RDONLY | flags), False
    except OSError as error:
        raise ThreadStoreError(f"{path}: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ThreadStoreError(f"{path}: not a regular file")
    return fd, writable


def _contents(fd: int) -> bytes:
    with open(fd, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def _busy(thread_id: str) -> ThreadStoreError:
    return ThreadStoreError(
        f"The thread {thread_id} is open in another plugsky.", hint="Close it there first, or fork it."
    )


def _info(row: Row) -> ThreadInfo:
    summary = row.summary
    updated = datetime.fromtimestamp(row.modified / 1e9, timezone.utc).isoformat(timespec="milliseconds")
    return ThreadInfo(
        thread_id=row.thread_id,
        title=summary.title,
        folder=summary.folder,
        created=summary.created,
        updated=updated.replace("+00:00", "Z"),
        turns=summary.turns,
        model=summary.model,
        size=row.size,
    )
