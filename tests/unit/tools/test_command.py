"""`plugsky tool`: one tool, from the command line, under the same permission rules."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import plugsky_tui

Plugsky = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folders = {f"PLUGSKY_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
    package = str(Path(plugsky_tui.__file__).parents[1])  # also where it is not installed
    return {
        **os.environ,
        **folders,
        "HOME": str(tmp_path),
        "PYTHONPATH": package,
        "PLUGSKY_API_KEY": "psk_test_0123456789",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "workspace"
    path.mkdir()
    (path / "a.txt").write_text("hello\n")
    return path


@pytest.fixture
def tool(environment: dict[str, str], folder: Path) -> Plugsky:
    def run(
        name: str, arguments: object = None, *options: str, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        args = (
            [] if arguments is None else ["--args", arguments if isinstance(arguments, str) else json.dumps(arguments)]
        )
        command = [sys.executable, "-m", "plugsky_tui", "tool", name, *args, *options]
        return subprocess.run(
            command, cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False, timeout=30
        )

    return run


def test_the_list_is_what_the_model_is_sent(tool: Plugsky) -> None:
    listed = json.loads(tool("--list").stdout)
    functions = {each["function"]["name"]: each["function"] for each in listed}
    assert all(each["type"] == "function" for each in listed)
    assert {"read", "write", "edit", "multi_edit", "shell", "grep", "glob", "list", "todo", "ask_user"} <= set(
        functions
    )
    assert list(functions["edit"]["parameters"]["properties"]) == [
        "file_path",
        "old_string",
        "new_string",
        "replace_all",
    ]
    assert functions["read"]["parameters"]["properties"]["limit"]["default"] == 2000
    assert functions["shell"]["parameters"]["properties"]["timeout_s"]["default"] == 120


def test_what_only_reads_runs(tool: Plugsky) -> None:
    done = tool("read", {"file_path": "a.txt"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "     1\thello\n", "")


def test_arguments_come_from_standard_input_too(tool: Plugsky) -> None:
    assert tool("grep", "-", given='{"pattern": "hel+o"}').stdout == "a.txt:1:hello\n"


def test_what_needs_asking_is_refused_with_the_reason(tool: Plugsky, folder: Path) -> None:
    done = tool("write", {"file_path": "a.txt", "content": "x\n"})
    assert done.returncode == 4
    assert done.stdout == ""
    assert "no one to ask" in done.stderr
    assert (folder / "a.txt").read_text() == "hello\n"


@pytest.mark.parametrize("options", [("--mode", "edit"), ("--allow", "edit(a.txt)"), ("--mode", "auto")])
def test_modes_and_rules_count(tool: Plugsky, folder: Path, options: tuple[str, ...]) -> None:
    assert tool("write", {"file_path": "a.txt", "content": "x\n"}, *options).returncode == 0
    assert (folder / "a.txt").read_text() == "x\n"


def test_a_denied_file_is_neither_read_nor_found(tool: Plugsky) -> None:
    assert tool("read", {"file_path": "a.txt"}, "--deny", "read(a.txt)").returncode == 4
    assert "hello" not in tool("grep", {"pattern": "hello"}, "--deny", "read(a.txt)").stdout


def test_a_file_changed_between_two_commands_is_no_obstacle(tool: Plugsky, folder: Path) -> None:
    tool("read", {"file_path": "a.txt"})
    (folder / "a.txt").write_text("changed\n")
    done = tool("edit", {"file_path": "a.txt", "old_string": "changed", "new_string": "again"}, "--mode", "edit")
    assert done.returncode == 0
    assert (folder / "a.txt").read_text() == "again\n"


def test_a_tools_error_and_a_failing_command_are_1(tool: Plugsky) -> None:
    missing = tool("read", {"file_path": "b.txt"})
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "Did you mean a.txt?" in missing.stderr
    failing = tool("shell", {"command": "ls nowhere"})
    assert failing.returncode == 1
    assert "nowhere" in failing.stdout
    assert tool("read", {}).returncode == 1


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("raed", {}, "Did you mean read"),
        ("read", "{", "not JSON"),
        ("read", "[]", "not a JSON object"),
        ("--mode=ask", None, "Which tool"),
    ],
)
def test_wrong_usage_is_2(tool: Plugsky, name: str, arguments: object, said: str) -> None:
    done = tool(name, arguments)
    assert done.returncode == 2
    assert said in done.stderr


def test_the_key_does_not_reach_the_command(tool: Plugsky) -> None:
    done = tool("shell", {"command": "env"}, "--allow", "shell(env)")
    assert done.returncode == 0
    assert "psk_test" not in done.stdout


def test_names_do_not_reach_the_terminal_raw(tool: Plugsky) -> None:
    assert "\x1b" not in tool("read", {"file_path": "no\x1b]0;title\x07"}).stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupting_stops_the_command_too(environment: dict[str, str], folder: Path, number: int, code: int) -> None:
    arguments = json.dumps({"command": "echo $$ > pid; sleep 100"})
    child = subprocess.Popen(
        [sys.executable, "-m", "plugsky_tui", "tool", "shell", "--mode", "auto", "--args", arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
    )
    pid = folder / "pid"
    until = time.monotonic() + 10
    while not (pid.exists() and pid.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.01)
    child.send_signal(number)
    assert child.wait(5) == code
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
