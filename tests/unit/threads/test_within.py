"""What subagents say and do is kept in the thread of the agent that called them, beside its own conversation."""

from __future__ import annotations

import json
from pathlib import Path

from plugsky_tui.kernel.events import (
    ReasoningDelta,
    RequestStarted,
    TextDelta,
    ThreadCompleted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Usage,
    Within,
)
from plugsky_tui.kernel.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.threads.thread import Ephemeral, Thread

from .conftest import file_of


def begun(thread: Thread) -> Thread:
    """A thread in which the call t1 runs a subagent."""
    thread.prompt(UserMessage("go"))
    thread.event(RequestStarted("r", "m", "k"))
    thread.event(Usage(10, 1, 0, 11))
    thread.event(ToolCalled("t1", "task", {"prompt": "look"}))
    return thread


def looked(journal: Thread) -> None:
    journal.prompt(UserMessage("look"))
    journal.event(RequestStarted("r2", "small", "k"))
    journal.event(ReasoningDelta("hm"))
    journal.event(Usage(20, 2, 0, 22))
    journal.event(ToolCalled("t1", "grep", {"pattern": "x"}))  # an id may be the same as outside
    journal.event(ToolResulted("t1", True, "a.py:1", 0.1))
    journal.event(TurnCompleted("tool_calls", "small"))
    journal.event(TextDelta("It is in "))
    journal.event(TextDelta("a.py"))


def ended(thread: Thread) -> Thread:
    thread.event(ToolResulted("t1", True, "It is in a.py", 0.5))
    thread.event(TurnCompleted("tool_calls", "m"))
    thread.event(ThreadCompleted("completed", "", 1))
    thread.close()
    return thread


SHOWN = [
    ReasoningDelta("hm"),
    Usage(20, 2, 0, 22),
    ToolCalled("t1", "grep", {"pattern": "x"}),
    ToolResulted("t1", True, "a.py:1", 0.1),
    TurnCompleted("tool_calls", "small"),
    TextDelta("It is in a.py"),
]


def within(thread: Thread) -> list[object]:
    return [one.event for one in thread.history() if isinstance(one, Within)]


def test_it_is_shown_again_and_is_no_part_of_the_conversation(store: ThreadStore) -> None:
    thread = begun(store.create("/w", "m", "ask"))
    journal = thread.within("t1", "small")
    looked(journal)
    journal.close()
    ended(thread)
    again = store.open(thread.thread_id)
    assert again.damage == [] and (again.model, again.title) == ("m", "go")
    assert sorted(map(repr, within(again))) == sorted(map(repr, SHOWN))
    assert again.conversation() == [
        UserMessage("go"),
        AssistantMessage("", calls=[ToolCall("t1", "task", {"prompt": "look"})], model="m"),
        ToolMessage("t1", "task", "It is in a.py"),
    ]
    fork = store.fork(thread.thread_id)
    assert within(fork) == within(again)


def test_two_that_stream_at_once_are_kept_apart_and_what_a_crash_left_of_them_is_there(store: ThreadStore) -> None:
    thread = begun(store.create("/w", "m", "ask"))
    journals = {name: thread.within(name, "small") for name in ("t1", "t2")}
    for name, journal in journals.items():
        journal.prompt(UserMessage(name))
        journal.event(TextDelta(f"{name} says "))
        journal._flush()
    for name, journal in journals.items():
        journal.event(TextDelta(f"{name} again"))
        journal._flush()
    thread.close()  # and with that it is as after a crash: no block of theirs was finished
    again = store.open(thread.thread_id)
    assert [(one.call_id, one.event) for one in again.history() if isinstance(one, Within)] == [
        ("t1", TextDelta("t1 says t1 again")),
        ("t2", TextDelta("t2 says t2 again")),
    ]


def test_it_counts_as_use_with_the_model_it_asked(store: ThreadStore) -> None:
    thread = begun(store.create("/w", "m", "ask"))
    looked(thread.within("t1", "small"))
    assert {row.asked: row.outcome for row in store.used().requests} == {"m": "open", "small": "answered"}
    ended(thread)
    used = store.used()  # read on, from the middle
    assert {row.asked: (row.outcome, row.prompt_tokens) for row in used.requests} == {
        "m": ("answered", 10),
        "small": ("answered", 20),
    }
    assert {(row.name, row.outcome): row.count for row in used.calls} == {("task", "ok"): 1, ("grep", "ok"): 1}
    store.fork(thread.thread_id).close()
    assert store.used() == used


def test_it_is_searched_like_the_rest(store: ThreadStore) -> None:
    thread = begun(store.create("/w", "m", "ask"))
    journal = thread.within("t1", "small")
    looked(journal)
    journal.event(TurnCompleted("stop", "small"))
    assert [hit.info.thread_id for hit in store.search("It is in a.py")] == [thread.thread_id]
    assert [hit.excerpt for hit in store.search("grep pattern")] == ['grep {"pattern": "x"}']
    thread.close()


def test_a_record_of_it_that_is_damaged_costs_that_record_alone(store: ThreadStore, tmp_path: Path) -> None:
    thread = begun(store.create("/w", "m", "ask"))
    journal = thread.within("t1", "small")
    looked(journal)
    journal.close()
    ended(thread)
    path = file_of(tmp_path, thread.thread_id)
    lines = path.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if '"grep"' in line)
    record = json.loads(lines[place])
    for entry in (None, {"type": "inner", "call_id": "x", "entry": {}}, {"type": "call"}):
        record["entry"] = entry
        lines[place] = json.dumps(record, separators=(",", ":"))
        path.write_text("\n".join(lines) + "\n")
        again = store.open(thread.thread_id)
        assert len(again.damage) == 1 and len(within(again)) == len(SHOWN) - 1
        again.close()


def test_a_thread_in_memory_keeps_it_once() -> None:
    thread = begun(Ephemeral("/w", "m", "ask"))
    journal = thread.within("t1", "small")
    looked(journal)
    journal._flush()
    journal.event(TurnCompleted("stop", "small"))
    assert [one for one in within(thread) if isinstance(one, TextDelta)] == [TextDelta("It is in a.py")]
    assert "Partial" not in repr(thread._log.entries())
