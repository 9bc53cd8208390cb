"""Subagents in a real session, with real tools in a real folder: only the model is scripted, conversation by conversation."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.errors import ProviderError, ToolError
from plugsky_tui.kernel.events import (
    Event,
    FileChanged,
    TextDelta,
    ThreadCompleted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    Usage,
    Within,
)
from plugsky_tui.kernel.messages import AssistantMessage, ToolCall, ToolMessage, UserMessage, repair
from plugsky_tui.kernel.ports import Finished, Request, StreamItem
from plugsky_tui.permissions.ask import Approval
from plugsky_tui.permissions.trust import Trust
from plugsky_tui.session.build import open_session
from plugsky_tui.session.options import Options
from plugsky_tui.session.session import Session
from plugsky_tui.session.subagents import MOST_AT_ONCE, OfferedAgents
from plugsky_tui.tooling.context import SUBAGENT

KEY = "psk_live_0123456789abcdef"
Answer = list[StreamItem | Exception] | Callable[[Request], Any]


def says(text: str, *more: StreamItem) -> Answer:
    return [TextDelta(text), *more, Finished("stop", "m")]


def calls(*made: tuple[str, dict[str, Any]]) -> Answer:
    return [Finished("tool_calls", "m", [ToolCall(f"c{n}", name, given) for n, (name, given) in enumerate(made)])]


def tasks(*prompts: str, agent: str = "general") -> Answer:
    return calls(*(("task", {"agent": agent, "prompt": prompt}) for prompt in prompts))


class Cast:
    """Plays each conversation, known by its first words, its own answers; keeps the requests."""

    def __init__(self, **parts: list[Answer]) -> None:
        self.parts = {"go": [tasks(*parts), says("All done.")], **parts}
        self.requests: dict[str, list[Request]] = {}

    async def stream(self, request: Request) -> AsyncIterator[StreamItem]:
        first = request.messages[0]
        assert isinstance(first, UserMessage)
        self.requests.setdefault(first.text, []).append(request)
        answer = self.parts[first.text][sum(isinstance(one, AssistantMessage) for one in request.messages)]
        if callable(answer):
            answer = await answer(request)
        for item in answer:
            await asyncio.sleep(0)
            if isinstance(item, Exception):
                raise item
            yield item


@pytest.fixture
async def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`play(cast, …)`: a session of that cast, with the options and the asker given."""
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PLUGSKY_API_KEY", KEY)
    (tmp_path / "work").mkdir()
    opened: list[Session] = []

    async def begin(cast: Cast, *, asker: Any = None, questioner: Any = None, **options: Any) -> Session:
        session = await open_session(Options(folder=tmp_path / "work", **options), asker=asker, questioner=questioner)
        monkeypatch.setattr(session.provider, "stream", cast.stream)
        opened.append(session)
        return session

    yield begin
    for session in opened:
        await session.close()


async def run(session: Session, prompt: str = "go") -> list[Event]:
    async with asyncio.timeout(20):
        return [event async for event in session.send(prompt)]


def results(events: Sequence[Event]) -> list[ToolResulted]:
    return sorted((one for one in events if isinstance(one, ToolResulted)), key=lambda one: one.call_id)


# --- side by side -----------------------------------------------------------------------------


async def test_two_tasks_of_one_answer_are_at_work_at_the_same_time(play) -> None:
    both = asyncio.Barrier(2)

    async def together(request: Request) -> Answer:
        await both.wait()  # for ever, were one done after the other
        return says(f"found {request.messages[0].text}")

    cast = Cast(one=[together], two=[together])
    events = await run(await play(cast))
    assert [one.output for one in results(events)] == ["found one", "found two"]
    assert events[-1] == ThreadCompleted("completed", "All done.", 2)
    last = cast.requests["go"][-1].messages
    assert [one.output for one in last if isinstance(one, ToolMessage)] == ["found one", "found two"]


