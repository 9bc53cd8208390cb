"""A thread keeps what was said, and gives it back valid."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import (
    ErrorRaised,
    Notice,
    ReasoningDelta,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Usage,
)
from plugsky_tui.kernel.loop import Run, run_turns
from plugsky_tui.kernel.messages import (
    INTERRUPTED,
    AssistantMessage,
    Image,
    ToolCall,
    ToolMessage,
    UserMessage,
    repair,
)
from plugsky_tui.kernel.ports import (
    Answer,
    Finished,
    Judgement,
    Prepared,
    Request,
    Restarted,
    StreamItem,
    ToolDefinition,
    ToolResult,
)
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.threads.thread import Ephemeral, Thread, title_of

from .conftest import RUN, file_of, write_run


def records(tmp_path: Path, thread_id: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file_of(tmp_path, thread_id).read_bytes().splitlines()]


def test_nothing_is_on_disk_before_the_first_prompt(tmp_path: Path, store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    thread.event(ThreadStarted(str(project), "m", "ask"))
    thread.setting("model", "n")
    thread.setting("title", "Named before")
    thread.event(Notice("x", "y"))
    assert not (tmp_path / "data").exists()
    thread.prompt(UserMessage("hello"))
    assert file_of(tmp_path, thread.thread_id).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "data" / "threads").stat().st_mode & 0o777 == 0o700
    thread.close()
    again = store.open(thread.thread_id)
    assert (again.model, again.mode, again.title, again.folder) == ("n", "ask", "Named before", str(project))
    again.close()


def test_a_run_comes_back_as_it_was(store: ThreadStore, saved: str) -> None:
    thread = store.open(saved)
    assert thread.writable
    assert thread.damage == []
    assert thread.title == "Fix the bug"
    prompt = UserMessage("Fix the bug\nin a.py", [Image("image/png", "BBBB", "b.png")])
    calls = [
        ToolCall("c1", "read", {"file_path": "a.py", "deep": {"v": 1, "type": "prompt"}}, '{"file_path": "a.py"}'),
        ToolCall("c2", "edit", None, '{"broken'),
    ]
    assert thread.conversation() == [
        prompt,
        AssistantMessage("I will read it.", "Let me think.", calls, "plugsky-pro"),
        ToolMessage("c1", "read", "1\tx = 1\n", True, [Image("image/png", "AAAA", "a.png")]),
        ToolMessage("c2", "edit", "refused", False),
        AssistantMessage("Done: “naïve” \u2028 \x00 ✓", model="plugsky-pro"),
    ]
    shown = thread.history()
    assert shown[0] == prompt
    # the deltas of a block have become one; usage may come while a block streams, and stands before it
    expected = [ReasoningDelta("Let me think."), RUN[4], TextDelta("I will read it."), *RUN[5:]]
    assert shown[1:] == expected
    thread.close()


def test_each_finished_block_is_one_record_and_deltas_are_not(tmp_path: Path, saved: str) -> None:
    kinds = [record["type"] for record in records(tmp_path, saved)]
    assert kinds.count("text") == 2
    assert kinds.count("reasoning") == 1
    assert "partial" not in kinds
    assert [record["seq"] for record in records(tmp_path, saved)] == list(range(1, len(kinds) + 1))


def test_what_is_said_later_is_added_behind(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    before = file_of(tmp_path, saved).read_bytes()
    thread = write_run(store.open(saved), "And now?")
    first = thread.conversation()
    thread.close()
    assert file_of(tmp_path, saved).read_bytes().startswith(before)
    again = store.open(saved)
    assert again.conversation() == first
    assert len(first) == 10
    assert again.title == "Fix the bug"
    again.close()


def test_model_and_mode_of_the_last_run_are_remembered(store: ThreadStore, saved: str) -> None:
    thread = store.open(saved)
    thread.event(ThreadStarted(thread.folder, "other", "plan", resumed=True))
    thread.close()
    again = store.open(saved)
    assert (again.model, again.mode) == ("other", "plan")
    again.close()


def test_a_call_without_a_result_is_closed_when_the_thread_is_opened(store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(ToolCalled("c1", "shell", {"command": "x"}))
    thread.close()
    again = store.open(thread.thread_id)
    assert again.conversation()[-1] == ToolMessage("c1", "shell", INTERRUPTED, ok=False)
    assert again.history()[-1] == ToolResulted("c1", False, INTERRUPTED, 0.0)
    again.close()


def test_an_answer_that_was_cut_off_is_kept_and_marked(store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(TextDelta("half an ans"))
    thread.event(ErrorRaised("cut", None, "m", "h", "r"))
    thread.event(ThreadCompleted("failed", "", 1))
    assert thread.conversation()[-1] == AssistantMessage("half an ans", model="m", interrupted=True)
    thread.prompt(UserMessage("go on"))
    thread.event(TextDelta("whole"))
    thread.event(TurnCompleted("stop", "m2"))
    assert thread.conversation()[-1] == AssistantMessage("whole", model="m2")
    thread.close()


def test_an_answer_that_was_asked_for_again_does_not_count_but_is_kept(
    tmp_path: Path, store: ThreadStore, project: Path
) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(ReasoningDelta("hm"))
    thread.event(TextDelta("first try"))
    thread.event(Notice("answer_restarted", "again"))
    thread.event(TextDelta("second try"))
    thread.event(TurnCompleted("stop", "m"))
    assert thread.conversation()[-1] == AssistantMessage("second try", model="m")
    assert TextDelta("first try") in thread.history()
    thread.close()
    (discarded,) = [record for record in records(tmp_path, thread.thread_id) if record.get("discarded")]
    assert discarded["text"] == "first try"


def test_an_ephemeral_thread_leaves_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    thread = write_run(Ephemeral(str(tmp_path), "plugsky-pro", "ask"))
    assert len(thread.conversation()) == 5
    assert len(thread.history()) == 15
    thread.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prompt", "title"),
    [("one\ntwo", "one"), ("\n\n  a   b \n", "a b"), ("", ""), ("x" * 100, "x" * 79 + "…")],
)
def test_the_title_is_the_first_line_that_says_something(prompt: str, title: str) -> None:
    assert title_of(prompt) == title


# --- streamed text ----------------------------------------------------------------------------


async def test_streamed_text_is_on_disk_within_a_second_even_if_no_more_comes(
    tmp_path: Path, store: ThreadStore, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugsky_tui.threads.thread.FLUSH_S", 0.05)
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    for word in ("a ", "b ", "c "):
        thread.event(TextDelta(word))
    await asyncio.sleep(0.4)  # silence
    assert records(tmp_path, thread.thread_id)[-1]["text"] == "a b c "
    thread.event(TextDelta("d "))  # after silence: at once
    assert records(tmp_path, thread.thread_id)[-1]["text"] == "d "
    thread.event(TextDelta("e "))
    await asyncio.sleep(0.4)
    assert [record["text"] for record in records(tmp_path, thread.thread_id)[-3:]] == ["a b c ", "d ", "e "]
    reader = store.open(thread.thread_id)
    assert reader.conversation()[-1] == AssistantMessage("a b c d e ", model="m", interrupted=True)
    reader.close()
    thread.event(Usage(1, 1, 0, 2))
    thread.event(TextDelta("f"))
    thread.event(TurnCompleted("stop", "m"))
    thread.close()
    again = store.open(thread.thread_id)
    assert again.conversation()[-1] == AssistantMessage("a b c d e f", model="m")
    assert [item for item in again.history() if isinstance(item, TextDelta)] == [TextDelta("a b c d e f")]
    again.close()


def test_without_a_loop_the_clock_is_looked_at_with_each_delta(
    tmp_path: Path, store: ThreadStore, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugsky_tui.threads.thread.FLUSH_S", 0.02)
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(TextDelta("a"))
    time.sleep(0.03)
    thread.event(TextDelta("b"))
    assert records(tmp_path, thread.thread_id)[-1] | {"seq": 0, "time": ""} == {
        "v": 1,
        "seq": 0,
        "time": "",
        "type": "partial",
        "kind": "text",
        "block": 1,
        "text": "ab",
    }
    thread.close()


def test_a_delta_costs_next_to_nothing(store: ThreadStore, project: Path) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    delta = TextDelta("word ")
    thread.event(delta)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(5_000):
            thread.event(delta)
        best = min(best, (time.perf_counter() - started) / 5_000)
    assert best < 3e-6  # about 0.4 µs; the margin is for busy machines
    thread.close()


async def test_a_finished_run_is_synced_without_holding_up_the_loop(
    store: ThreadStore, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    may_end = threading.Event()

    def slow(fd: int, folder: Path | None) -> None:
        may_end.wait(10)
        synced.append(folder is not None)

    monkeypatch.setattr("plugsky_tui.threads.log._to_medium", slow)
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(ThreadCompleted("completed", "", 1))
    assert synced == []  # it has not waited for it
    may_end.set()
    while not synced:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert synced == [True]  # the file, and its entry in the folder as it is new
    thread.close()
    assert synced == [True]


# --- whatever the loop does -------------------------------------------------------------------

TEXTS = st.lists(st.text(max_size=12), max_size=3)
OUTPUTS = st.tuples(st.text(max_size=20), st.booleans())
ENDS = st.sampled_from(["finish", "finish", "finish", "restart", "error"])
TURNS = st.lists(st.tuples(TEXTS, TEXTS, st.lists(OUTPUTS, max_size=3), ENDS), min_size=1, max_size=4)


class Scripted:
    """Provider, toolbox and gate that play one script."""

    def __init__(self, turns: Any) -> None:
        self.turns = list(turns)
        self.outputs: dict[str, tuple[str, bool]] = {}

    async def stream(self, request: Request) -> AsyncIterator[StreamItem]:
        thoughts, words, outputs, end = self.turns.pop(0) if self.turns else ([], ["bye"], [], "finish")
        for _ in range(2 if end == "restart" else 1):
            for thought in thoughts:
                yield ReasoningDelta(thought)
            for word in words:
                yield TextDelta(word)
            if end == "restart":
                end = "restarted"
                yield Restarted()
        if end == "error":
            raise ProviderError("broken", code="cut")
        yield Usage(1, 1, 0, 2)
        calls = []
        for output in outputs:
            call_id = f"c{len(self.outputs)}"
            self.outputs[call_id] = output
            calls.append(ToolCall(call_id, "tool", {"n": len(self.outputs)}, "raw"))
        yield Finished("stop", "answering-model", calls)

    def definitions(self) -> Sequence[ToolDefinition]:
        return ()

    def reads_only(self, name: str) -> bool:
        return False

    async def prepare(self, call: ToolCall) -> Prepared:
        async def act(_: Any) -> ToolResult:
            return ToolResult(self.outputs[call.call_id][0], images=[Image("image/png", "AA")])

        return Prepared(call, "title", (), act)

    def judge(self, prepared: Prepared) -> Judgement:
        allowed = self.outputs[prepared.call.call_id][1]
        return Judgement("allow" if allowed else "deny", "rule", "because")

    async def ask(self, prepared: Prepared, judgement: Judgement) -> Answer:
        raise AssertionError("nobody is asked")


async def play(thread: Thread, turns: Any) -> Run:
    script = Scripted(turns)
    prompt = UserMessage("go")
    run = Run(model="asked-model", conversation=[prompt])
    thread.event(ThreadStarted("/", "asked-model", "ask"))
    thread.prompt(prompt)
    async for _ in run_turns(run, provider=script, toolbox=script, gate=script, journal=thread):
        pass
    return run


@given(turns=TURNS)
@settings(max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_reopened_thread_has_the_conversation_that_the_loop_had(turns: Any, tmp_path: Path) -> None:
    store = ThreadStore(tmp_path / "data")
    thread = store.create(tmp_path, "some-model", "ask")
    run = asyncio.run(play(thread, turns))
    expected = repair(run.conversation)[0]
    assert thread.conversation() == expected
    shown = thread.history()
    thread.close()
    again = store.open(thread.thread_id)
    assert again.damage == []
    assert again.conversation() == expected
    assert again.history() == shown
    again.close()


def test_after_an_interruption_the_conversation_is_the_loops_too(store: ThreadStore, tmp_path: Path) -> None:
    class Endless(Scripted):
        async def stream(self, request: Request) -> AsyncIterator[StreamItem]:
            yield ReasoningDelta("hm")
            yield TextDelta("and so ")
            yield TextDelta("on")
            await asyncio.sleep(60)

    async def interrupted(thread: Thread) -> Run:
        prompt = UserMessage("go")
        run = Run(model="m", conversation=[prompt])
        thread.prompt(prompt)

        async def listen() -> None:
            script = Endless([])
            async for _ in run_turns(run, provider=script, toolbox=script, gate=script, journal=thread):
                pass

        task = asyncio.create_task(listen())
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        thread.event(run.completed("interrupted"))
        return run

    thread = store.create(tmp_path, "m", "ask")
    run = asyncio.run(interrupted(thread))
    assert thread.conversation() == run.conversation
    assert run.conversation[-1] == AssistantMessage("and so on", "hm", model="m", interrupted=True)
    thread.close()
