"""The composer: new lines, history, pastes, completion; typing is never lost."""

from __future__ import annotations

import json
import stat
import time

from textual.events import Paste

from plugsky_tui.frontends.tui.composer.history import PromptHistory, history_file


async def test_enter_sends_and_three_keys_and_a_backslash_make_lines(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press("a", "shift+enter", "b", "alt+enter", "c", "ctrl+j", "d", "backslash", "enter", "e", "enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent)
        assert stage.session.sent == ["a\nb\nc\nd\ne"]


async def test_nothing_is_not_sent(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press("enter", "space", "enter")
        await until(pilot, lambda: bool(stage.sessions))
        assert stage.session.sent == []


async def test_it_grows_to_ten_lines_and_not_further(stage):
    app = stage.app()
    async with app.run_test(size=(80, 30)) as pilot:
        heights = []
        for _ in range(15):
            await pilot.press("x", "ctrl+j")
            await pilot.pause(0.02)
            heights.append(app.composer.size.height)
        assert heights[0] == 2
        assert max(heights) == 10


async def test_a_megabyte_is_pasted_at_once_as_a_chip_and_sent_whole(stage, until):
    text = "".join(f"line {number} of a very long paste\n" for number in range(32_000))
    assert len(text) > 1_000_000
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press("s", "e", "e", "space")
        began = time.perf_counter()
        await app.composer._on_paste(Paste(text.replace("\n", "\r")))
        await pilot.pause()
        assert time.perf_counter() - began < 0.5
        assert app.composer.text == "see [Pasted 32,001 lines #1]"
        await pilot.press("enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent)
        assert stage.session.sent == [f"see {text}"]


async def test_a_chip_is_deleted_as_one_and_comes_back_with_undo(stage):
    app = stage.app()
    async with app.run_test() as pilot:
        await app.composer._on_paste(Paste("x\n" * 20))
        await pilot.press("backspace")
        assert app.composer.text == ""
        await pilot.press("ctrl+z")
        assert app.composer.draft.text == "x\n" * 20


async def test_a_short_paste_is_text_without_escape_sequences(stage, shown):
    app = stage.app()
    async with app.run_test() as pilot:
        await app.composer._on_paste(Paste("one\r\ntwo \x1b[31mred\x1b[0m \u202eevil [b]x[/b]"))
        await pilot.pause()
        assert app.composer.text == "one\ntwo red evil [b]x[/b]"
        assert "two red evil [b]x[/b]" in shown(app)


async def test_up_and_down_page_through_earlier_prompts_and_back_to_the_draft(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        for word in ("one", "two"):
            await pilot.press(*word, "enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent == ["one", "two"])
        await pilot.press(*"draft", "up")
        assert app.composer.text == "two"
        await pilot.press("up", "up")
        assert app.composer.text == "one"
        await pilot.press("down", "down")
        assert app.composer.text == "draft"


async def test_up_moves_the_cursor_inside_a_text_of_several_lines(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"a", "ctrl+j", *"b", "up")
        assert app.composer.text == "a\nb"
        assert app.composer.cursor_location[0] == 0
        await pilot.press("up")
        assert app.composer.text == "one"


async def test_the_history_is_kept_per_folder_for_the_user_alone(stage, until, tmp_path):
    data = tmp_path / "data"
    app = stage.app(data_dir=data)
    async with app.run_test() as pilot:
        await pilot.press(*"kept", "enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent)
    path = history_file(data, stage.folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    app = stage.app(data_dir=data)
    async with app.run_test() as pilot:
        await pilot.press("up")
        assert app.composer.text == "kept"
    assert history_file(data, stage.folder / "other") != path


def test_a_damaged_history_costs_its_bad_lines_only(tmp_path):
    path = tmp_path / "h.jsonl"
    path.write_bytes(b'{"text": "a"}\nnot json\n{"other": 1}\n[]\n\xff\xfe\n{"text": "b"}\n{"text": "cut')
    assert PromptHistory(path).entries == ["a", "b"]


def test_a_history_that_cannot_be_written_lasts_for_the_session(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    history = PromptHistory(blocked / "h.jsonl")
    history.add("x")
    assert history.previous("") == "x"


def test_a_long_history_is_trimmed_when_read(tmp_path):
    path = tmp_path / "h.jsonl"
    path.write_text("".join(json.dumps({"text": f"prompt {number}"}) + "\n" for number in range(3000)))
    assert len(PromptHistory(path).entries) == 1000
    assert len(path.read_text().splitlines()) == 1000
    assert PromptHistory(path).entries[-1] == "prompt 2999"


async def test_ctrl_r_finds_an_earlier_prompt(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        for word in ("fix the parser", "write docs"):
            await pilot.press(*("space" if letter == " " else letter for letter in word), "enter")
        await until(pilot, lambda: stage.sessions and len(stage.session.sent) == 2)
        await pilot.press("ctrl+r", *"pars")
        await until(pilot, lambda: "fix the parser" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.composer.text == "fix the parser")
        assert app.focused is app.composer


async def test_a_slash_offers_commands_and_tab_takes_one(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "m")
        await until(pilot, lambda: "choose the model" in shown(app))
        await pilot.press("down", "tab")
        assert app.composer.text == "/mode "
        await until(pilot, lambda: "❯ plan" in shown(app))
        await pilot.press(*"au", "enter")
        await until(pilot, lambda: stage.sessions and stage.session.mode == "auto")
        assert app.composer.text == ""


async def test_escape_closes_the_suggestions_first(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", "m")
        await until(pilot, lambda: "choose the model" in shown(app))
        await pilot.press("escape")
        await pilot.pause()
        assert "choose the model" not in shown(app)
        assert app.composer.text == "/m"
        await pilot.press("o")
        await until(pilot, lambda: "choose the model" in shown(app))


async def test_an_at_sign_completes_files_of_the_folder(stage, shown, until):
    (stage.folder / "src").mkdir()
    (stage.folder / "src" / "parser.py").write_text("")
    (stage.folder / "node_modules").mkdir()
    (stage.folder / "node_modules" / "parser.js").write_text("")
    (stage.folder / ".gitignore").write_text("node_modules/\n")
    (stage.folder / "evil\x1b[31m.py").write_text("")
    (stage.folder / ".env").write_text("")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"see", "space", "at")
        await until(pilot, lambda: "src/parser.py" in shown(app))
        assert "node_modules" not in shown(app)
        assert "evil" not in shown(app)
        assert ".env" not in shown(app)
        await pilot.press(*"prs", "enter")
        assert app.composer.text == "see @src/parser.py "
        await pilot.press(*"me@x")
        await pilot.pause()
        assert "❯ " not in shown(app)  # an address is no file


async def test_a_folder_is_gone_into_by_choosing_it_and_meant_by_choosing_it_again(stage, shown, until):
    (stage.folder / "src").mkdir()
    (stage.folder / "src" / "parser.py").write_text("")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("at")
        await until(pilot, lambda: "❯ src/" in shown(app))
        await pilot.press("tab")
        assert app.composer.text == "@src/"
        await until(pilot, lambda: "❯ src/ " in shown(app) and "this folder" in shown(app))
        await pilot.press("down", "enter")
        assert app.composer.text == "@src/parser.py "
        await pilot.press(*"and", "space", "at")
        await until(pilot, lambda: "❯ src/parser.py" in shown(app))  # what was named last comes first
        await pilot.press(*"src/")
        await until(pilot, lambda: "this folder" in shown(app))
        await pilot.press("enter")
        assert app.composer.text == "@src/parser.py and @src/ "


async def test_while_files_are_listed_those_found_so_far_can_be_chosen(stage, shown):
    from plugsky_tui.frontends.tui.composer.completion import Completion, Suggestion

    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.desk()  # it looks for suggestions when it is there
        await pilot.press(*"/m")
        await pilot.pause()
        popup = app.composer._suggestions.popup
        found = [Suggestion(f"file{number}.py", f"@file{number}.py ") for number in range(20)]
        popup.show(Completion(0, found, "@f", "listing files… 20 so far"))
        popup.move(9)
        await pilot.pause()
        assert "listing files… 20 so far" in shown(app)
        assert "❯ file9.py" in shown(app)
        popup.show(Completion(0, [Suggestion("f.py", "@f.py "), *found], "@f"))
        await pilot.pause()
        assert popup.chosen == found[9]  # more has been found: the user's choice stands
        popup.show(Completion(0, found, "@fi"))
        assert popup.chosen == found[0]


async def test_of_a_long_path_the_end_is_shown(stage, shown, until):
    deep = stage.folder / "/".join(["a-folder-with-a-long-name"] * 4)
    deep.mkdir(parents=True)
    (deep / "needle.py").write_text("")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"@needle")
        await until(pilot, lambda: "❯ …/a-folder-with-a-long-name/a-folder-with-a-long-name/needle.py" in shown(app))
