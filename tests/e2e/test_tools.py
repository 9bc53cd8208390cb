"""Tools of one's own and `plugsky tools list`, through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugsky_tui.permissions.trust import Trust

PAGE = Path(__file__).parents[2] / "docs/tools.md"
GREET = """
print("hello from the import")
import asyncio
from dataclasses import dataclass
from plugsky_tui.tooling import Plan, RunCommand, Tool, ToolResult

@dataclass
class Params:
    name: str = "you"

class Greet(Tool[Params]):
    name = "greet"
    description = "Greets somebody.\\nKindly."

    async def prepare(self, params, context):
        async def act(progress):
            print("in the act")
            await asyncio.to_thread(print, "in a thread")
            return ToolResult(f"Hello, {params.name}!")
        return Plan(f"Greet {params.name}", act)
"""
BROKEN = "import os\n\nos.nothing\n"


@pytest.fixture
def mine(tmp_path):
    """`mine(name, text)`: a tool file of the user's own."""
    return lambda name, text: put(tmp_path / "home/.config/plugsky/tools", name, text)


@pytest.fixture
def theirs(repo):
    """`theirs(name, text)`: a tool file of the project's."""
    return lambda name, text: put(repo / ".plugsky/tools", name, text)


def put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def example() -> str:
    return PAGE.read_text().split("```python\n")[1].split("```")[0]


def listed(user) -> dict[tuple[str, str], dict]:
    done = user.plugsky("tools", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {(row["name"], row["origin"]): row for row in json.loads(done.stdout)}


def test_the_tool_of_the_documentation_works_as_it_is_written_there(user, mine) -> None:
    mine("line_count.py", example())
    done = user.plugsky("tool", "line_count", "--args", '{"file_path": "README.md"}')
    assert (done.returncode, done.stdout) == (0, "README.md has 3 lines.\n")
    missing = user.plugsky("tool", "line_count", "--args", '{"file_path": "nowhere"}')
    assert (missing.returncode, missing.stderr) == (1, "nowhere: No such file or directory\nLook for it with glob.\n")
    secret = user.plugsky("tool", "line_count", "--args", '{"file_path": ".env"}')
    assert secret.returncode == 4
    assert len([line for line in example().splitlines() if line.strip()]) <= 24


def test_a_tool_without_needs_is_judged_by_its_name(user, mine) -> None:
    mine("greet.py", GREET)
    codes = {
        options: user.plugsky("tool", "greet", *options).returncode
        for options in [
            (),
            ("--mode", "edit"),
            ("--mode", "auto"),
            ("--mode", "plan"),
            ("--allow", "greet"),
            ("--allow", "gr*"),
            ("--mode", "auto", "--deny", "greet"),
        ]
    }
    assert list(codes.values()) == [4, 4, 0, 4, 0, 0, 4]
    patterned = user.plugsky("tool", "greet", "--allow", "greet(*)")
    assert patterned.returncode == 2
    assert "greet takes no pattern.\n  Write greet alone." in patterned.stderr


def test_the_listing_says_what_each_is_and_runs_nothing_of_a_folder_that_is_not_trusted(
    user, mine, theirs, repo, tmp_path
) -> None:
    mine("greet.py", GREET)
    mine("broken.py", BROKEN)
    mine("read.py", GREET.replace('"greet"', '"read"'))
    theirs("greet.py", GREET + "\nopen('ran', 'w')\n")
    theirs("shell.py", GREET.replace('"greet"', '"shell"'))
    rows = listed(user)
    assert not (repo / "ran").exists()
    assert rows["greet", "user"] == {
        "name": "greet",
        "origin": "user",
        "path": str(tmp_path / "home/.config/plugsky/tools/greet.py"),
        "state": "ready",
        "description": "Greets somebody.",
        "offered": True,
        "hidden_by": None,
        "line": None,
        "problem": None,
        "printed": "hello from the import",
    }
    broken = rows["broken", "user"]
    assert (broken["state"], broken["line"]) == ("broken", 3)
    assert broken["problem"].endswith("broken.py:3: AttributeError: module 'os' has no attribute 'nothing'")
    assert rows["read", "built-in"]["state"] == "hidden"
    assert rows["read", "built-in"]["hidden_by"].endswith("tools/read.py")
    assert [rows[name, "project"]["state"] for name in ("greet", "shell")] == ["inert", "inert"]
    assert rows["skill", "built-in"]["offered"] is False
    assert rows["shell_output", "built-in"]["offered"] is True

    Trust(tmp_path / "home/.local/share/plugsky").grant(repo)
    done = user.plugsky("tools", "list")
    assert done.returncode == 0
    assert (repo / "ran").exists()
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "greet project ready Greets somebody." in lines
    assert f"not used: {repo}/.plugsky/tools/greet.py has the name" in lines
    assert any(line.startswith("shell project hidden") for line in lines)
    assert any("broken.py:3: AttributeError" in line for line in lines)


def test_in_a_session_a_broken_one_is_a_warning_the_rest_work_and_nothing_printed_is_in_the_answer(
    scripted, mine
) -> None:
    mine("greet.py", GREET)
    mine("broken.py", BROKEN)
    mine(
        "quits.py",
        GREET.replace('"greet"', '"quits"').replace("return Plan", "raise SystemExit(5)\n        return Plan"),
    )
    user = scripted(
        {"tool_calls": [{"name": "quits", "arguments": {}}]},
        {"tool_calls": [{"name": "greet", "arguments": {"name": "Ada"}}]},
        {"text": "Done."},
    )
    done = user.plugsky("run", "--format", "json", "--mode", "auto", "greet Ada")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [(tool["name"], tool["ok"]) for tool in answer["tools"]] == [("quits", False), ("greet", True)]
    assert "broken.py:3: AttributeError" in done.stderr
    assert "in the act\nin a thread\n" in done.stderr
    assert "prints when it is loaded, which is not shown: hello from the import" in done.stderr


def test_the_list_has_what_a_session_sends_and_a_call_that_does_not_end_well_is_json_too(user) -> None:
    sent = json.loads(user.plugsky("tool", "--list").stdout)
    assert {"shell", "shell_output", "shell_kill"} <= {each["function"]["name"] for each in sent}
    alone = user.plugsky("tool", "shell_output", "--args", '{"job_id": "job_1"}')
    assert alone.returncode == 1 and "Run the command with shell" in alone.stderr
    for name, arguments, code, said in (
        ("read", '{"file_path": "nowhere.txt"}', 1, "nowhere.txt does not exist.\n"),
        ("shell", '{"command": "touch x"}', 4, "Run touch x: not allowed."),
    ):
        done = user.plugsky("tool", name, "--args", arguments, "--json")
        report = json.loads(done.stdout)
        assert (done.returncode, done.stderr, report["ok"]) == (code, "", False)
        assert report["output"].startswith(said)
