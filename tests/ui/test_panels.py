"""Panels: permissions, settings, keys, tools, usage, context, the todo list and subagents; the palette and the help."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest
from support.panels import HISTORY, SAID, TODOS, WORK, furnish, simple_tools, used_thread

from plugsky_tui.frontends.tui.commands import COMMANDS, UNTYPED
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS
from plugsky_tui.frontends.tui.panels.palette import picks
from plugsky_tui.kernel.display import TodoBlock
from plugsky_tui.kernel.events import ToolCalled, ToolResulted
from plugsky_tui.permissions.remembered import RememberedRules
from plugsky_tui.providers.pacer import Rate


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of the user's own, with a config.toml that has comments."""
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"PLUGSKY_{name.upper()}_DIR", str(tmp_path / name))
    for name in ("PLUGSKY_MODEL", "PLUGSKY_BASE_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('# mine\n[api]\nregion = "eu-west"  # near\n')
    return tmp_path


@pytest.fixture
def furnished(stage, home):
    """An app whose session has something for every panel."""

    def make(*scripts, options=None, history=(), **look):
        session = furnish(stage.Session, stage.folder, data_dir=home / "data", history=history)
        session.scripts = [list(script) for script in scripts]
        folders = {f"{name}_dir": home / name for name in ("config", "data", "cache")}
        app = stage.app(session=session, **folders, **look)
        app._options = replace(app._options, **(options or {}))
        return app

    return make


def typed(text: str) -> list[str]:
    names = {
        " ": "space",
        "/": "slash",
        "*": "asterisk",
        "(": "left_parenthesis",
        ")": "right_parenthesis",
        ".": "full_stop",
    }
    return [
        {**names, "&": "ampersand", "-": "minus", "_": "underscore", "=": "equals_sign"}.get(one, one) for one in text
    ]


def slash(name: str) -> list[str]:
    return ["slash", *name, "enter"]


def config(home) -> dict:
    return tomllib.loads((home / "config" / "config.toml").read_text())


# --- permissions ----------------------------------------------------------------------------------


async def test_permissions_show_mode_and_rules_with_their_sources_and_those_of_the_thread_can_be_removed(
    furnished, stage, shown, until, home
):
    app = furnished()
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.press(*slash("permissions"))
        await until(pilot, lambda: "Mode: ask" in shown(app) and "always, in this folder" in shown(app))
        text = shown(app)
        assert (
            text.index("Refused")
            < text.index("read(.env*)")
            < text.index("Always asked about")
            < text.index("git push")
        )
        await pilot.press(*typed("pytest"), "enter")
        await until(pilot, lambda: "Remove it" in shown(app))
        await pilot.press("up", "enter")
        await until(pilot, lambda: "Removed: shell(pytest *)" in shown(app))
        assert "shell(pytest *)" not in [rule.text for rule in stage.session.gate.rules.rules]
        await pilot.press(*typed(".env"), "enter")
        await until(pilot, lambda: "It stands in your config.toml" in shown(app))
        assert "read(.env*)" in [rule.text for rule in stage.session.gate.rules.rules]


@pytest.mark.parametrize(
    ("down", "kept", "source"), [(0, None, "thread"), (1, "remembered", "remembered"), (4, "config", "user")]
)
async def test_a_rule_is_added_where_one_wants_it_and_what_is_wrong_with_it_is_said(
    furnished, stage, shown, until, home, down, kept, source
):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("permissions"))
        await until(pilot, lambda: "Add a rule" in shown(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "in this folder, from now on" in shown(app))
        await pilot.press(*["down"] * down, "enter")
        await until(pilot, lambda: "A new rule" in shown(app))
        await pilot.press(*typed("bash(ls *"), "enter")
        await until(pilot, lambda: "is not understood" in shown(app))
        await pilot.press(*["backspace"] * 9, *typed("shell(make *)"), "enter")
        await until(pilot, lambda: "From now on:" in shown(app))
        rule = next(rule for rule in stage.session.gate.rules.rules if rule.text == "shell(make *)")
        assert (rule.source, rule.verdict) == (source, "deny" if down == 4 else "allow")
    assert RememberedRules(home / "data").of(stage.folder) == (["shell(make *)"] if kept == "remembered" else [])
    assert config(home).get("permissions", {}).get("deny") == (["shell(make *)"] if kept == "config" else None)


async def test_a_rule_too_wide_to_be_remembered_is_refused_with_the_reason(furnished, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("permissions"))
        await until(pilot, lambda: "Add a rule" in shown(app))
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "in this folder, from now on" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "A new rule" in shown(app))
        await pilot.press(*"shell", "enter")
        await until(pilot, lambda: "it would allow the tool whatever it is called with" in shown(app))


