"""What the threads on disk tell of use: every request and every tool call, with its time, kept in the index.

The index reads on from where it left off; what it has to know of a thread to do so is a `Fold`. Threads of earlier
versions name no requests: there each turn that was completed counts as one.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from plugsky_tui.threads.entries import Plain
from plugsky_tui.threads.scan import Summary, records_of, storable

Outcome = Literal["answered", "retried", "failed", "open"]
CallOutcome = Literal["ok", "failed", "refused", "open"]

TABLES = """
CREATE TABLE requests (
    id INTEGER PRIMARY KEY, thread TEXT, time REAL, asked TEXT, answered TEXT, outcome TEXT,
    prompt INTEGER, cached INTEGER, completion INTEGER
);
CREATE INDEX requests_by_time ON requests (time);
CREATE INDEX requests_by_thread ON requests (thread);
CREATE TABLE calls (id INTEGER PRIMARY KEY, thread TEXT, time REAL, name TEXT, outcome TEXT);
CREATE INDEX calls_by_thread ON calls (thread);
CREATE TABLE folds (thread TEXT PRIMARY KEY, offset INTEGER, fold TEXT);
"""
NAMES = ("requests", "calls", "folds")
_KINDS = tuple(
    f'"type":"{kind}"'.encode() for kind in ("thread", "prompt", "setting", "event", "call", "result", "inner")
)


@dataclass(slots=True)
class Requests:
    """The requests of one local day (ISO 8601) to one model that ended alike, and the tokens they took.

    `asked` is the model as the user names it, `answered` as the server does ("" where none did). "retried": it failed
    and was sent again; "open": it was interrupted, or still runs.
    """

    day: str
    asked: str
    answered: str
    outcome: Outcome
    count: int
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int


@dataclass(slots=True)
class Calls:
    """The calls of one tool on one local day that ended alike."""

    day: str
    name: str
    outcome: CallOutcome
    count: int


@dataclass(slots=True)
class Used:
    """`times` are those of all requests, in seconds since 1970, with the model that was asked; the oldest first."""

    requests: list[Requests]
    calls: list[Calls]
    times: list[tuple[float, str]]


@dataclass(slots=True)
class Fold:
    """Where the reading of one thread stands. `copied_until`: what is older was said in the thread that this one was
    forked from, and counts there. `request` and the values of `calls` are rows of the tables. `inner` is where the
    reading of each subagent's conversation stands, by the call that runs it."""

    asked: str = ""
    copied_until: str = ""
    request: int | None = None
    calls: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    inner: dict[str, Fold] = field(default_factory=dict)

    @classmethod
    def kept(cls, plain: dict[str, Any]) -> Fold:
        """From its JSON form."""
        return cls(**{**plain, "inner": {name: cls.kept(one) for name, one in plain.get("inner", {}).items()}})


def read_on(db: sqlite3.Connection, folder: Path, suffix: str) -> None:
    """Bring the tables up to date with the threads in `folder`. The first time takes a while."""
    behind = db.execute(
        "SELECT threads.id, coalesce(folds.offset, 0), folds.fold FROM threads"
        " LEFT JOIN folds ON folds.thread = threads.id WHERE coalesce(folds.offset, 0) < threads.offset"
    ).fetchall()
    for thread_id, offset, kept in behind:
        place = Summary(offset=offset)
        reading = _Reading(db, thread_id, Fold.kept(json.loads(kept)) if kept else Fold())
        with suppress(OSError):
            for record in records_of(folder / (thread_id + suffix), place, _KINDS):
                reading.take(record)
            fold = json.dumps(asdict(reading.fold))
            db.execute("INSERT OR REPLACE INTO folds VALUES (?, ?, ?)", (thread_id, place.offset, fold))


def forget(db: sqlite3.Connection, thread_id: str) -> None:
    for name in NAMES:
        db.execute(f"DELETE FROM {name} WHERE thread = ?", (thread_id,))  # noqa: S608


def used(db: sqlite3.Connection, since: float, folder: str | None, thread: str | None = None) -> Used:
    """What was used from `since` on (seconds since 1970), in the threads of `folder`, in one `thread`, or in all."""
    where, values = "time >= ?", [since]
    if folder is not None:
        where += " AND thread IN (SELECT id FROM threads WHERE folder = ?)"
        values.append(storable(folder))  # type: ignore[arg-type]  # values of any kind
    if thread is not None:
        where += " AND thread = ?"
        values.append(thread)  # type: ignore[arg-type]
    day = "date(time, 'unixepoch', 'localtime')"
    requests = db.execute(
        f"SELECT {day}, asked, answered, outcome, count(*), sum(prompt), sum(cached), sum(completion)"  # noqa: S608
        f" FROM requests WHERE {where} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        values,
    )
    calls = db.execute(
        f"SELECT {day}, name, outcome, count(*) FROM calls WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",  # noqa: S608
        values,
    )
    times = db.execute(f"SELECT time, asked FROM requests WHERE {where} ORDER BY time", values)  # noqa: S608
    return Used([Requests(*row) for row in requests], [Calls(*row) for row in calls], times.fetchall())


