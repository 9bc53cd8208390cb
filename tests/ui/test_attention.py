"""What a terminal shows of plugsky while nobody looks at it."""

from __future__ import annotations

from types import SimpleNamespace

from plugsky_tui.frontends.tui.attention import Attention


def stage(how="auto", focused=False, folder="shop", **environment):
    told: list[str] = []
    now = SimpleNamespace(time=0.0, focused=focused)
    attention = Attention(
        write=told.append,
        focused=lambda: now.focused,
        folder=folder,
        how=how,
        environment=environment,
        clock=lambda: now.time,
    )
    return attention, told, now


def titles(told):
    return [text[4:-2] for text in told if text.startswith("\x1b]2;")]


def test_the_title_says_how_things_stand():
    attention, told, _ = stage()
    attention.working()
    attention.asking()
    attention.working()
    attention.resting()
    assert titles(told) == [
        "shop · plugsky",
        "● shop · plugsky",
        "? shop · plugsky",
        "● shop · plugsky",
        "shop · plugsky",
    ]


def test_a_bell_rings_for_a_question_while_nobody_looks():
    attention, told, now = stage(focused=True)
    attention.asking()
    assert "\x07" not in told
    now.focused = False
    attention.asking()
    assert "\x07" in told


def test_who_has_waited_long_is_told_that_it_is_done():
    attention, told, now = stage()
    attention.working()
    now.time = 5.0
    attention.resting()
    assert "\x07" not in told
    attention.working()
    now.time = 35.0
    attention.resting()
    assert told[-1] == "\x07"


def test_terminals_that_pass_notifications_on_are_sent_them():
    for environment, begin in (
        ({"TERM_PROGRAM": "WezTerm"}, "\x1b]9;"),
        ({"KITTY_WINDOW_ID": "1"}, "\x1b]9;"),
        ({"VTE_VERSION": "7600"}, "\x1b]777;notify;plugsky;"),
        ({"TERM": "foot"}, "\x1b]777;notify;plugsky;"),
    ):
        attention, told, _ = stage(**environment)
        attention.asking()
        assert any(text.startswith(begin) and "waits for your answer" in text for text in told)
        attention, told, _ = stage(TMUX="/tmp/tmux,1", **environment)
        attention.asking()
        assert not any(text.startswith(begin) for text in told) and told[-1] == "\x07"
        attention, told, _ = stage("bell", **environment)
        attention.asking()
        assert not any(text.startswith(begin) for text in told) and told[-1] == "\x07"


def test_off_is_silent_and_a_folder_cannot_speak_to_the_terminal():
    attention, told, _ = stage("off", TERM_PROGRAM="WezTerm")
    attention.asking()
    assert all(text.startswith("\x1b]2;") for text in told)
    attention, told, _ = stage(folder="a\x1b]0;b\x07\nc;d", TERM_PROGRAM="WezTerm")
    attention.asking()
    for text in told:
        assert "\x1b]0" not in text and text.count("\x1b") <= 2 and "\n" not in text
