"""diagnostics: what the model is told of a file, by real language servers from PyPI."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from plugsky_tui.config.shape import LanguageServer
from plugsky_tui.kernel.ports import ReadPath, RunCommand
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.lsp import watching
from plugsky_tui.workspace.lsp.servers import LanguageServers, Leave

from .conftest import TOOLS

RUFF = LanguageServer(["ruff", "server"], ["*.py"])
PYRIGHT = LanguageServer(["basedpyright-langserver", "--stdio"], ["*.py"])
needs_pyright = pytest.mark.skipif(
    importlib.util.find_spec("basedpyright") is None, reason="basedpyright is not installed"
)


def working_in(folder: Path) -> list[str]:
    """The processes whose folder it is; none where the system does not tell."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if os.readlink(place) == str(folder):
                found.append(place.parent.name)
    return found


@pytest.fixture
async def checked(ws, monkeypatch):
    """`checked(name=server, …)`: the workspace with these language servers."""
    monkeypatch.setattr(watching, "EDIT_LIMIT_S", 30.0)  # a machine may be slow
    sessions: list[LanguageServers] = []

    def begin(leave: Leave | None = None, **configured: LanguageServer):
        leave = leave or Leave(True, False, lambda command: False)
        servers = LanguageServers(ws.context.root.real, ws.context.environment, configured, leave)
        sessions.append(servers)
        ws.context.language_servers = servers
        ws.context.edit_watch = lambda: servers.watch
        ws.toolbox = ToolboxOf(TOOLS, ws.context)
        return ws

    yield begin
    for servers in sessions:
        await servers.close()


