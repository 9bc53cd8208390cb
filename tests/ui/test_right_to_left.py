"""Arabic and Hebrew on the screen: seen in their order, kept, copied and sent as written."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.tui.transcript.widget import Transcript
from plugsky_tui.frontends.tui.widgets.cells import fit_end
from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.events import TextDelta


def shown(app) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def test_an_answer_and_its_prompt_are_seen_in_order_and_copied_as_written(stage, until):
    app = stage.app([TextDelta("שלום `a.py` עולם\n\n- אחת\n")], bidi="app")
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*"שלום")
        assert any("םולש" in line for line in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: any("• " in line or " •" in line for line in shown(app)))
        assert stage.session.sent == ["שלום"]
        lines = shown(app)
        assert any(line.endswith("םלוע a.py םולש") for line in lines)
        assert any(line.endswith("תחא •") for line in lines)
        transcript = app.query_one(Transcript)
        assert transcript.last_answer() == "שלום `a.py` עולם\n\n- אחת"


@pytest.mark.parametrize("bidi", ["terminal", "off"])
async def test_where_the_terminal_orders_text_it_gets_it_as_written(stage, until, bidi):
    app = stage.app([TextDelta("שלום עולם")], bidi=bidi)
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press(*"אבג", "enter")
        await until(pilot, lambda: any("שלום עולם" in line for line in shown(app)))
        assert any("אבג" in line for line in shown(app))


async def test_what_the_environment_says_of_the_terminal_counts(stage, monkeypatch):
    for variable in ("KONSOLE_VERSION", "MLTERM", "TERM", "TERM_PROGRAM", "TEXTUAL_DRIVER"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("VTE_VERSION", "7600")
    assert stage.app().way == "logical"
    monkeypatch.delenv("VTE_VERSION")
    monkeypatch.setenv("KITTY_WINDOW_ID", "1")
    assert stage.app().way == "words"


async def test_the_arrow_keys_go_where_they_point(stage):
    app = stage.app(bidi="app")
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        await pilot.press(*"ab אבג")
        seen = []
        for _ in range(6):
            seen.append((app.composer.cursor_location[1], app.composer.cursor_screen_offset.x))
            await pilot.press("left")
        assert [x for _, x in seen] == list(range(seen[0][1], seen[0][1] - 6, -1))
        assert [column for column, _ in seen] == [6, 3, 4, 5, 2, 1]


async def test_deleting_and_typing_mean_the_text_and_not_the_screen(stage):
    app = stage.app(bidi="app")
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        await pilot.press(*"שלום עולם", "backspace", *"ת")
        assert app.composer.text == "שלום עולת"
        await pilot.press("ctrl+w")
        assert app.composer.text == "שלום "
        await pilot.press("home", "left", *"א")
        assert app.composer.text == "שאלום "


async def test_a_line_from_right_to_left_stands_at_the_right_with_the_caret_at_its_left(stage):
    app = stage.app(bidi="app")
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        await pilot.press(*"שלום")
        composer = app.composer
        row = shown(app)[composer.content_region.y]
        assert row.rstrip(" │").endswith("םולש")
        assert composer.cursor_screen_offset.x == row.index("ם") - 1
        await pilot.press("right")
        assert composer.cursor_screen_offset.x == row.index("ם")
        assert composer.cursor_location == (0, 3)


async def test_the_caret_passes_emoji_and_flags_in_one_step_and_deletes_them_whole(stage):
    app = stage.app()
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        app.composer.set_draft("a👨‍👩‍👧🇸🇦❤️b")
        columns = []
        for _ in range(5):
            await pilot.press("left")
            columns.append(app.composer.cursor_location[1])
        assert columns == [10, 8, 6, 1, 0]
        await pilot.press("right", "delete", "end", "left", "backspace")
        assert app.composer.text == "a🇸🇦b"


async def test_up_and_down_keep_the_column_of_the_screen(stage):
    app = stage.app(bidi="app")
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        await pilot.press(*"abcdefgh", "ctrl+j", *"ab אבג", "up")
        across = app.composer.cursor_screen_offset
        await pilot.press("left", "left", "down")
        assert app.composer.cursor_screen_offset == (across.x - 2, across.y + 1)
        assert app.composer.cursor_location == (1, 4)


async def test_a_click_puts_the_caret_on_the_letter_that_is_seen_there(stage):
    app = stage.app(bidi="app")
    async with app.run_test(size=(40, 12)) as pilot:
        await app.desk()
        await pilot.press(*"ab אבג")
        composer = app.composer
        region = composer.content_region
        await pilot.click(offset=(region.x + 3, region.y))
        assert composer.cursor_location == (0, 5)


async def test_dragging_over_right_to_left_text_selects_the_letters_under_the_mouse(stage, until):
    app = stage.app([TextDelta("the word שלום here")], bidi="app")
    async with app.run_test(size=(40, 20)) as pilot:
        await pilot.press("x", "enter")
        await until(pilot, lambda: any("םולש" in line for line in shown(app)))
        y = next(number for number, line in enumerate(shown(app)) if "םולש" in line)
        x = shown(app)[y].index("ם")
        transcript = app.query_one(Transcript)
        hit = transcript.stage.hit(x, y - transcript.region.y)
        assert transcript.stage.hit(x + 3, y - transcript.region.y).char == hit.char - 3
        await pilot.click(offset=(x + 1, y), times=2)
        assert app.screen.get_selected_text() == "שלום"


async def test_lists_and_dialogs_put_text_in_order_too(stage, until):
    app = stage.app([stage.Question("איזה קובץ?", ["ראשון", "שני"])], bidi="app")
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.press("x", "enter")
        await until(pilot, lambda: any("ןושאר" in line for line in shown(app)))
        assert any("?ץבוק הזיא" in line for line in shown(app))


async def test_a_command_to_approve_is_seen_in_the_order_it_has(stage, until):
    command = "שלום -x 'עולם' && cp אבג src/"
    app = stage.app([stage.call("Run a command", TextBlock(command))], bidi="app")
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("x", "enter")
        await until(pilot, lambda: any("םולש -x 'םלוע' && cp גבא src/" in line for line in shown(app)))


def test_the_end_of_a_path_is_cut_between_characters():
    assert fit_end("a/👨‍👩‍👧🇸🇦e\u0301", 6) == "…👨‍👩‍👧🇸🇦e\u0301"
    assert fit_end("a/👨‍👩‍👧🇸🇦e\u0301", 5) == "…🇸🇦e\u0301"
