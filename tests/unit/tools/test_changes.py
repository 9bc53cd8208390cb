"""write, edit, multi_edit: what is approved is what is written, and nothing else of a file changes."""

from __future__ import annotations

import asyncio
import os
import stat

import pytest

from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.ports import FileChange, ReadPath, WritePath


async def test_edit_changes_the_one_place_and_shows_it(ws) -> None:
    path = ws.put("a.py", "def f():\n    return 1\n")
    result = await ws("edit", file_path="a.py", old_string="return 1", new_string="return 2")
    assert path.read_text() == "def f():\n    return 2\n"
    assert result.changes == [FileChange("a.py", 1, 1)]
    assert result.display == [DiffBlock("a.py", "def f():\n    return 1\n", "def f():\n    return 2\n")]
    assert "     2\t    return 2" in result.output


async def test_nothing_is_changed_before_it_is_approved(ws) -> None:
    path = ws.put("a.py", "x = 1\n")
    prepared = await ws.prepare("edit", file_path="a.py", old_string="1", new_string="2")
    assert path.read_text() == "x = 1\n"
    assert prepared.title == "Edit a.py"
    assert list(prepared.preview) == [DiffBlock("a.py", "x = 1\n", "x = 2\n")]
    assert list(prepared.needs) == [ReadPath(str(path)), WritePath(str(path))]


async def test_a_file_changed_after_the_approval_is_left_alone(ws) -> None:
    path = ws.put("a.py", "x = 1\n")
    prepared = await ws.prepare("edit", file_path="a.py", old_string="1", new_string="2")
    path.write_text("x = 1  # and more\n")
    with pytest.raises(Exception, match="has changed since"):
        await prepared.act(print)
    assert path.read_text() == "x = 1  # and more\n"


async def test_four_edits_of_one_file_at_once_all_land(ws) -> None:
    path = ws.put("a.txt", "one\ntwo\nthree\nfour\n")
    words = ["one", "two", "three", "four"]
    prepared = [await ws.prepare("edit", file_path="a.txt", old_string=w, new_string=w.upper()) for w in words]
    results = await asyncio.gather(*(each.act(print) for each in prepared))
    assert path.read_text() == "ONE\nTWO\nTHREE\nFOUR\n"
    assert all(result.changes == [FileChange("a.txt", 1, 1)] for result in results)


async def test_edits_by_several_processes_at_once_all_land(ws) -> None:
    """Without a ledger (`plugsky tool`) each sees the others only by the file itself."""
    ws.context.reads = None
    path = ws.put("a.txt", "".join(f"line {number}\n" for number in range(12)))
    prepared = [
        await ws.prepare("edit", file_path="a.txt", old_string=f"line {n}\n", new_string=f"LINE {n}\n")
        for n in range(12)
    ]
    ws.context._locks.clear()
    await asyncio.gather(*(each.act(print) for each in prepared))
    assert path.read_text() == "".join(f"LINE {number}\n" for number in range(12))


async def test_a_file_changed_since_it_was_read_has_to_be_read_again(ws) -> None:
    path = ws.put("a.txt", "one\n")
    await ws("read", file_path="a.txt")
    path.write_text("changed\n")
    for name, arguments in (("write", {"content": "x\n"}), ("edit", {"old_string": "changed", "new_string": "x"})):
        assert "Re-read it first" in await ws.fails(name, file_path="a.txt", **arguments)
    assert path.read_text() == "changed\n"
    await ws("read", file_path="a.txt")
    await ws("write", file_path="a.txt", content="mine\n")
    await ws("edit", file_path="a.txt", old_string="mine", new_string="still mine")
    assert path.read_text() == "still mine\n"


async def test_a_file_deleted_since_it_was_read_is_not_silently_made_again(ws) -> None:
    path = ws.put("a.txt", "one\n")
    await ws("read", file_path="a.txt")
    path.unlink()
    assert "deleted since" in await ws.fails("write", file_path="a.txt", content="x")