async def test_a_command_is_checked_part_by_part_and_nothing_is_run(furnished, stage, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("permissions"))
        await until(pilot, lambda: "Check a command" in shown(app))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "What would become of a command" in shown(app))
        await pilot.press(*typed("ls src && touch made"), "enter")
        await until(pilot, lambda: "It is asked about." in shown(app))
        await until(pilot, lambda: "✓ ls src" in shown(app) and "? touch made" in shown(app))
        assert not (stage.folder / "made").exists()
        await pilot.press("escape")
        await until(pilot, lambda: "Mode: ask" in shown(app))


async def test_panels_are_used_with_the_mouse_too(furnished, stage, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 34)) as pilot:

        async def click(text):
            await until(pilot, lambda: text in shown(app))
            before = ""
            while before != shown(app):  # it may still grow
                before = shown(app)
                await pilot.pause(0.05)
            rows = before.splitlines()
            row = next(y for y in reversed(range(len(rows))) if text in rows[y])
            await pilot.click(offset=(rows[row].index(text) + 2, row))

        await pilot.press(*slash("permissions"))
        await click("shell(pytest *)")
        await click("Remove it")
        await until(pilot, lambda: "Removed: shell(pytest *)" in shown(app))
        await pilot.press("escape", *slash("keys"))
        await click("threads of this folder")
        await click("Another key")
        await until(pilot, lambda: "Press the new key." in shown(app))
        await pilot.press("f2")
        await click("take it over")
        await until(pilot, lambda: app.keys.of("threads.pick") == "F2")


# --- settings -------------------------------------------------------------------------------------


async def test_a_setting_is_shown_with_its_origin_and_changed_in_the_users_file_comments_kept(
    furnished, shown, until, home
):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("config"))
        await until(pilot, lambda: "config.toml:3" in shown(app))
        await pilot.press(*typed("timeout_s"), "enter")
        await until(pilot, lambda: "Seconds without a byte" in shown(app) and "Nothing: the default" in shown(app))
        await pilot.press(*["backspace"] * 5, *typed("soon"), "enter")
        await until(pilot, lambda: "must be a valid number" in shown(app))
        await pilot.press(*["backspace"] * 4, *typed("60"), "enter")
        await until(pilot, lambda: "api.timeout_s is kept in config.toml. It counts from the next thread" in shown(app))
        assert config(home)["api"] == {"region": "eu-west", "timeout_s": 60}
        assert "# near" in (home / "config" / "config.toml").read_text()
        await until(pilot, lambda: "config.toml:4" in shown(app))
        await pilot.press("enter", *["backspace"] * 5, "enter")
        await until(pilot, lambda: config(home)["api"] == {"region": "eu-west"})


