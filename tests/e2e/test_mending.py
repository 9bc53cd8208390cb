"""The main job, as a user does it: a published package with a fault in it, mended in a real terminal and without one."""

from __future__ import annotations

import json
import subprocess

import pytest
from support.command import COMMAND, User, user_environment
from support.mending import is_mended, mend_a_package, unpack_with_fault
from support.terminal import HAVE_TMUX


@pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")
def test_in_a_terminal(tmp_path):
    source = mend_a_package(tmp_path, command=COMMAND)
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=source, capture_output=True, text=True, check=True)
    assert changed.stdout == " M toolz/itertoolz.py\n"
    assert is_mended(source)
    user = User(source, user_environment(tmp_path / "home"))
    (thread,) = json.loads(user.plugsky("threads", "list", "--json").stdout)
    assert (thread["title"], thread["turns"]) == ("Fix the failing test", 2)


def test_without_a_terminal(tmp_path):
    source = unpack_with_fault(tmp_path)
    user = User(source, user_environment(tmp_path / "home", PYTHONDONTWRITEBYTECODE="1"))
    events, done = user.events(
        "--offline", "--mode", "edit", "--allow", "shell(python -B -m pytest *)", "Fix the failing test", timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert is_mended(source)
    assert events[-1]["status"] == "completed" and "192 passed" in events[-1]["text"]
    assert [event["path"] for event in events if event["type"] == "file.changed"] == ["toolz/itertoolz.py"]
    again, _ = user.events("--offline", "-c", "Explain toolz/recipes.py")
    assert again[0]["resumed"] and again[0]["thread_id"] == events[0]["thread_id"]
    assert "countby" in again[-1]["text"]
