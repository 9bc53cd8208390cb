"""What `plugsky run` prints of events that the tests through the command seldom see."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.headless.printers import TextPrinter
from plugsky_tui.kernel.events import Notice, Retry, TextDelta, ThreadCompleted, TurnStarted


def test_what_broke_off_is_not_run_together_with_what_came_after(capsys: pytest.CaptureFixture[str]) -> None:
    printer = TextPrinter()
    for event in (
        *(
            TurnStarted(1),
            TextDelta("Once"),
            Notice("answer_restarted", "It is asked for again."),
            TextDelta("Once mo"),
        ),
        ThreadCompleted("failed", "Once mo", 1),
    ):
        printer.event(event, "t")
    said = capsys.readouterr()
    assert said.out == ""
    assert "OnceOnce" not in said.err and "Once mo\n  [failed" in said.err


def test_a_retry_says_its_status_once(capsys: pytest.CaptureFixture[str]) -> None:
    TextPrinter().event(Retry(1, 0.5, 503, "host has a fault of its own (HTTP 503): busy."), "t")
    assert capsys.readouterr().err == "  host has a fault of its own (HTTP 503): busy: attempt 1 in 0.5 s\n"