async def test_only_so_many_are_at_work_at_once_and_the_others_wait(play) -> None:
    all_there, at_work, most, begun = asyncio.Barrier(MOST_AT_ONCE), 0, 0, 0

    async def meet(request: Request) -> Answer:
        nonlocal at_work, most, begun
        begun, at_work = begun + 1, at_work + 1
        most = max(most, at_work)
        if begun <= MOST_AT_ONCE:
            await all_there.wait()
        at_work -= 1
        return says("done")

    cast = Cast(**{f"task {number}": [meet] for number in range(MOST_AT_ONCE + 2)})
    events = await run(await play(cast))
    assert most == MOST_AT_ONCE
    assert [one.ok for one in results(events)] == [True] * (MOST_AT_ONCE + 2)
    waits = [one for one in events if isinstance(one, ToolOutput) and "waits: 6 subagents are at work" in one.text]
    assert len(waits) == 2


async def test_each_has_a_conversation_and_a_prompt_of_its_own(play) -> None:
    cast = Cast(look=[calls(("todo", {"items": [{"text": "mine"}]})), says("x")])
    session = await play(cast)
    await run(session)
    first, second = cast.requests["look"]
    assert first.messages == (UserMessage("look"),)
    assert "You are a subagent" in first.system and "You are a subagent" not in cast.requests["go"][0].system
    assert [type(one).__name__ for one in second.messages] == ["UserMessage", "AssistantMessage", "ToolMessage"]
    offered = {tool.name for tool in first.tools}
    assert "task" not in offered and {"edit", "shell", "todo"} <= offered
    assert "task" in {tool.name for tool in cast.requests["go"][0].tools}


async def test_explore_has_tools_that_only_look(play) -> None:
    cast = Cast(look=[calls(("write", {"file_path": "a", "content": "x"})), says("I cannot.")])
    cast.parts["go"] = [tasks("look", agent="explore"), says("Done.")]
    session = await play(cast, mode="auto")
    await run(session)
    offered = {tool.name for tool in cast.requests["look"][0].tools}
    assert {"read", "grep"} <= offered and not offered & {"write", "edit", "shell", "todo", "task"}
    assert "Mode: plan" in cast.requests["look"][0].system
    assert not (session.folder / "a").exists()


# --- what it is allowed -----------------------------------------------------------------------


def writes(name: str) -> Answer:
    return calls(("write", {"file_path": name, "content": "x\n"}))


async def test_its_questions_come_up_with_its_name_and_an_answer_for_the_thread_counts_for_all(play) -> None:
    asked: list[tuple[str, str]] = []

    async def asker(prepared: Any, judgement: Any) -> Approval:
        asked.append((SUBAGENT.get(), prepared.title))
        return Approval("allow", "thread", rules=["edit(out/**)"])

    cast = Cast(one=[writes("out/a"), says("a is there")], two=[writes("out/b"), says("b is there")])
    cast.parts["go"][1:] = [writes("out/c"), says("All done.")]
    session = await play(cast, asker=asker)
    events = await run(session)
    assert events[-1] == ThreadCompleted("completed", "All done.", 3)
    assert len(asked) == 1 and asked[0][0] == "general"
    assert sorted(path.name for path in (session.folder / "out").iterdir()) == ["a", "b", "c"]
    assert SUBAGENT.get() == ""


async def test_what_it_asks_the_user_is_put_to_them(play) -> None:
    asked: list[tuple[str, str]] = []

    async def questioner(question: str, options: list[str]) -> str:
        asked.append((SUBAGENT.get(), question))
        return "the second"

    cast = Cast(one=[calls(("ask_user", {"question": "Which?"})), says("I took it.")])
    await run(await play(cast, questioner=questioner))
    assert asked == [("general", "Which?")]
    assert "the second" in cast.requests["one"][1].messages[-1].output  # type: ignore[union-attr]


