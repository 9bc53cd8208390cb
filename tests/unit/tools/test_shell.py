"""shell: bash in the workspace."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path

import pytest

from plugsky_tui.kernel.ports import RunCommand


async def test_output_exit_code_and_needs(ws) -> None:
    prepared = await ws.prepare("shell", command="echo hi; exit 2")
    assert list(prepared.needs) == [RunCommand("echo hi; exit 2", str(ws.path))]
    assert prepared.title == "Run echo hi; exit 2"
    result = await prepared.act(ws.live.append)
    assert result.output == "hi\n(exit code 2)"
    assert not result.ok
    assert ws.live == ["hi\n"]


async def test_it_runs_in_the_workspace_and_each_call_anew(ws) -> None:
    await ws("shell", command="mkdir sub; cd sub; X=1")
    assert (await ws("shell", command="echo $X; pwd")).output.splitlines()[:2] == ["", os.path.realpath(ws.path)]


async def test_no_output_is_said(ws) -> None:
    assert (await ws("shell", command="true")).output == "(no output)\n(exit code 0)"


async def test_a_time_limit_is_kept_and_said(ws) -> None:
    started = time.monotonic()
    result = await ws("shell", command="echo first; sleep 60", timeout_s=0.3)
    assert time.monotonic() - started < 1.5
    assert result.output.startswith("first\n(stopped: it took longer than 0.3 s")
    assert not result.ok


async def test_what_is_left_in_the_background_is_stopped_and_said(ws) -> None:
    result = await ws("shell", command="sleep 60 & echo on")
    assert re.search(r"left running in the background, and stopped: sleep 60 \(\d+\)", result.output)


async def test_of_many_processes_left_behind_some_are_named(ws) -> None:
    result = await ws("shell", command="for i in $(seq 13); do sleep 300 & done")
    assert re.search(r"stopped: sleep 300 \(\d+\),.* and 3 more\)", result.output)


async def test_long_output_names_a_file_with_all_of_it(ws) -> None:
    result = await ws("shell", command="seq 1 50000")
    assert len(result.output) < 31_000
    assert result.output.startswith("1\n2\n")
    assert "\n50000\n(exit code 0)" in result.output
    named = re.search(r"the whole output is in (\S+)", result.output)
    assert named
    assert Path(named[1]).read_text() == "".join(f"{number}\n" for number in range(1, 50_001))


async def test_the_key_is_not_in_its_environment(ws) -> None:
    assert "psk_test" not in (await ws("shell", command="env")).output


async def test_escapes_do_not_reach_the_result(ws) -> None:
    result = await ws("shell", command=r"printf '\033[31mred\033[0m\n10%%\r100%%\n\xff\n'")
    assert result.output == "red\n100%\n\ufffd\n(exit code 0)"


async def test_git_neither_pages_nor_edits_nor_asks(ws) -> None:
    await ws(
        "shell",
        command="git init -q . && git config user.email a@b && git config user.name n && git commit -q --allow-empty -m one",
    )
    result = await ws(
        "shell",
        command="git log && git commit --amend --allow-empty && git clone -q https://user@127.0.0.1:1/x.git",
        timeout_s=10,
    )
    assert "one" in result.output
    assert "stopped" not in result.output


async def test_cancelling_stops_it(ws) -> None:
    task = asyncio.ensure_future(ws("shell", command="echo $$ > pid; sleep 60"))
    while not (ws.path / "pid").exists():
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    pid = int((ws.path / "pid").read_text())
    assert not os.path.exists(f"/proc/{pid}") or "Z" in Path(f"/proc/{pid}/stat").read_text()


@pytest.mark.parametrize(
    "arguments", [{"command": " "}, {"command": "true", "timeout_s": 0}, {"command": "true", "timeout_s": 1e9}]
)
async def test_senseless_requests_are_refused(ws, arguments) -> None:
    assert await ws.fails("shell", **arguments)


async def test_cmd_and_timeout_are_understood(ws) -> None:
    assert (await ws("shell", cmd="echo hi", timeout="5")).output.startswith("hi\n")
