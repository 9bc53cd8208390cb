"""The composer's further ways: shell lines, pastes to look at, an editor, what was queued."""

from __future__ import annotations

from textual.events import Paste

from plugsky_tui.frontends.tui import editor
from plugsky_tui.frontends.tui.composer.shell_paths import complete_path


async def test_the_frame_says_what_a_line_of_ones_own_will_do(stage, shown):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"!l")
        await pilot.pause()
        assert "your own command" in shown(app)
        await pilot.press("backspace", "backspace", *"# x")
        await pilot.pause()
        assert "for AGENTS.md: Enter" in shown(app)
        await pilot.press("ctrl+j", "y")
        await pilot.pause()
        assert "AGENTS.md" not in shown(app)


async def test_tab_completes_paths_of_a_command(stage, shown, until):
    (stage.folder / "src dir").mkdir()
    (stage.folder / "src dir" / "app.py").write_text("")
    (stage.folder / "setup.cfg").write_text("")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"!cat s", "tab")
        await until(pilot, lambda: "setup.cfg" in shown(app) and "src dir/" in shown(app))
        await pilot.press("down", "enter")
        assert app.composer.text == r"!cat src\ dir/"
        await pilot.press("tab")
        await until(pilot, lambda: app.composer.text == r"!cat src\ dir/app.py ")


def test_paths_are_completed_below_home_hidden_ones_when_asked_for_and_none_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "seen").write_text("")
    labels = {
        word: [one.label for one in complete_path(f"ls {word}", tmp_path).suggestions] for word in ("~/", ".h", "x")
    }
    assert labels == {"~/": ["seen"], ".h": [".hidden"], "x": []}
    assert complete_path("ls x", tmp_path).note
    assert complete_path("cat ./s", tmp_path).suggestions[0].insert == "./seen "


async def test_up_in_an_empty_composer_takes_back_what_was_queued_last(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"go", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press(*"one", "enter", *"two", "enter")
        await until(pilot, lambda: "queued: two" in shown(app))
        await pilot.press("up")
        await until(pilot, lambda: "queued: two" not in shown(app))
        assert app.composer.text == "two"
        assert "queued: one" in shown(app)
        await pilot.press(*" b", "enter")
        hold.released.set()
        await until(pilot, lambda: stage.session.sent == ["go", "one", "two b"])


async def test_a_folded_paste_can_be_looked_at(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.composer._on_paste(Paste("".join(f"line {at}\n" for at in range(20))))
        await pilot.press("alt+o")
        await until(pilot, lambda: "line 7" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "line 7" not in shown(app) and "Pasted 21" in shown(app))
        assert app.composer.text == "[Pasted 21 lines #1]"
        await pilot.click(app.composer, offset=(6, 1))
        await until(pilot, lambda: "line 7" in shown(app))


async def test_undo_and_redo_take_a_paste_back_and_bring_it_again(stage):
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press("a")
        await app.composer._on_paste(Paste("x\n" * 20))
        await pilot.press("ctrl+z")
        assert app.composer.draft.text == "a"
        await pilot.press("ctrl+y")
        assert app.composer.draft.text == "a" + "x\n" * 20


def editor_that(tmp_path, monkeypatch, body):
    """An editor: a script that is given the file."""
    path = tmp_path / "ed it.sh"
    path.write_text(f"#!/bin/sh\nshift\n{body}\n")
    path.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{path}' --wait")

    async def run(app, command, folder, env):  # a test has no terminal to hand over
        import asyncio

        process = await asyncio.create_subprocess_exec(*command)
        return await process.wait()

    monkeypatch.setattr(editor, "_run", run)


async def test_an_editor_goes_on_with_the_draft_and_pastes_stay_folded(stage, tmp_path, monkeypatch, until):
    seen = tmp_path / "seen"
    editor_that(tmp_path, monkeypatch, f'cp "$1" {seen}; ls -l "$1" > {seen}.ls; echo "and more" >> "$1"')
    app = stage.app()
    async with app.run_test() as pilot:
        await pilot.press(*"see ")
        await app.composer._on_paste(Paste("x\n" * 20 + "y"))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "more" in app.composer.text)
        assert app.composer.text == "see [Pasted 21 lines #1]\nand more"
        assert seen.read_text() == "see " + "x\n" * 20 + "y\n"
        assert (tmp_path / "seen.ls").read_text().startswith("-rw-------")
        await pilot.press("ctrl+z")
        assert app.composer.text == "see [Pasted 21 lines #1]"


async def test_an_editor_that_fails_or_is_not_there_leaves_the_draft_and_says_why(
    stage, tmp_path, monkeypatch, shown, until
):
    editor_that(tmp_path, monkeypatch, "exit 3")
    app = stage.app()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(*"draft", "ctrl+g")
        await until(pilot, lambda: "exit code 3: the prompt stays" in shown(app))
        monkeypatch.delenv("EDITOR")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "neither VISUAL nor EDITOR is set" in shown(app))
        assert app.composer.text == "draft"


async def test_a_browser_has_no_editor(stage, monkeypatch, shown, until):
    monkeypatch.setattr("textual.app.App.is_web", True)
    app = stage.app()
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(*"draft", "ctrl+g")
        await until(pilot, lambda: "In the browser there is no editor" in shown(app))
        assert app.composer.text == "draft"


def test_visual_comes_before_editor_and_may_have_arguments():
    assert editor.editor_command({"VISUAL": "code --wait", "EDITOR": "vi"}) == ["code", "--wait"]
    assert editor.editor_command({"VISUAL": " ", "EDITOR": "vi"}) == ["vi"]


async def test_tab_belongs_to_a_command_also_above_a_transcript_and_right_behind_its_letters(stage, until):
    (stage.folder / "only.txt").write_text("")
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"hello", "enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent and not stage.session.busy)
        app.composer.insert("!cat o")
        await pilot.press("tab")
        await until(pilot, lambda: app.composer.text == "!cat only.txt ")
        assert app.focused is app.composer
