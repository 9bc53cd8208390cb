"""/diff: every file the thread has changed, with its diff beside the list or behind Enter."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.tui.panels.changes import ChangesList, DiffReader
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.events import ToolCalled, ToolResulted
from plugsky_tui.kernel.messages import UserMessage


def edited(*blocks):
    history = [UserMessage("change it")]
    for number, block in enumerate(blocks):
        history.append(ToolCalled(f"c{number}", "edit", {"file_path": block.path}, ""))
        history.append(ToolResulted(f"c{number}", True, "done", 0.1, [block]))
    return history


BLOCKS = [
    DiffBlock("src/a.py", "one = 1\n", "one = 2\n"),
    DiffBlock("src/deep/b.py", None, "new = True\nmore = 1\n"),
    DiffBlock("c.txt", "gone\n", None),
]


@pytest.fixture
def browser(stage, until):
    async def open_it(pilot, app, kind):
        desk = await app.desk()
        await until(pilot, lambda: desk.transcript.display)
        await pilot.press(*"/diff", "enter")
        await until(pilot, lambda: isinstance(desk.layers.top, kind))
        return desk

    return open_it


def app_with(stage, *blocks):
    return stage.app(session=stage.Session(history=edited(*blocks)))


async def test_beside_the_list_is_the_diff_of_the_marked_file(stage, browser, shown, until):
    app = app_with(stage, *BLOCKS)
    async with app.run_test(size=(120, 30)) as pilot:
        await browser(pilot, app, ChangesList)
        await until(pilot, lambda: "one = 2" in shown(app) and "3 files" in shown(app))
        assert "+2 new src/deep" in shown(app)
        assert "-1 deleted" in shown(app)
        await pilot.press("down")
        await until(pilot, lambda: "more = 1" in shown(app))
        await pilot.press(*"c.tx")
        await until(pilot, lambda: shown(app).count("1 - gone") == 2)  # in the thread, and here


async def test_where_it_is_narrow_enter_opens_the_diff_and_keys_turn_to_the_next(stage, browser, shown, until):
    app = app_with(stage, *BLOCKS)
    async with app.run_test(size=(80, 24)) as pilot:
        desk = await browser(pilot, app, ChangesList)
        await pilot.press("down", "enter")
        await until(pilot, lambda: "file 2 of 3" in shown(app) and "+ more = 1" in shown(app))
        await pilot.press("right")
        await until(pilot, lambda: "file 3 of 3" in shown(app) and "- gone" in shown(app))
        await pilot.press("right", "left", "left")
        await until(pilot, lambda: "file 1 of 3" in shown(app) and "one = 2" in shown(app))
        await pilot.press("left", "right", "escape")
        await until(pilot, lambda: isinstance(desk.layers.top, ChangesList))
        assert desk.layers.top.marked.value == 1  # where one was
        await pilot.press("escape")
        await until(pilot, lambda: desk.layers.top is None)


async def test_the_path_is_copied(stage, browser, until):
    app = app_with(stage, *BLOCKS)
    async with app.run_test(size=(80, 24)) as pilot:
        desk = await browser(pilot, app, ChangesList)
        await pilot.press("down", "ctrl+y")
        await until(pilot, lambda: app.clipboard == "src/deep/b.py")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(desk.layers.top, DiffReader))
        await pilot.press("left", "ctrl+y")
        await until(pilot, lambda: app.clipboard == "src/a.py")


async def test_one_file_is_shown_at_once(stage, browser, shown, until):
    app = app_with(stage, BLOCKS[0])
    async with app.run_test(size=(80, 24)) as pilot:
        await browser(pilot, app, DiffReader)
        await until(pilot, lambda: "one = 2" in shown(app) and "1 file" in shown(app))


async def test_200_files_are_no_trouble(stage, browser, shown, until):
    many = [DiffBlock(f"src/part{n}/file{n}.py", "a = 1\n" * 50, "a = 1\n" * 49 + f"b = {n}\n") for n in range(200)]
    app = app_with(stage, *many)
    async with app.run_test(size=(120, 40)) as pilot:
        desk = await browser(pilot, app, ChangesList)
        await until(pilot, lambda: "200 files" in shown(app))
        await pilot.press(*"file173")
        await until(pilot, lambda: "b = 173" in shown(app))
        assert len(desk.layers.top._panel._parts) < 20
