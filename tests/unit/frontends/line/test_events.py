"""What a run looks like in lines, for the eye and for the ear."""

from __future__ import annotations

import re

import pytest

from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.kernel.display import DiffBlock, TodoBlock, TodoItem
from plugsky_tui.kernel.events import (
    ErrorRaised,
    Notice,
    PermissionResolved,
    ReasoningDelta,
    Retry,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Usage,
)
from plugsky_tui.kernel.messages import UserMessage

DUMB = Manner(plain=True, colour=False)
SPOKEN = Manner(plain=True, spoken=True, colour=False)
MONOCHROME = Manner(colour=False)

OUTPUT = "".join(f"line {number}\n" for number in range(1, 21))
DIFF = DiffBlock("a.py", "one\ntwo\nthree\n", "one\n2\nthree\nfour\n")
RUN = (
    ThreadStarted("/w", "micro", "ask"),
    TurnStarted(1),
    ReasoningDelta("Hm."),
    ReasoningDelta(" Well."),
    TextDelta("I **look** "),
    TextDelta("at it.\n\n- one\n- two"),
    ToolCalled("c1", "shell", {"command": "pytest -q"}),
    ToolResulted("c1", True, OUTPUT, 1.25),
    ToolCalled("c2", "edit", {"file_path": "a.py"}),
    ToolResulted("c2", True, "Edited a.py", 0.0, display=[DIFF]),
    ToolCalled("c3", "todo", {"items": [1]}),
    ToolResulted("c3", True, "ok", 0.0, display=[TodoBlock([TodoItem("test", "completed"), TodoItem("tell")])]),
    ToolCalled("c4", "shell", {"command": "false"}),
    ToolResulted("c4", False, OUTPUT, 61.0),
    Usage(90, 10, 0, 100, 1000),
    TurnCompleted("tool_calls", "micro"),
    TextDelta("Done."),
    TurnCompleted("stop", "micro-2"),
    ThreadCompleted("completed", "Done.", 2),
)

WRITTEN_RUN = """\
thinking…

I look at it.

- one
- two
[1] run: pytest -q
    [1] ok, 1.2 s, 20 lines
[2] edit: a.py
    [2] ok, 0.0 s, 1 line
a.py +2 -1
1   one
2 - two
2 + 2
3   three
4 + four
[3] todo: 1 items
    [3] ok, 0.0 s, 1 line
    [x] test
    [ ] tell
[4] run: false
    [4] failed, 1 min 1 s; the last 8 of
20 lines, /open 4 prints all
    line 13
    line 14
    line 15
    line 16
    line 17
    line 18
    line 19
    line 20

Done.
(micro-2, 2 requests, 100 tokens of
1,000 (10%), 0.0 s)
"""

SPOKEN_RUN = """\
Thinking.
I look at it.
- one
- two
Tool call 1: run: pytest -q
Result 1: ok, 1.2 seconds, 20 lines.
Tool call 2: edit: a.py
Result 2: ok, 0.0 seconds, 1 line.
Diff of a.py: 2 lines added, 1 line removed.
Unchanged, line 1: one
Removed, line 2: two
Added, line 2: 2
Unchanged, line 3: three
Added, line 4: four
End of the diff.
Tool call 3: todo: 1 items
Result 3: ok, 0.0 seconds, 1 line.
Done: test
To do: tell
Tool call 4: run: false
Result 4: failed, 1 minute 1 second.
The last 3 of 20 lines follow. /open 4 prints all.
line 18
line 19
line 20
Done.
Done: micro-2, 2 requests, 100 tokens of 1,000 (10%), 0.0 seconds.
"""


def plain(printed: str) -> str:
    """Without bold, faint and italic: they are no colours, and carry nothing alone."""
    return re.sub(r"\x1b\[[0-3]m", "", printed)


@pytest.mark.parametrize(("manner", "expected"), [(MONOCHROME, WRITTEN_RUN), (SPOKEN, SPOKEN_RUN)], ids=["eye", "ear"])
def test_a_run_reads_like_this(stage, manner, expected):
    assert plain(stage(manner).show(*RUN)) == expected


@pytest.mark.parametrize("manner", [DUMB, SPOKEN, MONOCHROME])
def test_without_colours_there_is_no_escape_sequence(stage, manner):
    printed = stage(manner).show(*RUN)
    assert "\x1b" not in (printed if manner.plain else plain(printed))


def test_a_screen_reader_is_shown_no_sign_for_a_word(stage):
    spoken = stage(SPOKEN).show(
        TextDelta("# Head\n\n> quoted **strong** `code`\n\n1. first\n2. [ ] second\n\n"),
        TextDelta("| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n```python\nx = 1\n```\n"),
        TurnCompleted("stop", "m"),
    )
    assert spoken == (
        "Heading, level 1: Head\nQuote: quoted strong code\n1. first\n2. To do: second\n"
        "Table, columns: a, b.\nRow: a: 1; b: 2.\nCode, python:\nx = 1\n"
    )


def test_on_a_dumb_terminal_text_comes_as_it_streams_and_as_it_was_written(stage):
    dumb = stage(DUMB)
    assert dumb.show(TextDelta("\n\nSome *wo")) == "Some *wo"
    assert dumb.show(TextDelta("rds*")) == "Some *words*"
    assert dumb.show(TurnCompleted("stop", "m")) == "Some *words*\n"


