"""The keys of vi in the composer, where the setting wants them."""

from __future__ import annotations

import random

from textual.events import Key


async def test_escape_goes_to_normal_mode_and_letters_are_commands_then(stage, shown, until):
    app = stage.app(vim=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "insert" in shown(app)
        await pilot.press(*"one two three", "escape")
        await pilot.pause()
        assert "normal" in shown(app)
        await pilot.press("b", "d", "b")
        assert app.composer.text == "one three"
        await pilot.press("u")
        assert app.composer.text == "one two three"
        await pilot.press("ctrl+r")
        assert app.composer.text == "one three"
        await pilot.press("A", *"!", "enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent == ["one three!"])
        await pilot.pause()
        assert "insert" in shown(app)


async def test_a_visual_selection_is_seen_and_cut(stage):
    app = stage.app(vim=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"one two", "escape", "0", "v", "e")
        assert app.composer.selected_text == "one"
        await pilot.press("d")
        assert app.composer.text == " two"
        await pilot.press("p")
        assert app.composer.text == " onetwo"
        await pilot.press("v", "b")
        assert app.composer.cursor_location == (0, 1)
        assert app.composer.selected_text == "one"


async def test_escape_in_normal_mode_is_the_agents_and_k_on_the_first_line_is_the_history(stage, until):
    hold = stage.Hold()
    app = stage.app([hold], vim=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"go", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press("escape")
        assert stage.session.interrupted == 0
        await pilot.press("k")
        assert app.composer.text == "go"
        await pilot.press("escape")
        await until(pilot, lambda: stage.session.interrupted == 1)


async def test_without_the_setting_letters_are_letters(stage, shown):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"x", "escape", *"dw")
        assert app.composer.text == "xdw"
        assert "insert" not in shown(app)


KEYS = [*"hjklwb0$xXDdpPuoOai~.vVcyf12 a日م", "escape", "ctrl+r", "newline", "undo", "redo", "cursor_up", "delete_left"]


async def test_whatever_is_pressed_rows_and_text_stay_together(stage):
    choose = random.Random(0).choice
    app = stage.app(vim=True)
    async with app.run_test(size=(24, 16)) as pilot:
        composer = app.composer
        composer.insert("one two\nthree مرحبا four\n日本語 and more text that wraps\nend")
        for number in range(120):
            key = choose(KEYS)
            if action := getattr(composer, f"action_{key}", None):
                action()
            else:
                await composer._on_key(Key("space" if key == " " else key, key if len(key) == 1 else None))
            assert len(composer.wrapped_document._wrap_offsets) == composer.document.line_count
            if number % 20 == 0:
                await pilot.pause()
