"""What threads tell of use: each request and each tool call counts once, whatever became of it."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.events import (
    ErrorRaised,
    Notice,
    PermissionResolved,
    RequestStarted,
    Retry,
    TextDelta,
    ThreadCompleted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Usage,
)
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads.records import dump
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.threads.thread import Thread
from plugsky_tui.threads.usage import Calls, Requests, Used

from .conftest import file_of, write_run

TODAY = datetime.now().astimezone().date().isoformat()
STARTED = RequestStarted("req_1", "m", "key")


def asked(thread: Thread, *events: Any, prompt: str = "go") -> Thread:
    thread.prompt(UserMessage(prompt))
    for event in events:
        thread.event(event)
    return thread


def summed(used: Used) -> dict[str, int]:
    """Requests by how they ended."""
    found: dict[str, int] = {}
    for row in used.requests:
        found[row.outcome] = found.get(row.outcome, 0) + row.count
    return found


def called(used: Used) -> dict[tuple[str, str], int]:
    return {(row.name, row.outcome): row.count for row in used.calls}


def at(*records: tuple[str, dict[str, Any]]) -> bytes:
    """The file of a thread, with the time of each record."""
    return b"".join(dump({"v": 1, "seq": n, "time": when, **record}) for n, (when, record) in enumerate(records, 1))


def header(created: str = "2026-03-01T10:00:00.000Z", **more: Any) -> tuple[str, dict[str, Any]]:
    names = {"thread_id": "x", "folder": "/p", "created": created, "plugsky": "1", "model": "m", "mode": "ask"}
    return created, {"type": "thread", **names, **more}


def event(when: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    return when, {"type": "event", "event": fields}


def test_nothing_was_used_where_nothing_was_said(store: ThreadStore) -> None:
    assert store.used() == Used([], [], [])


def test_a_request_has_its_model_its_tokens_and_its_time(store: ThreadStore, project: Path) -> None:
    before = time.time()
    thread = asked(store.create(project, "auto", "ask"), STARTED, Usage(100, 20, 60, 120), TurnCompleted("stop", "max"))
    thread.close()
    used = store.used()
    assert used.requests == [Requests(TODAY, "auto", "max", "answered", 1, 100, 60, 20)]
    ((when, model),) = used.times
    assert before - 0.01 <= when <= time.time()
    assert model == "auto"


def test_every_try_counts_and_so_does_how_it_ended(store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    retry = Retry(1, 0.5, 503, "busy")
    asked(
        thread, TurnStarted(1), STARTED, retry, STARTED, retry, STARTED, Usage(1, 1, 0, 2), TurnCompleted("stop", "m")
    )
    asked(thread, STARTED, ErrorRaised("auth", 401, "no", "", "req_1"), ThreadCompleted("failed", "", 1))
    asked(thread, STARTED, TextDelta("half"), ThreadCompleted("interrupted", "", 1))
    asked(thread, STARTED, Notice("parameter_dropped", "x"), STARTED, TurnCompleted("stop", "m"))
    asked(thread, ErrorRaised("schema", None, "no", "", ""))  # none of a request
    thread.close()
    assert summed(store.used()) == {"answered": 2, "retried": 3, "failed": 1, "open": 1}
    assert len(store.used().times) == 7


def test_what_was_kept_for_this_is_not_shown_again(store: ThreadStore, project: Path) -> None:
    paced = Notice("paced", "60 requests a minute", 12.0)
    thread = asked(
        store.create(project, "m", "ask"), paced, STARTED, Retry(1, 0.5, 503, "busy"), TurnCompleted("stop", "m")
    )
    thread.close()
    again = store.open(thread.thread_id)
    assert [type(item) for item in again.history()] == [UserMessage, TurnCompleted]
    again.close()


def test_tool_calls_count_by_how_they_ended(store: ThreadStore, project: Path) -> None:
    calls = [ToolCalled(str(n), name, {}) for n, name in enumerate(["read", "read", "edit", "shell", "shell"])]
    thread = asked(
        store.create(project, "m", "ask"), STARTED, *calls,
        ToolResulted("0", True, "x", 0.1), ToolResulted("1", False, "no such file", 0.1),
        PermissionResolved("2", "deny", "user", "No."), ToolResulted("2", False, "refused", 0.0),
        PermissionResolved("3", "allow", "user", "Yes."), ToolResulted("3", True, "ok", 0.0),
        TurnCompleted("tool_calls", "m"),
    )  # fmt: skip
    thread.close()
    assert called(store.used()) == {
        ("read", "ok"): 1, ("read", "failed"): 1, ("edit", "refused"): 1, ("shell", "ok"): 1, ("shell", "open"): 1,
    }  # fmt: skip


def test_a_model_that_was_chosen_on_the_way_is_the_one_asked(store: ThreadStore, project: Path) -> None:
    thread = asked(store.create(project, "one", "ask"), STARTED, TurnCompleted("stop", "one"))
    thread.setting("model", "local/two")
    asked(thread, STARTED, TurnCompleted("stop", "two"))
    thread.close()
    assert [(row.asked, row.answered) for row in store.used().requests] == [("local/two", "two"), ("one", "one")]


def test_threads_of_earlier_versions_count_by_their_turns(store: ThreadStore, saved: str) -> None:
    used = store.used()  # no request is named in it
    assert summed(used) == {"answered": 2}
    assert sum(row.prompt_tokens for row in used.requests) == 10
    assert called(used) == {("read", "ok"): 1, ("edit", "refused"): 1}


def test_reading_goes_on_where_it_left_off_also_within_a_turn(store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    events = [
        STARTED, Usage(10, 2, 0, 12), ToolCalled("a", "read", {}), PermissionResolved("a", "deny", "rule", "No."),
        ToolResulted("a", False, "no", 0.0), TurnCompleted("tool_calls", "m"), STARTED, Retry(1, 0.1, 500, "x"), STARTED,
        Usage(20, 4, 8, 24), TurnCompleted("stop", "m"),
    ]  # fmt: skip
    thread.prompt(UserMessage("go"))
    for each in events:
        thread.event(each)
        store.used()
    thread.close()
    used = store.used()
    assert summed(used) == {"answered": 2, "retried": 1}
    assert sum(row.prompt_tokens for row in used.requests) == 30
    assert called(used) == {("read", "refused"): 1}


def test_what_a_fork_took_over_counts_once(store: ThreadStore, saved: str) -> None:
    alone = store.used()
    time.sleep(0.005)
    fork = store.fork(saved)
    asked(fork, STARTED, TurnCompleted("stop", "plugsky-pro"))
    fork.close()
    assert summed(store.used()) == {"answered": 3}
    assert called(store.used()) == called(alone)


def test_a_thread_that_is_deleted_or_cut_short_no_longer_counts(
    tmp_path: Path, store: ThreadStore, project: Path, saved: str
) -> None:
    other = write_run(store.create(project, "m", "ask"))
    other.close()
    assert summed(store.used()) == {"answered": 4}
    store.delete(other.thread_id)
    assert summed(store.used()) == {"answered": 2}
    path = file_of(tmp_path, saved)
    path.write_bytes(path.read_bytes()[:400])
    assert store.used() == Used([], [], [])


def test_days_are_those_of_the_local_time_zone(
    tmp_path: Path, store: ThreadStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_of(tmp_path, "01J00000000000000000000000")
    path.parent.mkdir(parents=True)
    done = {"type": "turn.completed", "finish_reason": "stop", "model": "m"}
    late, early = "2026-03-28T22:30:00.000Z", "2026-03-29T21:30:00.000Z"
    path.write_bytes(
        at(
            header(),
            event(late, **done),
            event(early, **done),
            (early, {"type": "call", "call_id": "c", "name": "read"}),
        )
    )
    try:
        for zone, days in (("UTC", {"2026-03-28": 1, "2026-03-29": 1}), ("Europe/Berlin", {"2026-03-28": 1, "2026-03-29": 1}),
                           ("Asia/Tokyo", {"2026-03-29": 1, "2026-03-30": 1})):  # fmt: skip
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert {row.day: row.count for row in store.used().requests} == days
            assert [row.day for row in store.used().calls] == [max(days)]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_time_and_a_folder_narrow_it(tmp_path: Path, store: ThreadStore, project: Path, saved: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    thread = asked(store.create(other, "m", "ask"), STARTED, TurnCompleted("stop", "m"))
    thread.close()
    assert summed(store.used(folder=other)) == {"answered": 1}
    assert summed(store.used(folder=project)) == {"answered": 2}
    assert summed(store.used(thread_id=thread.thread_id)) == {"answered": 1}
    assert store.used(thread_id="01J00000000000000000000000") == Used([], [], [])
    assert store.used(since=time.time() + 60) == Used([], [], [])
    assert summed(store.used(since=time.time() - 60)) == {"answered": 3}


@pytest.mark.parametrize(
    "record",
    [
        {"type": "event"},
        {"type": "event", "event": {"type": "usage", "prompt_tokens": "many", "cached_tokens": -1}},
        {"type": "event", "event": {"type": "turn.completed"}},
        {"type": "event", "event": {"type": "error"}},
        {"type": "event", "event": {"type": "error", "request_id": "r"}},
        {"type": "call", "call_id": "a", "name": "\ud800"},
        {"type": "result", "call_id": 7},
        {"type": "event", "event": {"type": "permission.resolved", "verdict": "deny"}},
    ],
)
def test_damaged_records_are_passed_over(tmp_path: Path, store: ThreadStore, record: dict[str, Any]) -> None:
    path = file_of(tmp_path, "01J00000000000000000000000")
    path.parent.mkdir(parents=True)
    when = datetime(2026, 3, 1, 12, tzinfo=timezone.utc).isoformat()
    path.write_bytes(at(header(), ("soon", record), (when, record)) + b"{torn")
    for row in store.used().requests:
        assert row.prompt_tokens == row.cached_tokens == 0
    assert all(isinstance(row, Calls) for row in store.used().calls)
