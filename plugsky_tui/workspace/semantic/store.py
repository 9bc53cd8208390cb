"""The index on disk: SQLite, one file for each folder and embedding model. Blocking: call it in a thread.

A vector is known by the content it was made of, so a file that moves, or comes back, needs none. Each batch is one
transaction: whatever ends the process, what was written before stays, and the next run goes on. It can be deleted at
any time, but making it again costs requests, so it is not deleted for being old.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, field

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.semantic.chunks import JOINED, LONGEST_LINE, MOST, SCRAP, Chunk
from plugsky_tui.workspace.symbols.cache import Stamp

VERSION = f"1 {MOST} {JOINED} {SCRAP} {LONGEST_LINE}"  # of tables and of what chunks are: another one begins anew
BUSY_S = 15.0
_SPARE = 1000  # vectors that no chunk has (any more) and that are kept, besides as many as are in use
_PAGE = 8192  # bytes: two and a bit for a vector of 4,096 numbers
_TABLES = """
CREATE TABLE files (
    path BLOB PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, inode INTEGER, digest TEXT
) WITHOUT ROWID;
CREATE TABLE chunks (path BLOB, first INTEGER, last INTEGER, name TEXT, key BLOB, body BLOB);
CREATE INDEX chunks_by_path ON chunks (path);
CREATE INDEX chunks_by_key ON chunks (key);
CREATE TABLE vectors (number INTEGER PRIMARY KEY, key BLOB UNIQUE, vector BLOB);
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""
_CIRCUMSTANCES = (  # not the index's fault
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
)


class Damaged(Exception):
    """The file is no index, or not a whole one: begin anew."""


class Unusable(PlugskyError):
    """The index cannot be read or written as things stand: a full disk, a folder that is read-only, another process."""

    code = "index"


@dataclass(slots=True)
class IndexedFile:
    """A file as it was when its chunks were made. `stamp` None: it may have changed while it was read."""

    path: str
    digest: str
    stamp: Stamp | None
    chunks: list[Chunk] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """What is known of a file that is in the index."""

    digest: str
    stamp: Stamp | None


@dataclass(slots=True)
class Place:
    """A chunk in the index. `body` and `key`: see `Chunk`."""

    path: str
    first: int
    last: int
    name: str
    key: bytes
    body: bytes


@dataclass(slots=True)
class Facts:
    """`built` is when a run last went to its end, in seconds since 1970 (None: none has yet). `dimensions` is None
    before the first vector. `bytes` on disk."""

    files: int
    chunks: int
    vectors: int
    dimensions: int | None
    built: float | None
    bytes: int


