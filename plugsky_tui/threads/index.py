"""The index of all threads: a cache in SQLite, brought up to date whenever it is asked.

The files are the truth. An index that is missing, damaged or of another version is made again; one
that cannot be written is made in memory for this once.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypeVar

from plugsky_tui.threads import usage
from plugsky_tui.threads.scan import Summary, storable, summarise, texts

T = TypeVar("T")

VERSION = 2  # of the tables
SUFFIX = ".jsonl"
BUSY_S = 3.0

_TABLES = """
CREATE TABLE threads (
    id TEXT PRIMARY KEY, size INTEGER, modified INTEGER, inode INTEGER, searched INTEGER,
    folder TEXT, created TEXT, title TEXT, named INTEGER, turns INTEGER, model TEXT, offset INTEGER
);
CREATE INDEX threads_by_folder ON threads (folder, modified);
"""
_COLUMNS = "folder, created, title, named, turns, model, offset"  # the fields of Summary, in order

# not the index's fault: another process keeps it busy, the folder is read-only, the disk full or broken
_CIRCUMSTANCES = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)


@dataclass(slots=True)
class Row:
    """One thread. `modified` in nanoseconds since the epoch, `size` in bytes."""

    thread_id: str
    size: int
    modified: int
    summary: Summary


class ThreadIndex:
    """Answers from the index at `path` about the threads in `folder`."""

    def __init__(self, folder: Path, path: Path) -> None:
        self._folder = folder
        self._path = path

    def rows(self, folder: str | None = None) -> list[Row]:
        """The threads of `folder`, or all, last changed first."""
        where, values = ("WHERE folder = ?", [storable(folder)]) if folder is not None else ("", [])

        def answer(db: sqlite3.Connection) -> list[Row]:
            found = db.execute(
                f"SELECT id, size, modified, {_COLUMNS} FROM threads {where} ORDER BY modified DESC, id DESC",  # noqa: S608
                values,
            )
            return [_row(row) for row in found]

        return self._ask(answer)

    def search(self, words: Iterable[str]) -> list[tuple[Row, str]]:
        """The threads in which one text has all `words` (any case, also inside other words), last changed
        first, each with such a text. A title counts as a text."""
        wanted = [storable(word) for word in words if word]
        if not wanted:
            return []

        def answer(db: sqlite3.Connection) -> list[tuple[Row, str]]:
            self._read_texts(db)
            long = [word for word in wanted if len(word) >= 3] if _has_fts(db) else []
            short = [word for word in wanted if word not in long]
            clauses = [r"text LIKE ? ESCAPE '\'" for _ in short]
            values = [f"%{_like(word)}%" for word in short]
            if long:
                clauses.append("texts MATCH ?")
                values.append(" ".join('"' + word.replace('"', '""') + '"' for word in long))
            query = f"SELECT id, text FROM texts WHERE {' AND '.join(clauses)} ORDER BY rowid"  # noqa: S608
            hits: dict[str, str] = {}
            for thread_id, text in db.execute(query, values):
                hits.setdefault(thread_id, text)
            found = db.execute(f"SELECT id, size, modified, {_COLUMNS} FROM threads ORDER BY modified DESC, id DESC")  # noqa: S608
            folded = [word.casefold() for word in wanted]
            out = []
            for row in map(_row, found):
                title = row.summary.title
                if all(word in title.casefold() for word in folded):
                    out.append((row, title))
                elif row.thread_id in hits:
                    out.append((row, hits[row.thread_id]))
            return out

        return self._ask(answer)

    def used(self, since: float, folder: str | None = None, thread: str | None = None) -> usage.Used:
        """Requests and tool calls from `since` on (seconds since 1970), of `folder`, of one `thread`, or of all."""

        def answer(db: sqlite3.Connection) -> usage.Used:
            usage.read_on(db, self._folder, SUFFIX)
            return usage.used(db, since, folder, thread)

        return self._ask(answer)

    def _ask(self, answer: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return self._answered(str(self._path), answer)
        except sqlite3.Error as error:
            if error.sqlite_errorcode & 0xFF not in _CIRCUMSTANCES:
                with suppress(OSError, sqlite3.Error):
                    self._path.unlink()  # damaged: it is made again
                    return self._answered(str(self._path), answer)
        return self._answered(":memory:", answer)

    def _answered(self, place: str, answer: Callable[[sqlite3.Connection], T]) -> T:
        with self._connected(place) as db:
            self._refresh(db)
            found = answer(db)
            db.commit()
            return found

    @contextmanager
    def _connected(self, place: str) -> Iterator[sqlite3.Connection]:
        if place != ":memory:":
            with suppress(OSError):
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                # as private as the threads themselves; SQLite gives its journal the same mode
                os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with closing(sqlite3.connect(place, timeout=BUSY_S)) as db:
            db.execute("PRAGMA synchronous = OFF")  # a cache: after a power loss it is made again
            if db.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                _make_tables(db)
            db.execute("BEGIN IMMEDIATE")
            yield db

    def _refresh(self, db: sqlite3.Connection) -> None:
        """Look at the files that are new or changed, forget those that are gone."""
        known = {
            row[0]: row[1:]
            for row in db.execute(f"SELECT id, size, modified, inode, {_COLUMNS} FROM threads")  # noqa: S608
        }
        for thread_id, info in self._files():
            row = known.pop(thread_id, None)
            if row is not None and row[:3] == (info.st_size, info.st_mtime_ns, info.st_ino):
                continue
            grew = row is not None and row[2] == info.st_ino and row[0] <= info.st_size
            before = Summary(*row[3:]) if row is not None and grew else Summary()
            if row is not None and not grew:
                _forget(db, thread_id)
            try:
                now = summarise(self._folder / (thread_id + SUFFIX), before)
            except OSError:
                continue
            db.execute(
                f"INSERT INTO threads (id, size, modified, inode, searched, {_COLUMNS})"  # noqa: S608
                " VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " size = excluded.size, modified = excluded.modified, folder = excluded.folder,"
                " created = excluded.created, title = excluded.title, named = excluded.named,"
                " turns = excluded.turns, model = excluded.model, offset = excluded.offset",
                (thread_id, info.st_size, info.st_mtime_ns, info.st_ino, *astuple(now)),
            )
        for thread_id in known:
            _forget(db, thread_id)

    def _read_texts(self, db: sqlite3.Connection) -> None:
        """Have the text of all threads searchable, from where it was left off. The first time takes a while."""
        behind = db.execute("SELECT id, searched FROM threads WHERE searched < offset").fetchall()
        for thread_id, searched in behind:
            place = Summary(offset=searched)
            with suppress(OSError):
                db.executemany(
                    "INSERT INTO texts (id, text) VALUES (?, ?)",
                    ((thread_id, text) for text in texts(self._folder / (thread_id + SUFFIX), place)),
                )
                db.execute("UPDATE threads SET searched = ? WHERE id = ?", (place.offset, thread_id))

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        try:
            with os.scandir(self._folder) as found:
                for file in found:
                    if file.name.endswith(SUFFIX) and file.is_file(follow_symlinks=False):
                        with suppress(OSError):
                            yield file.name.removesuffix(SUFFIX), file.stat(follow_symlinks=False)
        except OSError:
            return


def _make_tables(db: sqlite3.Connection) -> None:
    for name in ("threads", "texts", *usage.NAMES):
        db.execute(f"DROP TABLE IF EXISTS {name}")
    db.executescript(_TABLES + usage.TABLES)
    try:
        db.execute("CREATE VIRTUAL TABLE texts USING fts5(id UNINDEXED, text, tokenize = 'trigram')")
    except sqlite3.OperationalError:  # an SQLite without FTS5 or older than 3.34: LIKE finds the same, slower
        db.execute("CREATE TABLE texts (id TEXT, text TEXT)")
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.commit()


def _has_fts(db: sqlite3.Connection) -> bool:
    made = db.execute("SELECT sql FROM sqlite_master WHERE name = 'texts'").fetchone()
    return "fts5" in str(made[0])


def _forget(db: sqlite3.Connection, thread_id: str) -> None:
    db.execute("DELETE FROM threads WHERE id = ?", (thread_id,))
    db.execute("DELETE FROM texts WHERE id = ?", (thread_id,))
    usage.forget(db, thread_id)


def _row(row: tuple[str, int, int, str, str, str, int, int, str, int]) -> Row:
    return Row(row[0], row[1], row[2], Summary(*row[3:6], bool(row[6]), *row[7:]))


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