def test_a_block_is_printed_when_it_is_complete_and_never_again(stage):
    eye = stage(MONOCHROME)
    assert eye.show(TextDelta("First block.\n\nSec")) == "First block.\n"
    assert eye.show(TextDelta("ond.")) == "First block.\n"
    assert eye.show(TurnCompleted("stop", "m")) == "First block.\n\nSecond.\n"


def test_a_table_too_wide_for_the_terminal_becomes_entries(stage):
    text = "| name | what it does |\n|---|---|\n| one | something that takes a lot of words to tell |\n"
    printed = plain(stage(MONOCHROME).show(TextDelta(text), TurnCompleted("stop", "m")))
    assert printed.startswith("- name: one\n  what it does: something that")
    assert all(len(line) <= 40 for line in printed.split("\n"))


@pytest.mark.parametrize("manner", [DUMB, SPOKEN, MONOCHROME])
def test_nothing_untrusted_reaches_the_terminal_as_a_command(stage, manner):
    bad = "a\x1b]52;c;QQ==\x07b\x1b[2Jc\u202ed\x9b31me"
    printed = stage(manner).show(
        ThreadStarted("/w", bad, "ask"),
        TextDelta(bad[:6]),
        TextDelta(bad[6:] + " &#27;[2J\n\n"),
        ToolCalled("c", bad, {"command": bad}),
        ToolOutput("c", bad),
        ToolResulted("c", False, bad, 0.0),
        ToolCalled("d", "edit", {"file_path": bad}),
        ToolResulted("d", True, "", 0.0, display=[DiffBlock(bad, None, bad), TodoBlock([TodoItem(bad)])]),
        Notice("x", bad),
        ErrorRaised("e", 500, bad, bad, bad),
        TurnCompleted("stop", bad),
        ThreadCompleted("completed", bad, 1),
    )
    assert not set(plain(printed)) & set("\x1b\x07\x9b\u202e")


def test_in_a_diff_what_hides_is_made_visible(stage):
    assert "⟨U+202E⟩" in stage(DUMB).show(
        ToolCalled("d", "edit", {}), ToolResulted("d", True, "", 0.0, display=[DiffBlock("a", None, "x\u202ey\n")])
    )


def test_waits_are_told_once_and_how_to_end_them(stage):
    printed = stage(SPOKEN).show(
        Retry(1, 2.5, 503, "HTTP 503"), Notice("paced", "The plan allows 5 a minute: waiting 12 s.", 12.0)
    )
    assert printed == (
        "HTTP 503: attempt 2 in 2.5 seconds. Esc ends the wait.\n"
        "The plan allows 5 a minute: sent in 12 seconds. Esc ends the wait.\n"
    )


def test_who_waits_long_is_told_so_less_and_less_often(stage):
    slow = stage(SPOKEN)
    slow.show(ThreadStarted("/w", "m", "ask"))
    for slow.now in range(1, 62):
        slow.printer.still()
    assert slow.printed == (
        "Still waiting for the model, 15 seconds. Esc interrupts.\n"
        "Still waiting for the model, 30 seconds. Esc interrupts.\n"
        "Still waiting for the model, 1 minute. Esc interrupts.\n"
    )
    slow.show(ToolCalled("c", "shell", {"command": "make"}))
    slow.now += 16
    slow.printer.hold()
    slow.printer.still()
    slow.printer.go_on()
    slow.printer.still()  # the user thought about an answer: that was no silence
    assert slow.printed.endswith("run: make\n")
    slow.now += 16
    slow.printer.still()
    assert slow.printed.endswith("Still running call 1, 16 seconds. Esc interrupts.\n")


def test_errors_say_what_to_do_and_a_refused_key_where_to_enter_one(stage):
    printed = stage(SPOKEN).show(ErrorRaised("auth", 401, "The key is not taken.", "Run plugsky auth login.", "r1"))
    assert printed == ("Error: The key is not taken.\nRun plugsky auth login. Or enter one here: /login\nRequest r1\n")


def test_a_rule_that_is_kept_is_told(stage):
    told = stage(SPOKEN)
    assert told.show(PermissionResolved("c", "deny", "rule", "A rule says no.")) == ""  # its result tells
    assert told.show(PermissionResolved("c", "allow", "user", "The user allowed it.")) == ""
    assert told.show(PermissionResolved("c", "allow", "user", "The user allowed it, and edit(a) in this thread."))


def test_subagents_tell_what_they_do_and_other_tools_keep_it_for_open(stage):
    printed = stage(SPOKEN).show(
        ToolCalled("s", "shell", {"command": "make"}),
        ToolOutput("s", "compiling\n"),
        ToolCalled("t", "task", {"prompt": "look"}),
        ToolOutput("t", "● read a.py\n"),
        ToolOutput("t", "✗ run make: it is not there\n"),
    )
    assert "compiling" not in printed
    assert printed.endswith("Within 2: read a.py\nWithin 2: failed: run make: it is not there\n")


def test_what_happens_during_a_question_is_printed_after_it(stage):
    held = stage(SPOKEN)
    held.printer.hold()
    assert held.show(Notice("x", "later")) == ""
    held.printer.go_on()
    assert held.printed == "later\n"


def test_a_thread_taken_up_shows_its_last_prompts_and_knows_all_its_calls(stage):
    history = [UserMessage("first"), *RUN, UserMessage("second"), TextDelta("Yes."), TurnCompleted("stop", "m")]
    again = stage(SPOKEN)
    again.printer.replay(history, start=history.index(UserMessage("second")))
    assert again.printed == "You: second\nYes.\n"
    assert [block.path for block in again.changes.files()] == ["a.py"] and len(again.ledger) == 4
    assert again.printer.last_answer == "Yes."
