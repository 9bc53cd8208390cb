"""Background jobs of shell: started, moved, looked at, ended; real bash, real processes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest

from plugsky_tui.kernel.ports import RunCommand
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace import jobs as jobs_module
from plugsky_tui.workspace.jobs import MOST_RUNNING, Jobs


@pytest.fixture
async def session(ws):
    """The workspace of a session, which has jobs; they end with it."""
    ws.context.jobs = Jobs()
    ws.toolbox = ToolboxOf(load_tools().instances(), ws.context)
    yield ws
    await ws.context.jobs.close()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def pid_in(path: Path) -> int:
    for _ in range(500):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} was never written")


async def test_a_job_is_judged_like_the_command_it_is_and_returns_at_once(session) -> None:
    prepared = await session.prepare("shell", command="echo ready; sleep 300", background=True)
    assert list(prepared.needs) == [RunCommand("echo ready; sleep 300", str(session.path))]
    assert prepared.title == "Run echo ready; sleep 300 in the background"
    result = await prepared.act(session.live.append)
    assert result.ok
    assert result.output.startswith("Started in the background: job_id job_1.\nready\n(job_1: running for ")
    assert "shell_output" in result.output


async def test_a_job_that_fails_at_once_says_so_at_once(session) -> None:
    result = await session("shell", command="echo no such thing; exit 7", background=True)
    assert not result.ok
    assert "no such thing\n(job_1: ended after 0 s with exit code 7)" in result.output


async def test_each_look_shows_what_is_new(session) -> None:
    go = session.path / "go"
    command = f"echo one; until [ -e {go} ]; do sleep 0.02; done; echo two; printf 'Really? '; sleep 300"
    await session("shell", command=command, background=True)
    assert (await session("shell_output", job_id="job_1", wait_s=0)).output.startswith("(nothing new)\n(job_1: running")
    go.touch()
    shown = ""
    while "Really" not in shown:
        shown += (await session("shell_output", job_id="1")).output.partition("\n(job_1")[0] + "\n"
    assert shown.replace("\n\n", "\n") == "two\nReally? \n" or shown == "two\nReally?\n"
    again = await session("shell_output", job_id="job_1", wait_s=0)
    assert again.output.startswith("(nothing new)\n")


async def test_a_look_waits_for_the_end_and_tells_how_it_was(session) -> None:
    await session("shell", command="sleep 0.8; echo done; exit 3", background=True)
    seen = ""
    while "ended" not in seen:
        seen = (await session("shell_output", job_id="job_1", wait_s=30)).output
    assert re.fullmatch(r"(done|\(nothing new\))\n\(job_1: ended after 1 s with exit code 3\)", seen)


async def test_a_long_output_is_bounded_and_a_file_has_all_of_it(session) -> None:
    started = await session("shell", command="sleep 0.6; seq 1 50000; sleep 300", background=True)
    path = Path(re.search(r"All it prints is also in (\S+?)\.\)", started.output)[1])
    while not path.read_text().endswith("\n50000\n"):
        await asyncio.sleep(0.02)
    output = (await session("shell_output", job_id="job_1")).output
    assert len(output) < 31_000
    assert output.startswith("1\n2\n")
    assert f"the whole output is in {path}" in output
    assert path.read_text() == "".join(f"{number}\n" for number in range(1, 50_001))
    assert session.context.spill.made(os.path.realpath(path))  # so that it may be read without asking


async def test_killing_ends_the_whole_group_and_shows_the_last_words(session) -> None:
    await session(
        "shell",
        command="trap 'echo bye; exit' TERM; sleep 300 & echo $! > child; echo $$ > leader; wait",
        background=True,
    )
    leader, child = await pid_in(session.path / "leader"), await pid_in(session.path / "child")
    result = await session("shell_kill", job_id="job_1")
    assert result.output.startswith("bye\n(job_1: killed after ")
    assert not alive(leader)
    assert not alive(child)
    assert "(job_1, before this call: killed after " in (await session("shell_kill", job_id="job_1")).output


async def test_what_the_leader_leaves_behind_has_two_seconds_to_end_in_order(session) -> None:
    await session(
        "shell",
        command="(trap 'sleep 1; echo in order > left; exit' TERM; echo $BASHPID > child; while :; do sleep 0.05; done) & wait",
        background=True,
    )
    await pid_in(session.path / "child")
    await session("shell_kill", job_id="job_1")
    assert (session.path / "left").read_text() == "in order\n"


async def test_unknown_ids_are_answered_with_those_that_run(session) -> None:
    assert "No job is running" in await session.fails("shell_output", job_id="job_9")
    await session("shell", command="sleep 300 # the server", background=True)
    assert "Running: job_1 (sleep 300 # the server)." in await session.fails("shell_kill", job_id="job_9")


async def test_nobody_starts_jobs_without_end(session) -> None:
    for _ in range(MOST_RUNNING):
        await session.context.jobs.start(
            "sleep 300",
            cwd=str(session.path),
            environment=session.context.environment,
            spill=session.context.spill,
        )
    assert "shell_kill" in await session.fails("shell", command="sleep 1", background=True)


async def test_the_end_of_a_job_is_told_with_the_next_command_and_once(session) -> None:
    await session("shell", command="sleep 0.7", background=True)
    await session.context.jobs.get("job_1").wait_ended(10)
    assert (
        "(job_1 has ended after 1 s with exit code 0; shell_output" in (await session("shell", command="true")).output
    )
    assert "job_1" not in (await session("shell", command="true")).output


async def test_a_job_that_the_user_has_ended_is_told_so(session) -> None:
    await session("shell", command="sleep 300", background=True)
    await session.context.jobs.get("job_1").kill()
    assert "(job_1: the user has ended it; shell_output" in (await session("shell", command="true")).output


async def test_a_command_in_the_foreground_can_be_moved_to_the_background(session) -> None:
    call = asyncio.ensure_future(session("shell", command="echo before; sleep 0.5; echo after", timeout_s=0.4))
    while not session.live:
        await asyncio.sleep(0.01)
    assert not session.context.jobs.move("call_2")
    assert session.context.jobs.move("call_1")
    result = await call
    assert result.ok
    assert result.output.startswith("The user moved it to the background, where it goes on: job_id job_1.\nbefore\n")
    while "ended" not in (output := (await session("shell_output", job_id="job_1")).output):
        assert output.startswith(("after", "(nothing new)"))  # its time limit does not count any more
    assert not session.context.jobs.move("call_1")
    assert "after" in Path(session.context.jobs.get("job_1").path).read_text()
    assert "".join(session.live) == "before\n"  # and what it prints there is no output of the call


async def test_after_a_minute_people_are_told_and_nothing_moves_by_itself(session, monkeypatch) -> None:
    monkeypatch.setattr(jobs_module, "OFFER_AFTER_S", 0.1)
    result = await session("shell", command="echo one; sleep 300", timeout_s=0.5)
    told = "[running for 0.1 s; it is stopped at 0.5 s, unless it is moved to the background]"
    assert told in "".join(session.live)
    assert told not in result.output  # the model has no use for it
    assert result.output.startswith("one\n(stopped: it took longer than 0.5 s")
    assert not list(session.context.jobs)


async def test_jobs_end_with_their_session_and_those_that_moved_out_are_named(session) -> None:
    await session(
        "shell",
        command="setsid sleep 30 & echo $$ > leader; trap '' TERM; while :; do sleep 0.05; done",
        background=True,
    )
    leader = await pid_in(session.path / "leader")
    left = await session.context.jobs.close()
    assert not alive(leader)
    assert [title.split(" (")[0] for title in left] == ["sleep 30"]
    os.kill(int(re.search(r"\((\d+)\)", left[0])[1]), signal.SIGKILL)


async def test_interrupting_a_look_or_a_kill_leaves_the_job_in_order(session) -> None:
    await session("shell", command="trap '' TERM; while :; do sleep 0.05; done", background=True)
    for tool in ("shell_output", "shell_kill"):
        task = asyncio.ensure_future(session(tool, job_id="job_1"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await session.context.jobs.get("job_1").wait_ended(10)
    assert session.context.jobs.get("job_1").state == "killed"


async def test_where_there_is_no_session_there_are_no_jobs(ws) -> None:
    assert "Leave background out" in await ws.fails("shell", command="sleep 1", background=True)
    names = [each.name for each in ws.toolbox.definitions()]
    assert "shell" in names and "shell_output" not in names and "shell_kill" not in names


@pytest.mark.parametrize("wait_s", [-1, 61])
async def test_senseless_waits_are_refused(session, wait_s) -> None:
    await session("shell", command="sleep 300", background=True)
    assert "wait_s" in await session.fails("shell_output", job_id="job_1", wait_s=wait_s)
