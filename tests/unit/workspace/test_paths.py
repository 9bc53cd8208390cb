"""Paths are judged by where they really lead, and named by what they are for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.paths import Root, common_git_folder, find_git, read_git_pointer
from plugsky_tui.workspace.sensitive import guarded, runs_later, secret, special, system_folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Root:
    (tmp_path / "w" / "app" / "src").mkdir(parents=True)
    (tmp_path / "w" / "app-evil").mkdir()
    (tmp_path / "w" / "app" / "src" / "a.py").write_text("x")
    return Root(tmp_path / "w" / "app", home=str(home), own=[str(home / ".config" / "plugsky")])


@pytest.mark.parametrize("given_path", ["src/a.py", "./src//a.py", "src/../src/a.py", "src/new/file", "."])
def test_what_lies_in_the_workspace_is_inside(root: Root, given_path: str) -> None:
    assert root.resolve(given_path).inside


@pytest.mark.parametrize("given_path", ["../x", "src/../../x", "../app-evil/x", "/etc/passwd", "~/x", "//etc/x", "/"])
def test_what_leads_elsewhere_is_outside(root: Root, given_path: str) -> None:
    assert not root.resolve(given_path).inside


def test_names_are_compared_by_component_not_by_their_first_letters(root: Root) -> None:
    assert not root.contains(root.real + "-evil/x")
    assert root.contains(root.real + "/x")
    assert root.contains(root.real)


def test_a_tilde_is_home_and_a_dollar_is_a_letter(root: Root, home: Path) -> None:
    assert root.resolve("~/x").real == str(home / "x")
    assert root.resolve("$HOME/x").real == os.path.join(root.real, "$HOME/x")
    assert root.resolve("~root/x").inside


@pytest.mark.parametrize("given_path", ["file:///etc/passwd", "https://x/y", "a\0b", "", "x" * 5000, "\ud800"])
def test_what_is_no_path_is_refused_in_words(root: Root, given_path: str) -> None:
    with pytest.raises(ToolError):
        root.resolve(given_path)


def test_symlinks_count_as_what_they_point_to(root: Root, tmp_path: Path) -> None:
    app = Path(root.real)
    (app / "link").symlink_to("/etc/passwd")
    (app / "folder").symlink_to("/etc")
    (app / "dangling").symlink_to(tmp_path / "not-there")
    (app / "within").symlink_to("src")
    for name in ("link", "folder/passwd", "dangling", "folder/../x"):
        assert not root.resolve(name).inside, name
    assert root.resolve("dangling").real == str(tmp_path / "not-there")
    assert root.resolve("within/a.py").real == str(app / "src" / "a.py")
    assert root.resolve("within/../x").real == str(app / "x")


def test_symlinks_that_go_round_are_an_error_not_a_hang(root: Root) -> None:
    app = Path(root.real)
    (app / "one").symlink_to("two")
    (app / "two").symlink_to("one")
    with pytest.raises(ToolError, match="circle"):
        root.resolve("one/x")


def test_a_workspace_reached_by_a_symlink_is_still_itself(tmp_path: Path, root: Root) -> None:
    (tmp_path / "short").symlink_to(root.real)
    short = Root(tmp_path / "short")
    resolved = short.resolve("src/a.py")
    assert resolved.inside
    assert resolved.shown == "src/a.py"
    assert short.resolve(root.real + "/src/a.py").shown == "src/a.py"


def test_what_people_are_shown_is_short(root: Root) -> None:
    assert root.resolve("src/./a.py").shown == "src/a.py"
    assert root.resolve("~/notes").shown == "~/notes"
    assert root.resolve("/etc/../etc/passwd").shown == "/etc/passwd"
    assert root.resolve("~").shown == "~"


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_a_path_is_inside_exactly_when_its_real_path_begins_with_the_root(text: str) -> None:
    root = Root("/usr/share")
    try:
        resolved = root.resolve(text)
    except ToolError:
        return
    real = os.path.realpath(resolved.absolute)
    assert resolved.real == real
    assert resolved.inside == (os.path.commonpath([real, root.real]) == root.real)
    assert resolved.absolute.startswith("/")
    assert "\0" not in resolved.absolute


@pytest.mark.parametrize(
    "name",
    [
        *(
            ".env",
            ".env.local",
            ".ENV",
            "sub/.env.production",
            "server.pem",
            "id_rsa",
            "id_ed25519",
            ".npmrc",
            ".netrc",
        ),
        *(
            "credentials",
            "credentials.json",
            "aws-credentials/../.aws/credentials",
            "/tmp/.env",
            "~/.ssh/config",
            "/etc/shadow",
        ),
        *(
            "tls.key",
            "secrets.yaml",
            ".bash_history",
            "~/.config/gh/hosts.yml",
            "~/.docker/config.json",
            "/etc/ssh/ssh_host_rsa_key",
        ),
    ],
)
def test_secrets_are_known_by_their_names(name: str) -> None:
    assert secret(os.path.normpath(name))


@pytest.mark.parametrize(
    "name",
    [
        "a.py",
        "environment.py",
        "id_map.py",
        "credentials.go",
        "src/env.ts",
        "key.c",
        "docs/secrets.md",
        ".docker/Dockerfile",
        "id_rsa.py",
    ],
)
def test_source_about_secrets_is_no_secret(name: str) -> None:
    assert not secret("/w/app/" + name)


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/environ",
        "/proc/1/mem",
        "/proc/1/task/1/auxv",
        "/proc/self/fd/0",
        "/dev/stdin",
        "/dev/fd/0",
        "/dev/zero",
        "/dev/tty",
    ],
)
def test_views_of_processes_and_devices_are_no_files(root: Root, path: str) -> None:
    resolved = root.resolve(path)
    assert special(resolved.absolute, resolved.real)


def test_pipes_and_sockets_are_no_files(root: Root, tmp_path: Path) -> None:
    app = Path(root.real)
    os.mkfifo(app / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(app)
        listening.bind("sock")
        for name, kind in (("pipe", "named pipe"), ("sock", "socket")):
            resolved = root.resolve(name)
            assert kind in special(resolved.absolute, resolved.real)
    for name in ("src", "src/a.py", "not-there", "/dev/null"):
        resolved = root.resolve(name)
        assert special(resolved.absolute, resolved.real) == ""


@pytest.mark.parametrize(
    "name",
    [
        *(
            ".git/config",
            ".git/hooks/pre-commit",
            ".GIT/config",
            "sub/.git/x",
            ".gitattributes",
            ".gitmodules",
            "git~1/config",
        ),
        *(".plugsky/config.toml", ".Plugsky/x", "~/.config/plugsky/config.toml", ".g\u200cit/config"),
    ],
)
def test_settings_of_git_and_plugsky_are_guarded_also_before_they_exist(root: Root, name: str) -> None:
    resolved = root.resolve(name)
    assert guarded(root, resolved.absolute, resolved.real)


def test_the_folder_a_git_file_points_to_is_guarded_too(root: Root, tmp_path: Path) -> None:
    app = Path(root.real)
    elsewhere = app / "elsewhere"
    (tmp_path / "main").mkdir()
    elsewhere.mkdir()
    (elsewhere / "commondir").write_text(str(tmp_path / "main") + "\n")
    (app / ".git").write_text("gitdir: elsewhere\n")
    assert read_git_pointer(str(app / ".git")) == str(elsewhere)
    assert common_git_folder(str(elsewhere)) == str(tmp_path / "main")
    fresh = Root(app)
    for name in ("elsewhere/config", str(tmp_path / "main" / "config")):
        resolved = fresh.resolve(name)
        assert guarded(fresh, resolved.absolute, resolved.real)


@pytest.mark.parametrize("name", ["src/a.py", ".gitignore", "git/x", "plugsky/x", ".github/x"])
def test_ordinary_files_are_not_guarded(root: Root, name: str) -> None:
    resolved = root.resolve(name)
    assert guarded(root, resolved.absolute, resolved.real) == ""


@pytest.mark.parametrize(
    "name",
    [
        *(
            "AGENTS.md",
            "sub/CLAUDE.md",
            "GEMINI.md",
            ".cursor/rules/x",
            ".vscode/settings.json",
            ".vscode/tasks.json",
            ".envrc",
        ),
        *(
            ".github/workflows/ci.yml",
            "package.json",
            "Makefile",
            "conftest.py",
            "x.pth",
            "sitecustomize.py",
            ".bashrc",
            "agents.MD",
        ),
    ],
)
def test_files_that_run_or_are_obeyed_later_are_known(name: str) -> None:
    assert runs_later(name)


@pytest.mark.parametrize(
    "name", ["src/a.py", ".vscode/notes.txt", "README.md", ".github/FUNDING.yml", "tests/test_a.py"]
)
def test_other_files_do_not_run_later(name: str) -> None:
    assert not runs_later(name)


def test_system_folders() -> None:
    assert all(map(system_folder, ("/", "/etc", "/usr/lib", "/home")))
    assert not any(map(system_folder, ("/home/me", "/usr/local/lib/x", "/w")))


def test_the_nearest_git_is_found_upwards(root: Root) -> None:
    app = Path(root.real)
    (app / ".git").mkdir()
    assert find_git(str(app / "src")) == str(app)
