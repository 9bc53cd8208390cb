"""The transcript as a widget: frames, scrolling, keys, mouse, selection, themes."""

import asyncio
import subprocess
import sys
import time

import pytest
from textual import events
from textual.geometry import Offset
from textual.selection import Selection

from plugsky_tui.frontends.tui.transcript.widget import Transcript
from plugsky_tui.kernel.display import DiffBlock, TextBlock

MANY = "\n\n".join(f"paragraph {number}" for number in range(100))


async def settle(pilot):
    """Let the frame that is waiting be drawn."""
    pilot.app.transcript.draw_now()
    await pilot.pause()


async def test_what_is_streamed_appears(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.add_prompt("hello")
        for word in ["some", "**words**", "and", "`code`"]:
            app.transcript.stream_text(word + " ")
        await settle(pilot)
        assert app.shown()[:3] == ["▌ hello", "", "  some words and code"]


async def test_it_draws_by_itself_soon_after(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text("hello")
        for _ in range(100):
            await asyncio.sleep(0.01)
            if app.shown()[0] == "  hello":
                break
        assert app.shown()[0] == "  hello"
        await pilot.pause()


async def test_texts_given_before_it_is_mounted_are_shown(app):
    transcript = next(iter(app.compose()))
    transcript.add_prompt("early")
    transcript.stream_text("answer")
    app.compose = lambda: [transcript]
    async with app.run_test(size=(60, 12)) as pilot:
        await settle(pilot)
        assert app.shown()[:3] == ["▌ early", "", "  answer"]


async def test_frames_are_few_however_many_chunks_there_are(app):
    async with app.run_test(size=(60, 12)) as pilot:
        transcript = app.transcript
        transcript.stream_text("start")
        await pilot.pause(0.1)
        frames, draw = 0, transcript._pacer._draw

        def counting():
            nonlocal frames
            frames += 1
            draw()

        transcript._pacer._draw = counting
        began = time.monotonic()
        for _ in range(2000):
            transcript.stream_text(" word")
            await asyncio.sleep(0)
        await pilot.pause(0.1)
        assert 1 <= frames <= 3 + (time.monotonic() - began) * 31


async def test_nothing_runs_while_nothing_changes(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text("```python\nx = 1\n```\n" + MANY)
        app.transcript.end_answer()
        await settle(pilot)
        await pilot.pause(0.1)
        assert not app.transcript._pacer.waiting
        drawn, app.transcript._pacer._draw = [], lambda: drawn.append(1)
        await pilot.pause(0.2)
        assert not drawn
        assert not app.transcript._pacer.waiting


async def test_a_frame_never_makes_textual_lay_out_the_screen(app, monkeypatch):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text("start\n\n")
        await pilot.pause(0.1)
        layouts = 0
        reflow = app.screen._compositor.reflow

        def counting(*args, **kwargs):
            nonlocal layouts
            layouts += 1
            return reflow(*args, **kwargs)

        monkeypatch.setattr(app.screen._compositor, "reflow", counting)
        for number in range(30):
            app.transcript.stream_text(f"paragraph {number}\n\n")
            await settle(pilot)
        assert app.transcript.virtual_size.height > 50
        assert layouts == 0


# --- Scrolling ------------------------------------------------------------------------------------------------


async def test_it_follows_until_one_scrolls_up_and_again_at_the_end(app):
    async with app.run_test(size=(60, 12)) as pilot:
        transcript = app.transcript
        transcript.stream_text(MANY)
        await settle(pilot)
        assert app.shown()[-1] == "  paragraph 99"
        transcript.scroll_page_up(animate=False)
        await settle(pilot)
        before = app.shown()
        assert app.follows == [(False, 0)]
        transcript.stream_text("\n\none more\n\nand one more")
        await settle(pilot)
        assert app.shown() == before
        assert app.follows[-1] == (False, 2)
        transcript.jump_to_end()
        await settle(pilot)
        assert app.shown()[-1] == "  and one more"
        assert app.follows[-1] == (True, 0)


async def test_the_wheel_scrolls(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text(MANY)
        await settle(pilot)
        await pilot._post_mouse_events([events.MouseScrollUp], app.transcript, (5, 5))
        await settle(pilot)
        assert app.shown()[-1] != "  paragraph 99"
        assert not app.transcript.stage.viewport.follow


@pytest.mark.parametrize("keys", [["pageup"], ["home"], ["g"]])
async def test_keys_scroll(app, keys):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text(MANY)
        app.transcript.focus()
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        assert app.shown()[-1] != "  paragraph 99"
        if keys != ["pageup"]:
            assert app.shown()[0] == "  paragraph 0"
        await pilot.press("end")
        await settle(pilot)
        assert app.shown()[-1] == "  paragraph 99"


async def test_textuals_own_properties_say_where_we_are(app):
    async with app.run_test(size=(60, 12)) as pilot:
        transcript = app.transcript
        transcript.stream_text(MANY)
        await settle(pilot)
        assert transcript.scroll_y == transcript.max_scroll_y > 0
        assert transcript.is_vertical_scroll_end
        transcript.scroll_y -= 1
        await settle(pilot)
        assert not transcript.is_vertical_scroll_end
        transcript.scroll_home(animate=False)
        await settle(pilot)
        assert transcript.scroll_y == 0
        transcript.scroll_end(animate=False)
        await settle(pilot)
        assert transcript.is_vertical_scroll_end


async def test_the_scroll_bar_can_be_dragged(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text(MANY)
        await settle(pilot)
        assert app.transcript.vertical_scrollbar.position == app.transcript.scroll_y
        await pilot.mouse_down(offset=(59, 11))
        await pilot.hover(offset=(59, 2))
        await settle(pilot)
        await pilot.mouse_up(offset=(59, 2))
        await settle(pilot)
        assert app.transcript.scroll_y < app.transcript.max_scroll_y / 2


async def test_another_size_keeps_the_end_in_sight(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text(MANY + " with some words that wrap when it gets narrow")
        await settle(pilot)
        await pilot.resize_terminal(24, 7)
        await settle(pilot)
        assert app.shown()[-1].endswith("narrow")
        assert len(app.shown()) == 7
        await pilot.resize_terminal(100, 30)
        await settle(pilot)
        assert app.shown()[-1].endswith("it gets narrow")


async def test_nothing_is_lost_while_it_is_hidden(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.display = False
        await pilot.pause()
        app.transcript.stream_text("while hidden")
        await settle(pilot)
        app.transcript.display = True
        await pilot.pause()
        await settle(pilot)
        assert app.shown()[0] == "  while hidden"


async def test_clearing_leaves_an_empty_screen(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text(MANY)
        await settle(pilot)
        app.transcript.clear()
        await settle(pilot)
        assert not any(app.shown())
        app.transcript.add_notice("new")
        await settle(pilot)
        assert app.shown()[0] == "  · new"


# --- Keys on blocks -------------------------------------------------------------------------------------------


async def test_blocks_are_walked_opened_and_copied_with_keys(app):
    async with app.run_test(size=(60, 20)) as pilot:
        transcript = app.transcript
        transcript.add_prompt("question")
        transcript.add_tool("1", "bash", "ls", "ls -l")
        transcript.finish_tool("1", True, "a\nb", 0.2)
        transcript.stream_text("an **answer**\n\n```sh\nmake\n```")
        transcript.end_answer()
        transcript.focus()
        await settle(pilot)
        await pilot.press("k", "c", "k", "y", "up")
        await settle(pilot)
        assert app.copied == ["make", "an **answer**"]
        assert app.shown()[2].startswith("▎ ✓ bash ls")
        await pilot.press("enter")
        await settle(pilot)
        assert [line.strip("▎ ") for line in app.shown()[3:7]] == ["│ ls -l", "│", "│ a", "│ b"]
        await pilot.press("enter", "c")
        await settle(pilot)
        assert "│ a" not in "\n".join(app.shown())
        assert app.copied[-1] == "ls -l\na\nb"


async def test_the_cursor_is_only_seen_with_the_focus(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_text("words")
        app.transcript.focus()
        await settle(pilot)
        await pilot.press("k")
        await settle(pilot)
        assert app.shown()[0] == "▎ words"
        app.screen.set_focus(None)
        await pilot.pause()
        await settle(pilot)
        assert app.shown()[0] == "  words"


async def test_all_tools_open_and_fold_at_once(app):
    async with app.run_test(size=(60, 12)) as pilot:
        for call in "12":
            app.transcript.add_tool(call, "t", call, f"input {call}")
        app.transcript.toggle_all_tools()
        await settle(pilot)
        assert "  │ input 1" in app.shown() and "  │ input 2" in app.shown()
        app.transcript.toggle_all_tools()
        await settle(pilot)
        assert app.shown()[:2] == ["  ● t 1", "  ● t 2"]


# --- Mouse ----------------------------------------------------------------------------------------------------


async def test_a_click_on_a_tool_or_on_reasoning_opens_it(app):
    async with app.run_test(size=(60, 12)) as pilot:
        app.transcript.stream_reasoning("thinking hard")
        app.transcript.add_tool("1", "bash", "ls", "ls -l")
        app.transcript.finish_tool("1", True, "", 0.0, [TextBlock("shown")])
        await settle(pilot)
        await pilot.click(offset=(5, 0))
        await settle(pilot)
        assert app.shown()[1].strip("▎ ") == "│ thinking hard"
        await pilot.click(offset=(5, 3))
        await settle(pilot)
        assert [line.strip("▎ ") for line in app.shown()[4:7]] == ["│ ls -l", "│", "│ shown"]


async def test_a_click_on_a_link_asks_to_open_it_and_opens_nothing(app):
    async with app.run_test(size=(80, 12)) as pilot:
        app.transcript.stream_text("[docs](https://example.org/x) [bad](javascript:alert) ![i](http://evil/?q)")
        await settle(pilot)
        assert app.opened == []
        await pilot.click(offset=(3, 0))
        assert app.opened == ["https://example.org/x"]
        await pilot.click(offset=(36, 0))
        assert app.opened == ["https://example.org/x"]


async def test_text_is_selected_with_the_mouse(app):
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.stream_text("some **words** to select that go on in the line below\n\nsecond")
        await settle(pilot)
        await pilot.mouse_down(offset=(7, 0))
        await pilot.hover(offset=(9, 1))
        await pilot.mouse_up(offset=(9, 1))
        await pilot.pause()
        text = app.screen.get_selected_text()
        assert text.startswith("words to select that go on in the")
        assert "\n" not in text
        assert app.transcript.stage.selection is not None
        await pilot.click(offset=(30, 10))
        await settle(pilot)
        assert app.screen.get_selected_text() in (None, "")


async def test_what_is_selected_is_marked(app):
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.stream_text("some words")
        await settle(pilot)
        place = app.transcript.stage.viewport.lines[0].unit << 20
        app.screen.selections = {app.transcript: Selection(Offset(5, place), Offset(10, place))}
        await pilot.pause()
        await settle(pilot)
        style = app.screen.get_component_rich_style("screen--selection")
        marked = [
            s.text for s in app.transcript.render_lines(app.transcript.region)[0] if s.style.bgcolor == style.bgcolor
        ]
        assert marked == ["words"]


async def test_a_double_click_selects_the_word_and_a_triple_click_the_block(app):
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.stream_text("run src/app.py now\n\nother")
        await settle(pilot)
        await pilot.click(offset=(9, 0), times=2)
        assert app.screen.get_selected_text() == "src/app.py"
        await pilot.click(offset=(9, 0), times=3)
        assert app.screen.get_selected_text() == "run src/app.py now"


async def test_a_selection_survives_what_streams_in(app):
    async with app.run_test(size=(40, 12)) as pilot:
        app.transcript.stream_text("first words\n\nsecond")
        await settle(pilot)
        await pilot.click(offset=(3, 0), times=2)
        app.transcript.stream_text(" and more\n\n" + MANY)
        await settle(pilot)
        assert app.screen.get_selected_text() == "first"


# --- Looks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "theme", ["textual-dark", "textual-light", "nord", "solarized-light", "ansi-dark", "ansi-light"]
)
async def test_every_theme_draws_everything(app, theme):
    async with app.run_test(size=(80, 40)) as pilot:
        app.theme = theme
        app.transcript.add_prompt("p")
        app.transcript.stream_text(
            "# h\n\n> q\n\n- [x] i\n\n```python\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n---\n\n[l](http://x)"
        )
        app.transcript.add_tool("1", "edit", "a.py")
        app.transcript.finish_tool("1", True, "", 0.0, [DiffBlock("a.py", "x = 1\n", "x = 2\n")])
        await settle(pilot)
        await pilot.pause()
        shown = "\n".join(app.shown())
        assert "▌ p" in shown and "- x = 1" in shown and "+ x = 2" in shown


async def test_another_theme_changes_the_colours(app):
    async with app.run_test(size=(80, 12)) as pilot:
        app.transcript.stream_text("# heading")
        await settle(pilot)
        before = app.transcript.stage.viewport.lines[0].row.segments[-1].style
        app.theme = "textual-light"
        await pilot.pause()
        await settle(pilot)
        assert app.transcript.stage.viewport.lines[0].row.segments[-1].style != before


async def test_without_colours_signs_tell_things_apart(monkeypatch, make_app):
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with app.run_test(size=(80, 12)) as pilot:
        app.transcript.add_notice("bad", "error")
        await settle(pilot)
        strip = app.transcript.render_lines(app.transcript.region)[0]
        colours = {segment.style.color.triplet for segment in strip if segment.style and segment.style.color}
        assert all(c is None or c.red == c.green == c.blue for c in colours)
        assert app.shown()[0] == "  ✗ bad"


async def test_code_is_coloured_once_its_grammar_is_there(app):
    transcript = Transcript()
    app.compose = lambda: [transcript]
    async with app.run_test(size=(80, 12)) as pilot:
        transcript.stream_text("```python\ndef f(): pass\n```")
        transcript.end_answer()
        for _ in range(200):
            await asyncio.sleep(0.02)
            if len(transcript.stage.viewport.lines) > 1 and len(transcript.stage.viewport.lines[1].row.segments) > 4:
                break
        assert len(transcript.stage.viewport.lines[1].row.segments) > 4
        await pilot.pause()


# --- Untrusted text -------------------------------------------------------------------------------------------

HOSTILE = [
    "[@click=app.quit]hi[/]",
    "[@click=()]x",
    "[/]",
    "[link='javascript:x']x[/link]",
    "[$primary]x",
    "\\[bold]",
    "arr[-1]",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_click_on_markup_does_nothing(app, text):
    async with app.run_test(size=(80, 12)) as pilot:
        app.transcript.add_prompt(text)
        app.transcript.stream_text(text)
        await settle(pilot)
        assert app.shown()[:3] == [f"▌ {text}", "", f"  {text}"]
        for place in ((4, 0), (4, 2)):
            await pilot.click(offset=place)
        assert app.is_running and app.opened == [] and app.return_code in (None, 0)


async def test_no_escape_sequence_reaches_the_screen(app):
    async with app.run_test(size=(80, 12)) as pilot:
        for char in "a\x1b]52;c;QQ==\x07b\x1b[2J\x9b6nc\u202e":
            app.transcript.stream_text(char)
        await settle(pilot)
        assert app.shown()[0] == "  abc"


async def test_importing_the_widget_loads_little():
    code = (
        "import sys, textual.app, textual.scroll_view, textual.scrollbar; before = set(sys.modules);"
        "import plugsky_tui.frontends.tui.transcript.widget; print(*set(sys.modules) - before)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if not name.startswith("plugsky_tui")]
    assert len(loaded) < 14
