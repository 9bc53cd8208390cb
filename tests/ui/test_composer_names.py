"""`@` also names definitions and earlier threads, behind the files."""

from __future__ import annotations

import time

import pytest

from plugsky_tui.frontends.tui.composer.symbols import Symbol, Table
from plugsky_tui.kernel.events import TextDelta, TurnCompleted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads.store import ThreadStore


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUGSKY_CACHE_DIR", str(tmp_path / "cache"))


async def test_a_definition_is_named_with_its_lines(stage, shown, until, own_cache):
    (stage.folder / "queue_tests.txt").write_text("")
    (stage.folder / "work.py").write_text(
        "import os\n\n\nclass Queue:\n    def push(self, item):\n        return item\n"
    )
    app = stage.app()
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.press(*"why does @que")
        await until(pilot, lambda: "class · work.py:4" in shown(app), 30)
        lines = [line for line in shown(app).splitlines() if "que" in line.lower() and "does" not in line]
        assert "queue_tests.txt" in lines[0] and "Queue" in lines[1]
        await pilot.press("down", "enter")
        assert app.composer.text == "why does Queue (@work.py:4-6) "


async def test_a_thread_is_named_by_its_title(stage, shown, until, tmp_path_factory):
    data = tmp_path_factory.mktemp("data")
    store = ThreadStore(data)
    for prompt in ("fix the login", "write the docs"):
        thread = store.create(stage.folder, "m", "ask")
        thread.prompt(UserMessage(prompt))
        thread.event(TextDelta("done"))
        thread.event(TurnCompleted("stop", "m"))
        thread.close()
    app = stage.app(data_dir=data)
    async with app.run_test(size=(90, 24)) as pilot:
        await pilot.press(*"as in @thr")
        await until(pilot, lambda: "what was answered in an earlier thread" in shown(app))
        await pilot.press("tab")
        await until(pilot, lambda: "fix the login" in shown(app) and "write the docs" in shown(app))
        await pilot.press(*"login")
        await until(pilot, lambda: "write the docs" not in shown(app))
        await pilot.press("enter")
        named = app.composer.text.split("@thread:")[1].strip()
        assert store.open(named).title == "fix the login"


def test_names_are_found_whole_first_then_by_their_beginning_in_a_large_repository_too():
    symbols = [Symbol(f"name_{at}", "function", "a.py", at, at) for at in range(100_000)]
    symbols += [Symbol(name, "class", "b.py", 1, 9) for name in ("push", "PushBack", "do_push", "push")]
    table = Table(symbols)
    assert [one.name for one in table.find("push")] == ["push", "push", "PushBack", "do_push"]
    assert table.find("nothing") == []
    assert symbols[-1].place == "b.py:1-9"
    began = time.perf_counter()
    for query in ("na", "name_9", "e_99999", "zzz"):
        table.find(query)
    assert time.perf_counter() - began < 1
