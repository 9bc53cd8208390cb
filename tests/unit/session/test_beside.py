"""What the user does beside prompting: a real session, real bash, and a model that only answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolOutput, ToolResulted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Finished
from plugsky_tui.session.build import open_session
from plugsky_tui.session.enclosures import ran_of, ran_text
from plugsky_tui.session.options import Options
from plugsky_tui.threads.reading import digest

KEY = "psk_live_12345678"


class Model:
    def __init__(self) -> None:
        self.requests = []

    async def stream(self, request):
        self.requests.append(request)
        yield TextDelta("Fine.")
        yield Finished("stop", "m")


@pytest.fixture
async def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PLUGSKY_API_KEY", KEY)
    folder = tmp_path / "work"
    (folder / ".git").mkdir(parents=True)
    session = await open_session(Options(folder=folder, deny=["read(private/**)"]))
    session.model_double = Model()
    monkeypatch.setattr(session.provider, "stream", session.model_double.stream)
    yield session
    await session.close()


async def said(session, prompt: str) -> list[str]:
    """What the model is told of the user in the request that `prompt` makes."""
    async for _ in session.send(prompt):
        pass
    return [one.text for one in session.model_double.requests[-1].messages if isinstance(one, UserMessage)]


async def test_a_command_of_the_users_is_told_with_the_next_prompt_without_keys(session) -> None:
    events = []
    ran = await session.beside.run(f"echo one; echo {KEY}; exit 3", events.append)
    session.tell(ran_text(ran))
    kinds = [type(one) for one in events]
    assert (kinds[0], kinds[-1]) == (ToolCalled, ToolResulted)
    assert ToolOutput in kinds
    assert not events[-1].ok and "(exit code 3)" in events[-1].output
    told, prompt = await said(session, "why?")
    found = ran_of(told)
    assert found is not None
    assert found.output.startswith("one\n") and found.end == "exit code 3"
    assert prompt == "why?"
    assert KEY not in told and KEY not in str(events)
    assert [one.text for one in session.history() if isinstance(one, UserMessage)] == [told, "why?"]


async def test_a_command_that_is_stopped_leaves_what_it_printed_and_no_process(session) -> None:
    there = asyncio.Event()
    events = []

    def show(event) -> None:
        events.append(event)
        if isinstance(event, ToolOutput) and "up" in event.text:
            there.set()

    task = asyncio.create_task(session.beside.run("echo $$ > pid; echo up; sleep 300", show))
    await asyncio.wait_for(there.wait(), 20)
    task.cancel()
    ran = await task
    assert (ran.output.strip(), ran.end) == ("up", "stopped by the user")
    pid = (session.folder / "pid").read_text().strip()
    assert not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes()


async def test_a_command_goes_on_in_the_background_and_that_is_told(session) -> None:
    def show(event) -> None:
        if isinstance(event, ToolOutput) and "up" in event.text:
            assert session.background(event.call_id)

    ran = await asyncio.wait_for(session.beside.run("echo up; sleep 300", show), 20)
    assert (ran.output, ran.end) == ("up", "it goes on in the background as job_1")
    [job] = session.jobs()
    assert job.state == "running"


async def test_what_is_told_while_the_agent_works_comes_with_the_prompt_after(session) -> None:
    async for event in session.send("first"):
        if isinstance(event, TextDelta):
            session.tell("meanwhile")
    assert await said(session, "second") == ["first", "meanwhile", "second"]


async def test_a_note_is_among_the_instructions_of_the_next_request(session) -> None:
    await said(session, "a")
    block = await session.beside.note("answer in rhymes")
    assert block.path == "AGENTS.md"
    await said(session, "b")
    before, after = (one.system for one in session.model_double.requests)
    assert "rhymes" not in before
    assert "- answer in rhymes" in after


async def test_named_files_go_along_as_read_gives_them_and_count_as_read(session) -> None:
    (session.folder / "a b.txt").write_text("one\ntwo\n")
    (session.folder / "c.py").write_text("".join(f"line {at}\n" for at in range(1, 101)))
    looked = await session.beside.look('compare @"a b.txt" and (@c.py:10-12), @c.py:40. @nothing @someone')
    assert [one.line for one in looked.enclosures] == [
        "a b.txt · 2 lines",
        "c.py:10-12 · 3 lines",
        "c.py:40 · 1 line",
    ]
    assert looked.enclosures[0].text.splitlines()[:2] == ["     1\tone", "     2\ttwo"]
    assert looked.remarks == []
    assert str(session.folder / "a b.txt") in session.toolbox.within.context.reads.paths()


async def test_what_rules_keep_from_the_agent_does_not_go_along(session) -> None:
    (session.folder / "private").mkdir()
    (session.folder / "private" / "plan.txt").write_text("secret plan")
    (session.folder / ".env").write_text("PASSWORD=secret")
    looked = await session.beside.look("@private/plan.txt @.env @/etc/hostname")
    assert looked.enclosures == []
    assert [one.split(":")[0] for one in looked.remarks] == ["private/plan.txt", ".env", "/etc/hostname"]


async def test_what_is_no_text_or_too_much_stays_a_name(session) -> None:
    (session.folder / "x.bin").write_bytes(b"\0\1\2" * 100)
    for at in range(4):
        (session.folder / f"{at}.txt").write_text(("x" * 99 + "\n") * 900)
    looked = await session.beside.look("@x.bin " + " ".join(f"@{at}.txt" for at in range(4)))
    assert [one.name for one in looked.enclosures] == ["0.txt", "1.txt"]
    assert "not text" in looked.remarks[0] and "too much" in looked.remarks[1]


async def test_another_thread_is_given_by_its_answers(session, tmp_path: Path) -> None:
    await said(session, "how are you?")
    thread_id = session.thread_id
    looked = await session.beside.look(f"go on with @thread:{thread_id}, and @thread:zzz")
    [one] = looked.enclosures
    assert one.line == f"thread:{thread_id} · “how are you?”, 1 answer"
    assert one.text == "> The user: how are you?\n> The answer: Fine."
    assert "no thread 'zzz'" in looked.remarks[0]


def test_of_a_long_thread_the_last_answers_are_kept(tmp_path: Path) -> None:
    from plugsky_tui.threads.store import ThreadStore

    thread = ThreadStore(tmp_path).create(tmp_path, "m", "ask")
    for at in range(10):
        thread.prompt(UserMessage(f"question {at}"))
        thread.event(TextDelta(f"answer {at} " + "x" * 100))
    thread.close()
    found = digest(tmp_path, thread.thread_id, 500)
    assert "answer 9" in found.text and "answer 0" not in found.text
    assert found.text.startswith(f"({10 - found.answers} earlier answers are left out)")