async def test_errors_come_first_and_the_server_that_found_them_is_named(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("src/a.py", "import os\n\nprint('é', nope)\n")
    result = await ws("diagnostics", file_path="src/a.py")
    head, first, second = result.output.splitlines()
    assert head == "src/a.py: 1 error, 1 warning (ruff ([lsp.ruff]))"
    assert first == "src/a.py:3:12: error: Undefined name `nope` (F821)"
    assert second.startswith("src/a.py:1:8: warning: `os` imported but unused")
    assert second.endswith("(F401)")
    assert result.display[0].text == result.output


async def test_a_clean_file_is_said_to_be_clean(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("a.py", "print(1)\n")
    assert (await ws("diagnostics", file_path="a.py")).output == "a.py: no errors, no warnings (ruff ([lsp.ruff]))"


async def test_it_sees_the_file_as_it_is_on_disk_now(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("a.py", "print(1)\n")
    await ws("diagnostics", file_path="a.py")
    ws.put("a.py", "print(nope)\n")
    assert "1 error" in (await ws("diagnostics", file_path="a.py")).output


async def test_many_are_counted_some_shown_and_all_kept_in_a_file(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("a.py", "".join(f"print(nope{n})\n" for n in range(250)))
    output = (await ws("diagnostics", file_path="a.py")).output
    assert output.startswith("a.py: 250 errors (") and len(output.splitlines()) == 102
    kept = re.search(r"and 150 more; all of them are in (\S+)\)", output)
    assert kept is not None and len(Path(kept[1]).read_text().splitlines()) == 250


@needs_pyright
async def test_several_servers_of_one_file_each_report(checked) -> None:
    ws = checked(ruff=RUFF, python=PYRIGHT)
    ws.put("a.py", "x: int = 'a'\nprint(nope)\n")
    output = (await ws("diagnostics", file_path="a.py")).output
    assert "a.py: 1 error (ruff" in output
    assert "a.py: 2 errors (basedpyright-langserver" in output
    assert "(reportAssignmentType)" in output


@needs_pyright
async def test_an_edit_says_which_type_errors_it_brought(checked) -> None:
    ws = checked(python=PYRIGHT)
    ws.put("a.py", "def one() -> int:\n    return 1\n\n\nx: str = one()\n")
    before = (await ws("diagnostics", file_path="a.py")).output
    assert "a.py:5:10: error: Type " in before
    brought = await ws("edit", file_path="a.py", old_string="return 1", new_string="return '1'")
    assert "New errors after this edit" in brought.output
    assert "a.py:2:12: error: Type " in brought.output and "a.py:5:" not in brought.output
    assert brought.display[-1].text in brought.output
    neutral = await ws("edit", file_path="a.py", old_string="def one", new_string="# one\ndef one")
    assert "rror" not in neutral.output


async def test_the_errors_a_moved_file_had_before_are_not_new(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("a.py", "print(old)\nprint(1)\n")
    await ws("read", file_path="a.py")
    patch = "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n@@\n-print(1)\n+print(new)\n*** End Patch"
    output = (await ws("apply_patch", patch=patch)).output
    assert "b.py:2:7: error: Undefined name `new` (F821)" in output and "`old`" not in output


async def test_files_that_may_not_be_read_are_not_looked_at(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.context.may_read = lambda path: not path.endswith("a.py")
    assert "nope" not in (await ws("write", file_path="a.py", content="print(nope)\n")).output
    assert "nope" in (await ws("write", file_path="b.py", content="print(nope)\n")).output


@needs_pyright
async def test_the_interpreter_of_a_projects_venv_is_not_run_and_its_packages_are_found(checked) -> None:
    ws = checked()  # the default for Python
    trace = ws.path.parent / "it-ran"
    for name in ("python", "python3"):
        ws.put(f".venv/bin/{name}", f"#!/bin/sh\n: > '{trace}'\nexec '{sys.executable}' \"$@\"\n").chmod(0o755)
    ws.put(".venv/pyvenv.cfg", f"home = {Path(sys.executable).parent}\n")
    ws.put(".venv/lib/python3.11/site-packages/only_here/__init__.py", "y: int = 1\n")
    ws.put("a.py", "import only_here\n\nz: str = only_here.y\n")
    output = (await ws("diagnostics", file_path="a.py")).output
    assert output.startswith("a.py: 1 error (") and "a.py:3:10: error: Type " in output
    assert not trace.exists()


async def test_it_only_reads(checked, tmp_path) -> None:
    ws = checked(ruff=RUFF)
    ws.put("a.py", "")
    prepared = await ws.prepare("diagnostics", file_path="a.py")
    assert list(prepared.needs) == [ReadPath(str(ws.path / "a.py"))]
    assert ws.toolbox.reads_only("diagnostics")
    outside = tmp_path / "other.py"
    outside.write_text("")
    assert list((await ws.prepare("diagnostics", file_path=str(outside))).needs) == [ReadPath(str(outside))]


async def test_a_server_that_runs_the_project_has_to_be_allowed_to(checked, tmp_path) -> None:
    program = tmp_path / "bin" / "rust-analyzer"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    ws = checked()
    ws.context.environment["PATH"] = f"{program.parent}:{ws.context.environment['PATH']}"
    ws.put("a.rs", "")
    prepared = await ws.prepare("diagnostics", file_path="a.rs")
    assert RunCommand("rust-analyzer", str(ws.path)) in prepared.needs
    assert prepared.title.startswith("Check a.rs, for which rust-analyzer starts: it may run build scripts")


async def test_errors_name_the_next_step(checked) -> None:
    ws = checked(ruff=RUFF)
    ws.put("notes.md", "# x")
    ws.put("a.bin.py", b"\0\1\2")
    assert "Look for its name" in await ws.fails("diagnostics", file_path="nowhere/b.py")
    assert "is a folder" in await ws.fails("diagnostics", file_path=".")
    assert "[lsp.markdown]" in await ws.fails("diagnostics", file_path="notes.md")
    assert "not text" in await ws.fails("diagnostics", file_path="a.bin.py")
    untrusted = checked(Leave(False, False, lambda command: True), ruff=RUFF)
    untrusted.put("a.py", "")
    assert "not trusted" in await untrusted.fails("diagnostics", file_path="a.py")


def test_the_command_line_has_it_too_and_leaves_nothing_running(tmp_path) -> None:
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "x.py").write_text("print(nope)\n")
    config = tmp_path / "config"
    config.mkdir()
    (config / "config.toml").write_text('[lsp.ruff]\ncommand = ["ruff", "server"]\nfiles = ["*.py"]\n')
    folders = {f"PLUGSKY_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
    package = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-m", "plugsky_tui", "tool", "diagnostics", "--args", '{"file_path": "x.py"}'],
        cwd=folder,
        env={**os.environ, **folders, "HOME": str(tmp_path), "PYTHONPATH": package},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "x.py: 1 error (ruff ([lsp.ruff]))\nx.py:1:7: error: Undefined name `nope` (F821)\n"
    for _ in range(100):  # the watchdog hears of our end a moment later
        if not working_in(folder):
            return
        time.sleep(0.05)
    raise AssertionError(working_in(folder))
