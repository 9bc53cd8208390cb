"""A key is entered in the UI: tried on a real server, kept, used from the next request on, and never to be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Paste

from plugsky_tui.config.credentials import find_key, save_key
from plugsky_tui.frontends.tui.app import PlugskyApp
from plugsky_tui.frontends.tui.layers.secret import SecretInput
from plugsky_tui.frontends.tui.look import Look
from plugsky_tui.kernel.events import ErrorRaised
from plugsky_tui.session.build import open_session
from plugsky_tui.session.options import Options
from plugsky_tui.simulator.faults import Faults
from plugsky_tui.simulator.keys import KeyRing
from plugsky_tui.simulator.script import parse_script
from plugsky_tui.simulator.server import Simulator

KEY = "psk_live_infer_0123456789abcdef"
REFUSED = "psk_live_expired_0123456789abcdef"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A user without a key."""
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.delenv("PLUGSKY_API_KEY", raising=False)
    monkeypatch.setattr("plugsky_tui.config.credentials._into_keyring", lambda key: "")  # the machine's own stays out
    return tmp_path


@pytest.fixture
async def server(home, monkeypatch):
    """The simulator, to which everything goes."""
    simulator = Simulator(parse_script('[{"text": "said by the model", "times": 9}]'), pace_s=0)
    monkeypatch.setenv("PLUGSKY_BASE_URL", await simulator.start())
    yield simulator
    await simulator.stop()


def real_app(stage, home: Path) -> PlugskyApp:
    async def opened(options, asker, questioner):
        return await open_session(options, asker=asker, questioner=questioner)

    look = Look(
        folder=stage.folder,
        model="plugsky-micro",
        theme="plugsky-dark",
        data_dir=home / "data",
        has_key=lambda: find_key() is not None,
    )
    app = PlugskyApp(Options(folder=stage.folder), look, opened)
    stage.apps.append(app)
    return app


async def say(pilot, text: str) -> None:
    await pilot.press(*({" ": "space", "/": "slash", "-": "minus"}.get(letter, letter) for letter in text), "enter")


async def enter(pilot, app, key: str) -> None:
    """Paste a key into the prompt, as it comes from a browser, and confirm it."""
    secret = app.query_one(SecretInput)
    secret._on_paste(Paste(f" {key}\n"))
    await pilot.pause()
    await pilot.press("enter")


def written(home: Path) -> str:
    """All that is on disk but the key's own file."""
    files = [path for path in home.rglob("*") if path.is_file() and path.name != "credentials"]
    return "\n".join(path.read_text(errors="replace") for path in files)


async def test_choosing_a_paid_model_asks_for_a_key_and_the_next_request_uses_it(stage, shown, until, home, server):
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Without an API key" in shown(app))
        await say(pilot, "one")
        await until(pilot, lambda: "said by the model" in shown(app))
        desk = await app.desk()
        await until(pilot, lambda: not desk.agent.busy)
        await say(pilot, "/model plugsky-pro")
        await until(pilot, lambda: "plugsky-pro needs an API key" in shown(app))
        await enter(pilot, app, KEY)
        await until(pilot, lambda: app.status.status.model == "plugsky-pro")
        assert find_key() == KEY
        assert "The server takes the key" in shown(app)
        await say(pilot, "two")
        await until(pilot, lambda: shown(app).count("said by the model") == 2)
        assert app.status.status.answered == "plugsky-pro"
        await until(pilot, lambda: not desk.agent.busy)
    assert KEY not in written(home)
    assert "two" in written(home)


async def test_the_key_is_masked_and_cannot_be_copied_out(stage, shown, until, home, server):
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: "API key" in shown(app) and app.query(SecretInput))
        app.query_one(SecretInput)._on_paste(Paste(KEY))
        await until(pilot, lambda: "•" * len(KEY) in shown(app))
        assert KEY not in app.export_screenshot()
        await pilot.press("ctrl+shift+a", "ctrl+x")
        await until(pilot, lambda: "•" not in shown(app))
        assert app.clipboard == ""
        app.query_one(SecretInput)._on_paste(Paste(KEY))
        await pilot.press("ctrl+shift+a", "ctrl+c")  # with nothing to copy, it closes the layer
        await until(pilot, lambda: not app.query(SecretInput))
        assert app.clipboard == ""
        assert app.composer.draft.text == ""
        assert app.composer.prompts.entries == ["/login"]
    assert find_key() is None


