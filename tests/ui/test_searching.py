"""Searching the thread, and going through it with keys."""

from __future__ import annotations

import pytest
from textual.events import Key

from plugsky_tui.kernel.events import ReasoningDelta, TextDelta, ToolCalled, ToolResulted, TurnCompleted
from plugsky_tui.kernel.messages import UserMessage

HISTORY = [
    UserMessage("the first question"),
    TextDelta("An answer about **Needles**.\n\n" + "\n\n".join(f"paragraph {n}" for n in range(60))),
    TurnCompleted("stop", "m"),
    UserMessage("the second question"),
    ReasoningDelta("a needle in thought"),
    ToolCalled("c1", "shell", {"command": "make"}, ""),
    ToolResulted("c1", True, "a needle of the tool", 0.2),
    TextDelta("```python\nneedle = 'one'\n```\n\nlast words"),
    TurnCompleted("stop", "m"),
    UserMessage("the third question"),
]


@pytest.fixture
def thread(stage):
    """An app that shows HISTORY again."""
    return stage.app(session=stage.Session(history=HISTORY))


async def opened(pilot, app, until):
    desk = await app.desk()
    await until(pilot, lambda: desk.transcript.display and bool(desk.transcript.stage.viewport.lines))
    return desk


async def searched(pilot, app, until, shown, query):
    desk = await opened(pilot, app, until)
    await pilot.press("ctrl+f")
    await until(pilot, lambda: "Search:" in shown(app))
    await pilot.press(*query)
    await pilot.pause()
    desk.transcript.draw_now()
    await pilot.pause()
    return desk


async def test_each_letter_searches_and_keys_go_on(thread, shown, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await searched(pilot, thread, until, shown, "needle")
        assert "4 of 4" in shown(thread)
        await pilot.press("up", "up")
        assert "2 of 4" in shown(thread)
        await pilot.press("up", "up")
        assert "4 of 4" in shown(thread)
        await pilot.press("enter")
        assert "1 of 4" in shown(thread)
        desk.transcript.draw_now()
        await pilot.pause()
        assert "An answer about Needles" in shown(thread)


async def test_what_is_folded_opens_where_something_is_found_in_it(thread, shown, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await searched(pilot, thread, until, shown, "needle of")
        assert "1 of 1" in shown(thread)
        assert "│ a needle of the tool" in shown(thread)
        await pilot.press("ctrl+u", *"in thought")
        desk.transcript.draw_now()
        await pilot.pause()
        assert "│ a needle in thought" in shown(thread)


async def test_capitals_count_once_there_is_one(thread, shown, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        await searched(pilot, thread, until, shown, "Needle")
        assert "1 of 1" in shown(thread)


async def test_escape_ends_it_keeps_the_place_and_the_block_can_be_copied(thread, shown, until, monkeypatch):
    copied = []
    monkeypatch.setattr(type(thread), "copy_to_clipboard", lambda self, text: copied.append(text))
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await searched(pilot, thread, until, shown, "Needles")
        top = desk.transcript.stage.viewport.top
        await pilot.press("escape")
        await until(pilot, lambda: "Search:" not in shown(thread))
        assert desk.transcript.stage.viewport.top == top
        await pilot.press("c")
        await until(pilot, lambda: copied == ["An answer about **Needles**."])
        await pilot.press("C")
        await until(pilot, lambda: len(copied) == 2)
        assert copied[1].endswith("paragraph 59")


async def test_n_goes_on_in_the_transcript_and_is_typed_where_nothing_is_searched(thread, shown, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await searched(pilot, thread, until, shown, "needle")
        await pilot.press("tab", "n")
        await until(pilot, lambda: "1 of 4" in shown(thread))
        await pilot.press("N")
        await until(pilot, lambda: "4 of 4" in shown(thread))
        await pilot.press("escape")
        assert thread.focused is desk.transcript
        await pilot.press("n")
        await until(pilot, lambda: thread.composer.text == "n")


async def test_a_question_of_the_agent_ends_the_search(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([TextDelta("words"), hold, stage.call()])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "o", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press("ctrl+f", *"words")
        await until(pilot, lambda: "1 of 1" in shown(app))
        hold.released.set()
        desk = await app.desk()
        await until(pilot, lambda: desk.layers.top is not None and not desk.searching.display)
        await pilot.press("ctrl+f")
        assert not desk.searching.display


async def test_with_nothing_said_there_is_nothing_to_search(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.desk()
        await pilot.press("ctrl+f")
        await until(pilot, lambda: "nothing to search yet" in shown(app))


async def test_keys_jump_from_prompt_to_prompt(thread, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await opened(pilot, thread, until)

        async def after(key):
            await pilot.press(key)
            desk.transcript.draw_now()
            units = desk.transcript.document.units
            return units[desk.transcript.stage.walk._cursor[0]].text

        assert [await after("alt+up") for _ in range(4)] == [
            "the third question",
            "the second question",
            "the first question",
            "the first question",
        ]
        assert desk.transcript.stage.viewport.top == 0
        assert await after("alt+down") == "the second question"
        assert thread.focused is thread.composer


async def test_blocks_are_selected_with_keys_and_copied_as_written(thread, until, monkeypatch):
    copied = []
    monkeypatch.setattr(type(thread), "copy_to_clipboard", lambda self, text: copied.append(text))
    async with thread.run_test(size=(80, 24)) as pilot:
        desk = await opened(pilot, thread, until)
        await pilot.press("tab", "up", "up", "shift+up", "shift+up")
        desk.transcript.draw_now()
        await pilot.press("c")
        await until(pilot, lambda: bool(copied))
        assert copied == ["needle = 'one'\n\nlast words"]
        await pilot.press("up", "c")  # moving on ends the selection
        await until(pilot, lambda: len(copied) == 2)


async def test_whoever_types_fast_in_the_transcript_loses_no_letter(thread, until):
    async with thread.run_test(size=(80, 24)) as pilot:
        await opened(pilot, thread, until)
        await pilot.press("tab")
        for key in ("slash", "c", "o", "p", "y", "space", "n"):  # all of them before any is dealt with
            thread.post_message(Key(key, {"slash": "/", "space": " "}.get(key, key)))
        await until(pilot, lambda: thread.composer.text == "/copy n")
