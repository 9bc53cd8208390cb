"""apply_patch: several files by one patch, all of them or none, each judged like any other path."""

from __future__ import annotations

import asyncio
import os
import stat

import pytest

from plugsky_tui.kernel.display import DiffBlock, TextBlock
from plugsky_tui.kernel.ports import FileChange, ReadPath, WritePath


def patch(*lines: str) -> str:
    return "\n".join(("*** Begin Patch", *lines, "*** End Patch"))


ALL_KINDS = patch(
    "*** Update File: a.py",
    "@@",
    "-x = 1",
    "+x = 2",
    "*** Update File: b.py",
    "*** Move to: src/c.py",
    "@@",
    " y = 1",
    "+z = 3",
    "*** Delete File: old.py",
    "*** Add File: new/d.py",
    "+w = 1",
)


@pytest.fixture
def four(ws):
    ws.put("a.py", "x = 1\n")
    ws.put("b.py", "y = 1\n").chmod(0o755)
    ws.put("old.py", "gone = True\n")
    return ws


def tree(ws) -> dict[str, str]:
    return {str(path.relative_to(ws.path)): path.read_text() for path in ws.path.rglob("*") if path.is_file()}


async def test_files_are_changed_moved_deleted_and_made_by_one_patch(four) -> None:
    result = await four("apply_patch", patch=ALL_KINDS)
    assert tree(four) == {"a.py": "x = 2\n", "src/c.py": "y = 1\nz = 3\n", "new/d.py": "w = 1\n"}
    assert stat.S_IMODE((four.path / "src/c.py").stat().st_mode) == 0o755
    assert {(change.path, change.added, change.removed) for change in result.changes} == {
        ("a.py", 1, 1),
        ("b.py", 0, 1),
        ("src/c.py", 2, 0),
        ("old.py", 0, 1),
        ("new/d.py", 1, 0),
    }
    assert "Changed a.py: +1 -1" in result.output
    assert "Moved b.py to src/c.py: +1 -0" in result.output
    assert "Deleted old.py: -1" in result.output
    assert "Created new/d.py: +1" in result.output


async def test_it_shows_a_diff_of_each_file_and_asks_leave_for_each_before_it_does_anything(four) -> None:
    before = tree(four)
    prepared = await four.prepare("apply_patch", patch=ALL_KINDS)
    assert tree(four) == before
    assert prepared.title == "Patch a.py, b.py to src/c.py, old.py (deleted) and 1 more"
    assert list(prepared.preview) == [
        DiffBlock("a.py", "x = 1\n", "x = 2\n"),
        DiffBlock("src/c.py (moved from b.py)", "y = 1\n", "y = 1\nz = 3\n"),
        DiffBlock("old.py", "gone = True\n", None),
        DiffBlock("new/d.py", None, "w = 1\n"),
    ]
    needs = list(prepared.needs)
    for name in ("a.py", "b.py", "src/c.py", "old.py", "new/d.py"):
        assert WritePath(str(four.path / name)) in needs
    for name in ("a.py", "b.py", "old.py"):
        assert ReadPath(str(four.path / name)) in needs


@pytest.mark.parametrize(
    "last",
    [
        ["*** Update File: a.py", "@@", "-no such line", "+x"],
        ["*** Add File: a.py", "+x"],
        ["*** Update File: missing.py", "@@", "-x", "+y"],
        ["*** Delete File: missing.py"],
        ["*** Update File: b.py", "*** Move to: a.py"],
    ],
    ids=["misfit", "exists", "missing", "nothing to delete", "target exists"],
)
async def test_where_one_step_cannot_be_done_no_file_is_changed(four, last: list[str]) -> None:
    before = tree(four)
    said = await four.fails("apply_patch", patch=patch("*** Delete File: old.py", *last))
    assert "None of the files was changed" in said
    assert tree(four) == before


