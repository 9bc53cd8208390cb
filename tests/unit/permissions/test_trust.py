"""Trust: what a folder brings, and that only what was trusted is trusted."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path

import pytest

from plugsky_tui.permissions.git_config import names_program, parse
from plugsky_tui.permissions.store import StoreError
from plugsky_tui.permissions.trust import Trust


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(tmp_path / "data")


def brings_hook(folder: Path, text: str = "run = 'x'\n") -> None:
    (folder / ".plugsky").mkdir(exist_ok=True)
    (folder / ".plugsky" / "config.toml").write_text(text)


def test_a_folder_that_brings_nothing_is_trusted_and_asks_nothing(trust: Trust, git_workspace: Path) -> None:
    state = trust.state(git_workspace)
    assert (state.brings, state.trusted, state.decided) == ([], True, True)
    assert not trust.path.exists()


def test_what_lies_in_dot_plugsky_is_trusted_only_once_granted(trust: Trust, workspace: Path) -> None:
    brings_hook(workspace)
    before = trust.state(workspace)
    assert (before.trusted, before.decided, before.changed) == (False, False, False)
    assert before.brings == [".plugsky/config.toml: run = 'x'"]
    trust.grant(workspace)
    assert trust.state(workspace).trusted
    assert trust.path.stat().st_mode & 0o777 == 0o600


def test_changed_content_is_not_trusted_and_the_change_is_shown(trust: Trust, workspace: Path) -> None:
    brings_hook(workspace, "run = 'ruff'\n")
    trust.grant(workspace)
    brings_hook(workspace, "run = 'evil'\n")
    (workspace / ".plugsky" / "commands").mkdir()
    (workspace / ".plugsky" / "commands" / "x.md").write_text("do")
    state = trust.state(workspace)
    assert (state.trusted, state.changed, state.decided) == (False, True, False)
    assert state.changes == [".plugsky/config.toml has changed.", ".plugsky/commands/x.md is new."]
    assert "-run = 'ruff'" in state.diff
    assert "+run = 'evil'" in state.diff


def test_a_refusal_is_kept_until_something_changes(trust: Trust, workspace: Path) -> None:
    brings_hook(workspace)
    trust.refuse(workspace)
    refused = trust.state(workspace)
    assert (refused.trusted, refused.decided) == (False, True)
    brings_hook(workspace, "other")
    assert not trust.state(workspace).decided


@pytest.mark.parametrize(
    ("config", "brings"),
    [
        ("[core]\n\tfsmonitor = touch OUT\n", True),
        ("[core]\n\tfsmonitor = true\n", True),
        ("[core]\n\tfsmonitor = false\n\tbare = false\n", False),
        ("[CORE]\n\thooksPath = x\n", True),
        ("[core] hookspath=x", True),
        ('[filter "x"]\n\tclean = evil\n', True),
        ('[diff "x"]\n\ttextconv = evil\n', True),
        ("[diff]\n\texternal = evil\n", True),
        ("[diff.x]\n\tcommand = evil\n", True),
        ("[core]\n\tpager = evil\n", True),
        ("[pager]\n\tlog = evil\n", True),
        ("[pager]\n\tlog = false\n", False),
        ("[core]\n\tsshCommand = evil\n", True),
        ("[alias]\n\tst = status\n", False),
        ("[alias]\n\tst = !evil\n", True),
        ('[alias]\n\tst = "!evil"\n', True),
        ("[credential]\n\thelper = evil\n", True),
        ('[credential "https://x"]\n\thelper = evil\n', True),
        ("[include]\n\tpath = ../evil\n", True),
        ('[includeIf "gitdir:/"]\n\tpath = ../evil\n', True),
        ("[gpg]\n\tprogram = evil\n", True),
        ("[core]\n\teditor = ev\\\nil\n", True),
        ('[remote "origin"]\n\turl = ext::sh -c evil\n', True),
        ('[remote "origin"]\n\turl = https://x/y\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n', False),
        ('[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main\n', False),
        ('[submodule "x"]\n\tupdate = !evil\n', True),
        ('[submodule "x"]\n\turl = ../x\n\tactive = true\n', False),
        ("[core\n", True),
        ("x" * 300_000, True),
        ("# [core]\n; pager = x\n", False),
        ("[user]\n\tname = a # \\\n[core]\n\tfsmonitor = evil\n", True),  # in a comment a backslash continues nothing
        ("[user]\n\tname = a ; b \\\n[core] pager = evil\n", True),
        ("[user]\r\n\tname = a ; b \\\r\n[core]\r\n\tpager = evil\r\n", True),
    ],
)
def test_programs_in_a_git_config_are_found_without_starting_git(
    trust: Trust, workspace: Path, config: str, brings: bool
) -> None:
    (workspace / ".git" / "objects").mkdir(parents=True)
    (workspace / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (workspace / ".git" / "config").write_bytes(config.encode())
    state = trust.state(workspace)
    assert bool(state.brings) is brings
    assert state.trusted is not brings


def test_our_reading_of_a_git_config_agrees_with_gits(git_workspace: Path) -> None:
    config = git_workspace / ".git" / "config"
    config.write_text(
        '[core]\n\tbare = false ; comment\n\tEditor = "a # b"  # c\n[filter "X y"] clean = one\\\n two\n'
        '\tsmudge = "q\\"uote" \n[alias]\n\tx = "!f() { a; }; f"\n[a]b\n[diff.Old]\n\tcommand = x\n[core] ; again\n pager=less\n'
    )
    done = subprocess.run(
        ["git", "config", "--file", str(config), "--list", "-z"], capture_output=True, text=True, check=True
    )
    theirs = [entry.partition("\n") for entry in done.stdout.split("\0")[:-1]]
    assert parse(config.read_text()) == [(key, value if sep else "true") for key, sep, value in theirs]


def test_worktrees_hooks_and_outer_repositories_are_looked_at_too(trust: Trust, workspace: Path, home: Path) -> None:
    main = home / "main"
    subprocess.run(["git", "init", "-q", str(main)], check=True)
    (workspace / ".git").write_text(f"gitdir: {main}/.git\n")
    assert trust.state(workspace).brings == []
    (main / ".git" / "config").write_text("[core]\n\tpager = evil\n")
    assert trust.state(workspace).brings
    (main / ".git" / "config").write_text("")
    (main / ".git" / "hooks").mkdir(exist_ok=True)
    hook = main / ".git" / "hooks" / "post-index-change"
    hook.write_text("#!/bin/sh\nevil\n")
    assert trust.state(workspace).brings == []
    hook.chmod(0o755)
    assert trust.state(workspace).brings
    # An empty .git does not stop git from looking further up, nor us.
    (workspace / ".git").unlink()
    (workspace / ".git").mkdir()
    (home / ".git" / "objects").mkdir(parents=True)
    (home / ".git" / "HEAD").write_text("ref: x")
    (home / ".git" / "config").write_text("[core]\n\tfsmonitor = evil\n")
    assert trust.state(workspace).brings


def git(folder: Path, *words: str) -> None:
    who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    switched_off = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-c", "protocol.file.allow=always", "-C", str(folder), *words]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **who, **switched_off})


def with_a_repository_inside(workspace: Path) -> Path:
    inner = workspace / "vendor" / "inner"
    inner.mkdir(parents=True)
    git(inner, "init", "-q")
    (inner / "f").write_text("x")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "x")
    git(workspace, "add", "a", "vendor/inner")
    return inner


@pytest.mark.parametrize("version", ["2", "4", "split"])
def test_git_enters_submodules_and_so_does_trust(trust: Trust, git_workspace: Path, home: Path, version: str) -> None:
    inner = with_a_repository_inside(git_workspace)
    if version == "split":
        git(git_workspace, "update-index", "--split-index")
    else:
        git(git_workspace, "update-index", "--index-version", version)
    assert trust.state(git_workspace).trusted
    git(inner, "config", "core.fsmonitor", f"touch {home}/OUT; echo")
    state = trust.state(git_workspace)
    assert not state.trusted
    assert state.brings[0].startswith("git config core.fsmonitor in vendor/inner: touch ")
    git(git_workspace, "status")
    assert (home / "OUT").exists()  # so it was worth asking


def test_submodules_of_submodules_are_looked_at(trust: Trust, git_workspace: Path) -> None:
    inner = with_a_repository_inside(git_workspace)
    deeper = with_a_repository_inside_of(inner)
    assert trust.state(git_workspace).trusted
    git(deeper, "config", "core.pager", "evil")
    assert not trust.state(git_workspace).trusted


def with_a_repository_inside_of(folder: Path) -> Path:
    (folder / "a").write_text("x")
    return with_a_repository_inside(folder)


def test_an_index_that_cannot_be_read_is_not_trusted(trust: Trust, git_workspace: Path) -> None:
    with_a_repository_inside(git_workspace)
    index = git_workspace / ".git" / "index"
    whole = index.read_bytes()
    index.write_bytes(whole[:12] + b"\xff" * 40 + whole[52:])
    assert not trust.state(git_workspace).trusted
    index.write_bytes(whole)
    assert trust.state(git_workspace).trusted
    index.unlink()
    os.mkfifo(index)
    assert not trust.state(git_workspace).trusted


def test_what_only_looks_like_a_repository_does_not_hide_the_one_git_takes(
    trust: Trust, workspace: Path, home: Path
) -> None:
    git(home, "init", "-q")
    (home / ".git" / "config").write_text("[core]\n\tpager = evil\n")
    (workspace / ".git" / "objects").mkdir(parents=True)
    (workspace / ".git" / "refs").mkdir()
    (workspace / ".git" / "HEAD").write_text("nothing git knows\n")
    assert not trust.state(workspace).trusted
    (workspace / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    assert trust.state(workspace).trusted


def test_a_bare_repository_may_keep_its_configuration_elsewhere(trust: Trust, workspace: Path, home: Path) -> None:
    git(home, "init", "-q", "--bare", "common")
    (home / "common" / "config").write_text("[core]\n\tpager = evil\n")
    (workspace / "sub" / "HEAD").write_text("ref: refs/heads/main\n")
    (workspace / "sub" / "commondir").write_text("../../common\n")
    assert not trust.state(workspace / "sub").trusted


def test_trust_is_bound_to_the_real_folder(trust: Trust, workspace: Path, home: Path) -> None:
    brings_hook(workspace)
    trust.grant(workspace)
    (home / "alias").symlink_to(workspace)
    assert trust.state(home / "alias").trusted
    other = home / "evil"
    other.mkdir()
    brings_hook(other)
    assert not trust.state(other).trusted
    (other / ".git").write_text(f"gitdir: {workspace}/.git\n")
    assert not trust.state(other).trusted
    (home / "swapped").symlink_to(other)
    assert not trust.state(home / "swapped").trusted


def test_a_pointer_to_a_trusted_repository_does_not_make_a_folder_trusted(
    trust: Trust, git_workspace: Path, home: Path
) -> None:
    (git_workspace / ".git" / "config").write_text("[core]\n\tpager = mine\n")
    trust.grant(git_workspace)
    other = home / "evil"
    other.mkdir()
    (other / ".git").write_text(f"gitdir: {git_workspace}/.git\n")
    assert not trust.state(other).trusted


def test_the_most_specific_answer_wins(trust: Trust, workspace: Path) -> None:
    brings_hook(workspace)
    trust.grant(workspace)
    child = workspace / "sub"
    brings_hook(child)
    assert not trust.state(child).trusted  # it brings more than was trusted
    trust.refuse(child)
    assert trust.state(workspace).trusted
    assert not trust.state(child).trusted
    assert trust.state(child).decided


def test_a_symlink_in_dot_plugsky_is_judged_by_where_it_leads(trust: Trust, workspace: Path, home: Path) -> None:
    (home / "elsewhere").write_text("one")
    (workspace / ".plugsky").mkdir()
    (workspace / ".plugsky" / "config.toml").symlink_to(home / "elsewhere")
    trust.grant(workspace)
    assert trust.state(workspace).trusted
    (home / "elsewhere").write_text("two")
    assert not trust.state(workspace).trusted


def test_files_behind_a_linked_folder_count_by_their_content(trust: Trust, workspace: Path) -> None:
    (workspace / ".plugsky").mkdir()
    (workspace / "src" / "tool.py").write_text("one")
    (workspace / ".plugsky" / "tools").symlink_to(workspace / "src")
    trust.grant(workspace)
    assert trust.state(workspace).trusted
    (workspace / "src" / "tool.py").write_text("two")
    assert not trust.state(workspace).trusted


def test_a_folder_in_the_place_of_a_configuration_is_none(trust: Trust, workspace: Path) -> None:
    (workspace / ".git" / "config").mkdir(parents=True)
    assert trust.state(workspace).brings == []


def test_links_in_circles_end(trust: Trust, workspace: Path) -> None:
    (workspace / ".plugsky").mkdir()
    for name in "ab":
        (workspace / ".plugsky" / name).symlink_to(".")
    assert not trust.state(workspace).trusted


def test_a_pipe_in_dot_plugsky_blocks_nothing(trust: Trust, workspace: Path) -> None:
    (workspace / ".plugsky").mkdir()
    os.mkfifo(workspace / ".plugsky" / "config.toml")
    assert not trust.state(workspace).trusted


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{", '{"v": 2, "folders": {}}', '{"v": 1, "folders": []}', "\x00", '{"v": 1}']
)
def test_a_damaged_store_trusts_nothing_says_so_and_is_not_overwritten(
    trust: Trust, workspace: Path, content: str
) -> None:
    brings_hook(workspace)
    trust.grant(workspace)
    trust.path.write_text(content)
    state = trust.state(workspace)
    assert not state.trusted
    assert str(trust.path) in state.problem
    with pytest.raises(StoreError):
        trust.grant(workspace)
    assert trust.path.read_text() == content


def test_an_unknown_kind_of_answer_is_damage(trust: Trust, workspace: Path) -> None:
    brings_hook(workspace)
    trust.grant(workspace)
    data = json.loads(trust.path.read_text())
    data["folders"][str(workspace)]["trusted"] = "very"
    trust.path.write_text(json.dumps(data))
    assert trust.state(workspace).problem


def test_several_at_once_keep_every_answer(tmp_path: Path) -> None:
    folders = [tmp_path / f"f{number}" for number in range(12)]
    for folder in folders:
        folder.mkdir()
        brings_hook(folder)
    threads = [threading.Thread(target=Trust(tmp_path / "data").grant, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Trust(tmp_path / "data").state(folder).trusted for folder in folders)


def test_a_value_is_no_program_because_a_name_looks_alike() -> None:
    assert not names_program("user.email", "$(touch OUT)")
    assert not names_program("core.filemode", "true")
    assert names_program("core.fsmonitor", "x")
