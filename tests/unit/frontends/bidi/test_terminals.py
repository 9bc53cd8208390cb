"""Who puts text in order: we, or the terminal."""

import pytest

from plugsky_tui.frontends.bidi.terminals import way_of


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM": "xterm-256color"}, "visual"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "logical"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5202"}, "visual"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "odd"}, "visual"),
        ({"KONSOLE_VERSION": "230804"}, "logical"),
        ({"MLTERM": "3.9.3"}, "logical"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "logical"),
        ({"TERM_PROGRAM": "mintty"}, "logical"),
        ({"TERM_PROGRAM": "iTerm.app"}, "visual"),
        ({"TERM_PROGRAM": "vscode"}, "visual"),
        ({"WT_SESSION": "c0ffee"}, "visual"),
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, "words"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0", "TERM_PROGRAM": "tmux"}, "visual"),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "VTE_VERSION": "7600"}, "logical"),
    ],
)
def test_auto_leaves_the_order_to_terminals_that_see_to_it(environ: dict[str, str], way: str) -> None:
    assert way_of("auto", environ) == way


@pytest.mark.parametrize(("bidi", "way"), [("app", "visual"), ("terminal", "logical"), ("off", "logical")])
def test_a_choice_counts_in_every_terminal(bidi: str, way: str) -> None:
    for environ in ({}, {"VTE_VERSION": "7600"}, {"KITTY_WINDOW_ID": "1"}):
        assert way_of(bidi, environ) == way  # type: ignore[arg-type]
