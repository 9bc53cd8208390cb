"""The main screens as pictures. After a wanted change: pytest tests/ui/test_screens.py --snapshot-update, and look at them."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest
from support.panels import furnish, simple_tools, used_thread
from support.stand_ins import job, three_jobs

from plugsky_tui.frontends.tui.layers.approval import ApprovalLayer
from plugsky_tui.frontends.tui.transcript.lexing import find_lexer
from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import (
    ErrorRaised,
    ReasoningDelta,
    RequestStarted,
    TextDelta,
    ToolCalled,
    ToolResulted,
    TurnCompleted,
    Usage,
)
from plugsky_tui.kernel.messages import Image, UserMessage
from plugsky_tui.kernel.ports import Hunk, Parts
from plugsky_tui.providers.catalogue import bundled
from plugsky_tui.providers.pacer import Rate
from plugsky_tui.workspace.hunks import hunks

BEFORE = '''"""Reads settings."""


def parse(line):
    name, value = line.split("=")
    return name.strip(), value.strip()


def load(path):
    with open(path) as file:
        return dict(parse(line) for line in file)
'''
AFTER = BEFORE.replace('name, value = line.split("=")', 'name, _, value = line.partition("=")').replace(
    "for line in file)", "for line in file if line.strip())"
)
DIFF = DiffBlock("src/settings.py", BEFORE, AFTER)
ANSWER = """The test fails because `parse` splits at **every** equals sign:

