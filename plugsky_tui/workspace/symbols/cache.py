"""What was found in each file, in SQLite: known by the file's content, and by its stamp as long as that is the same.

A cache only: one that is missing, damaged or made with other queries or grammars is made again, and one that
cannot be used (a full disk, a folder that is read-only) costs time, not an answer. Several processes may use it at once. Blocking.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar

from plugsky_tui.workspace.symbols.extract import VERSION
from plugsky_tui.workspace.symbols.languages import queries_and_grammars

T = TypeVar("T")

BUSY_S = 3.0
KEPT_S = 30 * 24 * 3600  # a workspace not mapped for so long
_GRAPHS = 8  # of one workspace: the whole, and some of its folders
_SPARE = 3  # tags kept for each file: those of other branches too
_DAY_S = 24 * 3600
_TABLES = """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, inode INTEGER, key TEXT, problem TEXT
) WITHOUT ROWID;
CREATE TABLE tags (key TEXT PRIMARY KEY, body TEXT);
CREATE TABLE graphs (key TEXT PRIMARY KEY, body BLOB, made INTEGER);
CREATE TABLE version (text TEXT);
"""
_CIRCUMSTANCES = (  # not the cache's fault
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells two states of a file apart without reading it. Times in nanoseconds since the epoch."""

    size: int
    modified: int
    changed: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        return cls(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def settled(self, now: int) -> bool:
        """Whether a change after `now` would show: clocks of file systems tick, some once in two seconds only."""
        tick = 50_000_000 if self.changed % 1_000_000_000 else 2_000_000_000
        return max(self.modified, self.changed) < now - tick


@dataclass(frozen=True, slots=True)
class Row:
    """A file as it was found: `key` names its tags ("" where there are none), `problem` says why not."""

    stamp: Stamp
    key: str
    problem: str = ""


class SymbolCache:
    """The cache of the workspace at the real path `root`, in the folder `folder`."""

    def __init__(self, folder: str, root: str) -> None:
        self._folder = folder
        name = blake2b(os.fsencode(root), digest_size=12).hexdigest()
        self.path = os.path.join(folder, f"{name}.sqlite")

    def rows(self) -> dict[str, Row]:
        """Path -> what is known of it. Only what is still whole: a row whose tags are lost does not count."""

        def read(db: sqlite3.Connection) -> dict[str, Row]:
            found = db.execute(
                "SELECT path, size, modified, changed, inode, files.key, problem FROM files"
                " LEFT JOIN tags ON tags.key = files.key WHERE files.key = '' OR tags.key IS NOT NULL"
            )
            return {os.fsdecode(each[0]): Row(Stamp(*each[1:5]), each[5], each[6]) for each in found}

        return self._run(read, {})

    def all_keys(self) -> set[str]:
        """The keys of all tags that are kept."""
        return self._run(lambda db: {key for (key,) in db.execute("SELECT key FROM tags")}, set())

    def save(self, rows: dict[str, Row], tags: dict[str, str]) -> None:
        def write(db: sqlite3.Connection) -> None:
            db.executemany("INSERT OR REPLACE INTO tags VALUES (?, ?)", tags.items())
            db.executemany(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)",
                ((os.fsencode(path), *astuple(row.stamp), row.key, row.problem) for path, row in rows.items()),
            )

        self._run(write, None)

    def forget(self, paths: Sequence[str]) -> None:
        """Drop files that are gone, and tags that no file has had for long."""

        def write(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM files WHERE path = ?", ((os.fsencode(path),) for path in paths))
            files = db.execute("SELECT count(*) FROM files").fetchone()[0]
            if db.execute("SELECT count(*) FROM tags").fetchone()[0] > _SPARE * files + 1000:
                db.execute("DELETE FROM tags WHERE key NOT IN (SELECT key FROM files)")

        self._run(write, None)

    def tags(self, keys: Sequence[str]) -> dict[str, str]:
        """Key -> tags as JSON, of those that are there."""

        def read(db: sqlite3.Connection) -> dict[str, str]:
            if len(keys) > 500:  # all of them is one pass, and faster than so many look-ups
                wanted = set(keys)
                return {key: body for key, body in db.execute("SELECT key, body FROM tags") if key in wanted}
            found: dict[str, str] = {}
            for key in keys:
                found.update(db.execute("SELECT key, body FROM tags WHERE key = ?", (key,)))
            return found

        return self._run(read, {})

    def tags_with(self, text: str) -> dict[str, str]:
        """Key -> tags as JSON, of those in which `text` occurs as it is."""
        return self._run(
            lambda db: dict(db.execute("SELECT key, body FROM tags WHERE instr(body, ?) > 0", (text,)).fetchall()), {}
        )

    def graph(self, key: str) -> bytes | None:
        def read(db: sqlite3.Connection) -> bytes | None:
            found = db.execute("SELECT body FROM graphs WHERE key = ?", (key,)).fetchone()
            return bytes(found[0]) if found else None

        return self._run(read, None)

    def save_graph(self, key: str, body: bytes) -> None:
        def write(db: sqlite3.Connection) -> None:
            db.execute("INSERT OR REPLACE INTO graphs VALUES (?, ?, ?)", (key, body, time.time_ns()))
            db.execute(
                "DELETE FROM graphs WHERE key NOT IN (SELECT key FROM graphs ORDER BY made DESC LIMIT ?)", (_GRAPHS,)
            )

        self._run(write, None)

    def discard(self) -> None:
        """Begin anew."""
        for ending in ("", "-journal"):
            with suppress(OSError):
                os.unlink(self.path + ending)

    def clean(self) -> None:
        """Delete the caches of workspaces that were not looked at for a month."""
        oldest = time.time() - KEPT_S
        with suppress(OSError), os.scandir(self._folder) as entries:
            for entry in entries:
                with suppress(OSError):
                    if entry.name.endswith(".sqlite") and entry.stat(follow_symlinks=False).st_mtime < oldest:
                        os.unlink(entry.path)

    def _run(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `work` answers, once more with an empty cache where this one is damaged; `otherwise` where it cannot be used."""
        for _ in range(2):
            try:
                with self._opened() as db:
                    return work(db)
            except OSError:
                return otherwise
            except (sqlite3.Error, UnicodeError) as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
                if code & 0xFF in _CIRCUMSTANCES:
                    return otherwise
                self.discard()
        return otherwise

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        # Source code is in it: readable for its owner only. SQLite gives its journal the same mode.
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(handle).st_mtime < time.time() - _DAY_S:
                os.utime(handle)
        finally:
            os.close(handle)
        with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as db:
            db.execute("PRAGMA synchronous = OFF")  # after a power loss it is made again
            self._check_version(db)
            with db:
                yield db

    def _check_version(self, db: sqlite3.Connection) -> None:
        version = f"{VERSION}\n{_outside_version()}"
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        if "version" in tables and db.execute("SELECT text FROM version").fetchone() == (version,):
            return
        with db:
            db.execute("BEGIN IMMEDIATE")
            # Another process may have been faster.
            tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            if "version" in tables and db.execute("SELECT text FROM version").fetchone() == (version,):
                return
            for name in tables:
                db.execute(f'DROP TABLE "{name}"')
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute("INSERT INTO version VALUES (?)", (version,))


@lru_cache(maxsize=1)
def _outside_version() -> str:
    """What queries and grammars are there, looked up once in a process: neither changes under its feet."""
    return blake2b(queries_and_grammars().encode(), digest_size=16).hexdigest()