async def test_without_a_ledger_nothing_is_found_changed(ws) -> None:
    ws.context.reads = None
    path = ws.put("a.txt", "one\n")
    await ws("read", file_path="a.txt")
    path.write_text("changed\n")
    await ws("write", file_path="a.txt", content="x\n")
    assert path.read_text() == "x\n"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"a\r\nb\r\nc\r\n", "a\nb", "a\nB", b"a\r\nB\r\nc\r\n"),
        (b"\xef\xbb\xbfone\ntwo\n", "one", "1", b"\xef\xbb\xbf1\ntwo\n"),
        (b"\xef\xbb\xbfone\ntwo\n", "two", "2", b"\xef\xbb\xbfone\n2\n"),
        ("eins\nzw\u00f6lf\n".encode("utf-16"), "eins", "ein\u00df", "ein\u00df\nzw\u00f6lf\n".encode("utf-16")),
        (b"caf\xe9 one\n", "one", "two", b"caf\xe9 two\n"),
        (b"\x83e\x83X\x83g one\n", "one", "two", b"\x83e\x83X\x83g two\n"),  # Shift JIS
        ("\u00e9".encode() + b" \xff one\n", "one", "two", "\u00e9".encode() + b" \xff two\n"),
        (b"a\nb\r\nc\rd", "b", "x\ny", b"a\nx\r\ny\r\nc\rd"),
        (b"no end", "end", "END", b"no END"),
    ],
)
async def test_bytes_that_were_not_meant_stay(ws, before: bytes, old: str, new: str, after: bytes) -> None:
    path = ws.put("a.txt", before)
    prepared = await ws.prepare("edit", file_path="a.txt", old_string=old, new_string=new)
    (diff,) = prepared.preview
    assert isinstance(diff, DiffBlock)
    assert "\ufeff" not in (diff.before or "")
    await prepared.act(print)
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    ("before", "content", "after"),
    [
        (b"a\r\nb\r\n", "x\ny\n", b"x\r\ny\r\n"),
        (b"\xef\xbb\xbfa\n", "x\n", b"\xef\xbb\xbfx\n"),
        ("a\n".encode("utf-16"), "\u00fc\n", "\u00fc\n".encode("utf-16")),
        (b"caf\xe9\n", "th\u00e9\n", b"th\xe9\n"),
        (b"a\n", "x\r\ny", b"x\ny"),
    ],
)
async def test_write_keeps_encoding_line_ends_and_mark_of_what_it_replaces(ws, before, content, after) -> None:
    path = ws.put("a.txt", before)
    path.chmod(0o750)
    await ws("write", file_path="a.txt", content=content)
    assert path.read_bytes() == after
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


async def test_write_makes_a_new_file_and_its_folders(ws) -> None:
    result = await ws("write", file_path="src/new/a.py", content="x = 1\n")
    assert (ws.path / "src/new/a.py").read_text() == "x = 1\n"
    assert result.changes == [FileChange("src/new/a.py", 1, 0)]
    assert result.output.startswith("Created src/new/a.py")
    (diff,) = result.display
    assert isinstance(diff, DiffBlock)
    assert diff.before is None


async def test_write_needs_only_leave_to_write(ws) -> None:
    path = ws.put("a.txt", "x")
    assert list((await ws.prepare("write", file_path="a.txt", content="y")).needs) == [WritePath(str(path))]


async def test_writing_what_is_there_already_says_so(ws) -> None:
    ws.put("a.txt", "x")
    assert "nothing to change" in await ws.fails("write", file_path="a.txt", content="x")


async def test_characters_the_files_encoding_lacks_are_refused(ws) -> None:
    path = ws.put("a.txt", b"caf\xe9\n")
    assert "CP1252" in await ws.fails("write", file_path="a.txt", content="\u2192\n")
    assert path.read_bytes() == b"caf\xe9\n"


@pytest.mark.parametrize("name", ["edit", "write"])
async def test_binary_files_are_not_edited(ws, name: str) -> None:
    path = ws.put("a.png", b"\x89PNG\r\n\x1a\n\0\0")
    arguments = {"content": "x"} if name == "write" else {"old_string": "PNG", "new_string": "GIF"}
    assert "not valid text" in await ws.fails(name, file_path="a.png", **arguments)
    assert path.read_bytes() == b"\x89PNG\r\n\x1a\n\0\0"


async def test_what_a_failing_edit_tells_of_a_file_needs_leave_to_read_it(ws) -> None:
    ws.put(".env", "TOKEN=geheim\n")
    prepared = await ws.prepare("edit", file_path=".env", old_string="TOKEN=x", new_string="y")
    assert list(prepared.needs) == [ReadPath(str(ws.path / ".env"))]
    with pytest.raises(Exception, match="geheim"):
        await prepared.act(print)


async def test_an_edit_of_a_missing_file_names_those_like_it(ws) -> None:
    ws.put("parser.py", "x")
    assert "Did you mean parser.py?" in await ws.fails("edit", file_path="parsr.py", old_string="a", new_string="b")


async def test_an_empty_old_string_makes_a_new_file(ws) -> None:
    await ws("edit", file_path="new.txt", old_string="", new_string="hello\n")
    assert (ws.path / "new.txt").read_text() == "hello\n"
    ws.put("empty.txt")
    await ws("edit", file_path="empty.txt", old_string="", new_string="hello\n")
    assert (ws.path / "empty.txt").read_text() == "hello\n"
    assert "empty" in await ws.fails("edit", file_path="new.txt", old_string="", new_string="again\n")