async def test_a_file_that_cannot_be_written_puts_back_those_before_it(four, monkeypatch) -> None:
    """The disk is full from the third write on, for files that are made."""
    from plugsky_tui.workspace import commits

    real, count = commits.replace, 0

    def full(path, shown, data, expected, mode=None):
        nonlocal count
        count += 1
        if count == 3:
            from plugsky_tui.kernel.errors import ToolError

            raise ToolError(f"The disk is full: {shown} could not be written and is as it was.")
        return real(path, shown, data, expected, mode)

    monkeypatch.setattr(commits, "replace", full)
    before = tree(four)
    assert "disk is full" in await four.fails("apply_patch", patch=ALL_KINDS)
    assert tree(four) == before
    assert not (four.path / "src").exists()
    assert not (four.path / "new").exists()
    assert stat.S_IMODE((four.path / "b.py").stat().st_mode) == 0o755


async def test_a_file_that_changed_meanwhile_stops_all_of_them(four) -> None:
    prepared = await four.prepare("apply_patch", patch=ALL_KINDS)
    (four.path / "old.py").write_text("kept = True\n")
    with pytest.raises(Exception, match=r"old\.py has changed"):
        await prepared.act(print)
    assert tree(four) == {"a.py": "x = 1\n", "b.py": "y = 1\n", "old.py": "kept = True\n"}


async def test_a_file_changed_since_it_was_read_has_to_be_read_again(ws) -> None:
    path = ws.put("a.py", "x = 1\n")
    await ws("read", file_path="a.py")
    path.write_text("x = 1\ny = 2\n")
    change = patch("*** Update File: a.py", "@@", "-x = 1", "+x = 2")
    assert "Re-read it first" in await ws.fails("apply_patch", patch=change)
    await ws("read", file_path="a.py")
    await ws("apply_patch", patch=change)
    assert path.read_text() == "x = 2\ny = 2\n"


async def test_patches_and_edits_of_one_file_at_once_all_land(ws) -> None:
    path = ws.put("a.txt", "one\ntwo\nthree\nfour\n")
    prepared = [
        await ws.prepare("edit", file_path="a.txt", old_string="one", new_string="ONE"),
        await ws.prepare("apply_patch", patch=patch("*** Update File: a.txt", "@@", "-two", "+TWO")),
        await ws.prepare("apply_patch", patch=patch("*** Update File: a.txt", "@@", " three", "-four", "+FOUR")),
    ]
    await asyncio.gather(*(each.act(print) for each in prepared))
    assert path.read_text() == "ONE\nTWO\nthree\nFOUR\n"


async def test_a_file_named_twice_is_changed_twice(ws) -> None:
    path = ws.put("a.txt", "one\ntwo\n")
    result = await ws(
        "apply_patch",
        patch=patch("*** Update File: a.txt", "@@", "-one", "+1", "*** Update File: ./a.txt", "@@", " 1", "-two", "+2"),
    )
    assert path.read_text() == "1\n2\n"
    assert result.changes == [FileChange("a.txt", 2, 2)]


async def test_a_file_deleted_and_added_is_replaced_and_keeps_its_line_ends(ws) -> None:
    path = ws.put("a.txt", b"\xef\xbb\xbfone\r\ntwo\r\n")
    path.chmod(0o640)
    await ws("apply_patch", patch=patch("*** Delete File: a.txt", "*** Add File: a.txt", "+three", "+four"))
    assert path.read_bytes() == b"\xef\xbb\xbfthree\r\nfour\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


async def test_adding_a_file_that_is_there_is_refused(ws) -> None:
    path = ws.put("a.txt", "mine\n")
    said = await ws.fails("apply_patch", patch=patch("*** Add File: a.txt", "+yours"))
    assert "already exists" in said
    assert "*** Update File" in said
    assert path.read_text() == "mine\n"