async def test_with_no_one_to_ask_it_is_told_so_and_the_denial_is_the_runs(play) -> None:
    cast = Cast(one=[writes("a"), says("I was not let.")])
    events = await run(await play(cast))
    assert "There is no one to ask" in cast.requests["one"][1].messages[-1].output  # type: ignore[union-attr]
    completed = events[-1]
    assert isinstance(completed, ThreadCompleted)
    assert [(one.name, one.reason) for one in completed.denied] == [("write", "It changes a.")]
    [result] = results(events)
    assert (
        result.ok
        and result.output.startswith("I was not let.")
        and "not allowed: write: It changes a." in result.output
    )


def agent_file(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "CONFIG" / "agents"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)


async def test_an_agents_own_mode_and_rules_only_narrow_what_its_caller_may(play, tmp_path: Path) -> None:
    agent_file(tmp_path, "bold", "---\nmode: auto\n---\n")
    agent_file(tmp_path, "shy", '---\nmode: auto\ndeny: ["edit(b)"]\n---\n')
    cast = Cast(one=[writes("a"), says("x")], two=[writes("b"), writes("c"), says("y")])
    cast.parts["go"] = [
        calls(("task", {"agent": "bold", "prompt": "one"}), ("task", {"agent": "shy", "prompt": "two"})),
        says("Done."),
    ]
    session = await play(cast, mode="ask", allow=["edit(c)", "edit(b)"])
    events = await run(session)
    assert sorted(path.name for path in session.folder.iterdir()) == ["c"]
    assert isinstance(events[-1], ThreadCompleted)
    assert sorted(one.reason for one in events[-1].denied) == ["It changes a.", "The rule edit(b) refuses it."]
    assert session.gate.rules.for_tool("write") is None


async def test_its_mode_follows_the_users_and_its_callers_deny_rules_hold(play) -> None:
    async def after_the_mode_was_changed(request: Request) -> Answer:
        session.gate.mode = "plan"
        return writes("late")

    cast = Cast(one=[writes("secret"), writes("a"), after_the_mode_was_changed, says("x")])
    session = await play(cast, mode="edit", deny=["edit(secret)"])
    await run(session)
    assert [path.name for path in session.folder.iterdir()] == ["a"]
    assert "Mode: plan" in cast.requests["one"][-1].system


async def test_an_agent_of_ones_own_brings_its_model_tools_and_parameters(play, tmp_path: Path) -> None:
    agent_file(
        tmp_path, "cheap", "---\ndescription: Counts.\nmodel: plugsky-micro\ntools: [read, task]\n"
        "parameters: {temperature: 0.1}\n---\nCount well.\n"
    )  # fmt: skip
    cast = Cast(one=[says("x")])
    cast.parts["go"] = [tasks("one", agent="cheap"), says("Done.")]
    await run(await play(cast))
    request = cast.requests["one"][0]
    assert (request.model, request.parameters.temperature) == ("plugsky-micro", 0.1)
    assert [tool.name for tool in request.tools] == ["read"]
    assert "Count well." in request.system
    [task] = [tool for tool in cast.requests["go"][0].tools if tool.name == "task"]
    assert "- cheap: Counts." in task.description and task.description.index("- general:") < task.description.index(
        "- explore:"
    )


async def test_a_projects_agent_that_changed_since_it_was_trusted_waits_for_trust_again(play, tmp_path: Path) -> None:
    file = tmp_path / "work" / ".plugsky" / "agents" / "theirs.md"
    file.parent.mkdir(parents=True)
    file.write_text("Help.")
    Trust(tmp_path / "DATA").grant(tmp_path / "work")
    cast = Cast(one=[says("x")], two=[says("y")])
    cast.parts["go"] = [tasks("one", agent="theirs"), tasks("two", agent="theirs"), says("Done.")]
    session = await play(cast)

    async def changed(request: Request) -> Answer:
        file.write_text("Help yourself.")
        return says("x")

    cast.parts["one"] = [changed]
    first, second = [one for one in await run(session) if isinstance(one, ToolResulted)]
    assert first.ok and "Help." in cast.requests["one"][0].system
    assert not second.ok and "has changed since the user trusted it" in second.output


