"""The agent with plugsky's own tools: the two are written apart, and must understand each other."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.simulator.agent import answer
from plugsky_tui.simulator.conversation import Conversation, Message, ToolSpec
from plugsky_tui.tooling import ToolContext, ToolError
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.spill import Spill

CODE = '''"""Bags of things."""

LIMIT = 3


class Bag:
    """Holds a few things."""

    def __init__(self):
        self.things = []

    def add(self, thing):
        """Put one in; False where the bag is full."""
        if len(self.things) > LIMIT:
            return False
        self.things.append(thing)
        return True


def recount(bag):
    return len(bag.things)
'''
TEST = """from bags import Bag


def test_a_bag_takes_three():
    bag = Bag()
    assert [bag.add(n) for n in range(4)] == [True, True, True, False]


def test_an_empty_bag():
    assert Bag().things == []
"""


class Session:
    def __init__(self, folder: Path, aside: Path) -> None:
        self.folder = folder
        environment = child_environment(
            {
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            }
        )
        context = ToolContext(Root(folder), spill=Spill(str(aside)), environment=environment)
        self.toolbox = ToolboxOf(load_tools().instances(), context)
        self.messages: list[Message] = []

    async def ask(self, text: str) -> str:
        self.messages.append(Message("user", text))
        tools = [ToolSpec(each.name, each.description, each.parameters) for each in self.toolbox.definitions()]
        for step in range(150):
            reply = answer(Conversation(list(self.messages), tools))
            for place, call in enumerate(reply.calls):
                call.call_id = f"call_{len(self.messages)}_{step}_{place}"
            self.messages.append(Message("assistant", reply.text, reply.calls))
            if not reply.calls:
                return reply.text
            for call in reply.calls:
                output = await self.run(ToolCall(call.call_id, call.name, json.loads(call.arguments)))
                self.messages.append(Message("tool", output, call_id=call.call_id))
        raise AssertionError("no end")

    async def run(self, call: ToolCall) -> str:
        try:
            prepared = await self.toolbox.prepare(call)
            return (await prepared.act(lambda text: None)).output
        except ToolError as error:
            return f"{error.message}\n{error.hint}"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    folder = tmp_path / "work"
    for name, content in {
        "pyproject.toml": "[project]\nname = 'bags'\n",
        "README.md": "# bags\n\nA package for bags of things, and no more than that.\n",
        "src/bags.py": CODE,
        "tests/test_bags.py": TEST,
        "errors/failed.txt": "LIMIT\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return Session(folder, tmp_path / "outputs")


async def test_it_looks_around(session: Session) -> None:
    assert "A package for bags of things" in await session.ask("what is in this repo?")
    assert "**`src/bags.py:6`** defines it" in await session.ask("where is Bag?")
    assert "## `src/bags.py`" in await session.ask("explain bags.py")
    assert "class `Bag` (line 6) — Holds a few things." in session.messages[-1].text
    assert "could not read" in await session.ask("explain nothing.py")


async def test_it_changes_what_it_is_told_to(session: Session) -> None:
    text = await session.ask("rename LIMIT to MOST")
    assert "3 places in 2 files" in text, text
    assert (session.folder / "src/bags.py").read_text() == CODE.replace("LIMIT", "MOST")
    assert (session.folder / "errors/failed.txt").read_text() == "MOST\n"
    assert "created **`notes/a.md`**" in await session.ask("create notes/a.md with hello")
    assert (session.folder / "notes/a.md").read_text() == "hello\n"
    assert "there already" in await session.ask("create notes/a.md with hello")


async def test_it_renames_whole_words_through_multi_edit(session: Session) -> None:
    await session.ask("rename bag to sack in src/bags.py")
    text = (session.folder / "src/bags.py").read_text()
    assert "def recount(sack):" in text and "len(sack.things)" in text and '"""Bags of things."""' in text


async def test_it_runs_the_tests_and_mends_the_fault(session: Session) -> None:
    text = await session.ask("run the tests")
    assert "**1 failed**, 1 passed" in text and "`tests/test_bags.py:6`" in text
    text = await session.ask("fix the failing test")
    assert text.startswith("## Fixed") and "**2 passed**" in text, text
    assert (session.folder / "src/bags.py").read_text() != CODE
    assert (session.folder / "tests/test_bags.py").read_text() == TEST
    assert "All green" in await session.ask("run the tests")