async def test_what_can_count_at_once_does_and_a_theme_is_tried_on_the_way(furnished, stage, shown, until, home):
    app = furnished(theme="plugsky-dark")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("config"))
        await until(pilot, lambda: "config.toml:3" in shown(app))
        await pilot.press(*typed("mode"), "enter")
        await until(pilot, lambda: "● ask" in shown(app))
        await pilot.press(*"edit", "enter")
        await until(pilot, lambda: stage.session.mode == "edit" and "It counts at once" in shown(app))
        app.theming.wear("dracula")  # for this session
        await pilot.press(*["backspace"] * 4, *"theme", "enter")
        await until(pilot, lambda: "● auto" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.theming.worn == "dracula")
        await until(pilot, lambda: "type to filter: a name" in shown(app))
        await pilot.press(*"theme", "enter")
        await until(pilot, lambda: "dracula" in shown(app) or "plugsky-light" in shown(app))
        await pilot.press(*typed("plugsky-light"))
        await until(pilot, lambda: app.theming.worn == "plugsky-light")
        await pilot.press("enter")
        await until(pilot, lambda: config(home).get("theme") == "plugsky-light")
        assert config(home)["mode"] == "edit"
        assert app.theming.worn == "plugsky-light"


async def test_a_setting_that_an_option_comes_before_says_so(furnished, shown, until, home):
    app = furnished(options={"mode": "plan"})
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("config"))
        await until(pilot, lambda: "--mode" in shown(app))
        await pilot.press(*typed("mode"), "enter")
        await until(pilot, lambda: "--mode comes before your config.toml" in shown(app))
        await pilot.press(*"auto", "enter")
        await until(pilot, lambda: "mode is kept, but --mode comes before it here." in shown(app))
    assert config(home)["mode"] == "auto"


async def test_a_setting_of_an_empty_table_is_added_by_its_name(furnished, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *"config", "space", *"another", "enter")
        await until(pilot, lambda: "Another setting" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "KEY = VALUE, such as" in shown(app))
        await pilot.press(*typed("keys.modle = f7"), "enter")
        await until(pilot, lambda: "'modle' is no action" in shown(app))
        assert config(home)["keys"] == {"modle": "f7"}
        await until(pilot, lambda: "type to filter: a name" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "KEY = VALUE, such as" in shown(app))
        await pilot.press(*typed("api.regoin = x"), "enter")
        await until(pilot, lambda: "Did you mean api.region?" in shown(app))


async def test_a_broken_config_is_told_of_with_its_line(furnished, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(app.composer.is_mounted))
        (home / "config" / "config.toml").write_text("[api\n")
        await pilot.press(*slash("config"))
        await until(pilot, lambda: "config.toml:1" in shown(app) and "Fix the syntax" in shown(app))


# --- keys -----------------------------------------------------------------------------------------