async def test_a_key_that_the_server_refuses_is_not_kept_and_another_can_be_tried(stage, shown, until, home, server):
    save_key(KEY)
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: "In use now: psk_live_…cdef" in shown(app))
        await enter(pilot, app, REFUSED)
        await until(pilot, lambda: "It is not kept" in shown(app))
        assert "does not accept the API key" in shown(app)
        assert find_key() == KEY
        await pilot.press("x")
        await until(pilot, lambda: "does not accept" not in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.query(SecretInput))
        assert find_key() == KEY


async def test_a_key_that_cannot_be_checked_is_kept_and_it_is_said_why(stage, shown, until, home, monkeypatch):
    monkeypatch.setenv("PLUGSKY_BASE_URL", "http://127.0.0.1:9/v1")
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: app.query(SecretInput))
        await enter(pilot, app, KEY)
        await until(pilot, lambda: "It could not be checked" in shown(app))
        assert find_key() == KEY


async def test_what_is_no_key_is_said_at_once(stage, shown, until, home, server):
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: app.query(SecretInput))
        await pilot.press("a", "space", "b", "enter")
        await until(pilot, lambda: "That is no API key" in shown(app))
        assert find_key() is None


async def test_escape_ends_the_check_and_nothing_is_kept(stage, shown, until, home, monkeypatch):
    simulator = Simulator(pace_s=0, faults=Faults(latency_s=30), keys=KeyRing())
    monkeypatch.setenv("PLUGSKY_BASE_URL", await simulator.start())
    app = real_app(stage, home)
    try:
        async with app.run_test(size=(100, 30)) as pilot:
            await say(pilot, "/login")
            await until(pilot, lambda: app.query(SecretInput))
            await enter(pilot, app, KEY)
            await until(pilot, lambda: "Asking the server" in shown(app))
            await pilot.press("escape")
            await until(pilot, lambda: not app.query(SecretInput))
            assert find_key() is None
    finally:
        await simulator.stop()


async def test_a_variable_that_comes_first_is_named(stage, shown, until, home, server, monkeypatch):
    monkeypatch.setenv("PLUGSKY_API_KEY", "psk_live_infer_fromthevariable")
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: "PLUGSKY_API_KEY is set" in shown(app))
        await enter(pilot, app, KEY)
        await until(pilot, lambda: "unset it, then start plugsky again" in shown(app))


async def test_a_key_on_the_command_line_of_login_is_not_taken_and_not_written_down(stage, shown, until, home, server):
    app = real_app(stage, home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", *"login", "space")
        app.composer.insert(KEY)
        await pilot.press("enter")
        await until(pilot, lambda: "not taken from the line" in shown(app))
        await pilot.press("escape")
    assert KEY not in written(home)


async def test_the_simulator_needs_no_key(stage, shown, until):
    app = stage.app()
    app._options.offline = True
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "/login")
        await until(pilot, lambda: "it needs no key" in shown(app))


async def test_a_refused_key_is_met_with_the_way_to_enter_another(stage, shown, until):
    hint = "plugsky auth login stores one; PLUGSKY_API_KEY works too."
    app = stage.app([ErrorRaised("auth", 401, "does not accept the API key", hint, "r1")])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await until(pilot, lambda: "Or enter one here: /login" in shown(app))


async def test_a_refused_key_of_another_endpoint_is_not(stage, shown, until):
    app = stage.app([ErrorRaised("auth", 401, "wants an API key", "Check the variable that api_key_env names.", "")])
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "go")
        await until(pilot, lambda: "api_key_env" in shown(app))
        assert "/login" not in shown(app)


async def test_what_is_typed_over_the_transcript_goes_into_the_prompt_for_the_key(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "hello")
        await until(pilot, lambda: "You said: hello" in shown(app))
        await say(pilot, "/login")
        await until(pilot, lambda: app.query(SecretInput))
        desk = await app.desk()
        app.screen.set_focus(desk.transcript)
        await pilot.press(*"key")
        await until(pilot, lambda: "•••" in shown(app))
        app.screen.set_focus(desk.transcript)
        app.post_message(Paste("more"))
        await until(pilot, lambda: "•" * 7 in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not app.query(SecretInput))
        assert app.composer.text == ""
