"""A store in a folder of its own, and threads with something in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugsky_tui.kernel.display import DiffBlock, TextBlock, TodoBlock, TodoItem
from plugsky_tui.kernel.events import (
    Denial,
    Event,
    FileChanged,
    Notice,
    PermissionResolved,
    ReasoningDelta,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Usage,
)
from plugsky_tui.kernel.messages import Image, UserMessage
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.threads.thread import Thread

RUN: list[Event] = [
    ReasoningDelta("Let me "),
    ReasoningDelta("think."),
    TextDelta("I will "),
    TextDelta("read it."),
    Usage(10, 5, 0, 15, 1000),
    ToolCalled("c1", "read", {"file_path": "a.py", "deep": {"v": 1, "type": "prompt"}}, '{"file_path": "a.py"}'),
    ToolCalled("c2", "edit", None, '{"broken'),
    PermissionResolved("c2", "deny", "user", "No."),
    ToolResulted("c2", False, "refused", 0.0),
    FileChanged("a.py", 1, 0),
    ToolResulted(
        "c1",
        True,
        "1\tx = 1\n",
        0.25,
        [TextBlock("x = 1", "python"), DiffBlock("a.py", None, "x\n"), TodoBlock([TodoItem("do", "pending")])],
        [Image("image/png", "AAAA", "a.png")],
    ),
    TurnCompleted("tool_calls", "plugsky-pro"),
    Notice("repaired", "something"),
    TextDelta("Done: “naïve” \u2028 \x00 ✓"),
    TurnCompleted("stop", "plugsky-pro"),
    ThreadCompleted("completed", "Done", 2, [Denial("c2", "edit", "No.")]),
]


@pytest.fixture
def store(tmp_path: Path) -> ThreadStore:
    return ThreadStore(tmp_path / "data")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def write_run(thread: Thread, prompt: str = "Fix the bug\nin a.py") -> Thread:
    thread.event(ThreadStarted(thread.folder, thread.model, thread.mode))
    thread.prompt(UserMessage(prompt, [Image("image/png", "BBBB", "b.png")]))
    for event in RUN:
        thread.event(event)
    return thread


@pytest.fixture
def saved(store: ThreadStore, project: Path) -> str:
    """The id of a thread with one run, closed."""
    thread = write_run(store.create(project, "plugsky-pro", "ask"))
    thread.close()
    return thread.thread_id


def file_of(tmp_path: Path, thread_id: str) -> Path:
    return tmp_path / "data" / "threads" / f"{thread_id}.jsonl"
