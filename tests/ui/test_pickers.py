"""Pickers, slash commands and what they do."""

from __future__ import annotations

import pytest

from plugsky_tui.frontends.tui.commands import COMMANDS, parse
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolResulted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.providers.catalogue import ModelInfo
from plugsky_tui.threads.store import ThreadStore


async def say(pilot, text: str) -> None:
    await pilot.press(*({" ": "space", "/": "slash"}.get(letter, letter) for letter in text), "enter")


async def test_without_a_key_only_the_free_tier_is_to_be_had_and_more_asks_for_a_key(stage, shown, until):
    app = stage.app(has_key=lambda: False)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        stage.session.model = "plugsky-micro"
        await pilot.press("f2")
        await until(pilot, lambda: "Without a key: the free tier" in shown(app) and "needs a key" in shown(app))
        lines = {line.split()[1]: line for line in shown(app).splitlines() if "plugsky-" in line and "│" in line}
        assert "needs a key" in lines["plugsky-max"]
        assert "needs a key" not in shown(app).split("Paid")[0]
        await pilot.press(*"max", "enter")
        await until(pilot, lambda: "plugsky-max needs an API key" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "plugsky-max needs a key; plugsky-micro stays" in shown(app))
        assert stage.session.model == "plugsky-micro"


async def test_f2_chooses_the_model_and_marks_the_present_one(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "● plugsky-pro" in shown(app))
        assert " 65K  code tools" in shown(app)
        await pilot.press(*"max", "enter")
        await until(pilot, lambda: stage.session.model == "plugsky-max")
        await until(pilot, lambda: "From the next request on: plugsky-max" in shown(app))
        assert app.status.status.model == "plugsky-max"
        assert app.focused is app.composer


async def test_the_live_list_replaces_the_known_one(stage, shown, until):
    session = stage.Session()
    session.live = [ModelInfo("brand-new", 1000, "paid")]
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "brand-new" in shown(app))
        assert "plugsky-micro" not in shown(app)
        assert "not on the list" in shown(app)  # the one in use stays to be seen


async def test_a_server_without_a_list_leaves_the_known_one_and_says_so(stage, shown, until):
    session = stage.Session()
    session.live = PlugskyError("no connection")
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("f2")
        await until(pilot, lambda: "no connection" in shown(app))
        assert "plugsky-micro" in shown(app)


