"""Which server is started for a file, where it is looked for, and what it is told so that it runs nothing of a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugsky_tui.config.shape import LanguageServer
from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.lsp import finding
from plugsky_tui.workspace.lsp.choosing import Place, servers_for
from plugsky_tui.workspace.lsp.servers import LanguageServers, Leave


class Machine:
    """A workspace and a folder of PATH beside it."""

    def __init__(self, tmp_path: Path) -> None:
        self.workspace = Path(os.path.realpath(tmp_path)) / "w"
        self.bin = Path(os.path.realpath(tmp_path)) / "bin"
        for folder in (self.workspace, self.bin):
            folder.mkdir()
        self.path = [str(self.bin)]

    def install(self, name: str, folder: Path | None = None) -> str:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return str(path)

    def place(self, *, trusted: bool = False, **more: str) -> Place:
        return Place(str(self.workspace), {"PATH": os.pathsep.join(self.path), **more}, trusted)

    def servers(self, name: str, configured=None, *, trusted: bool = False, **more: str):
        return servers_for(str(self.workspace / name), configured or {}, self.place(trusted=trusted, **more))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch) -> Machine:
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path / "nothing"))
    return Machine(tmp_path)


def test_the_first_that_is_installed_speaks_for_a_language(machine) -> None:
    machine.install("ruff")
    assert [each.name for each in machine.servers("a.py")] == ["ruff"]
    program = machine.install("basedpyright-langserver")
    [server] = machine.servers("a.py")
    assert list(server.launch.command) == [program, "--stdio"]
    machine.install("clangd")
    assert [machine.servers(name)[0].name for name in ("a.c", "a.hpp", "b.cc")] == ["clangd"] * 3


def test_where_none_is_installed_the_error_names_one_and_the_lines_of_configuration(machine) -> None:
    with pytest.raises(ToolError) as caught:
        machine.servers("a.tsx")
    assert caught.value.message == "There is no language server for a.tsx (typescriptreact)."
    assert "npm install -g typescript-language-server" in caught.value.hint
    assert caught.value.hint.endswith(
        '[lsp.typescript]\ncommand = ["typescript-language-server", "--stdio"]\nfiles = ["*.tsx"]'
    )
    with pytest.raises(ToolError) as caught:
        machine.servers("a.unheard")
    assert '[lsp.unheard]\ncommand = ["SERVER", "--stdio"]\nfiles = ["*.unheard"]' in caught.value.hint


def test_programs_of_the_workspace_and_of_relative_path_entries_never_count(machine, monkeypatch) -> None:
    inside = machine.workspace / "node_modules" / ".bin"
    machine.install("gopls", inside)
    machine.install("gopls", machine.workspace)
    monkeypatch.chdir(machine.workspace)
    (machine.bin / "clangd").symlink_to(machine.install("clangd", inside))
    machine.path = [str(inside), ".", "", *machine.path]
    for name in ("a.go", "a.c"):
        with pytest.raises(ToolError):
            machine.servers(name)
    there = machine.install("gopls")
    [server] = machine.servers("a.go")
    assert server.launch.command[0] == there
    assert server.launch.environment["PATH"] == str(machine.bin)  # nor for what the server itself starts


def test_a_configured_server_comes_before_the_defaults_and_several_may_speak(machine) -> None:
    for name in ("ruff", "basedpyright-langserver", "mine"):
        machine.install(name)
    named = {"mine": LanguageServer(["mine", "-x"], ["src/*.py"]), "ruff": LanguageServer(["ruff", "server"], ["*.py"])}
    assert [each.name for each in machine.servers("src/a.py", named)] == ["mine ([lsp.mine])", "ruff ([lsp.ruff])"]
    assert [each.name for each in machine.servers("a.py", named)] == ["ruff ([lsp.ruff])"]
    assert [each.name for each in machine.servers("a.pyi", named)] == ["basedpyright-langserver"]


@pytest.mark.parametrize(("key", "command"), [("python", "mine"), ("any", "basedpyright-langserver")])
def test_without_patterns_its_name_or_its_program_tells_the_language(machine, key, command) -> None:
    machine.install(command)
    [server] = machine.servers("a.py", {key: LanguageServer([command])})
    assert server.name == f"{command} ([lsp.{key}])"


def test_a_configured_server_that_is_missing_is_an_error_that_names_it(machine) -> None:
    machine.install("ruff")
    with pytest.raises(ToolError) as caught:
        machine.servers("a.py", {"python": LanguageServer(["basedpyright-langserver", "--stdio"], ["*.py"])})
    assert "[lsp.python] names basedpyright-langserver, which is not installed" in caught.value.message
    assert "uv tool install basedpyright" in caught.value.hint


def test_a_program_of_the_folder_itself_needs_trust(machine) -> None:
    program = machine.install("mine", machine.workspace / "bin")
    named = {"python": LanguageServer(["bin/mine"], ["*.py"])}
    with pytest.raises(ToolError) as caught:
        machine.servers("a.py", named)
    assert "nobody has said that it may run" in caught.value.message
    [server] = machine.servers("a.py", named, trusted=True)
    assert server.launch.command[0] == program


def test_pyright_is_named_an_interpreter_so_that_it_does_not_run_the_projects(machine) -> None:
    machine.install("basedpyright-langserver")
    outside = machine.install("python3")
    own = machine.install("python", machine.workspace / ".venv" / "bin")
    packages = machine.workspace / ".venv" / "lib" / "python3.12" / "site-packages"
    packages.mkdir(parents=True)
    for active in ({}, {"VIRTUAL_ENV": str(machine.workspace / ".venv")}):
        [server] = machine.servers("a.py", **active)
        settings = server.launch.settings
        assert settings["python"]["pythonPath"] == outside
        assert settings["basedpyright"]["analysis"]["extraPaths"] == [str(packages)]
        assert server.leave == ""
    [server] = machine.servers("a.py", trusted=True)
    assert server.launch.settings["python"]["pythonPath"] == own
    elsewhere = machine.install("python", machine.bin.parent / "env" / "bin")
    [server] = machine.servers("a.py", VIRTUAL_ENV=str(machine.bin.parent / "env"))
    assert server.launch.settings["python"]["pythonPath"] == elsewhere


def test_typescript_is_taken_from_beside_the_server_not_from_the_project(machine) -> None:
    machine.install("typescript-language-server")
    [server] = machine.servers("a.ts")
    assert server.leave == "typescript-language-server --stdio"
    assert server.runs == "the TypeScript of the project's node_modules"
    beside = machine.bin.parent / "node_modules" / "typescript" / "lib" / "tsserver.js"
    machine.install("tsserver.js", beside.parent)
    [server] = machine.servers("a.ts")
    assert server.launch.options["tsserver"] == {"path": str(beside)}
    assert server.leave == ""
    [server] = machine.servers("a.ts", trusted=True)
    assert server.launch.options["tsserver"] == {"fallbackPath": str(beside)}


def test_one_that_runs_what_the_project_brings_waits_for_a_yes(machine) -> None:
    machine.install("rust-analyzer")
    path = str(machine.workspace / "a.rs")

    def session(*, sure: bool, allowed: bool) -> LanguageServers:
        leave = Leave(True, sure, lambda command: allowed and command == "rust-analyzer")
        return LanguageServers(str(machine.workspace), machine.place().environment, {}, leave)

    careful = session(sure=False, allowed=False)
    assert [each.leave for each in careful.needing_leave(path)] == ["rust-analyzer"]
    assert careful.keepers_unasked(path) == []
    assert len(session(sure=False, allowed=True).keepers_unasked(path)) == 1
    assert session(sure=True, allowed=False).needing_leave(path) == []
    named = LanguageServers(
        str(machine.workspace),
        machine.place().environment,
        {"rust": LanguageServer(["rust-analyzer"], ["*.rs"])},
        Leave(True, False, lambda command: False),
    )
    assert named.needing_leave(path) == []  # who writes it into the configuration has said yes


def test_a_name_that_only_begins_like_the_workspace_lies_outside_it() -> None:
    assert finding.lies_in("/w/app/x", "/w/app") and finding.lies_in("/w/app", "/w/app/")
    assert not finding.lies_in("/w/app-other/x", "/w/app")