class Store:
    """The index at `path`. Damaged where it is none, Unusable where it cannot be used, from every method."""

    def __init__(self, path: str) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return os.path.isfile(self.path)

    def check(self) -> None:
        """Damaged where pages of it are: reads all of it."""
        with self._opened() as db:
            if (said := db.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise Damaged(said)

    def facts(self) -> Facts:
        with self._opened() as db:
            told = dict(db.execute("SELECT name, value FROM facts"))
            files = db.execute("SELECT count(*) FROM files").fetchone()[0]
            chunks = db.execute("SELECT count(*) FROM chunks").fetchone()[0]
            used = db.execute("SELECT count(*) FROM vectors WHERE key IN (SELECT key FROM chunks)").fetchone()[0]
        dimensions, built = told.get("dimensions"), told.get("built")
        try:
            return Facts(
                files,
                chunks,
                used,
                int(dimensions) if dimensions else None,
                float(built) if built else None,
                os.path.getsize(self.path),
            )
        except (ValueError, OSError) as error:
            raise Damaged(str(error)) from None

    def files(self) -> dict[str, Known]:
        with self._opened() as db:
            rows = db.execute("SELECT path, digest, size, modified, changed, inode FROM files").fetchall()
        return {
            os.fsdecode(path): Known(digest, Stamp(*stamp) if stamp[0] is not None else None)
            for path, digest, *stamp in rows
        }

    def keys(self) -> set[bytes]:
        """Of all vectors there are."""
        with self._opened() as db:
            return {key for (key,) in db.execute("SELECT key FROM vectors")}

    def places(self) -> list[Place]:
        with self._opened() as db:
            rows = db.execute("SELECT path, first, last, name, key, body FROM chunks ORDER BY path, first").fetchall()
        return [Place(os.fsdecode(path), *rest) for path, *rest in rows]

    def vectors(self, keys: Collection[bytes], at_once: int = 512) -> Iterator[list[tuple[bytes, bytes]]]:
        """Key and vector of those of `keys` that have one, so many at once."""
        with self._opened() as db:
            if len(keys) < at_once:
                marks = ",".join("?" * len(keys))
                rows = db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", tuple(keys))  # noqa: S608
            else:
                rows = db.execute("SELECT key, vector FROM vectors")
            while some := rows.fetchmany(at_once):
                if wanted := [row for row in some if row[0] in keys]:
                    yield wanted

    def save(self, vectors: Mapping[bytes, bytes], files: Sequence[IndexedFile], dimensions: int | None) -> None:
        """Put in new vectors, and the chunks of files in the place of those they had: all of it, or nothing."""
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            if dimensions is not None:
                db.execute("INSERT OR REPLACE INTO facts VALUES ('dimensions', ?)", (str(dimensions),))
            db.executemany("INSERT OR IGNORE INTO vectors (key, vector) VALUES (?, ?)", vectors.items())
            for file in files:
                path = os.fsencode(file.path)
                stamp = astuple(file.stamp) if file.stamp is not None else (None,) * 4
                db.execute("DELETE FROM chunks WHERE path = ?", (path,))
                db.executemany(
                    "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?)",
                    ((path, each.first, each.last, each.name, each.key, each.body) for each in file.chunks),
                )
                db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", (path, *stamp, file.digest))

    def restamp(self, stamps: Mapping[str, Stamp]) -> None:
        """These files were looked at again, and say what they said before."""
        with self._opened() as db:
            db.executemany(
                "UPDATE files SET size = ?, modified = ?, changed = ?, inode = ? WHERE path = ?",
                ((*astuple(stamp), os.fsencode(path)) for path, stamp in stamps.items()),
            )

    def forget(self, paths: Sequence[str]) -> None:
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            gone = [(os.fsencode(path),) for path in paths]
            db.executemany("DELETE FROM chunks WHERE path = ?", gone)
            db.executemany("DELETE FROM files WHERE path = ?", gone)

    def finish(self) -> None:
        """A run went to its end. Vectors of other branches and earlier times are kept, as long as they are not many."""
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT OR REPLACE INTO facts VALUES ('built', ?)", (repr(time.time()),))
            used = db.execute("SELECT count(*) FROM vectors WHERE key IN (SELECT key FROM chunks)").fetchone()[0]
            if db.execute("SELECT count(*) FROM vectors").fetchone()[0] > 2 * used + _SPARE:
                db.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM chunks)")

    def discard(self) -> None:
        for ending in ("", "-journal"):
            try:
                os.unlink(self.path + ending)
            except FileNotFoundError:
                pass
            except OSError as error:
                raise unusable(self.path, error.strerror or str(error)) from None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            # What the code of a private repository is about can be told from it: readable for its owner only.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        except OSError as error:
            raise unusable(self.path, error.strerror or str(error)) from None
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as db:
                self._check_version(db)
                with db:
                    yield db
        except (sqlite3.Error, UnicodeError, ValueError) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
            if code & 0xFF in _CIRCUMSTANCES:
                raise unusable(self.path, str(error)) from None
            raise Damaged(str(error)) from None

    def _check_version(self, db: sqlite3.Connection) -> None:
        if _version(db) == VERSION:
            return
        db.execute(f"PRAGMA page_size = {_PAGE}")
        with db:
            db.execute("BEGIN IMMEDIATE")
            if _version(db) == VERSION:  # another process was faster
                return
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                db.execute(f'DROP TABLE "{name}"')
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            db.execute("INSERT INTO facts VALUES ('version', ?)", (VERSION,))


def _version(db: sqlite3.Connection) -> str:
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
        return ""
    found = db.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    return str(found[0]) if found else ""


def unusable(path: str, why: str) -> Unusable:
    """The error for an index whose file `path` is out of reach."""
    return Unusable(
        f"The semantic index cannot be used: {why} ({path}).",
        hint="Free or repair that place, or have another one: PLUGSKY_CACHE_DIR moves it. What was written is kept.",
    )