async def test_relaxed_matches_are_reported(ws) -> None:
    ws.put("a.py", "    if x:\n        y()\n")
    result = await ws("edit", file_path="a.py", old_string="if x:\n    y()", new_string="if x:\n    z()")
    assert (ws.path / "a.py").read_text() == "    if x:\n        z()\n"
    assert "old_string was found apart from its indentation, which was adapted" in result.output


async def test_replace_all_counts_the_places(ws) -> None:
    path = ws.put("a.txt", "a a a\n")
    result = await ws("edit", file_path="a.txt", old_string="a", new_string="b", replace_all=True)
    assert path.read_text() == "b b b\n"
    assert "3 places" in result.output


async def test_multi_edit_makes_all_changes_in_order(ws) -> None:
    path = ws.put("a.txt", "one\ntwo\n")
    edits = [{"old_string": "one", "new_string": "1"}, {"old_string": "1\ntwo", "new_string": "1\n2"}]
    result = await ws("multi_edit", file_path="a.txt", edits=edits)
    assert path.read_text() == "1\n2\n"
    assert result.changes == [FileChange("a.txt", 2, 2)]


async def test_multi_edit_makes_none_when_one_fails(ws) -> None:
    path = ws.put("a.txt", "one\ntwo\n")
    edits = [{"old_string": "one", "new_string": "1"}, {"old_string": "three", "new_string": "3"}]
    said = await ws.fails("multi_edit", file_path="a.txt", edits=edits)
    assert said.startswith("Edit 2 of 2: old_string is not in the file")
    assert "None of the edits was made" in said
    assert path.read_text() == "one\ntwo\n"


async def test_a_link_is_written_through_and_both_names_are_shown(ws) -> None:
    target = ws.put("real.txt", "old\n")
    os.symlink("real.txt", ws.path / "link.txt")
    prepared = await ws.prepare("write", file_path="link.txt", content="new\n")
    assert prepared.title == "Write link.txt → real.txt"
    assert list(prepared.needs) == [WritePath(str(ws.path / "link.txt")), WritePath(os.path.realpath(target))]
    await prepared.act(print)
    assert target.read_text() == "new\n"
    assert (ws.path / "link.txt").is_symlink()


async def test_a_link_swapped_after_the_approval_is_not_written_through(ws, tmp_path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("old\n")
    ws.put("real.txt", "old\n")
    link = ws.path / "link.txt"
    link.symlink_to("real.txt")
    prepared = await ws.prepare("write", file_path="link.txt", content="new\n")
    link.unlink()
    link.symlink_to(outside)
    with pytest.raises(Exception, match="leads to another file"):
        await prepared.act(print)
    assert outside.read_text() == "old\n"


async def test_hard_links_are_said(ws) -> None:
    path = ws.put("a.txt", "old\n")
    os.link(path, ws.path / "b.txt")
    result = await ws("write", file_path="a.txt", content="new\n")
    assert "hard links" in result.output
    assert (ws.path / "b.txt").read_text() == "new\n"


async def test_half_surrogates_and_the_stand_in_for_bad_bytes_are_refused(ws) -> None:
    path = ws.put("a.txt", "\u00e9".encode() + b" \xff one\n")
    assert "surrogate" in await ws.fails("edit", file_path="a.txt", old_string="one", new_string="\udcff")
    assert "destroy" in await ws.fails("write", file_path="a.txt", content="\u00e9 \ufffd two\n")
    assert path.read_bytes() == "\u00e9".encode() + b" \xff one\n"


@pytest.mark.parametrize(
    "line",
    ["# ... rest of code", "// ... existing code ...", "    # ... (unchanged)", "<!-- ... rest of the page ... -->"],
)
async def test_write_never_puts_a_placeholder_over_what_it_leaves_out(ws, line: str) -> None:
    path = ws.put("a.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    said = await ws.fails("write", file_path="a.py", content=f"def f():\n    return 3\n\n\n{line}\n")
    assert said.startswith(f"content leaves code out: its line {line.strip()!r} is not in the file")
    assert said.endswith("Send the whole content, or change only the part in question with edit.")
    assert path.read_text().startswith("def f():\n    return 1\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (None, "x = 1\n# ... rest of code\n"),
        ("", "x = 1\n# ... rest of code\n"),
        ("x = 1\n# ... rest of code\n", "x = 2\n# ... rest of code\n"),
        ("x = 1\n", "x = 1\n# ... rest of code\n"),
        ("x = 1\n", "def f() -> None: ...\n\n\nclass A:\n    ...\n"),
        ("x = 1\n", "const a = { ...rest, b };\nf(...existing);\n"),
        ("x = 1\n", "Read on...\n\n... and so on, as the rest of us do.\n"),
    ],
)
async def test_dots_that_leave_nothing_out_are_written(ws, old: str | None, new: str) -> None:
    path = ws.path / "a.txt" if old is None else ws.put("a.txt", old)
    await ws("write", file_path="a.txt", content=new)
    assert path.read_text() == new
