"""The main job, as a user does it: a published package with a fault in it, mended in a real terminal and without one."""

from __future__ import annotations

import json
import subprocess

import pytest
from support.command import COMMAND, User, user_environment
from support.mending import is_mended, mend_a_package, unpack_with_fault
from support.terminal import HAVE_TMUX

# The package's pytest has no use for the plugins of ours, which take half a second of each of its runs.
QUICK = {"PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")
def test_in_a_terminal(tmp_path):
    source = mend_a_package(tmp_path, command=COMMAND)
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=source, capture_output=True, text=True, check=True)
    assert changed.stdout == " M toolz/itertoolz.py\n"
    assert is_mended(source)
    user = User(source, user_environment(tmp_path / "home"))
    (thread,) = json.loads(user.plugsky("threads", "list", "--json").stdout)
    assert (thread["title"], thread["turns"]) == ("Fix the failing test", 2)


def test_without_a_terminal_and_again_somewhere_else_from_a_recording(tmp_path):
    tape = str(tmp_path / "mending.tape")
    task = ["--mode", "edit", "--allow", "shell(python -B -m pytest *)", "Fix the failing test"]
    runs = []
    for place, how in (("here", ["--offline", "--record", tape]), ("elsewhere", ["--replay", tape])):
        (tmp_path / place).mkdir()
        source = unpack_with_fault(tmp_path / place)
        user = User(source, user_environment(tmp_path / f"home-{place}", **QUICK))
        if place == "elsewhere":
            del user.env["PLUGSKY_API_KEY"]
        events, done = user.events(*how, *task, timeout=120)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        assert is_mended(source)
        assert events[-1]["status"] == "completed" and "192 passed" in events[-1]["text"]
        assert [event["path"] for event in events if event["type"] == "file.changed"] == ["toolz/itertoolz.py"]
        said = "".join(event["text"] for event in events if event["type"] == "text.delta")
        runs.append(said.replace(str(source), "(the folder)"))
        if place == "here":
            again, _ = user.events("--offline", "-c", "Explain toolz/recipes.py")
            assert again[0]["resumed"] and again[0]["thread_id"] == events[0]["thread_id"]
            assert "countby" in again[-1]["text"]
    assert runs[0] == runs[1]
