"""docs/commands.md says what the tables say, and each front end has the commands that the table gives it."""

from __future__ import annotations

import runpy
from pathlib import Path

from plugsky_tui.frontends.line.deeds import LINE_COMMANDS, LineDeeds
from plugsky_tui.frontends.tui.actions import Actions
from plugsky_tui.frontends.tui.commands import COMMANDS, UNTYPED
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_as_the_tables_are():
    written = runpy.run_path(str(DOCS / "commands.py"))["document"]()
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == written, "run: python docs/commands.py"


def deeds_of(commands):
    """The names of what they do."""
    named = []

    class Recorder:
        def __getattr__(self, name):
            named.append(name)
            return lambda *given: None

    for command in commands:
        command.run(Recorder(), "")
    return named


def test_the_line_ui_can_do_all_that_needs_no_screen():
    shared = [command for command in COMMANDS if not command.screen]
    assert {command.name for command in shared} == {command.name for command in LINE_COMMANDS} - {"open"}
    assert [name for name in deeds_of(shared) if not hasattr(LineDeeds, name)] == []


def test_names_are_unique_and_keys_exist():
    names = [command.name for command in (*COMMANDS, *UNTYPED)]
    assert len(names) == len(set(names))
    actions = {entry.name for entry in KEY_ACTIONS}
    assert {command.key for command in COMMANDS if command.key} <= actions


def test_the_full_screen_ui_can_do_all_of_them():
    assert [name for name in deeds_of((*COMMANDS, *UNTYPED)) if not hasattr(Actions, name)] == []
