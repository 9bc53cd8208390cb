"""Questions in lines: all is shown, no is what happens by default, and numbers never change their meaning."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.line.approvals import Approvals
from plugsky_tui.frontends.line.asking import Option
from plugsky_tui.frontends.line.keyboard import Interrupted
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import JudgedPart, Judgement, Prepared, RunCommand
from plugsky_tui.permissions.ask import Approval

DUMB = Manner(plain=True, colour=False)
SPOKEN = Manner(plain=True, spoken=True, colour=False)
RULE = "shell(make *)"


def prepared(command="make all\nx\u202ey", preview=()):
    return Prepared(ToolCall("c", "shell", {"command": command}), "Run", [RunCommand(command, "/w")], None, preview)  # type: ignore[arg-type]


def judged(rememberable=True):
    parts = [JudgedPart("make all", "ask", "It can do anything."), JudgedPart("ls", "allow", "It reads.")]
    return Judgement("ask", "mode", "Mode ask asks.", rememberable, [RULE] if rememberable else [], parts)


async def ask(stage, *answers, judgement=None, editable=False):
    stage.keyboard.answers, stage.keyboard.editable = list(answers), editable
    approvals = Approvals(desk=stage.desk, ledger=stage.ledger, printer=stage.printer, stop=stage.stop)
    return await approvals.approve(prepared(), judgement or judged())


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1", Approval("allow", "once")),
        (" Y ", Approval("allow", "once")),
        ("2", Approval("allow", "thread", rules=[RULE])),
        ("t", Approval("allow", "thread", rules=[RULE])),
        ("4", Approval("deny")),
        ("n", Approval("deny")),
        ("", Approval("deny")),
        (None, Approval("deny")),
    ],
)
async def test_one_answer(stage, typed, answer):
    assert await ask(stage(DUMB), typed) == answer


async def test_the_whole_is_shown_with_what_hides_in_it_and_why_it_is_asked(stage):
    dumb = stage(DUMB)
    await ask(dumb, "")
    assert dumb.printed == (
        "Run this command?\n    make all\n    x⟨U+202E⟩y\nWhy it asks: Mode ask asks.\n  make all: It can do anything.\n"
        "  1  yes, once (y)\n  2  yes, for this thread (t)\n  3  always: shell(make *) (a)\n  4  no (n)\n"
        "  5  no, with a word to the model\nAnswer, 1 to 5, Enter is no: \n"
    )
    assert dumb.keyboard.guarded == [True]


async def test_for_the_ear_each_line_says_what_it_is(stage):
    spoken = stage(SPOKEN)
    await ask(spoken, "")
    assert spoken.printed.startswith("Permission asked: Run this command?\nCommand, 2 lines:\nmake all\n")
    assert "\n2: yes, for this thread (t)\n" in spoken.printed


async def test_what_is_never_remembered_can_only_be_allowed_once(stage):
    dumb = stage(DUMB)
    assert await ask(dumb, "2", "a", "1", judgement=judged(rememberable=False)) == Approval("allow", "once")
    assert "for this thread" not in dumb.printed and "  4  no (n)\n" in dumb.printed
    assert dumb.keyboard.guarded == [True, False, False]  # only what came before the question was not meant for it


async def test_nothing_but_an_answer_is_one(stage):
    assert await ask(stage(DUMB), "yes please", "0", "11", "") == Approval("deny")


@pytest.mark.parametrize(
    ("editable", "typed", "rules"),
    [(False, "", [RULE]), (False, "shell(make x)", ["shell(make x)"]), (True, " shell(make y)", ["shell(make y)"])],
)
async def test_always_shows_the_rule_that_can_be_changed(stage, editable, typed, rules):
    dumb = stage(DUMB)
    assert await ask(dumb, "3", typed, editable=editable) == Approval("allow", "always", rules=rules)
    assert dumb.printed.count(RULE) == 2


@pytest.mark.parametrize(("editable", "back"), [(False, "-"), (True, None), (True, "")])
async def test_from_the_rule_one_can_go_back(stage, editable, back):
    assert await ask(stage(DUMB), "a", back, "", editable=editable) == Approval("deny")


async def test_a_no_can_have_a_word(stage):
    assert await ask(stage(DUMB), "5", " use tox ") == Approval("deny", word="use tox")


async def test_ctrl_c_is_no_and_ends_the_run(stage):
    dumb = stage(DUMB)
    assert await ask(dumb, Interrupted()) == Approval("deny") and dumb.stopped == 1


async def test_a_diff_that_was_approved_is_not_printed_twice(stage):
    from plugsky_tui.kernel.events import ToolCalled, ToolResulted

    dumb = stage(DUMB)
    diff = DiffBlock("a.py", None, "new\n")
    dumb.show(ToolCalled("c", "write", {}))
    dumb.keyboard.answers = ["1"]
    approvals = Approvals(desk=dumb.desk, ledger=dumb.ledger, printer=dumb.printer, stop=dumb.stop)
    await approvals.approve(prepared(preview=[diff]), judged())
    assert dumb.show(ToolResulted("c", True, "", 0.0, display=[diff])).count("1 + new") == 1


@pytest.mark.parametrize(("typed", "answer"), [("2", "blue"), ("neither", "neither"), ("", None), (None, None)])
async def test_a_question_of_the_agents_takes_a_number_or_words(stage, typed, answer):
    spoken = stage(SPOKEN)
    spoken.keyboard.answers = [typed]
    approvals = Approvals(desk=spoken.desk, ledger=spoken.ledger, printer=spoken.printer, stop=spoken.stop)
    assert await approvals.question("Which colour?", ["red", "blue"]) == answer
    assert spoken.printed.startswith("Question: Which colour?\n1: red\n2: blue\nAnswer, a number or your own words, ")
    assert spoken.keyboard.guarded == [True]


@pytest.mark.parametrize(
    ("typed", "chosen"), [(["3"], "ask"), (["pl"], "plan"), (["+", "12"], "m12"), (["m1", "2"], "m11"), ([""], None)]
)
async def test_a_list_is_chosen_from_by_number_or_by_letters(stage, typed, chosen):
    spoken = stage(SPOKEN)
    spoken.keyboard.answers = [*typed]
    names = ["auto", "plan", "ask", *(f"m{number}" for number in range(4, 14))]
    options = [Option(name, f"{name}: reads plainly") for name in names]
    assert await spoken.desk.choose("Things", options, "auto") == chosen
    assert "\n1: auto: reads plainly, in use now\n" in spoken.printed