class _Reading:
    """Takes the records of one thread, in order, into the tables."""

    def __init__(self, db: sqlite3.Connection, thread_id: str, fold: Fold) -> None:
        self.fold = fold
        self._db = db
        self._thread = thread_id

    def take(self, record: Plain) -> None:
        match record:
            case {"type": "thread", "model": str(model), "created": str(created)}:
                self.fold.asked = storable(model)
                self.fold.copied_until = created if record.get("forked_from") else ""
            case {"type": "setting", "name": "model", "value": str(model)}:
                self.fold.asked = storable(model)
            case {"time": str(time)} if time >= self.fold.copied_until:
                if record.get("type") == "inner":
                    self._inner(record, time)
                else:
                    self._count(record, time)
            case _:
                pass

    def _inner(self, record: Plain, time: str) -> None:
        """A subagent's record counts like any other; what is under way in its conversation is its own."""
        match record:
            case {"call_id": str(call_id), "entry": dict(entry)}:
                fold = self.fold.inner.setdefault(call_id, Fold())
                _Reading(self._db, self._thread, fold).take({**entry, "time": time})
            case _:
                pass

    def _count(self, record: Plain, time: str) -> None:
        match record:
            case {"type": "prompt"}:
                self.fold.request = None
            case {"type": "call", "call_id": str(call_id), "name": str(name)}:
                values = (self._thread, _seconds(time), storable(name), "open")
                row = self._insert("INSERT INTO calls (thread, time, name, outcome) VALUES (?, ?, ?, ?)", values)
                self.fold.calls[call_id] = row
            case {"type": "result", "call_id": str(call_id)}:
                self._concluded(call_id, ok=record.get("ok") is True)
            case {"type": "event", "event": {"type": str(kind)} as event}:
                self._event(kind, event, time)
            case _:
                pass

    def _event(self, kind: str, event: dict[str, Any], time: str) -> None:
        match kind:
            case "request.started":
                if self.fold.request is not None:  # it was refused, and is sent again in another form
                    self._end("retried")
                self._begin(time)
            case "usage":
                row = self._current(time)
                tokens = [_count(event.get(f"{name}_tokens")) for name in ("prompt", "cached", "completion")]
                self._db.execute(
                    "UPDATE requests SET prompt = prompt + ?, cached = cached + ?, completion = completion + ?"
                    " WHERE id = ?",
                    (*tokens, row),
                )
            case "turn.completed":
                row = self._current(time)
                answered = storable(str(event.get("model", "")))
                self._db.execute("UPDATE requests SET answered = ? WHERE id = ?", (answered, row))
                self._end("answered")
            case "retry":
                self._end("retried")
            case "error" if event.get("request_id"):  # others are none of a request
                self._current(time)
                self._end("failed")
            case "permission.resolved" if event.get("verdict") == "deny":
                self.fold.refused.append(str(event.get("call_id")))
            case _:
                pass

    def _current(self, time: str) -> int:
        """The row of the request that is under way."""
        return self._begin(time) if self.fold.request is None else self.fold.request

    def _begin(self, time: str) -> int:
        values = (self._thread, _seconds(time), self.fold.asked)
        row = self.fold.request = self._insert(
            "INSERT INTO requests (thread, time, asked, answered, outcome, prompt, cached, completion)"
            " VALUES (?, ?, ?, '', 'open', 0, 0, 0)",
            values,
        )
        return row

    def _end(self, outcome: Outcome) -> None:
        self._db.execute("UPDATE requests SET outcome = ? WHERE id = ?", (outcome, self.fold.request))
        self.fold.request = None

    def _concluded(self, call_id: str, *, ok: bool) -> None:
        self.fold.inner.pop(call_id, None)
        row = self.fold.calls.pop(call_id, None)
        outcome = "ok" if ok else "failed"
        if call_id in self.fold.refused:
            self.fold.refused.remove(call_id)
            outcome = "refused"
        self._db.execute("UPDATE calls SET outcome = ? WHERE id = ?", (outcome, row))

    def _insert(self, statement: str, values: tuple[Any, ...]) -> int:
        return self._db.execute(statement, values).lastrowid or 0


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53 else 0
