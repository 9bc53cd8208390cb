"""`plugsky permissions check` and `list`, and the gate that is built from settings."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.cli import permissions
from plugsky_tui.kernel.errors import ConfigError, UsageError
from plugsky_tui.permissions.remembered import RememberedRules
from plugsky_tui.permissions.trust import Trust


@pytest.fixture(autouse=True)
def own_folders(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(home / name.lower()))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    permissions.configure(parser)
    code = permissions.run(parser.parse_args(list(arguments)))
    out = capsys.readouterr()
    return code, out.out, out.err


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    code, out, _ = run(capsys, "check", "--json", *arguments)
    assert code == 0
    return json.loads(out)


def test_json_has_the_verdict_and_each_part_of_it(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    answer = check(capsys, "--tool", "shell", "git log && rm -rf build", "-C", str(workspace))
    assert answer == {
        "verdict": "ask",
        "rememberable": True,
        "reason": "`rm -rf build` deletes whole folders without asking.",
        "parts": [
            {"command": "git log", "verdict": "allow", "reason": "`git` only reads.", "rule": None},
            {
                "command": "rm -rf build",
                "verdict": "ask",
                "reason": "`rm -rf build` deletes whole folders without asking.",
                "rule": None,
            },
        ],
    }


def test_options_count_as_the_users_own(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    folder = ("-C", str(workspace))
    assert check(capsys, "touch x", "--allow", "shell(touch *)", *folder)["parts"][0]["rule"] == "shell(touch *)"
    assert check(capsys, "touch x", "--allow", "shell(touch *)", "--mode", "plan", *folder)["verdict"] == "deny"
    assert check(capsys, "ls", "--deny", "shell(ls *)", *folder)["verdict"] == "deny"
    assert check(capsys, "make x", "--mode", "auto", *folder)["verdict"] == "allow"


@pytest.mark.parametrize(
    ("arguments", "verdict"),
    [
        (("--tool", "read", "a"), "allow"),
        (("--tool", "read", "../x"), "ask"),
        (("--tool", "read", ".env"), "ask"),
        (("--tool", "read", "/dev/zero"), "deny"),
        (("--tool", "edit", "a"), "ask"),
        (("--tool", "write", ".git/config", "--mode", "auto"), "ask"),
        (("--tool", "web_fetch", "http://127.0.0.1/"), "ask"),
        (("--tool", "mcp__a__b"), "ask"),
        (("--tool", "todo"), "allow"),
    ],
)
def test_other_tools_are_explained_too(
    capsys: pytest.CaptureFixture[str], workspace: Path, arguments: tuple[str, ...], verdict: str
) -> None:
    assert check(capsys, *arguments, "-C", str(workspace))["verdict"] == verdict


def test_people_get_a_line_for_each_part_with_nothing_hidden(
    capsys: pytest.CaptureFixture[str], workspace: Path
) -> None:
    code, out, _ = run(capsys, "check", "ls && touch '\x1b]0;x\x07'", "-C", str(workspace))
    assert code == 0
    assert "\x1b" not in out
    assert out.startswith("ask: ")


def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    for arguments in (
        ["check"],
        ["check", "--tool", "read"],
        ["check", "--tool", "x y", "z"],
        ["check", "ls", "-C", "/not/there"],
    ):
        with pytest.raises(UsageError):
            run(capsys, *arguments)
    with pytest.raises(ConfigError, match="shell\\(ls; x\\)"):
        run(capsys, "check", "ls", "--allow", "shell(ls; x)")
    with pytest.raises(SystemExit) as caught:
        run(capsys, "check", "ls", "--mode", "wild")
    assert caught.value.code == 2


def project(workspace: Path, text: str) -> None:
    (workspace / ".plugsky").mkdir(exist_ok=True)
    (workspace / ".plugsky" / "config.toml").write_text(text)


RULES = '[permissions]\nallow = ["shell(touch *)"]\ndeny = ["shell(curl *)"]\nask = ["shell(ls *)"]\n'


def test_a_projects_rules_only_make_things_stricter_until_it_is_trusted(
    capsys: pytest.CaptureFixture[str], workspace: Path, home: Path
) -> None:
    project(workspace, 'mode = "auto"\n' + RULES)
    folder = ("-C", str(workspace))
    assert check(capsys, "touch x", *folder)["verdict"] == "ask"
    assert check(capsys, "make x", *folder)["verdict"] == "ask"
    assert check(capsys, "curl x", *folder)["verdict"] == "deny"
    assert check(capsys, "ls", *folder)["verdict"] == "ask"
    assert check(capsys, "git status", *folder)["verdict"] == "ask"
    listed = json.loads(run(capsys, "list", "--json", *folder)[1])
    assert {"verdict": "allow", "rule": "shell(touch *)", "from": "project", "active": False} in listed["rules"]
    Trust(home / "data").grant(workspace)
    assert check(capsys, "touch x", *folder)["verdict"] == "allow"
    assert check(capsys, "make x", *folder)["verdict"] == "allow"
    assert check(capsys, "curl x", *folder)["verdict"] == "deny"
    assert check(capsys, "git status", *folder)["verdict"] == "allow"


def test_a_project_cannot_break_a_session_with_a_rule(capsys: pytest.CaptureFixture[str], workspace: Path) -> None:
    project(workspace, '[permissions]\ndeny = ["shell(((", "shell(curl *)"]\n')
    code, out, err = run(capsys, "check", "--json", "curl x", "-C", str(workspace))
    assert (code, json.loads(out)["verdict"]) == (0, "deny")
    assert "shell(((" in err


def test_the_list_says_where_each_rule_is_from(capsys: pytest.CaptureFixture[str], workspace: Path, home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[permissions]\nallow = ["shell(make *)"]\n')
    RememberedRules(home / "data").add(workspace, ["shell(npm test *)"])
    _, out, _ = run(capsys, "list", "--deny", "read(x)", "-C", str(workspace))
    assert "shell(make *)  (your config.toml)" in out
    assert "shell(npm test *)  (always allowed in this folder)" in out
    assert "read(x)  (an option of this command)" in out
    assert check(capsys, "npm test", "-C", str(workspace))["verdict"] == "allow"


def test_a_damaged_store_is_told_and_counts_for_nothing(
    capsys: pytest.CaptureFixture[str], workspace: Path, home: Path
) -> None:
    (home / "data").mkdir()
    (home / "data" / "rules.json").write_text("null")
    code, out, err = run(capsys, "check", "--json", "touch x", "-C", str(workspace))
    assert (code, json.loads(out)["verdict"]) == (0, "ask")
    assert "rules.json is damaged" in err


def test_nothing_is_run_and_nothing_is_written(capsys: pytest.CaptureFixture[str], workspace: Path, home: Path) -> None:
    before = sorted(workspace.rglob("*"))
    check(capsys, "touch OUT; echo x > OUT2; git status", "-C", str(workspace), "--allow", "shell")
    assert sorted(workspace.rglob("*")) == before
    assert not (home / "data").exists()


def test_remembered_rules_can_be_forgotten(tmp_path: Path) -> None:
    store = RememberedRules(tmp_path)
    store.add(tmp_path, ["shell(make x)", "shell(make x)"])
    assert store.of(tmp_path) == ["shell(make x)"]
    assert store.remove(tmp_path, "shell(make x)")
    assert not store.remove(tmp_path, "shell(make x)")
    assert store.of(tmp_path) == []
