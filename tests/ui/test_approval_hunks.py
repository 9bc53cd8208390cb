"""The approval dialog of an edit: single hunks of it can be left out, and what was chosen is what is written."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.tui.layers.hunks import hunk_parts
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Judgement
from plugsky_tui.permissions.ask import Approval
from plugsky_tui.tooling import ToolContext
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.paths import Root

LINES = [f"line {number}" for number in range(1, 31)]
TEXT = "\n".join(LINES) + "\n"


@pytest.fixture
def asking(stage, tmp_path):
    """Makes the question about an edit of a real file that changes the lines of these numbers."""
    file = tmp_path / "a.txt"
    file.write_text(TEXT)
    toolbox = ToolboxOf(load_tools().instances(), ToolContext(Root(tmp_path, own=())))

    async def ask(*numbers: int):
        edits = [{"old_string": f"line {number}\n", "new_string": f"LINE {number}!\n"} for number in numbers]
        call = ToolCall("c1", "multi_edit", {"file_path": "a.txt", "edits": edits})
        judgement = Judgement("ask", "mode", "it changes a.txt", rememberable=True, suggested_rules=["edit(a.txt)"])
        return stage.Ask(await toolbox.prepare(call), judgement)

    return ask


def changed(*numbers: int) -> str:
    return "".join(f"LINE {n}!\n" if n in numbers else f"line {n}\n" for n in range(1, 31))


@pytest.mark.parametrize(
    ("keys", "hunks"),
    [
        (["y"], None),
        (["space", "y"], [1, 2]),
        (["down", "space", "y"], [0, 2]),
        (["3", "1", "y"], [1]),
        (["2", "2", "y"], None),
        (["9", "y"], None),
    ],
)
async def test_keys_leave_hunks_out_and_take_them_in(stage, asking, until, unguarded, shown, keys, hunks):
    app = stage.app([await asking(3, 15, 28)])
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("g", "o", "enter")
        await unguarded(pilot, app)
        await until(pilot, lambda: "☑ 1  line 3  +1 -1" in shown(app))
        await pilot.press(*keys)
        await until(pilot, lambda: stage.session.approvals == [Approval("allow", "once", hunks=hunks)])


async def test_what_was_chosen_is_what_is_written(stage, asking, until, unguarded, shown, tmp_path):
    ask = await asking(3, 15, 28)
    app = stage.app([ask])
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("g", "o", "enter")
        await unguarded(pilot, app)
        await pilot.press("2")
        await until(pilot, lambda: "yes, 2 of 3" in shown(app) and "left out" in shown(app))
        await pilot.press("y")
        await until(pilot, lambda: bool(stage.session.approvals))
    result = await ask.prepared.parts.only(stage.session.approvals[0].hunks).act(print)
    assert (tmp_path / "a.txt").read_text() == changed(3, 28)
    assert "line 15:\n-line 15\n+LINE 15!" in result.output


async def test_yes_to_none_of_them_is_no(stage, asking, until, unguarded):
    app = stage.app([await asking(3, 15)])
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("g", "o", "enter")
        await unguarded(pilot, app)
        await pilot.press("1", "2", "y", "enter")
        await until(pilot, lambda: stage.session.approvals == [Approval("deny")])


async def test_keys_pressed_too_early_leave_nothing_out(stage, asking, until):
    app = stage.app([await asking(3, 15)])
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("g", "o", "enter")
        desk = await app.desk()
        await until(pilot, lambda: desk.layers.top is not None)
        layer = desk.layers.top
        layer._ready_at = float("inf")
        await pilot.press("1", "space", "down")
        assert layer._hunks.chosen == {0, 1}


async def test_the_marked_hunk_comes_into_sight(stage, asking, unguarded, shown, until):
    app = stage.app([await asking(3, 15, 28)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "o", "enter")
        await unguarded(pilot, app)
        assert "LINE 28!" not in shown(app)
        await pilot.press("down", "down")
        await until(pilot, lambda: all(text in shown(app) for text in ("❯ ☑ 3", "LINE 28!", "n no")))


async def test_a_click_on_its_head_leaves_a_hunk_out(stage, asking, until, unguarded):
    app = stage.app([await asking(3, 15)])
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("g", "o", "enter")
        layer = await unguarded(pilot, app)
        await pilot.click(layer._hunks, offset=(3, layer._hunks._heads[1]))
        await until(pilot, lambda: layer._hunks.chosen == {0})


async def test_a_change_of_one_hunk_is_shown_as_ever(asking):
    assert hunk_parts((await asking(3)).prepared) == []


async def test_always_keeps_what_was_left_out(stage, asking, until, unguarded):
    app = stage.app([await asking(3, 15)])
    async with app.run_test(size=(80, 30)) as pilot:
        await pilot.press("g", "o", "enter")
        await unguarded(pilot, app)
        await pilot.press("1", "a", "enter")
        answer = Approval("allow", "always", rules=["edit(a.txt)"], hunks=[1])
        await until(pilot, lambda: stage.session.approvals == [answer])