async def test_shift_tab_goes_through_the_modes(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        for mode in ("edit", "auto", "plan", "ask"):
            await pilot.press("shift+tab")
            await until(pilot, lambda mode=mode: stage.session.mode == mode)
        assert "asks before each edit" in shown(app)


async def test_a_mode_there_is_not_is_explained(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/mode yolo")
        await until(pilot, lambda: "There is no mode 'yolo'" in shown(app))
        assert stage.session.mode == "ask"


async def test_an_unknown_command_names_the_nearest_and_stays_in_the_composer(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/modle x")
        await until(pilot, lambda: "There is no command /modle. Did you mean /mode or /model" in shown(app))
        assert app.composer.text == "/modle x"
        assert stage.session.sent == [] if stage.sessions else True


async def test_new_opens_another_thread_and_lets_go_of_the_old(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "hello")
        await until(pilot, lambda: "You said: hello" in shown(app))
        first = stage.session
        first.model = "plugsky-max"
        await say(pilot, "/new")
        await until(pilot, lambda: len(stage.sessions) == 2)
        await until(pilot, lambda: first.closed)
        assert stage.opened[1].resume is None
        assert stage.opened[1].model == "plugsky-max"
        await until(pilot, lambda: "help: all keys and commands" in shown(app))
        assert "You said" not in shown(app)


async def test_new_has_to_wait_while_the_agent_works(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await until(pilot, hold.reached.is_set)
        await say(pilot, "/new")
        await until(pilot, lambda: "/new has to wait" in shown(app))
        assert len(stage.sessions) == 1


async def test_a_thread_that_cannot_be_resumed_leaves_the_present_one(stage, shown, until):
    def opening(options):
        if options.resume:
            raise PlugskyError(f"There is no thread {options.resume}.")

    app = stage.app(opening=opening)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "hello")
        await until(pilot, lambda: "You said: hello" in shown(app))
        await say(pilot, "/resume nope")
        await until(pilot, lambda: "There is no thread nope." in shown(app))
        assert not stage.session.closed
        assert "You said: hello" in shown(app)


async def test_ctrl_t_resumes_a_thread_of_this_folder(stage, shown, until, tmp_path):
    store = ThreadStore(tmp_path / "data")
    for folder, text in ((stage.folder, "fix the [b]parser[/b]"), (tmp_path / "other", "something else")):
        thread = store.create(folder, "plugsky-pro", "ask")
        thread.prompt(UserMessage(text))
        thread.close()
    app = stage.app(data_dir=tmp_path / "data")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "fix the [b]parser[/b]" in shown(app))
        assert "something else" not in shown(app)
        assert "just now" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: len(stage.opened) == 2 and stage.opened[1].resume)


async def test_rename_gives_the_thread_a_title(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await say(pilot, "/rename A better name")
        await until(pilot, lambda: stage.sessions and stage.session.thread.settings == {"title": "A better name"})
        await say(pilot, "/rename")
        await until(pilot, lambda: app.composer.text == "/rename The first one ")


async def test_diff_shows_each_file_from_its_first_state_to_its_last(stage, shown, until):
    def edit(call_id: str, before: str | None, after: str) -> list:
        return [
            ToolCalled(call_id, "edit", {"file_path": "a.py"}),
            ToolResulted(call_id, True, "done", 0.1, [DiffBlock("a.py", before, after)]),
        ]

    app = stage.app(edit("1", "one\n", "two\n") + edit("2", "two\n", "three\n"))
    async with app.run_test(size=(80, 30)) as pilot:
        await say(pilot, "go")
        await until(pilot, lambda: stage.sessions and not stage.session.busy and stage.session.sent)
        await say(pilot, "/diff")
        await until(pilot, lambda: "Changes of this thread · 1 file" in shown(app))
        panel = shown(app).split("Changes of this thread", 1)[1]
        assert "- one" in panel
        assert "+ three" in panel
        assert "two" not in panel
        await pilot.press("escape")
        await until(pilot, lambda: "Changes of this thread" not in shown(app))


async def test_copy_takes_the_last_answer_to_the_clipboard(stage, shown, until):
    app = stage.app([TextDelta("the answer")])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/copy")
        await until(pilot, lambda: "no answer to copy" in shown(app))
        await say(pilot, "go")
        await until(pilot, lambda: "the answer" in shown(app))
        await until(pilot, lambda: not stage.session.busy)
        await say(pilot, "/copy")
        await until(pilot, lambda: "10 characters" in shown(app))
        assert app.clipboard == "the answer"


async def test_copy_takes_the_last_code_or_all_of_the_thread(stage, shown, until):
    app = stage.app([TextDelta("do\n\n```sh\nmake\nmake check\n```\n\nthen rest")])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await until(pilot, lambda: "then rest" in shown(app) and not stage.session.busy)
        for what, copied in (
            ("code", "make\nmake check"),
            ("all", "go\n\ndo\n\n```sh\nmake\nmake check\n```\n\nthen rest"),
        ):
            await say(pilot, f"/copy {what}")
            await until(pilot, lambda copied=copied: app.clipboard == copied)
        await say(pilot, "/copy nothing")
        await until(pilot, lambda: "/copy takes code or all" in shown(app))


async def test_theme_is_previewed_and_escape_takes_it_back(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/theme")
        await until(pilot, lambda: "● plugsky-dark" in shown(app))
        await pilot.press("down")
        await until(pilot, lambda: app.theming.worn == "plugsky-light")
        await pilot.press("escape")
        await until(pilot, lambda: app.theming.worn == "plugsky-dark")
        await say(pilot, "/theme plugsky-light")
        await until(pilot, lambda: app.theming.worn == "plugsky-light")


async def test_a_theme_there_is_not_is_an_error_and_nothing_changes(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/theme [/nope]")
        await until(pilot, lambda: "There is no theme '[/nope]'" in shown(app))
        assert app.theming.worn == "plugsky-dark"


async def test_help_knows_every_command_and_every_key(stage, shown, until):
    app = stage.app(keys={"model.pick": "f7"})
    async with app.run_test(size=(110, 140)) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "Help" in shown(app))
        for command in COMMANDS:
            await until(pilot, lambda command=command: f"/{command.name}" in shown(app))
        assert "choose the model (F7)" in shown(app)
        assert "Shift+Tab" in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: "choose the model (F7)" not in shown(app))


async def test_the_palette_runs_a_command(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Commands" in shown(app))
        for command in COMMANDS:
            assert f"/{command.name}" in shown(app)
        await pilot.press(*"diff", "enter")
        await until(pilot, lambda: "has changed no file" in shown(app))


async def test_escape_closes_one_layer_at_a_time(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await until(pilot, hold.reached.is_set)
        await pilot.press("f2")
        await until(pilot, lambda: "● plugsky-pro" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "● plugsky-pro" not in shown(app))
        assert stage.session.interrupted == 0
        await pilot.press("escape")
        await until(pilot, lambda: stage.session.interrupted == 1)


async def test_a_question_is_answered_by_number_by_arrows_or_in_own_words(stage, shown, until, unguarded):
    questions = [stage.Question("Which one?", ["red", "green"]) for _ in range(4)]
    app = stage.app(questions)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        desk = await app.desk()
        for keys in (("2",), ("down", "enter"), (*"blue", "enter"), ("escape",)):
            count = len(stage.session.answers)
            await until(pilot, lambda: "Which one?" in shown(app))
            await unguarded(pilot, app)
            await pilot.press(*keys)
            await until(pilot, lambda count=count: len(stage.session.answers) == count + 1)
            await until(pilot, lambda: len(desk.layers._stack) <= 1)
        assert stage.session.answers == ["green", "green", "blue", None]


async def test_a_long_option_can_be_read_to_its_end(stage, shown, until, unguarded):
    long = "PostgreSQL, " + "because it has all that may be needed later, " * 3 + "and this is the end"
    app = stage.app([stage.Question("Which one?", [long, "SQLite"])])
    async with app.run_test(size=(60, 24)) as pilot:
        await say(pilot, "go")
        layer = await unguarded(pilot, app)
        text = " ".join(line.strip("│ ") for line in shown(app).splitlines())
        assert "and this is the end" in text
        assert "Waiting for your answer" in shown(app)
        row = next(y for y, line in enumerate(shown(app).splitlines()) if "2 SQLite" in line)
        await pilot.click(offset=(layer.region.x + 6, row))
        await until(pilot, lambda: stage.session.answers == ["SQLite"])


async def test_a_question_without_options_takes_text(stage, until, unguarded):
    app = stage.app([stage.Question("What is it called?")])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await unguarded(pilot, app)
        await pilot.press(*"name", "enter")
        await until(pilot, lambda: stage.session.answers == ["name"])


@pytest.mark.parametrize(("key", "answer"), [("y", True), ("n", False), ("enter", False), ("escape", False)])
async def test_trust_is_asked_before_the_session_is_opened(stage, shown, until, unguarded, key, answer):
    answers = []
    app = stage.app(brings=[".plugsky/config.toml: 2 hooks", "[b]evil[/b]"], on_trust=answers.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "2 hooks" in shown(app))
        assert "[b]evil[/b]" in shown(app)
        assert stage.opened == []
        await unguarded(pilot, app)
        await pilot.press(key)
        await until(pilot, lambda: len(stage.opened) == 1)
        assert answers == [answer]


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("/help", "help", ""),
        ("/model plugsky-pro", "model", "plugsky-pro"),
        ("/rename  a  b ", "rename", "a  b"),
        ("/nope", "nope", ""),
        ("/etc/hosts is what?", None, ""),
        ("what is /help", None, ""),
        ("/", None, ""),
        ("/help\nme", None, ""),
    ],
)
def test_what_is_a_command_and_what_a_prompt(text, name, argument):
    call = parse(text)
    assert (call.name if call else None) == name
    if call:
        assert call.argument == argument