async def test_a_key_is_pressed_what_has_it_is_said_and_it_counts_at_once(furnished, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.press(*slash("keys"))
        await until(pilot, lambda: "type to filter: a key" in shown(app))
        await pilot.press(*typed("threads of"), "enter", "enter")
        await until(pilot, lambda: "Press the new key." in shown(app))
        await pilot.press("x")
        await until(pilot, lambda: "X is needed for typing" in shown(app))
        await pilot.press("f2")
        await until(pilot, lambda: "Now it means: choose the model" in shown(app))
        await pilot.press("n", "f9")
        await until(pilot, lambda: "F9: threads of this folder. Kept" in shown(app))
        assert config(home)["keys"] == {"threads.pick": "f9"}
        await pilot.press("escape", "f9")
        await until(pilot, lambda: "Threads of this folder" in shown(app))


async def test_a_key_is_taken_over_and_the_default_comes_back(furnished, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.press(*slash("keys"))
        await until(pilot, lambda: "type to filter: a key" in shown(app))
        await pilot.press(*typed("threads of"), "enter", "enter")
        await until(pilot, lambda: "Press the new key." in shown(app))
        await pilot.press("f2")
        await until(pilot, lambda: "take it over" in shown(app))
        await pilot.press("y")
        await until(pilot, lambda: app.keys.of("threads.pick") == "F2")
        assert app.keys.of("model.pick") == ""
        await until(pilot, lambda: "type to filter: a key" in shown(app))
        await pilot.press(*typed("threads of"), "enter", "down", "down", "enter")
        await until(pilot, lambda: app.keys.of("threads.pick") == "Ctrl+T")
        assert app.keys.of("model.pick") == "F2"
        assert config(home)["keys"] == {}
        await pilot.press("escape", "f2")
        await until(pilot, lambda: "● plugsky-pro" in shown(app))


async def test_what_the_ui_cannot_do_without_keeps_its_last_key(furnished, shown, until, home):
    app = furnished()
    async with app.run_test(size=(100, 34)) as pilot:
        await pilot.press(*slash("keys"))
        await until(pilot, lambda: "type to filter: a key" in shown(app))
        await pilot.press(*typed("threads of"), "enter", "enter")
        await until(pilot, lambda: "Press the new key." in shown(app))
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Ctrl+C has to stay what it is" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "Press the new key." not in shown(app))
    assert "keys" not in config(home)


# --- tools, usage, context ------------------------------------------------------------------------


async def test_tools_are_listed_with_what_asks_in_this_mode_and_opened_to_all_they_say(furnished, stage, shown, until):
    app = furnished()
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.press(*slash("tools"))
        await until(pilot, lambda: "Built in" in shown(app))
        rows = {
            line.split()[1]: line.split()[2]
            for line in shown(app).splitlines()
            if line.startswith("│   ") and len(line.split()) > 3
        }
        assert (rows["read"], rows["edit"], rows["shell"], rows["todo"]) == ("free", "asks", "asks", "free")
        await pilot.press(*"shell", "enter")
        await until(pilot, lambda: "What the model is told" in shown(app) and "timeout_s" in shown(app))
        await pilot.press("escape", "escape")
        stage.session.gate.mode = "plan"
        await pilot.press(*slash("tools"))
        await until(pilot, lambda: "edit         refused" in shown(app))


async def test_usage_is_summed_for_the_thread_and_today_against_the_plan(furnished, stage, shown, until, home):
    app = furnished()
    thread_id = used_thread(home / "data", stage.folder)
    used_thread(home / "data", stage.folder)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        stage.session.thread_id, stage.session.used_rate = thread_id, Rate(12, 60)
        await pilot.press(*slash("usage"))
        await until(pilot, lambda: "12 of 60" in shown(app))
        thread, today = shown(app).split("This thread")[1].split("Today, all threads")
        assert "plugsky-pro         2   12.0k    2000     600" in thread.replace("│", "") or "12.0k" in thread
        assert "24.0k" in today
        assert "read" in today
        assert "2      1" not in thread


async def test_context_adds_up_to_what_the_server_counted(furnished, shown, until):
    app = furnished(history=HISTORY)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot, lambda: "12.3k/131k" in shown(app))
        await pilot.press(*slash("context"))
        await until(pilot, lambda: "12.3k of 131k tokens · 9%" in shown(app))
        for part in ("system prompt", "AGENTS.md", "tool results", "read src/settings.py", "the server's count"):
            await until(pilot, lambda part=part: part in shown(app))


async def test_before_the_first_answer_the_context_is_only_estimated(furnished, stage, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press(*slash("context"))
        await until(pilot, lambda: "about" in shown(app) and "The server has not counted yet" in shown(app))


# --- what goes on ---------------------------------------------------------------------------------


async def test_where_the_agent_is_on_its_list_is_said_while_it_works_and_the_list_opens(furnished, stage, shown, until):
    hold = stage.Hold()
    plan = [ToolCalled("1", "todo", {"items": []}), ToolResulted("1", True, "ok", 0.0, [TodoBlock(TODOS)])]
    app = furnished([*plan, hold])
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "3 of 5: Write a test for values" in shown(app))
        await pilot.press("ctrl+p", *"todo", "enter")
        await until(pilot, lambda: "Todo list · 2 of 5 done" in shown(app))
        hold.released.set()


async def test_subagents_are_listed_with_their_last_step_and_opened_to_all_of_them(furnished, stage, shown, until):
    hold = stage.Hold()
    app = furnished([*WORK, hold, ToolResulted("t1", True, "found", 1.0), stage.Hold()])
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"go", "enter")
        await until(pilot, hold.reached.is_set)
        await pilot.press("ctrl+p", *"subagents", "enter")
        await until(pilot, lambda: "explore  works" in shown(app) and "● read src/settings.py" in shown(app))
        assert "2 calls" in shown(app)
        await pilot.press(*"explore", "enter")
        await until(pilot, lambda: "Its task" in shown(app) and "✓ grep def parse src" in shown(app))
        hold.released.set()
        await until(pilot, lambda: "explore · done" in shown(app))


