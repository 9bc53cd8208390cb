"""Events on the wire: the fields that scripts rely on, and back."""

from __future__ import annotations

import json
from typing import get_args

import pytest

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.events import (
    Compaction,
    Denial,
    ErrorRaised,
    Event,
    FileChanged,
    Notice,
    PermissionAsked,
    PermissionResolved,
    ReasoningDelta,
    RequestStarted,
    Retry,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Usage,
    from_wire,
    to_wire,
)

PROMISED = {
    "thread.started": (ThreadStarted("/w", "m", "ask"), "cwd model mode resumed"),
    "turn.started": (TurnStarted(1), "turn"),
    "request.started": (RequestStarted("r", "m", "k"), "request_id model idempotency_key"),
    "text.delta": (TextDelta("x"), "text"),
    "reasoning.delta": (ReasoningDelta("x"), "text"),
    "tool.call": (ToolCalled("c", "read", {"a": 1}), "call_id name arguments"),
    "permission.asked": (PermissionAsked("c", "why"), "call_id verdict by reason"),
    "permission.resolved": (PermissionResolved("c", "allow", "mode", "why"), "call_id verdict by reason"),
    "tool.output": (ToolOutput("c", "x"), "call_id text"),
    "tool.result": (ToolResulted("c", True, "x", 0.1, [TextBlock("for people")]), "call_id ok output seconds"),
    "file.changed": (FileChanged("a.py", 1, 2), "path added removed checkpoint"),
    "usage": (Usage(1, 2, 0, 3), "prompt_tokens completion_tokens cached_tokens context_tokens context_window"),
    "retry": (Retry(1, 0.5, 429, "busy"), "attempt wait_s status reason"),
    "notice": (Notice("code", "x"), "code text"),
    "compaction": (Compaction(2, 1), "before_tokens after_tokens"),
    "turn.completed": (TurnCompleted("stop", "m"), "finish_reason model"),
    "error": (ErrorRaised("c", 401, "m", "h", "r"), "code status message hint request_id"),
    "thread.completed": (
        ThreadCompleted("completed", "x", 1, [Denial("c", "shell", "why")]),
        "status text turns denied",
    ),
}


def test_every_event_of_the_union_is_promised():
    public = {kind for kind in get_args(Event) if getattr(kind, "on_wire", True)}
    assert public == {type(event) for event, _ in PROMISED.values()}


@pytest.mark.parametrize("name", PROMISED)
def test_an_event_has_exactly_its_fields_on_the_wire(name):
    event, fields = PROMISED[name]
    wire = json.loads(json.dumps(to_wire(event, "t1")))
    assert set(wire) == {"v", "type", "time", "thread_id", *fields.split()}
    assert (wire["v"], wire["type"], wire["thread_id"]) == (1, name, "t1")
    assert wire["time"].endswith("Z")


@pytest.mark.parametrize("name", PROMISED)
def test_an_event_comes_back_from_the_wire(name):
    event, _ = PROMISED[name]
    if isinstance(event, ToolResulted):
        event = ToolResulted("c", True, "x", 0.1)
    assert from_wire(to_wire(event, "t1")) == event


def test_arguments_that_could_not_be_parsed_travel_raw():
    wire = to_wire(ToolCalled("c", "read", None, '{"a'), "t1")
    assert wire["raw"] == '{"a' and "arguments" not in wire
