"""Commands run in their own session and leave nothing behind: real bash, real processes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.processes import Ended, run_command
from plugsky_tui.workspace.spill import Spill

Run = Callable[..., "asyncio.Task[Ended]"]


@pytest.fixture
def pieces() -> list[tuple[float, str]]:
    return []


@pytest.fixture
def run(tmp_path: Path, pieces: list[tuple[float, str]]) -> Run:
    def start(command: str, timeout_s: float = 10, cwd: str | None = None, **extra: str) -> asyncio.Task[Ended]:
        return asyncio.ensure_future(
            run_command(
                command,
                cwd=cwd or str(tmp_path),
                environment=child_environment({**os.environ, **extra}),
                spill=Spill(str(tmp_path / "outputs")),
                progress=lambda text: pieces.append((time.monotonic(), text)),
                timeout_s=timeout_s,
            )
        )

    return start


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def pid_in(path: Path) -> int:
    for _ in range(200):
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        await asyncio.sleep(0.01)
    raise AssertionError(f"{path} was never written")


async def test_output_and_exit_code_come_back(run: Run) -> None:
    ended = await run("echo out; echo err >&2; exit 3")
    assert (ended.output, ended.exit_code, ended.timed_out) == ("out\nerr\n", 3, False)


async def test_the_shell_is_bash_in_the_folder_it_is_given(run: Run, tmp_path: Path) -> None:
    ended = await run('[[ -n $BASH_VERSION ]] && pwd && echo "$0"')
    assert ended.output.splitlines()[0] == os.path.realpath(tmp_path)


async def test_a_command_that_starts_with_a_dash_is_a_command(run: Run) -> None:
    assert "command not found" in (await run("-x")).output


async def test_a_command_is_as_bash_alone_would_run_it(run: Run, tmp_path: Path) -> None:
    command = (
        r'printf "%s\n" "$0" $# "$-" "$BASH_EXECUTION_STRING" $SHLVL; echo ${PPID:+parent}; cd /proc/self/fd; echo *;'
        r' ps -o pid=,pgid=,sid= -p $$ | xargs; echo $$; env | grep "^IN\|^go" | sort; exec sh -c "exit 7"'
    )
    extra = {"INPUT_FETCH-DEPTH": "1", "go": "on", "SHLVL": "4"}
    ended = await run(command, **extra)
    alone = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", "--", command],
        cwd=tmp_path,
        env=child_environment(os.environ | extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert ended.exit_code == alone.returncode == 7
    assert re.sub(r"\d{3,}", "N", ended.output) == re.sub(r"\d{3,}", "N", alone.stdout)
    assert "INPUT_FETCH-DEPTH=1\ngo=on\n" in ended.output


async def test_vim_ends_rather_than_wait_for_keys(run: Run) -> None:
    if not shutil.which("vim"):
        pytest.skip("there is no vim")
    ended = await run("vim --not-a-term file")  # else it pauses for two seconds to warn
    assert (ended.exit_code, ended.timed_out) == (1, False)


async def test_reading_input_ends_at_once(run: Run) -> None:
    ended = await run('read line; echo "$? <$line>"; cat; tty || true')
    assert ended.output == "1 <>\nnot a tty\n"


async def test_no_startup_file_and_no_exported_function_has_a_say(run: Run, tmp_path: Path) -> None:
    (tmp_path / "evil").write_text("echo evil")
    ended = await run("ls -d .", BASH_ENV=str(tmp_path / "evil"), **{"BASH_FUNC_ls%%": "() { echo evil; }"})
    assert ended.output == ".\n"


async def test_the_key_is_not_in_the_environment(run: Run) -> None:
    ended = await run(
        "env; cat /proc/self/environ | tr '\\0' '\\n'", PLUGSKY_API_KEY="psk_secret_123456", X="psk_secret_123456"
    )
    assert "psk_secret" not in ended.output


async def test_pagers_and_editors_of_single_programs_are_off_too(run: Run) -> None:
    ended = await run("echo $AWS_PAGER $GIT_PAGER $HGEDITOR $EDITOR", AWS_PAGER="less", HGEDITOR="vi", EDITOR="vi")
    assert ended.output == "cat cat true true\n"


async def test_it_ends_when_the_leader_does_and_stops_what_that_left(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    ended = await run("sleep 300 & echo $! > pid; echo started")
    assert time.monotonic() - started < 2
    assert ended.output == "started\n"
    assert ended.exit_code == 0
    assert [title.split(" (")[0] for title in ended.stopped] == ["sleep 300"]
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_what_moved_to_a_session_of_its_own_is_named(run: Run) -> None:
    ended = await run("setsid sleep 1.5 & echo started")
    assert ended.output == "started\n"
    assert [title.split(" (")[0] for title in ended.running] == ["sleep 1.5"]


async def test_what_made_itself_a_group_is_stopped_too(run: Run, tmp_path: Path) -> None:
    ended = await run("timeout 300 bash -c 'echo $$ > pid; sleep 300; :'; :", timeout_s=0.4)
    assert (ended.timed_out, ended.running) == (True, [])
    assert not alive(int((tmp_path / "pid").read_text()))
    ended = await run("set -m; sleep 300 & :")
    assert [title.split(" (")[0] for title in ended.stopped] == ["sleep 300"]


async def test_where_there_is_no_proc_ps_tells_what_is_to_be_stopped(run: Run, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("plugsky_tui.workspace.process_table._has_proc", lambda: False)
    ended = await run("timeout 300 bash -c 'echo $$ > pid; sleep 300; :'; :", timeout_s=0.4)
    assert ended.timed_out
    assert not alive(int((tmp_path / "pid").read_text()))
    assert len((await run("sleep 300 &")).stopped) == 1


async def test_a_command_that_has_stopped_itself_may_end_in_order(run: Run) -> None:
    ended = await run("trap 'echo bye; exit' TERM; kill -STOP $$; sleep 300", timeout_s=0.3)
    assert ended.output == "bye\n"


async def test_time_out_stops_the_whole_group(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    ended = await run("sleep 300 & echo $! > pid; echo before; sleep 300", timeout_s=0.4)
    assert time.monotonic() - started < 1.5
    assert ended.timed_out
    assert ended.output == "before\n"
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_a_group_that_ignores_sigterm_is_killed_after_two_seconds(run: Run, tmp_path: Path) -> None:
    started = time.monotonic()
    ended = await run("trap '' TERM; echo $$ > pid; while :; do sleep 0.05; done", timeout_s=0.3)
    assert 2 < time.monotonic() - started < 3.5
    assert ended.timed_out
    assert not alive(int((tmp_path / "pid").read_text()))


async def test_cancelling_stops_the_whole_group_before_it_returns(run: Run, tmp_path: Path) -> None:
    task = run("sleep 300 & echo $! > child; echo $$ > leader; wait")
    leader, child = await pid_in(tmp_path / "leader"), await pid_in(tmp_path / "child")
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 1
    assert not alive(leader)
    assert not alive(child)


async def test_cancelled_while_it_starts_it_has_run_nothing_or_is_stopped(run: Run, tmp_path: Path) -> None:
    await run("true")  # imports and the watchdog are there
    for steps in range(12):
        task = run("echo $$ > pid; sleep 300")
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        written = (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else ""
        assert not written or not alive(int(written))


@pytest.mark.parametrize("after_s", [0.03, 0.2])
async def test_cancelled_while_it_ends_it_leaves_nothing_behind(run: Run, tmp_path: Path, after_s: float) -> None:
    task = run("(trap '' TERM; echo $BASHPID > pid; while :; do sleep 0.1; done) & until [ -s pid ]; do :; done")
    left = await pid_in(tmp_path / "pid")
    await asyncio.sleep(after_s)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(left)


async def test_output_comes_live_in_pieces_that_are_not_too_frequent(run: Run, pieces: list[tuple[float, str]]) -> None:
    await run("for i in $(seq 30); do echo $i; sleep 0.01; done; printf 'Continue? '; sleep 0.1; echo y")
    times = [when for when, _ in pieces[:-1]]  # the last one is what was left at the end
    assert len(pieces) > 3
    assert all(b - a > 0.045 for a, b in pairwise(times))
    assert any("Continue? " in text and "y" not in text for _, text in pieces)
    assert "".join(text for _, text in pieces) == "".join(f"{i}\n" for i in range(1, 31)) + "Continue? y\n"


async def test_a_flood_of_output_is_bounded_and_does_not_stop_the_loop(
    run: Run, pieces: list[tuple[float, str]]
) -> None:
    task = run("yes", timeout_s=0.5)
    longest, last = 0.0, time.monotonic()
    while not task.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    ended = await task
    assert longest < 0.3
    assert len(ended.output) < 31_000
    assert ended.saved_in
    assert all(len(text) < 20_000 for _, text in pieces)


async def test_a_signal_is_named(run: Run) -> None:
    ended = await run("kill -SEGV $$")
    assert (ended.exit_code, ended.signal) == (None, "SIGSEGV")


async def test_what_cannot_be_started_says_why(run: Run, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="NUL"):
        await run("echo \0")
    with pytest.raises(ToolError, match="too long"):
        await run("echo " + "x" * 300_000)
    with pytest.raises(ToolError, match="does not exist any more"):
        await run("echo", cwd=str(tmp_path / "gone"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts descriptors by /proc")
async def test_no_descriptor_is_left_open(run: Run, tmp_path: Path) -> None:
    await run("true")
    before = len(os.listdir("/proc/self/fd"))
    for command in ("true", "sleep 300 & true"):
        await run(command)
    task = run("sleep 300")
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ToolError):
        await run("echo", cwd=str(tmp_path / "gone"))
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what /proc shows is Linux's")
async def test_a_command_cannot_read_the_key_from_our_own_first_environment(tmp_path: Path) -> None:
    script = (
        "import asyncio, ctypes, sys\n"
        "from plugsky_tui.workspace.processes import run_command\n"
        "from plugsky_tui.workspace.spill import Spill\n"
        f"asyncio.run(run_command('true', cwd={str(tmp_path)!r}, environment={{'PATH': '/usr/bin:/bin'}},"
        f" timeout_s=10, spill=Spill({str(tmp_path)!r}), progress=print))\n"
        "print(ctypes.CDLL(None).prctl(3))\n"
        "import os; print(os.environ['PLUGSKY_API_KEY'])\n"  # we ourselves still know it
        "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)\n"  # as root would see it
        "print(open('/proc/self/environ').read())\n"
    )
    env = os.environ | {"PLUGSKY_API_KEY": "psk_live_first", "BESIDE": "it"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    dumpable, known, shown = done.stdout.split("\n", 2)
    assert (dumpable, known) == ("0", "psk_live_first")  # PR_GET_DUMPABLE
    assert "psk_live_first" not in shown
    assert "PLUGSKY_API_KEY=**************\0" in shown
    assert "BESIDE=it\0" in shown
