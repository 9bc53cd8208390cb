"""The approval dialog: it shows the whole, it cannot be answered by accident, and no is the default."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.tui.layers.approval import ApprovalLayer, what_is_done
from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Prepared, RunCommand
from plugsky_tui.permissions.ask import Approval


async def asked(pilot, app, until) -> ApprovalLayer:
    """Send a prompt and wait until the dialog is there (its guard runs)."""
    await pilot.press("g", "o", "enter")
    desk = await app.desk()
    await until(pilot, lambda: isinstance(desk.layers.top, ApprovalLayer) and desk.layers.top._ready_at < 1e9)
    return desk.layers.top


def skip_guard(layer: ApprovalLayer) -> None:
    layer._ready_at = layer.clock() - 1


async def test_keys_typed_within_350_ms_do_not_count(stage, until):
    app = stage.app([stage.call("Run a command", TextBlock("rm -rf build", "console"))])
    async with app.run_test(size=(80, 24)) as pilot:
        layer = await asked(pilot, app, until)
        now = layer.clock()
        layer._ready_at = now + 0.35
        layer.clock = lambda: now + 0.349
        await pilot.press("y", "enter", "n", "escape")
        assert stage.session.approvals == []
        layer.clock = lambda: now + 0.351
        await pilot.press("y")
        await until(pilot, lambda: stage.session.approvals == [Approval("allow", "once")])


async def test_the_guard_is_350_ms_from_when_it_is_seen(stage, until):
    app = stage.app([stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        layer = await asked(pilot, app, until)
        assert layer.guard_s == 0.35
        assert layer._ready_at <= layer.clock() + 0.35


@pytest.mark.parametrize("keys", [("enter", "enter"), ("escape",)])  # the second Enter: no word to the model
async def test_enter_and_escape_are_no(stage, until, keys):
    app = stage.app([stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        await pilot.press(*keys)
        await until(pilot, lambda: stage.session.approvals == [Approval("deny")])
        assert stage.session.interrupted == 0
        await until(pilot, lambda: app.focused is app.composer)


@pytest.mark.parametrize(("key", "answer"), [("y", Approval("allow", "once")), ("t", Approval("allow", "thread"))])
async def test_yes_once_and_yes_for_the_thread(stage, until, key, answer):
    app = stage.app([stage.call(rememberable=True)])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        await pilot.press(key)
        await until(pilot, lambda: stage.session.approvals == [answer])


async def test_no_takes_a_word_to_the_model(stage, until):
    app = stage.app([stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        await pilot.press("n", *"why", "enter")
        await until(pilot, lambda: stage.session.approvals == [Approval("deny", word="why")])


async def test_no_without_a_word_goes_on_by_itself(stage, until, monkeypatch):
    monkeypatch.setattr("plugsky_tui.frontends.tui.layers.approval.SKIP_WORD_S", 0.05)
    app = stage.app([stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        await pilot.press("n")
        await until(pilot, lambda: stage.session.approvals == [Approval("deny")])


async def test_always_shows_the_rule_to_be_edited(stage, shown, until):
    app = stage.app([stage.call(rememberable=True, suggested_rules=["shell(pytest *)"])])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        assert "always" in shown(app)
        await pilot.press("a")
        await until(pilot, lambda: "shell(pytest *)" in shown(app))
        assert stage.session.approvals == []
        await pilot.press("backspace", *"-q)", "enter")
        rule = "shell(pytest *-q)"
        await until(pilot, lambda: stage.session.approvals == [Approval("allow", "always", rules=[rule])])


async def test_what_may_not_be_remembered_is_allowed_once_only(stage, shown, until):
    app = stage.app([stage.call(rememberable=False)])
    async with app.run_test(size=(80, 24)) as pilot:
        skip_guard(await asked(pilot, app, until))
        assert "always…" not in shown(app)
        assert "this thread" not in shown(app)
        await pilot.press("a", "t")
        await pilot.pause()
        assert stage.session.approvals == []


async def test_escape_in_the_rules_goes_back_one_step_only(stage, shown, until):
    app = stage.app([stage.call(rememberable=True, suggested_rules=["shell(x)"])])
    async with app.run_test(size=(80, 24)) as pilot:
        layer = await asked(pilot, app, until)
        skip_guard(layer)
        await pilot.press("a", "escape")
        assert (await app.desk()).layers.top is layer
        await pilot.press("a")
        await until(pilot, lambda: "Esc: back" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Esc: no" in shown(app))
        await pilot.press("y")
        await until(pilot, lambda: stage.session.approvals == [Approval("allow", "once")])


async def test_the_whole_command_is_there_with_what_hides_in_it(stage, shown, until):
    command = "git status" + " " * 200 + "&& rm -rf ~ \u202e\x1b[8m\u200b # ok"
    app = stage.app([stage.call("Run a command", TextBlock(command, "console"))])
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, until)
        text = "".join(line.strip("│ ") for line in shown(app).splitlines())  # it is broken at the frame
        assert "rm -rf ~" in text
        assert "⟨U+202E⟩" in text
        assert "␛[8m" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_why_it_asks_is_told_part_by_part(stage, shown, until):
    parts = [stage.part("rm -rf build", "deletes files"), stage.part("pytest", "runs code of the folder")]
    app = stage.app([stage.call(reason="one part deletes", parts=parts)])
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, until)
        assert "one part deletes" in shown(app)
        assert "rm -rf build  deletes files" in shown(app)
        assert "pytest  runs code of the folder" in shown(app)


async def test_a_long_diff_can_be_scrolled_to_its_end(stage, shown, until):
    before = "".join(f"line {number}\n" for number in range(80))
    app = stage.app([stage.call("Edit a.py", DiffBlock("a.py", before, before.replace("line", "LINE")))])
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, until)
        assert "LINE 79" not in shown(app)
        for _ in range(30):
            await pilot.press("pagedown")
        assert "LINE 79" in shown(app)
        assert "yes, once" in shown(app)


async def test_the_draft_survives_a_dialog_and_typing_goes_on_in_it(stage, until):
    hold = stage.Hold()
    app = stage.app([hold, stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "o", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press(*"half")
        hold.released.set()
        desk = await app.desk()
        await until(pilot, lambda: desk.layers.top is not None)
        layer = desk.layers.top
        layer._ready_at = float("inf")
        await pilot.press(*"way")  # too early to be an answer: it belongs to the sentence
        assert app.composer.text == "halfway"
        skip_guard(layer)
        await pilot.press("y")
        await until(pilot, lambda: app.focused is app.composer)
        assert app.composer.text == "halfway"


async def test_several_questions_are_asked_one_after_the_other(stage, shown, until, unguarded):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        import asyncio

        await until(pilot, lambda: bool(stage.sessions))
        steps = [stage.call(f"Do {number}") for number in (1, 2, 3)]
        asks = [asyncio.create_task(stage.session.asker(step.prepared, step.judgement)) for step in steps]
        desk = await app.desk()
        for number in (1, 2, 3):
            await until(pilot, lambda number=number: f"Do {number}" in shown(app))
            assert len(desk.layers._stack) == 1
            await unguarded(pilot, app)
            await pilot.press("y")
            await until(pilot, asks[number - 1].done)


async def test_an_interruption_takes_the_dialog_away(stage, until):
    app = stage.app([stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, app, until)
        stage.session.interrupt()
        desk = await app.desk()
        await until(pilot, lambda: desk.layers.top is None and not desk.agent.busy)
        await until(pilot, lambda: app.focused is app.composer)


async def test_a_dialog_over_a_picker_leaves_the_picker_as_it_was(stage, shown, until, unguarded):
    hold = stage.Hold()
    app = stage.app([hold, stage.call("Do it")])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "o", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press("f2", *"ma")
        await until(pilot, lambda: "plugsky-max" in shown(app))
        hold.released.set()
        await until(pilot, lambda: "Do it" in shown(app))
        desk = await app.desk()
        await until(pilot, lambda: isinstance(desk.layers.top, ApprovalLayer))
        await unguarded(pilot, app)
        await pilot.press("y")
        await until(pilot, lambda: "plugsky-max" in shown(app) and len(desk.layers._stack) == 1)


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (80, 24), (160, 50)])
async def test_every_answer_is_on_the_screen_at_any_size(stage, shown, until, size):
    long = TextBlock("\n".join(f"command {number}" for number in range(100)), "console")
    parts = [stage.part("rm -rf build", "deletes files"), stage.part("pytest", "runs code")]
    app = stage.app([stage.call("Run", long, rememberable=True, suggested_rules=["shell(x)"], parts=parts)])
    async with app.run_test(size=size) as pilot:
        await asked(pilot, app, until)
        for label in ("y yes, once", "t yes, this thread", "a always", "n no", "plugsky-pro"):
            assert label in shown(app)


def test_without_a_preview_the_command_or_the_arguments_are_shown():
    async def act(progress):
        raise AssertionError

    call = ToolCall("c", "mystery", {"what": "\u202eabc"})
    assert what_is_done(Prepared(call, "t", [RunCommand("make\x07", ".")], act)) == [("command", "make␇")]
    lines = what_is_done(Prepared(call, "t", [], act))
    assert "⟨U+202E⟩abc" in "".join(text for _, text in lines)
