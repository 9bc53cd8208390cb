"""Text from outside is shown letter by letter wherever it comes up: it is never markup, and never reaches the terminal raw."""

from __future__ import annotations

import pytest
from textual.widgets import OptionList

from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.events import ErrorRaised, Notice, Retry, ToolCalled
from plugsky_tui.providers.catalogue import ModelInfo

MARKUP = [
    "[@click=app.quit]hi[/]",
    "[@click=screen.action('x')]y[/]",
    "a[i] = b[j]",
    "list[str]",
    "[on red]",
    "[/]",
    "[/foo]",
    "[b]x[/i]",
    "[link='javascript:x']x[/]",
    "[link=file:///etc/passwd]x[/link]",
    "[$primary]x",
    "[0] x",
    "[00] foo",
    "arr[-1]",
    "[[x]]",
    "{'a': [1]}",
    "[bold",
    "[@click]",
    "[@click=]",
    "[@click=()]",
    r"\[bold]",
]
ESCAPES = "\x1b]0;owned\x07\x1b[31m\u202e\x9b1m"


@pytest.mark.parametrize("evil", MARKUP)
async def test_everywhere_at_once(stage, shown, until, evil):
    session = stage.Session(
        [
            [
                Notice("x", f"notice {evil}"),
                ErrorRaised("x", None, f"error {evil}", f"hint {evil}", evil),
                ToolCalled("c", "shell", {"command": f"call {evil}"}),
                Retry(1, 30.0, None, f"retry {evil}"),
                stage.call(f"title {evil}", TextBlock(f"command {evil}", "console"), reason=f"reason {evil}"),
            ]
        ]
    )
    session.model = f"model {evil}"
    app = stage.app(session=session, branch=f"branch {evil}", model=f"model {evil}")
    async with app.run_test(size=(150, 50)) as pilot:
        await until(pilot, lambda: f"branch {evil}" in shown(app))
        assert f"model {evil}" in shown(app)
        await pilot.press("g", "o", "enter")
        await until(pilot, lambda: f"title {evil}" in shown(app))
        screen = shown(app)
        for where in ("notice", "error", "hint", "call", "command", "reason"):
            assert f"{where} {evil}" in screen, where
        assert app.is_running


async def test_in_questions_options_toasts_and_lists(stage, shown, until):
    evil = "[@click=app.quit]hi[/] [/] [b]x[/i]"
    session = stage.Session([[stage.Question(f"question {evil}", [f"option {evil}"])]])
    session.known = [ModelInfo(f"name {evil}", 1000, f"tier {evil}", (), f"note {evil}")]
    app = stage.app(session=session)
    async with app.run_test(size=(200, 50), notifications=True) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: f"name {evil}" in shown(app))
        assert f"tier {evil} · note {evil}" in shown(app)
        await pilot.press("escape", "g", "o", "enter")
        await until(pilot, lambda: f"question {evil}" in shown(app))
        assert f"1 option {evil}" in shown(app)
        app.notify(f"toast {evil}", title=f"about {evil}")
        await until(pilot, lambda: "toast" in shown(app))
        app.status.flash(f"flash {evil}")
        await until(pilot, lambda: f"flash {evil}" in shown(app))


async def test_escape_sequences_reach_no_strip(stage, shown, until):
    session = stage.Session(
        [
            [
                Notice("x", ESCAPES),
                ErrorRaised("x", None, ESCAPES, ESCAPES, ESCAPES),
                ToolCalled("c", f"shell{ESCAPES}", {"command": ESCAPES}),
                Retry(1, 30.0, None, ESCAPES),
                stage.call(f"title{ESCAPES}", TextBlock(ESCAPES, "console"), reason=ESCAPES),
            ]
        ]
    )
    session.warnings = [ESCAPES]
    session.model = f"m{ESCAPES}"
    app = stage.app(session=session, branch=f"b{ESCAPES}", model=f"m{ESCAPES}")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("g", "o", "enter")
        await until(pilot, lambda: "title" in shown(app))
        assert not any(letter in shown(app) for letter in "\x1b\x07\x9b\u202e")


async def test_a_picker_with_thousands_of_rows_filters_at_once(stage, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        desk = await app.desk()
        picks = [Pick(number, f"entry {number} [b]") for number in range(5_000)]
        app._extra = desk._start(desk.layers.ask(Picker("[/]", picks)))
        await until(pilot, lambda: app.focused is not app.composer)
        await pilot.press(*"4999")
        await until(pilot, lambda: app.query_one(OptionList).option_count == 1)