async def test_empty_panels_say_what_would_be_in_them(furnished, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        for name, text in (
            ("todo", "The agent has made no list"),
            ("subagents", "No subagent has worked in this thread"),
            ("usage", "No requests yet."),
        ):
            await pilot.press("ctrl+p", *name, "enter")
            await until(pilot, lambda text=text: text in shown(app))
            await pilot.press("escape")
            await until(pilot, lambda text=text: text not in shown(app))


# --- commands -------------------------------------------------------------------------------------


async def test_init_sends_a_prompt_that_is_shown(furnished, stage, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press(*slash("init"))
        await until(pilot, lambda: stage.sessions and stage.session.sent)
        assert stage.session.sent[0].startswith("Write AGENTS.md at the root")
        await until(pilot, lambda: "Write AGENTS.md" in shown(app))


async def test_fork_goes_on_in_a_copy(furnished, stage, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        stage.session.said = []
        await pilot.press(*slash("fork"))
        await until(pilot, lambda: "Nothing was said yet" in shown(app))
        stage.session.said = SAID
        await pilot.press(*slash("fork"))
        await until(pilot, lambda: len(stage.opened) == 2)
        assert (stage.opened[1].resume, stage.opened[1].fork) == ("thread-1", True)


async def test_the_palette_reaches_every_command_and_every_key_without_one(furnished, shown, until):
    app = furnished()
    async with app.run_test(size=(110, 60)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "what do you want to do?" in shown(app))
        for command in (*COMMANDS, *UNTYPED):
            assert command.shown in shown(app)
        await pilot.press(*typed("earlier prompts"), "enter")
        await until(pilot, lambda: "Nothing was sent from this folder yet" in shown(app))


def test_every_key_of_the_app_is_in_the_palette_as_itself_or_as_a_command():
    from plugsky_tui.frontends.tui.keys import Keys

    there = [pick.value for pick in picks(Keys())]
    reached = {entry.command.key for entry in there if entry.command} | {entry.action for entry in there}
    left = [one.name for one in KEY_ACTIONS if one.where == "app" and not {one.name, f"app.{one.action}"} & reached]
    assert left == [
        "agent.interrupt",
        "app.copy_or_clear",
        "palette.open",
        "transcript.page_up",
        "transcript.page_down",
    ]


async def test_the_help_is_searched_by_typing(furnished, shown, until):
    app = furnished()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "How to work with it" in shown(app))
        await pilot.press(*typed("background"))
        await until(pilot, lambda: "/background" in shown(app) and "How to work with it" not in shown(app))
        await pilot.press(*"xyz")
        await until(pilot, lambda: "Nothing of that name" in shown(app))


@pytest.mark.parametrize("name", ["permissions", "config", "keys", "tools", "usage", "context", "help"])
async def test_every_panel_fits_a_small_screen_and_is_closed_by_escape(furnished, stage, shown, until, name):
    app = furnished(history=HISTORY)
    async with app.run_test(size=(40, 12)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        stage.session.toolbox = simple_tools()
        await pilot.press(*slash(name))
        desk = await app.desk()
        await until(pilot, lambda: desk.layers.top is not None and desk.layers.top.region.height > 4)
        assert all(len(line) <= 40 for line in shown(app).splitlines())
        assert desk.layers.top.region.height <= 11
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.composer)
