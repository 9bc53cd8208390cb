"""What is typed while the agent works is queued, kept, or heard as a stop; and the manner of a terminal."""

from __future__ import annotations

import sys

import pytest
from prompt_toolkit.input.vt100_parser import Vt100Parser

from plugsky_tui.frontends.line.keyboard import Hearing
from plugsky_tui.frontends.line.manner import Manner, manner_here
from plugsky_tui.frontends.line.toolkit_keyboard import toolkit_style
from plugsky_tui.frontends.line.typeahead import TypeAhead


def typed(data: str, hearing: Hearing | None):
    keys: list = []
    parser = Vt100Parser(keys.append)
    parser.feed(data)
    parser.flush()
    ahead = TypeAhead()
    ahead.take(keys, hearing)
    return ahead.text


@pytest.mark.parametrize(
    ("data", "lines", "stops", "left"),
    [
        ("one\rtwo", ["one"], 0, "two"),
        ("\r \r", [], 0, ""),
        ("\x1b", [], 1, ""),
        ("ab\x03", [], 1, "ab"),
        ("abc\x7f\x7fd", [], 0, "ad"),
        ("gone\x15kept", [], 0, "kept"),
        ("a\x1b\rb\nc\\\rd\r", ["a\nb\nc\nd"], 0, ""),
        ("\x1b[200~x\r\ny\x1b[201~", [], 0, "x\ny"),
        ("\x1b[A\x1b[Dq\x1bx", [], 0, "q"),
    ],
)
def test_keys_while_the_agent_works(data, lines, stops, left):
    heard: list[str] = []
    stopped: list[None] = []
    assert typed(data, Hearing(heard.append, lambda: None, lambda: stopped.append(None))) == left
    assert heard == lines and len(stopped) == stops


def test_keys_before_a_question_are_kept_and_stop_nothing():
    assert typed("yes\rn\x1b", None) == "yes\nn"


@pytest.mark.parametrize(
    ("rich", "toolkit"),
    [
        ("bold cyan", "bold ansicyan"),
        ("bold white", "bold ansigray"),
        ("bright_blue", "ansibrightblue"),
        ("bold #12abef", "bold #12abef"),
        ("bold color(5)", "bold"),
    ],
)
def test_colours_of_themes_are_those_of_the_prompt_too(rich, toolkit):
    assert toolkit_style(rich) == toolkit


@pytest.mark.parametrize(
    ("environment", "on_terminal", "screen_reader", "expected"),
    [
        ({"TERM": "xterm"}, True, False, Manner()),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False, Manner(colour=False)),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, False, Manner()),
        ({"TERM": "dumb"}, True, False, Manner(plain=True, colour=False)),
        ({}, True, False, Manner(plain=True, colour=False)),
        ({"TERM": "xterm"}, False, False, Manner(plain=True, colour=False)),
        ({"TERM": "xterm"}, True, True, Manner(spoken=True, colour=False)),
    ],
)
def test_the_manner_follows_the_terminal(monkeypatch, environment, on_terminal, screen_reader, expected):
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: on_terminal, raising=False)
    assert manner_here(screen_reader=screen_reader, environment=environment) == expected
