"""Subagents on the screen: what they do below their calls, whose question it is, what they changed."""

from __future__ import annotations

from dataclasses import replace

from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.events import (
    Notice,
    PermissionAsked,
    PermissionResolved,
    RequestStarted,
    Retry,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    Usage,
    Within,
)
from plugsky_tui.kernel.messages import UserMessage


def task(call_id, agent, prompt):
    return ToolCalled(call_id, "task", {"agent": agent, "prompt": prompt})


def made(outer, call_id, name, **given):
    return Within(outer, ToolCalled(call_id, name, given))


def came(outer, call_id, output="", ok=True, *display):
    return Within(outer, ToolResulted(call_id, ok, output, 0.1, list(display)))


WORK = [
    task("t1", "explore", "find the parser"),
    task("t2", "general", "mend it"),
    made("t1", "a", "grep", pattern="TODO", path="src"),
    ToolOutput("t1", "● grep TODO src\n"),
    came("t1", "a", "src/a.py:1"),
    made("t1", "b", "read", file_path="src/a.py"),
    made("t2", "a", "edit", file_path="src/a.py"),
    came("t2", "a", "old_string is not in it\nmore", False),
    Within("t2", Retry(1, 2.0, 429, "Too many requests.")),
    Within("t1", Usage(9000, 1, 0, 9001)),
]


async def test_what_each_does_stands_below_its_call_and_changes_in_place(stage, shown, until):
    hold, later = stage.Hold(), stage.Hold()
    goes_on = Within("t2", RequestStarted("r", "m", "k"))
    app = stage.app([*WORK, hold, goes_on, came("t1", "b"), later])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: stage.sessions)
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "again in 2.0 s" in shown(app))
        lines = [line.strip() for line in shown(app).splitlines()]
        at = lines.index("● task explore: find the parser  2 calls")
        assert lines[at + 1 : at + 3] == ["│ ✓ grep TODO src", "│ ● read src/a.py"]
        at = lines.index("● task general: mend it  1 call")
        assert lines[at + 1 : at + 3] == [
            "│ ✗ edit src/a.py: old_string is not in it",
            "│ … Too many requests: again in 2.0 s",
        ]
        assert "9.0k" not in lines[-1]  # the context is that of the thread
        hold.released.set()
        await until(pilot, lambda: "│ ✓ read src/a.py" in shown(app))
        assert "again in" not in shown(app)
        later.released.set()


async def test_a_task_that_is_done_is_one_line_that_opens_to_what_it_did(stage, shown, until):
    listed = [TextBlock("✓ grep TODO src\n✗ read b: gone"), TextBlock("It is in **a.py**.", "markdown")]
    done = ToolResulted("t1", True, "It is in a.py.", 4.2, listed)
    history = [UserMessage("go"), *WORK[:6:2], came("t1", "a"), came("t1", "b"), done]
    session = stage.Session(history=[one for one in history if getattr(one, "call_id", "t1") == "t1"])
    app = stage.app(session=session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "✓ task explore: find the parser" in shown(app))
        head = next(line for line in shown(app).splitlines() if "task explore" in line)
        assert "1 call" in head and "4.2" in head and "grep TODO" not in shown(app)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "│ ✗ read b: gone" in shown(app))
        assert "It is in **a.py**." in shown(app)


async def test_dialogs_name_the_subagent_that_asks(stage, shown, until):
    ask = replace(stage.call("Write a.py", rememberable=True), agent="explore")
    app = stage.app([ask, stage.Question("Which one?", ["red"], agent="general")])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: stage.sessions)
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "explore: Write a.py" in shown(app))
        await pilot.press("escape")
        (await app.desk()).layers.top.finish(None)
        await until(pilot, lambda: "The subagent general asks" in shown(app))


async def test_an_open_question_is_said_while_another_works_on(stage, shown, until):
    hold = stage.Hold()
    question = Within("t2", PermissionAsked("a", "why"))
    other = Within("t1", PermissionResolved("b", "allow", "mode", "It reads."))
    app = stage.app([*WORK, question, other, ToolResulted("t1", True, "found", 1.0), hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: stage.sessions)
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "✓ task explore" in shown(app))
        await until(pilot, lambda: "Waiting for your answer…" in shown(app))
        hold.released.set()


async def test_its_changes_are_those_of_the_thread(stage, shown, until):
    diff = DiffBlock("src/a.py", "old\n", "new\n")
    history = [
        UserMessage("go"),
        WORK[1],
        WORK[6],
        came("t2", "a", "ok", True, diff),
        ToolResulted("t2", False, "x", 1.0),
    ]
    app = stage.app(session=stage.Session(history=history))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "task general" in shown(app))
        await pilot.press(*"/diff", "enter")
        await until(pilot, lambda: "1 - old" in shown(app))


async def test_what_it_says_of_itself_is_harmless_on_the_screen(stage, shown, until):
    evil = "x\x1b[31m\u202ey"
    app = stage.app([task("t1", evil, evil), made("t1", "a", evil, command=evil), Within("t1", Notice("n", evil))])
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: stage.sessions)
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "● task" in shown(app))
        assert "\x1b" not in shown(app) and "\u202e" not in shown(app)
