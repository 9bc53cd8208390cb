"""No command outlives plugsky: not at its end, not when it is killed with SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def pid_in(path: Path) -> int:
    until(lambda: path.exists() and path.read_text().strip() != "")
    return int(path.read_text())


TREE = """
echo $$ > leader
sleep 300 &
echo $! > child
timeout 300 bash -c 'echo $$ > grouped; sleep 300; :' &
bash -c 'echo $$ > deaf; trap "" TERM; while :; do sleep 0.1; done'
"""
PIDS = ("leader", "child", "grouped", "deaf")


@pytest.fixture
def tree(repo: Path) -> str:
    """A command with a leader, a child, one in a group of its own, and one that does not listen to SIGTERM."""
    (repo / "tree.sh").write_text(TREE)
    return "bash tree.sh"


def running_with(word: str) -> list[int]:
    """The processes that have `word` in their arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and word.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return [pid for pid in found if alive(pid)]


def first_child(pid: int) -> None:
    """Until the process has started another one: without a pause, the moment counts."""
    end = time.monotonic() + 20
    while not Path(f"/proc/{pid}/task/{pid}/children").read_text():
        assert time.monotonic() < end, "it started nothing"


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_ends_with_the_tool_call_however_that_is_ended(user, repo, tree, how) -> None:
    process = user.start("tool", "shell", "--mode", "auto", "--allow", "shell", "--args", json.dumps({"command": tree}))
    pids = [pid_in(repo / name) for name in PIDS]
    os.kill(process.pid, how)
    process.communicate(timeout=10)
    until(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize("after_ms", [0, 0, 0.5, 1, 2, 4])
def test_a_kill_in_the_first_moments_of_a_command_leaves_nothing_behind(user, repo, after_ms) -> None:
    """The command is held until somebody is there to stop it: killed before, plugsky has run nothing."""
    word = f"300.{repo.stat().st_ino}"
    command = {"command": f"sleep {word} & sleep {word}"}
    process = user.start("tool", "shell", "--mode", "auto", "--allow", "shell", "--args", json.dumps(command))
    first_child(process.pid)
    time.sleep(after_ms / 1000)
    process.kill()
    process.communicate(timeout=10)
    until(lambda: running_with(word) == [])


def test_a_job_ends_with_a_session_that_is_killed(scripted, repo, tree) -> None:
    user = scripted(
        call("shell", command=tree, background=True),
        call("shell", command="sleep 300"),
        {"text": "never"},
    )
    process = user.start("run", "--mode", "auto", "--allow", "shell", "serve")
    pids = [pid_in(repo / name) for name in PIDS]
    process.kill()
    process.communicate(timeout=10)
    until(lambda: not any(map(alive, pids)))


def test_a_job_ends_with_its_run(scripted, repo) -> None:
    user = scripted(
        call("shell", command="echo $$ > leader; echo up; sleep 300", background=True),
        call("shell_output", job_id="job_1", wait_s=0),
        {"text": "It serves."},
    )
    events, done = user.events("--mode", "auto", "--allow", "shell", "serve")
    assert done.returncode == 0, done.stderr
    results = [event["output"] for event in events if event["type"] == "tool.result"]
    assert results[0].startswith("Started in the background: job_id job_1.\nup\n")
    assert "(job_1: running for" in results[1]
    assert not alive(pid_in(repo / "leader"))


def test_what_left_its_job_s_session_is_named_at_the_end(scripted, repo) -> None:
    (repo / "daemon.sh").write_text("setsid sleep 300 & echo $! > daemon; sleep 300\n")
    user = scripted(call("shell", command="bash daemon.sh", background=True), {"text": "It serves."})
    done = user.plugsky("run", "--mode", "auto", "--allow", "shell", "serve")
    try:
        assert f"still running, in a session of its own: sleep 300 ({pid_in(repo / 'daemon')})" in done.stderr
    finally:
        os.kill(pid_in(repo / "daemon"), signal.SIGKILL)


def test_a_job_is_asked_about_like_any_command_and_looking_at_it_is_not(scripted) -> None:
    user = scripted(
        call("shell", command="make serve", background=True), call("shell_output", job_id="job_1"), {"text": "No."}
    )
    events, _ = user.events("--mode", "ask", "serve")
    results = [event["output"] for event in events if event["type"] == "tool.result"]
    assert "no one to ask" in results[0]
    assert "No job is running" in results[1]
