"""`plugsky config`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from plugsky_tui.cli import config
from plugsky_tui.kernel.errors import UsageError

from .conftest import World

Command = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def test_list_has_every_value_and_who_set_it(world: World, command: Command, capsys: Capture) -> None:
    path = world.user_says('theme = "dark"\n[mcp.x]\ncommand = "y"\nenv = { TOKEN = "s3cret" }')
    command(config, "list", "-C", str(world.project))
    out = capsys.readouterr().out
    assert re.search(rf'^theme += "dark"  \({path}:1\)$', out, re.MULTILINE)
    assert "api.base_url" in out
    assert "s3cret" not in out
    command(config, "list", "--json", "-C", str(world.project))
    out = capsys.readouterr().out
    assert "s3cret" not in out
    found = {row["key"]: row for row in json.loads(out)}
    assert found["theme"] == {"key": "theme", "value": "dark", "layer": "user", "source": str(path), "line": 1}


def test_what_waits_for_trust_is_listed_and_cleaned(world: World, command: Command, capsys: Capture) -> None:
    world.project_says('[[hooks.stop]]\nrun = "evil\\u001b[2J\\u202e"')
    command(config, "list", "-C", str(world.project))
    out = capsys.readouterr().out
    assert "counting only where the folder is trusted" in out
    assert "evil" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_get_prints_text_bare_and_all_else_as_json(world: World, command: Command, capsys: Capture) -> None:
    command(config, "get", "mode")
    assert capsys.readouterr().out == "ask\n"
    command(config, "get", "api.timeout_s")
    assert capsys.readouterr().out == "300.0\n"
    command(config, "get", "permissions")
    assert json.loads(capsys.readouterr().out) == {"allow": [], "ask": [], "deny": []}


def test_a_setting_that_does_not_exist_names_the_nearest(world: World, command: Command) -> None:
    with pytest.raises(UsageError) as caught:
        command(config, "get", "api.timeout")
    assert caught.value.hint == "Did you mean api.timeout_s?"


def test_set_keeps_comments_and_order(world: World, command: Command) -> None:
    path = world.user_says('# mine\nmodel = "a"  # why\n\n[api]\n# retries\nmax_retries = 1\n')
    command(config, "set", "model", "b")
    command(config, "set", "api.max_retries", "7")
    command(config, "set", 'keys."model.pick"', "f3")
    command(config, "set", "permissions.allow", '["shell(ls *)"]')
    command(config, "set", 'checks."*.py"', '["ruff check {files}", "pytest"]')
    command(config, "set", 'checks."*.md"', "prose {files}")
    text = path.read_text()
    assert text.startswith('# mine\nmodel = "b"  # why\n\n[api]\n# retries\nmax_retries = 7\n')
    settings = world.load().settings
    assert (settings.model, settings.api.max_retries) == ("b", 7)
    assert (settings.keys, settings.permissions.allow) == ({"model.pick": "f3"}, ["shell(ls *)"])
    assert settings.checks == {"*.py": ["ruff check {files}", "pytest"], "*.md": "prose {files}"}


def test_set_makes_the_file_and_text_that_looks_like_a_number_stays_text(world: World, command: Command) -> None:
    command(config, "set", "model", "5")
    assert world.load().settings.model == "5"
    assert (world.root / "config" / "config.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("key", "value"), [("mode", "yolo"), ("api.max_retries", "-1"), ("api.timeout_s", "soon"), ("api.base_url", "x")]
)
def test_set_writes_nothing_that_would_not_load(world: World, command: Command, key: str, value: str) -> None:
    path = world.user_says("# as it was\n")
    with pytest.raises(UsageError, match="Not changed"):
        command(config, "set", key, value)
    assert path.read_text() == "# as it was\n"


def test_explain_tells_each_layer_and_which_counts(
    world: World, command: Command, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.user_says('model = "user"\nmode = "edit"')
    world.project_says('model = "project"\nmode = "auto"\n[api]\nbase_url = "http://evil"')
    monkeypatch.setenv("PLUGSKY_MODEL", "variable")
    command(config, "explain", "model", "--json", "-C", str(world.project))
    said = json.loads(capsys.readouterr().out)
    assert said["value"] == "variable"
    assert [(layer["layer"], layer["value"], layer["counts"]) for layer in said["layers"]] == [
        ("environment", "variable", True),
        ("project", "project", False),
        ("user", "user", False),
        ("default", None, False),
    ]
    command(config, "explain", "mode", "-C", str(world.project))
    out = capsys.readouterr().out
    assert "only where the folder is trusted" in out
    assert "→ user" in out
    command(config, "explain", "api.base_url", "-C", str(world.project))
    assert "a project cannot set it" in capsys.readouterr().out


def test_a_proxys_password_is_not_listed(world: World, command: Command, capsys: Capture) -> None:
    world.user_says('[api]\nproxy = "http://me:s3cret@proxy:1"')
    command(config, "list")
    command(config, "explain", "api.proxy")
    out = capsys.readouterr().out
    assert "s3cret" not in out
    assert "http://…@proxy:1" in out


def test_tokens_are_not_shown_in_whole_tables_either(world: World, command: Command, capsys: Capture) -> None:
    world.user_says('[providers.x]\nbase_url = "http://x"\nheaders = { Authorization = "s3cret" }')
    for key in ("providers", "providers.x", "providers.x.headers", "providers.x.headers.Authorization"):
        command(config, "explain", key)
        command(config, "explain", key, "--json")
    out = capsys.readouterr().out
    assert "s3cret" not in out and "http://x" in out


def test_the_schema_describes_every_key(world: World, command: Command, capsys: Capture) -> None:
    command(config, "schema")
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["model"]["description"]
    assert schema["$defs"]["ApiSettings"]["properties"]["timeout_s"]["description"]
    assert schema["additionalProperties"] is False
    command(config, "path")
    assert capsys.readouterr().out.strip() == str(world.root / "config" / "config.toml")