async def test_an_agent_that_is_not_there_is_an_error_with_the_nearest(play) -> None:
    cast = Cast()
    cast.parts["go"] = [tasks("one", agent="exploer"), says("Done.")]
    [result] = results(await run(await play(cast)))
    assert not result.ok and "Did you mean explore? The agents are: general, explore." in result.output


async def test_without_a_session_agents_are_offered_and_do_nothing(tmp_path: Path) -> None:
    agents = OfferedAgents(tmp_path, tmp_path, trusted=False)
    assert [(one.name, one.reads_only) for one in agents.offered] == [("general", False), ("explore", True)]
    with pytest.raises(ToolError, match="within a session"):
        await agents.run("general", "x", lambda told: None)


# --- what comes of it -------------------------------------------------------------------------


async def test_what_it_changes_is_told_and_its_diffs_are_handed_up(play) -> None:
    cast = Cast(one=[writes("a"), says("Written.")])
    events = await run(await play(cast, mode="edit"))
    assert [(one.path, one.added) for one in events if isinstance(one, FileChanged)] == [("a", 1)]
    inner = [one.event for one in events if isinstance(one, Within) and isinstance(one.event, ToolResulted)]
    assert [type(block) for block in inner[0].display] == [DiffBlock]
    [result] = results(events)
    assert result.output == "Written.\n\n(Files it changed: a.)"
    assert result.display == [TextBlock("✓ write a"), TextBlock("Written.", "markdown")]
    assert [one.text for one in events if isinstance(one, ToolOutput)] == ["● write a\n"]


async def test_two_that_edit_one_file_lose_nothing_of_each_others(play) -> None:
    both = asyncio.Barrier(2)
    reads = calls(("read", {"file_path": "list"}))

    def editor(line: str) -> list[Answer]:
        adds = calls(("edit", {"file_path": "list", "old_string": "end", "new_string": f"{line}\nend"}))

        async def when_both_have_read(request: Request) -> Answer:
            await both.wait()
            return adds

        async def unless_it_worked(request: Request) -> Answer:
            last = request.messages[-1]
            assert isinstance(last, ToolMessage)
            return says("done") if last.ok else reads

        return [reads, when_both_have_read, unless_it_worked, adds, says("done")]

    session = await play(Cast(one=editor("1"), two=editor("2")), mode="edit")
    (session.folder / "list").write_text("end\n")
    await run(session)
    assert sorted((session.folder / "list").read_text().split()) == ["1", "2", "end"]


async def test_what_it_used_counts_and_its_context_is_not_the_threads(play) -> None:
    cast = Cast(one=[says("x", Usage(100, 7, 0, 107))])
    events = await run(await play(cast))
    assert [one for one in events if isinstance(one, Usage)] == []
    assert [one.event for one in events if isinstance(one, Within) and isinstance(one.event, Usage)] == [
        Usage(100, 7, 0, 107)
    ]


async def test_its_conversation_is_kept_in_the_thread_and_sent_to_nobody_else(play) -> None:
    cast = Cast(one=[calls(("list", {})), says("Nothing here.")])
    session = await play(cast)
    await run(session)
    inner = [one for one in session.history() if isinstance(one, Within) and one.call_id == "c0"]
    kinds = [type(one.event).__name__ for one in inner]
    assert (
        kinds[0] == "ToolCalled"
        and kinds[-1] == "ThreadCompleted"
        and TextDelta("Nothing here.") in [one.event for one in inner]
    )
    assert not any(isinstance(one, ToolCalled) and one.name == "list" for one in session.history())
    again = session.thread.conversation()
    assert repair(again) == (again, [])
    assert [type(one).__name__ for one in again] == [
        "UserMessage",
        "AssistantMessage",
        "ToolMessage",
        "AssistantMessage",
    ]


async def test_where_its_model_fails_the_result_says_what_it_had_said(play) -> None:
    broken = [TextDelta("I had begun to"), ProviderError("The server is gone.", hint="Try later.", code="server")]
    cast = Cast(one=[writes("a"), broken])
    [result] = results(await run(await play(cast, mode="edit")))
    assert not result.ok
    assert "The subagent general failed: The server is gone.\nTry later." in result.output
    assert "I had begun to" in result.output and "(Files it changed: a.)" in result.output