async def test_paths_outside_are_judged_by_where_they_lead(ws, tmp_path) -> None:
    (tmp_path / "outside.txt").write_text("one\n")
    os.symlink(tmp_path, ws.path / "link")
    for name in ("../outside.txt", str(tmp_path / "outside.txt"), "link/outside.txt"):
        prepared = await ws.prepare("apply_patch", patch=patch(f"*** Update File: {name}", "@@", "-one", "+two"))
        real = str(tmp_path / "outside.txt")
        assert any(isinstance(need, WritePath) and os.path.realpath(need.path) == real for need in prepared.needs)
    prepared = await ws.prepare("apply_patch", patch=patch("*** Add File: ../fresh.txt", "+x"))
    assert {os.path.realpath(need.path) for need in prepared.needs} == {str(tmp_path / "fresh.txt")}
    ws.put("a.txt", "one\n")
    prepared = await ws.prepare("apply_patch", patch=patch("*** Update File: a.txt", "*** Move to: ../b.txt"))
    assert any(need == WritePath(str(ws.path / "../b.txt")) for need in prepared.needs)


async def test_what_a_misfit_tells_of_a_file_needs_leave_to_read_it(ws) -> None:
    ws.put(".env", "TOKEN=geheim\n")
    prepared = await ws.prepare("apply_patch", patch=patch("*** Update File: .env", "@@", "-TOKEN=x", "+TOKEN=y"))
    assert list(prepared.needs) == [ReadPath(str(ws.path / ".env"))]
    with pytest.raises(Exception, match="geheim"):
        await prepared.act(print)


async def test_symlinks_and_special_files_are_neither_deleted_nor_moved(ws) -> None:
    ws.put("real.txt", "one\n")
    os.symlink("real.txt", ws.path / "link.txt")
    os.mkfifo(ws.path / "pipe")
    (ws.path / "folder").mkdir()
    assert "symlink" in await ws.fails("apply_patch", patch=patch("*** Delete File: link.txt"))
    assert "symlink" in await ws.fails("apply_patch", patch=patch("*** Update File: link.txt", "*** Move to: b.txt"))
    assert "named pipe" in await ws.fails("apply_patch", patch=patch("*** Delete File: pipe"))
    assert "is a folder" in await ws.fails("apply_patch", patch=patch("*** Delete File: folder"))
    await ws("apply_patch", patch=patch("*** Update File: link.txt", "@@", "-one", "+two"))
    assert (ws.path / "real.txt").read_text() == "two\n"
    assert (ws.path / "link.txt").is_symlink()


async def test_binary_files_are_deleted_and_moved_but_not_edited(ws) -> None:
    logo = b"\x89PNG\r\n\x1a\n\0\0"
    ws.put("logo.png", logo)
    ws.put("old.png", logo)
    said = await ws.fails("apply_patch", patch=patch("*** Update File: logo.png", "@@", "-PNG", "+GIF"))
    assert "not valid text" in said
    moves = patch("*** Update File: logo.png", "*** Move to: img/logo.png", "*** Delete File: old.png")
    prepared = await ws.prepare("apply_patch", patch=moves)
    assert all(isinstance(block, TextBlock) for block in prepared.preview)
    await prepared.act(print)
    assert {str(path.relative_to(ws.path)) for path in ws.path.rglob("*.png")} == {"img/logo.png"}
    assert (ws.path / "img/logo.png").read_bytes() == logo


