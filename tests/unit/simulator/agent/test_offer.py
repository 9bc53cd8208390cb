"""The agent works through the tools a client offers, whatever they call their arguments."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.simulator.agent import answer
from plugsky_tui.simulator.agent.offer import Offer, OtherArguments
from plugsky_tui.simulator.agent.steps import Call, ToolMissing
from plugsky_tui.simulator.conversation import Conversation, Message, ToolSpec

from .conftest import Driver


def spec(name: str, *properties: str, required: list[str] | None = None) -> ToolSpec:
    """A tool as a user of an SDK writes it: strings, and nothing else is taken."""
    schema = {
        "type": "object",
        "properties": {each: {"type": "string"} for each in properties},
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }
    return ToolSpec(name, "", schema)


MINE = [spec("read", "path"), spec("grep", "pattern"), spec("edit", "path", "old", "new"), spec("shell", "cmd")]


def fitted(call: Call, *tools: ToolSpec) -> tuple[str, dict[str, Any]]:
    made = Offer(tools).fitted(call)
    return made.name, made.arguments


@pytest.mark.parametrize("theirs", ["file_path", "path", "filePath", "filename", "file", "target_file"])
def test_an_argument_takes_the_name_the_tool_has_for_it(theirs: str) -> None:
    assert fitted(Call("read", {"file_path": "a.py"}), spec("read", theirs)) == ("read", {theirs: "a.py"})


def test_what_a_tool_does_not_know_is_left_out_where_it_can_be() -> None:
    wanted = Call("read", {"file_path": "a", "offset": 3, "limit": 9})
    assert fitted(wanted, spec("read", "path"))[1] == {"path": "a"}
    assert fitted(wanted, spec("read", "path", "offset", "limit"))[1] == {"path": "a", "offset": 3, "limit": 9}
    assert fitted(Call("shell", {"command": "ls", "description": "x"}), spec("shell", "cmd"))[1] == {"cmd": "ls"}


def test_what_a_tool_demands_besides_is_given() -> None:
    assert fitted(Call("grep", {"pattern": "x"}), spec("grep", "pattern", "path"))[1] == {"pattern": "x", "path": "."}


def test_a_tool_without_a_schema_is_taken_to_be_like_ours() -> None:
    wanted = Call("read", {"file_path": "a", "offset": 3})
    assert fitted(wanted, ToolSpec("read")) == ("read", wanted.arguments)


def test_a_tool_that_cannot_take_what_matters_is_said_so() -> None:
    with pytest.raises(OtherArguments, match="edit"):
        fitted(Call("edit", {"file_path": "a", "old_string": "b", "new_string": "c"}), spec("edit", "path", "patch"))
    with pytest.raises(ToolMissing):
        fitted(Call("write", {"file_path": "a", "content": "b"}), spec("shell", "cmd"))


def test_where_there_is_no_tool_to_look_the_shell_looks() -> None:
    for call in (Call("list", {"path": ".", "depth": 2}), Call("glob", {"pattern": "**/a.py"})):
        name, arguments = fitted(call, spec("shell", "cmd"))
        assert name == "shell" and arguments["cmd"].startswith("find . ")
    assert "grep -rnIEi" in fitted(Call("grep", {"pattern": "x", "ignore_case": True}), spec("shell", "cmd"))[1]["cmd"]
    assert fitted(Call("list", {"path": ".", "depth": 2}), spec("glob", "pattern")) == ("glob", {"pattern": "**/*"})


class Client:
    """A program with tools of its own (`MINE`), which answer plainly: a file without line numbers, `ok` for an edit."""

    def __init__(self, folder: Path, driver: Driver) -> None:
        self.folder = folder
        self._shell = driver._shell
        self.used: list[str] = []

    def ask(self, text: str) -> str:
        messages = [Message("user", text)]
        for _ in range(100):
            reply = answer(Conversation(list(messages), MINE))
            for place, call in enumerate(reply.calls):
                call.call_id = f"call_{len(messages)}_{place}"
            messages.append(Message("assistant", reply.text, list(reply.calls)))
            if not reply.calls:
                return reply.text
            for call in reply.calls:
                output = getattr(self, call.name)(**json.loads(call.arguments))  # a TypeError: an argument it has not
                self.used.append(call.name)
                messages.append(Message("tool", output, call_id=call.call_id))
        raise AssertionError("the agent did not come to an end")

    def read(self, path: str) -> str:
        file = self.folder / path
        return file.read_text() if file.is_file() else f"[Errno 2] No such file or directory: {path!r}"

    def grep(self, pattern: str) -> str:
        done = subprocess.run(
            ["grep", "-rn", "--exclude-dir=.pytest_cache", pattern, "."],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout or "no matches"

    def edit(self, path: str, old: str, new: str) -> str:
        text = (self.folder / path).read_text()
        if old not in text:
            return "not found"
        (self.folder / path).write_text(text.replace(old, new, 1))
        return "ok"

    def shell(self, cmd: str) -> str:
        return self._shell(cmd) + "\nexit code 0"


FILES = {
    "README.md": "# Sums\n\nIt adds two numbers, and has tests for that, too.\n",
    "calc.py": "def add(a, b):\n    return a - b\n\n\ndef mul(a, b):\n    return a * b  # mul\n",
    "test_calc.py": "from calc import add, mul\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\ndef test_mul():\n    assert mul(2, 3) == 6\n",
    "table.yaml": "names:\n  1: one\n  2: two\n  3: mul\n",
}


@pytest.fixture
def client(repo: Callable[[dict[str, str]], Driver]) -> Client:
    driver = repo(FILES)
    return Client(driver.folder, driver)


def test_a_client_with_tools_of_its_own_is_shown_around(client: Client) -> None:
    said = client.ask("what is in this repo?")
    assert "exit code" not in said and "./" not in said
    assert "calc.py" in said and "It adds two numbers, and has tests for that, too." in said
    assert "`calc.py:5`" in client.ask("where is mul?")
    assert "add" in client.ask("explain calc.py") and "No such file" in client.ask("explain nothing.py")


def test_and_gets_its_tests_run_and_its_code_mended(client: Client) -> None:
    assert "1 failed" in client.ask("run the tests")
    client.ask("fix the failing test")
    assert "return a + b" in (client.folder / "calc.py").read_text()


def test_every_place_is_renamed_though_the_edit_tool_takes_one_at_a_time(client: Client) -> None:
    said = client.ask("rename mul to times")
    assert "3 files" in said
    for name in FILES:
        assert "mul" not in (client.folder / name).read_text().replace("test_mul", "")
    assert "1: one\n" in (client.folder / "table.yaml").read_text()


def test_a_file_that_is_there_is_not_made_again(client: Client) -> None:
    assert "left it alone" in client.ask("create README.md with hello")
