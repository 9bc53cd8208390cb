"""After an edit the model is told the errors it brought: not those that were there, not twice, and never late."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugsky_tui.workspace.lsp import watching
from plugsky_tui.workspace.lsp.servers import Leave
from plugsky_tui.workspace.lsp.watching import Edited


class Editor:
    """Makes edits as the tools do."""

    def __init__(self, bench, servers) -> None:
        self.bench, self.servers = bench, servers

    async def edit(self, name: str, before: str | None, after: str | None) -> str:
        path = self.bench.folder / name
        edits = [Edited(str(path), name, before, after)]
        self.servers.watch.planned(edits)
        path.unlink(missing_ok=True) if after is None else path.write_text(after)
        return await self.servers.watch.made(edits)


@pytest.fixture
def editor(bench, monkeypatch) -> Editor:
    monkeypatch.setattr(watching, "EDIT_LIMIT_S", 30.0)  # a machine may be slow
    return Editor(bench, bench.begin())


def named(text: str) -> str:
    return text.replace("python ([lsp.x])", "SERVER").replace("python3 ([lsp.x])", "SERVER")


async def test_only_new_errors_are_told(editor) -> None:
    said = await editor.edit("a.x", "BAD old\n", "new line\nBAD old\nBAD new\nWARN\n")
    assert named(said).partition("(")[2].partition("\n")[2] == "a.x:3:1: error: BAD is here (E1)"
    assert said.startswith("New errors after this edit (")


async def test_an_edit_that_brings_none_adds_nothing(editor) -> None:
    assert await editor.edit("a.x", "BAD old\n", "BAD old\nfine\n") == ""
    assert await editor.edit("a.x", "BAD old\nfine\n", "fine\nWARN\n") == ""


async def test_an_error_is_told_once_and_again_when_it_comes_back(editor) -> None:
    assert "BAD is here" in await editor.edit("a.x", "", "BAD 1")
    assert await editor.edit("a.x", "BAD 1", "  BAD 1\n ") == ""
    assert await editor.edit("a.x", "  BAD 1\n ", "fine") == ""
    assert "BAD is here" in await editor.edit("a.x", "fine", "BAD 1")


async def test_what_diagnostics_has_told_is_not_told_again(editor) -> None:
    path = editor.bench.put("a.x", "BAD 1")
    await editor.servers.diagnose(path, "BAD 1")
    editor.bench.put("a.x", "BAD 1\nBAD 2")
    await editor.servers.diagnose(path, "BAD 1\nBAD 2")
    assert await editor.edit("a.x", "BAD 1\nBAD 2", "BAD 1\nBAD 2\nfine") == ""


async def test_all_errors_of_a_new_file_are_new_and_ten_are_shown(editor) -> None:
    said = await editor.edit("a.x", None, "".join(f"BAD {n}\n" for n in range(13)))
    assert said.count("error: BAD is here") == 10
    assert said.endswith("(and 3 more: call diagnostics)")


async def test_a_file_without_a_server_is_left_alone(editor) -> None:
    assert await editor.edit("a.unheard", "", "BAD") == ""
    assert not editor.bench.log.exists()


async def test_a_deleted_file_is_closed_and_the_server_is_told(editor) -> None:
    await editor.edit("a.x", "", "BAD")
    assert await editor.edit("a.x", "BAD", None) == ""
    await editor.servers.close()
    assert editor.bench.received("textDocument/didClose")
    kinds = [
        change["type"]
        for each in editor.bench.received("workspace/didChangeWatchedFiles")
        for change in each["changes"]
    ]
    assert kinds[-1] == 3


async def test_an_edit_does_not_wait_for_a_slow_server_and_a_later_one_tells(bench, monkeypatch) -> None:
    monkeypatch.setattr(watching, "EDIT_LIMIT_S", 0.1)
    editor = Editor(bench, bench.begin("reads-first"))
    first = await editor.edit("a.x", "fine", "BAD 1")
    assert (
        "is still " in first or "takes its time" in first
    ) and "Errors of this edit are told after a later one" in first
    Path(f"{bench.log}.read").touch()
    monkeypatch.setattr(watching, "EDIT_LIMIT_S", 30.0)
    assert "a.x:1:1: error: BAD is here" in await editor.edit("a.x", "BAD 1", "BAD 1\nfine")


async def test_a_server_that_ends_is_reported_once(bench, monkeypatch) -> None:
    monkeypatch.setattr(watching, "EDIT_LIMIT_S", 30.0)
    editor = Editor(bench, bench.begin("dies-when-shown"))
    said = await editor.edit("a.x", "", "BAD 1")
    assert "for the second time (exit code 3)" in said and "no toolchain" in said
    assert await editor.edit("a.x", "BAD 1", "BAD 2") == ""
    assert len(bench.received("initialize")) == 2


async def test_in_a_folder_that_is_not_trusted_edits_start_nothing(bench) -> None:
    editor = Editor(bench, bench.begin(leave=Leave(False, False, lambda command: True)))
    assert await editor.edit("a.x", "", "BAD") == ""
    assert not bench.log.exists()
