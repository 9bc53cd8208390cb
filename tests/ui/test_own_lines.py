"""Lines of the user's own: `! command` runs at once, `# text` goes into AGENTS.md; prompts take along what they name."""

from __future__ import annotations

import asyncio

import pytest

from plugsky_tui.frontends.own_lines import content_of, kind_of
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolOutput
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.session.beside import result_event
from plugsky_tui.session.enclosures import Enclosure, Ran, enclose, ran_text
from plugsky_tui.session.mentions import Looked


class Beside:
    """A session's side for the user: commands print what `outputs` has, and those that begin with `wait` wait."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.notes: list[str] = []
        self.looked = Looked()
        self.stopped = 0

    async def run(self, command, show):
        call_id = f"user_{len(self.commands)}"
        self.commands.append(command)
        show(ToolCalled(call_id, "shell", {"command": command}))
        show(ToolOutput(call_id, "printed first\n"))
        ran = Ran(command, "printed first\nprinted last", "exit code 0")
        try:
            if command.startswith("wait"):
                await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.stopped += 1
            ran = Ran(command, "printed first", "stopped by the user")
        show(result_event(call_id, ran, 0.0))
        return ran

    async def note(self, text):
        self.notes.append(text)
        return DiffBlock("AGENTS.md", "old\n", f"old\n- {text}\n")

    async def look(self, prompt, passed=()):
        return self.looked


@pytest.fixture
def beside(stage):
    session = stage.Session()
    session.beside = Beside()
    stage.made = session
    return session.beside


async def test_a_command_runs_at_once_shows_its_output_and_is_told(stage, beside, shown, until):
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"!git status", "enter")
        await until(pilot, lambda: stage.made.told)
        await until(pilot, lambda: "printed last" in shown(app))
        assert "✓ ! git status" in shown(app)
        assert beside.commands == ["git status"]
        assert stage.made.told[0].startswith("I ran in the shell: git status\n")
        assert stage.made.sent == []
        await pilot.press("up")
        assert app.composer.text == "!git status"


async def test_escape_stops_the_command_and_what_it_printed_is_told(stage, beside, shown, until):
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"!wait", "enter")
        await until(pilot, lambda: "Running wait" in shown(app) and "printed first" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: stage.made.told)
        assert beside.stopped == 1
        assert "stopped by the user" in stage.made.told[0]
        await until(pilot, lambda: "Running wait" not in shown(app))


async def test_beside_the_agent_a_command_runs_at_once_and_the_answer_stays_whole(stage, beside, shown, until):
    hold = stage.Hold()
    stage.made.scripts = [[TextDelta("```\nfirst "), hold, TextDelta("second\n```")]]
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"go", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press(*"!ls", "enter")
        await until(pilot, lambda: stage.made.told)
        hold.released.set()
        await until(pilot, lambda: "printed last" in shown(app))
        assert "first second" in shown(app)
        assert shown(app).index("first second") < shown(app).index("! ls")


async def test_a_note_goes_into_agents_md_and_is_shown_as_a_change(stage, beside, shown, until):
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"# run the tests", "enter")
        await until(pilot, lambda: beside.notes)
        await until(pilot, lambda: "run the tests → AGENTS.md" in shown(app))
        assert beside.notes == ["run the tests"]
        assert stage.made.sent == []


async def test_what_a_prompt_names_goes_along_and_a_line_says_so(stage, beside, shown, until):
    enclosed = Enclosure("file", "README.md", "2 lines", "     1\tone\n     2\ttwo")
    beside.looked = Looked([enclosed], [".env: named, but not attached. It is a secret."])
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"see @README.md ", "enter")
        await until(pilot, lambda: stage.made.sent)
        assert stage.made.sent == [enclose("see @README.md ", [enclosed])]
        await until(pilot, lambda: "README.md · 2 lines" in shown(app) and "It is a secret" in shown(app))


async def test_a_thread_that_is_taken_up_shows_commands_and_names_as_they_were(stage, beside, shown, until):
    enclosed = Enclosure("file", "README.md", "2 lines", "     1\tone\n     2\ttwo")
    history = [
        UserMessage(ran_text(Ran("git log", "one commit", "exit code 0"))),
        UserMessage(enclose("go", [enclosed])),
    ]
    app = stage.app(session=stage.Session(history=history))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "! git log" in shown(app))
        assert "one commit" in shown(app)
        assert "I ran in" not in shown(app)
        assert "README.md · 2 lines" in shown(app)
        assert "1\tone" not in shown(app)


@pytest.mark.parametrize(
    ("text", "kind", "content"),
    [
        ("!ls", "shell", "ls"),
        ("! cat <<E\na\nE", "shell", "cat <<E\na\nE"),
        ("#note", "note", "note"),
        ("# a note\n", "note", "a note"),
        ("# Heading\n\ntext", "", ""),
        ("## Heading", "", ""),
        ("#12 is broken", "", ""),
        ("#!/bin/sh", "", ""),
        (" !ls", "", ""),
        (" # x", "", ""),
        ("a # b", "", ""),
    ],
)
def test_only_lines_that_begin_with_the_mark_are_the_users_own(text, kind, content):
    assert kind_of(text) == kind
    assert not kind or content_of(text) == content


async def test_a_mark_alone_is_explained_and_not_sent(stage, beside, shown, until):
    app = stage.app(session=stage.made)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("!", "enter")
        await until(pilot, lambda: "Behind ! comes a command" in shown(app))
        await pilot.press("#", "enter")
        await until(pilot, lambda: "Behind # comes a line" in shown(app))
        assert (stage.made.sent, beside.commands, beside.notes) == ([], [], [])