async def test_a_git_diff_of_several_files_is_applied(ws) -> None:
    ws.put("a.py", "x = 1\n")
    ws.put("b.py", "y = 1\ny = 2\n")
    ws.put("c.py", "z = 1\n")
    ws.put("caf\u00e9.py", "w = 1\n")
    diff = "\n".join(
        [
            "diff --git a/a.py b/a.py",
            "index 111..222 100644",
            "--- a/a.py",
            "+++ b/a.py",
            "@@ -1 +1 @@",
            "-x = 1",
            "+x = 2",
            "diff --git a/b.py b/d.py",
            "similarity index 50%",
            "rename from b.py",
            "rename to d.py",
            "--- a/b.py",
            "+++ b/d.py",
            "@@ -1,2 +1,2 @@",
            " y = 1",
            "-y = 2",
            "+y = 3",
            "diff --git a/c.py b/c.py",
            "deleted file mode 100644",
            "--- a/c.py",
            "+++ /dev/null",
            "@@ -1 +0,0 @@",
            "-z = 1",
            "diff --git a/a.py b/copy.py",
            "copy from a.py",
            "copy to copy.py",
            "diff --git a/new.py b/new.py",
            "new file mode 100644",
            "--- /dev/null",
            "+++ b/new.py",
            "@@ -0,0 +1,2 @@",
            "+one",
            "+two",
            "\\ No newline at end of file",
            "diff --git a/empty.py b/empty.py",
            "new file mode 100644",
            "index 000..e69",
            'diff --git "a/caf\\303\\251.py" "b/caf\\303\\251.py"',
            '--- "a/caf\\303\\251.py"',
            '+++ "b/caf\\303\\251.py"',
            "@@ -1 +1 @@",
            "-w = 1",
            "+w = 2",
            "",
        ]
    )
    prepared = await ws.prepare("apply_patch", patch=diff)
    await prepared.act(print)
    assert tree(ws) == {
        "a.py": "x = 2\n",
        "d.py": "y = 1\ny = 3\n",
        "copy.py": "x = 2\n",
        "new.py": "one\ntwo",
        "empty.py": "",
        "caf\u00e9.py": "w = 2\n",
    }


async def test_a_diff_that_deletes_less_than_the_file_holds_is_refused(ws) -> None:
    path = ws.put("a.py", "x = 1\ny = 2\n")
    diff = "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n"
    assert "holds more" in await ws.fails("apply_patch", patch=diff)
    assert path.read_text() == "x = 1\ny = 2\n"


async def test_a_missing_file_names_those_like_it(ws) -> None:
    ws.put("parser.py", "x\n")
    assert "Did you mean parser.py?" in await ws.fails(
        "apply_patch", patch=patch("*** Update File: parsr.py", "@@", "-x", "+y")
    )


@pytest.mark.parametrize("name", ["input", "patch_text", "diff", "patchText"])
async def test_the_patch_is_taken_under_the_names_other_agents_have_for_it(ws, name: str) -> None:
    ws.put("a.txt", "one\n")
    await ws("apply_patch", **{name: patch("*** Update File: a.txt", "@@", "-one", "+two")})
    assert (ws.path / "a.txt").read_text() == "two\n"


async def test_hard_links_and_setuid_bits_are_handled_as_in_any_edit(ws) -> None:
    path = ws.put("a.txt", "one\n")
    os.link(path, ws.path / "b.txt")
    result = await ws("apply_patch", patch=patch("*** Update File: a.txt", "@@", "-one", "+two"))
    assert "hard links" in result.output
    assert (ws.path / "b.txt").read_text() == "two\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "neither"),
        ("*** Begin Patch\n*** End Patch", "names no file"),
        (patch("*** Update File: "), "names no file"),
        (patch("hello"), "not expected"),
        (patch("*** Add File: a.txt", "no plus"), "no + in front"),
        (patch("*** Delete File: a.txt", "-x"), "not expected"),
        (patch("*** Update File: a.txt"), "changes nothing"),
        (patch("*** Update File: a\0b", "@@", "-x", "+y"), "NUL"),
    ],
)
async def test_what_is_wrong_with_a_patch_is_said(ws, text: str, word: str) -> None:
    ws.put("a.txt", "x\n")
    assert word in await ws.fails("apply_patch", patch=text)


@pytest.mark.parametrize(
    "around",
    [
        "Here is the patch:\n\n{}\n\nIt changes one line.",
        "```\n{}\n```",
        "bash -lc apply_patch <<'PATCH'\n{}\nPATCH",
        "apply_patch\n{}",
        "\ufeff{}",
    ],
)
async def test_what_stands_around_a_patch_is_left_aside(ws, around: str) -> None:
    ws.put("a.txt", "one\n")
    text = patch("*** Update File: a.txt", "@@", "-one", "+two")
    await ws("apply_patch", patch=around.format(text))
    assert (ws.path / "a.txt").read_text() == "two\n"