async def test_one_that_never_comes_to_an_end_is_stopped(play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugsky_tui.session.subagent_run.MAX_TURNS", 2)
    cast = Cast(one=[calls(("glob", {"pattern": "a"})), calls(("glob", {"pattern": "b"})), says("never")])
    [result] = results(await run(await play(cast)))
    assert not result.ok and "was not done. Stopped after 2 requests." in result.output


async def test_the_limit_of_turns_and_the_schema_are_the_runs_own(play, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    cast = Cast(one=[calls(("list", {})), calls(("glob", {"pattern": "x"})), says("no JSON at all")])
    cast.parts["go"][1] = says('{"found": 0}')
    events = await run(await play(cast, max_turns=2, json_schema=tmp_path / "schema.json"))
    assert events[-1] == ThreadCompleted("completed", '{"found":0}', 2)
    assert [one.parameters.response_format for one in cast.requests["one"]] == [None] * 3
    assert cast.requests["go"][0].parameters.response_format is not None


async def test_one_that_goes_in_circles_is_stopped_and_that_is_said(play) -> None:
    cast = Cast(one=[calls(("glob", {"pattern": "a"}))] * 9)
    [result] = results(await run(await play(cast)))
    assert not result.ok and "came 5 times to the same result" in result.output


async def test_the_names_that_other_agents_have_for_it_are_understood(play) -> None:
    cast = Cast(one=[says("x")], two=[says("y")])
    cast.parts["go"] = [
        calls(
            ("task", {"subagent_type": "general-purpose", "prompt": "one"}),
            ("task", {"agent": "Explore", "prompt": "two"}),
        ),
        says("Done."),
    ]
    assert all(one.ok for one in results(await run(await play(cast))))


async def test_no_key_comes_out_of_it(play) -> None:
    cast = Cast(one=[calls(("read", {"file_path": "notes"})), says("It says so.")])
    session = await play(cast)
    (session.folder / "notes").write_text(f"the key is {KEY}\n")
    events = await run(session)
    assert KEY not in repr(events) and KEY not in repr(cast.requests)
    assert KEY not in repr(session.history())


# --- ended early ------------------------------------------------------------------------------


def running(name: str) -> bool:
    return subprocess.run(["pgrep", "-f", name], capture_output=True).returncode == 0


async def test_an_interruption_ends_them_with_all_they_run_and_leaves_everything_valid(play) -> None:
    async def stop_soon(request: Request) -> Answer:
        asyncio.get_running_loop().call_later(0.02, watch)
        return [TextDelta("I think")] + [TextDelta(".")] * 1_000_000

    def watch() -> None:
        if (session.folder / "up").exists():
            session.interrupt()
        else:
            asyncio.get_running_loop().call_later(0.02, watch)

    command = "touch up; exec -a plugsky-subagent-test sleep 321"
    cast = Cast(
        one=[writes("a"), calls(("shell", {"command": command}))], two=[says("done already")], three=[stop_soon]
    )
    session = await play(cast, mode="auto", allow=["shell"])
    events = await run(session)
    assert isinstance(events[-1], ThreadCompleted) and events[-1].status == "interrupted"
    assert not running("plugsky-subagent-test")
    outputs = {one.call_id: one.output.partition("\n")[0] for one in results(events)}
    assert outputs["c1"] == "done already"
    assert outputs["c0"].startswith("Interrupted") and outputs["c2"].startswith("Interrupted")
    assert [one.path for one in events if isinstance(one, FileChanged)] == ["a"]
    conversation = session.thread.conversation()
    assert repair(conversation) == (conversation, [])
    inner = [one.event for one in session.history() if isinstance(one, Within)]
    made = [one.call_id for one in inner if isinstance(one, ToolCalled)]
    assert len(made) == sum(isinstance(one, ToolResulted) for one in inner)
    assert (await run(session, "go on"))[-1] == ThreadCompleted("completed", "All done.", 1)