1. `partition` splits at the first one only
2. empty lines are skipped now
"""
CONVERSATION = [
    ToolCalled("1", "read", {"file_path": "src/settings.py"}),
    ToolResulted("1", True, "…", 0.2),
    TextDelta(ANSWER),
    ToolCalled("2", "edit", {"file_path": "src/settings.py"}),
    ToolResulted("2", True, "edited", 0.1, [DIFF]),
    ToolCalled("3", "shell", {"command": "python -m pytest -q"}),
    ToolResulted("3", True, "12 passed", 1.5),
    TextDelta("Done: all 12 tests pass."),
    Usage(11_000, 1_300, 0, 12_300, 131_072),
]
SMALL, LARGE, TINY = (80, 24), (160, 50), (40, 12)
DARK, LIGHT = "plugsky-dark", "plugsky-light"


@pytest.fixture
def picture(stage, snap_compare, monkeypatch, shown, until):
    """Compare a screen: `keys` are pressed, `expect` is waited for, then whatever is loaded has to come to rest."""
    find_lexer("settings.py")  # loaded already: how long that takes must not decide what is seen
    monkeypatch.setattr("plugsky_tui.frontends.tui.app.__version__", "1.0.0")
    monkeypatch.setattr("plugsky_tui.frontends.tui.desk.branch_of", lambda folder: "main")
    stage.folder = Path("/home/you/settings")

    def compare(size, theme, *scripts, keys=(), expect="Ask plugsky", then=(), session=None, **look):
        app = stage.app(*scripts, session=session, theme=theme, branch="main", **look)

        async def run_before(pilot):
            desk = await app.desk()
            desk.activity._clock = lambda: 12.0
            await rest(pilot)
            if desk.transcript.display:  # what was never seen is measured when it is: from here on all is known
                desk.transcript.scroll_home(animate=False)
                await rest(pilot)
                for _ in range(8):
                    desk.transcript.scroll_page_down(animate=False)
                    await pilot.pause(0.03)
                desk.transcript.jump_to_end()
                await rest(pilot)
            await pilot.press(*keys)
            await until(pilot, lambda: expect in shown(app))
            await rest(pilot)
            await pilot.press(*then)
            await until(pilot, lambda: desk.layers.top is None or desk.layers.top.ready)  # a dialog ripens
            desk.activity._started = 0.0
            await rest(pilot)

        return snap_compare(app, terminal_size=size, run_before=run_before)

    return compare


async def rest(pilot) -> None:
    """Wait until the screen has looked the same for a while."""
    deadline = monotonic() + 5
    before, same = "", 0
    while same < 3 and monotonic() < deadline:
        await pilot.pause(0.08)
        now = pilot.app.export_screenshot()
        before, same = now, same + 1 if now == before else 0


def screens(*cases):
    """A test for each size and theme."""
    return pytest.mark.parametrize(("size", "theme"), cases, ids=[f"{w}x{h}-{theme}" for (w, h), theme in cases])


def go() -> tuple[str, ...]:
    return (*"go", "enter")


@screens((SMALL, DARK), (LARGE, LIGHT), (TINY, DARK))
def test_welcome(picture, size, theme):
    assert picture(size, theme)


@screens((SMALL, DARK), (LARGE, LIGHT))
def test_conversation(picture, size, theme):
    assert picture(size, theme, CONVERSATION, keys=go(), expect="Done: all 12")


@screens((LARGE, DARK), (SMALL, LIGHT))
def test_approval_of_an_edit(picture, stage, size, theme):
    reason = "Every edit is asked about in the mode “ask”."
    ask = stage.call("Edit src/settings.py", DIFF, reason=reason, rememberable=True, suggested_rules=["edit(src/**)"])
    assert picture(size, theme, [*CONVERSATION[:3], ask], keys=go(), expect="Esc: no")


@screens((SMALL, DARK), (LARGE, LIGHT))
def test_hunks_left_out(picture, stage, size, theme):
    ask = stage.call("Edit src/settings.py", DIFF, reason="It changes src/settings.py.", rememberable=True)
    found = [Hunk(0, group) for group in hunks(BEFORE, AFTER)]
    ask.prepared.parts = Parts(lambda: found, lambda chosen: ask.prepared)
    assert picture(size, theme, [*CONVERSATION[:3], ask], keys=go(), expect="leave hunks out", then=("2", "up"))


@screens((LARGE, DARK), (SMALL, LIGHT))
def test_changes_by_file(picture, stage, size, theme):
    others = [DiffBlock("src/deep/new.py", None, "new = 1\n"), DiffBlock("notes.txt", "one\ntwo\n", None)]
    edits = [event for block in others for event in edited(block)]
    session = stage.Session(history=[UserMessage("go"), *CONVERSATION, *edits])
    assert picture(size, theme, session=session, keys=(*"/diff", "enter"), expect="3 files")


def edited(block):
    return [
        ToolCalled(block.path, "write", {"file_path": block.path}),
        ToolResulted(block.path, True, "", 0.1, [block]),
    ]


@screens((SMALL, DARK))
def test_searching(picture, stage, size, theme):
    session = stage.Session(history=[UserMessage("Why do the tests fail?"), *CONVERSATION])
    # one letter: of several, those in between open what holds them, or are passed over, as fast as the machine is
    assert picture(size, theme, session=session, keys=("ctrl+f", "q"), expect=" of ", then=("up",))


@screens((SMALL, DARK), (TINY, LIGHT))
def test_approval_of_a_command(picture, stage, size, theme):
    parts = [stage.part("rm -rf build", "deletes files"), stage.part("pytest -q", "runs code of the folder")]
    command = TextBlock("rm -rf build && pytest -q \u202e# \x1b[8mhidden", "console")
    ask = stage.call("Run a command", command, reason="Parts of it are not plainly read-only.", parts=parts)
    assert picture(size, theme, [ask], keys=go(), expect="Esc: no")


def test_the_rule_to_keep(picture, stage, monkeypatch):
    monkeypatch.setattr(ApprovalLayer, "guard_s", 0)
    ask = stage.call(
        "Run pytest", TextBlock("pytest -q", "console"), rememberable=True, suggested_rules=["shell(pytest *)"]
    )
    assert picture(SMALL, LIGHT, [ask], keys=go(), expect="always", then=("a",))


def test_model_picker(picture):
    assert picture(SMALL, DARK, keys=("f2",), expect="plugsky-max")


@screens((SMALL, LIGHT), (LARGE, DARK))
def test_models_without_a_key(picture, stage, size, theme):
    session = stage.Session()
    session.known, session.age_s, session.live = bundled(), 3 * 3600.0, PlugskyError("no connection")
    session.model = "plugsky-micro"
    look = {"model": "plugsky-micro", "has_key": lambda: False}
    assert picture(size, theme, session=session, keys=("f2",), expect="3 h ago", **look)


def test_the_prompt_for_a_key(picture, monkeypatch):
    lines = ["plugsky-pro needs an API key.", "Make one in the dashboard.", "It is kept in ~/.config/plugsky."]
    monkeypatch.setattr("plugsky_tui.frontends.tui.login.explanation", lambda: lines)
    assert picture(SMALL, DARK, keys=("slash", *"login", "enter"), expect="API key", then=(*"secret",))


def test_an_illustrated_prompt_and_a_plan_nearly_used_up(picture, stage):
    image = Image("image/png", "A" * 160_000, "cat.png")
    history = [UserMessage("what is on [image cat.png]?", [image]), ReasoningDelta("Hm."), TextDelta("A cat.")]
    session = stage.Session(history=[*history, RequestStarted("r", "m", "k"), TurnCompleted("stop", "plugsky-llama4")])
    session.region, session.used_rate = "eu-west", Rate(50, 60)
    assert picture(SMALL, DARK, session=session, expect="A cat.")


def test_a_key_that_lacks_a_scope(picture, stage):
    said = (
        "The API key may not do this at api.plugsky.com (HTTP 403): You have insufficient permissions for this "
        "operation. Missing scopes: chat:write."
    )
    hint = "The key lacks the scope chat:write. Change that in the dashboard, under API keys."
    error = ErrorRaised("forbidden", 403, said, hint, "req-1")
    assert picture(SMALL, LIGHT, [error], keys=go(), expect="req-1")


def test_commands(picture):
    assert picture(SMALL, DARK, keys=("slash",), expect="/model")


def test_help(picture):
    assert picture(SMALL, LIGHT, keys=("f1",), expect="How to work with it")


def test_question(picture, stage):
    question = stage.Question("Which database shall the cache use?", ["SQLite: no server", "PostgreSQL"])
    assert picture(SMALL, DARK, [question], keys=go(), expect="SQLite")


def test_errors(picture, stage):
    error = ErrorRaised("auth", 401, "The API does not know this key.", "Run plugsky auth login.", "req-1")
    session = stage.Session([[TextDelta("I will"), error]])
    session.live = PlugskyError("no connection")
    assert picture(SMALL, DARK, session=session, keys=go(), expect="req-1")


@screens((SMALL, LIGHT), (LARGE, DARK))
def test_jobs(picture, stage, size, theme):
    session = stage.Session()
    session.background_jobs = three_jobs()
    assert picture(size, theme, session=session, keys=("slash", *"jobs", "enter"), expect="job_3")


def test_no_jobs(picture):
    assert picture(SMALL, DARK, keys=("slash", *"jobs", "enter"), expect="There are no jobs")


def test_the_output_of_a_job(picture, stage):
    session = stage.Session()
    session.background_jobs = [
        job(1, "npm run dev", 754, output="ready in 312 ms\n\nGET / 200\n", description="the server")
    ]
    assert picture(SMALL, DARK, session=session, keys=("slash", *"jobs", "enter"), expect="job_1", then=("enter",))


@pytest.fixture
def furnished(stage, tmp_path, monkeypatch):
    """A session for panels, and what an app has to know to show them."""
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"PLUGSKY_{name.upper()}_DIR", str(tmp_path / name))
    for name in ("PLUGSKY_MODEL", "PLUGSKY_BASE_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('theme = "plugsky-dark"\n[api]\nregion = "eu-west"\nrpm = 60\n')
    session = furnish(stage.Session, stage.folder, data_dir=tmp_path / "data")
    session.toolbox = simple_tools()
    session.thread_id = used_thread(tmp_path / "data", stage.folder)
    return {"session": session, **{f"{name}_dir": tmp_path / name for name in ("config", "data", "cache")}}


@pytest.mark.parametrize(
    ("command", "expect", "size", "theme"),
    [
        ("permissions", "this thread", SMALL, DARK),
        ("permissions", "this thread", LARGE, LIGHT),
        ("config", "config.toml:1", SMALL, DARK),
        ("keys", "Everywhere", SMALL, LIGHT),
        ("tools", "get_issue", LARGE, LIGHT),
        ("usage", "of 60", SMALL, DARK),
        ("context", "The sum is", LARGE, LIGHT),
    ],
    ids=["permissions", "permissions-large", "config", "keys", "tools", "usage", "context"],
)
def test_panels(picture, furnished, command, expect, size, theme):
    assert picture(size, theme, keys=("slash", *command, "enter"), expect=expect, **furnished)


def test_the_palette(picture, furnished):
    assert picture(SMALL, DARK, keys=("ctrl+p",), expect="/permissions", **furnished)


def test_a_key_that_has_a_meaning_already(picture, furnished):
    keys = ("slash", *"keys", "enter")
    then = (*"favour", "enter", "enter", "f2")
    assert picture(SMALL, DARK, keys=keys, expect="Everywhere", then=then, **furnished)
