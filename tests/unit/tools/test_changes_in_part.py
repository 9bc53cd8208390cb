"""A change of which the user takes only some hunks: those are written, the model is told of the others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted import says, stage

from plugsky_tui.kernel.events import PermissionResolved
from plugsky_tui.kernel.messages import ToolCall, ToolMessage
from plugsky_tui.kernel.ports import FileChange, Finished, Hunk, Judgement, Prepared
from plugsky_tui.permissions.ask import Approval
from plugsky_tui.permissions.gate import PermissionGate
from plugsky_tui.permissions.rules import Rules
from plugsky_tui.tooling import ToolError
from plugsky_tui.workspace.hunks import hunks, with_only

TEXT = "".join(f"line {number}\n" for number in range(1, 21))


def edits(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"old_string": old, "new_string": new} for old, new in pairs]


async def in_part(ws, chosen: list[int], name: str, /, **arguments: object):
    """The result of the call with the `chosen` hunks, and how many there were."""
    prepared = await ws.prepare(name, **arguments)
    found = prepared.parts.hunks()
    return await prepared.parts.only(chosen).act(print), len(found)


async def test_the_chosen_hunks_are_written_and_the_model_reads_the_others(ws) -> None:
    path = ws.put("a.txt", TEXT)
    changes = edits(("line 2\n", "LINE 2\n"), ("line 10\n", "LINE 10\nmore\n"), ("line 19\n", ""))
    result, count = await in_part(ws, [0, 2], "multi_edit", file_path="a.txt", edits=changes)
    assert count == 3
    assert path.read_text() == TEXT.replace("line 2\n", "LINE 2\n").replace("line 19\n", "")
    assert result.changes == [FileChange("a.txt", 1, 2)]
    assert "left out 1 of 3 hunks" in result.output
    assert result.output.endswith("a.txt, line 10:\n-line 10\n+LINE 10\n+more")
    assert result.display[0].after == path.read_text()


async def test_lines_that_stand_close_together_are_one_hunk(ws) -> None:
    ws.put("a.txt", TEXT)
    changes = edits(("line 2\n", "LINE 2\n"), ("line 4\n", "LINE 4\n"), ("line 12\n", "LINE 12\n"))
    prepared = await ws.prepare("multi_edit", file_path="a.txt", edits=changes)
    assert prepared.parts.hunks() == [Hunk(0, [(1, 2, 1, 2), (3, 4, 3, 4)]), Hunk(0, [(11, 12, 11, 12)])]


@pytest.mark.parametrize(
    ("codec", "mark", "end"),
    [("utf-8", b"\xef\xbb\xbf", "\r\n"), ("utf-16-le", b"\xff\xfe", "\r\n"), ("cp1252", b"", "\n")],
)
async def test_encoding_mark_and_line_ends_stay(ws, codec, mark, end) -> None:
    before = f"caf\xe9{end}" + f"same{end}" * 10 + f"last{end}"
    path = ws.put("a.txt", mark + before.encode(codec))
    changes = edits((f"caf\xe9{end}", f"th\xe9{end}"), (f"last{end}", f"END{end}"))
    await in_part(ws, [1], "multi_edit", file_path="a.txt", edits=changes)
    assert path.read_bytes() == mark + before.replace("last", "END").encode(codec)


async def test_a_file_written_anew_takes_what_was_chosen(ws) -> None:
    path = ws.put("a.txt", TEXT)
    await ws("read", file_path="a.txt")
    new = TEXT.replace("line 3\n", "three\n").replace("line 14\n", "fourteen\n").removesuffix("\n")
    result, count = await in_part(ws, [1], "write", file_path="a.txt", content=new)
    assert count == 3  # the last line has lost its end
    assert path.read_text() == TEXT.replace("line 14\n", "fourteen\n")
    assert "+three" in result.output


async def test_lines_of_a_file_the_model_may_not_read_are_not_told(ws) -> None:
    ws.put("a.txt", "secret one\n" + "x\n" * 9 + "secret two\n")
    result, _ = await in_part(ws, [0], "write", file_path="a.txt", content="1\n" + "x\n" * 9 + "2\n")
    assert "secret" not in result.output
    assert "+2" in result.output


PATCH = """*** Begin Patch
*** Update File: a.txt
@@
-line 2
+LINE 2
@@
-line 15
+LINE 15
*** Add File: new.txt
+hello
*** Update File: old.txt
*** Move to: moved.txt
@@
-one
+uno
*** Delete File: gone.txt
*** End Patch"""


async def test_a_patch_of_several_files_in_part(ws) -> None:
    path = ws.put("a.txt", TEXT)
    old, gone = ws.put("old.txt", "one\n"), ws.put("gone.txt", "bye\n")
    result, count = await in_part(ws, [1, 2], "apply_patch", patch=PATCH)
    assert count == 5
    assert path.read_text() == TEXT.replace("line 15\n", "LINE 15\n")
    assert (ws.path / "new.txt").read_text() == "hello\n"
    assert (old.read_text(), gone.read_text()) == ("one\n", "bye\n")
    assert not (ws.path / "moved.txt").exists()
    assert "left out 3 of 5 hunks" in result.output
    assert "moved.txt: moved from old.txt" in result.output
    assert "gone.txt: deleted" in result.output


async def test_a_move_that_was_left_in_takes_the_file_along(ws) -> None:
    ws.put("a.txt", TEXT)
    old, gone = ws.put("old.txt", "one\n"), ws.put("gone.txt", "bye\n")
    await in_part(ws, [3], "apply_patch", patch=PATCH)
    assert (ws.path / "a.txt").read_text() == TEXT
    assert not old.exists()
    assert (ws.path / "moved.txt").read_text() == "uno\n"
    assert gone.exists()


async def test_a_change_in_part_is_never_made_anew_in_a_file_that_has_changed(ws) -> None:
    path = ws.put("a.txt", TEXT)
    changes = edits(("line 2\n", "LINE 2\n"), ("line 15\n", "LINE 15\n"))
    prepared = await ws.prepare("multi_edit", file_path="a.txt", edits=changes)
    narrowed = prepared.parts.only([1])
    await ws("edit", file_path="a.txt", old_string="line 8\n", new_string="LINE 8\n")
    with pytest.raises(ToolError, match="has changed since"):
        await narrowed.act(print)
    assert path.read_text() == TEXT.replace("line 8\n", "LINE 8\n")


async def test_with_no_hunk_nothing_is_written(ws) -> None:
    path = ws.put("a.txt", TEXT)
    prepared = await ws.prepare("edit", file_path="a.txt", old_string="line 2\n", new_string="LINE 2\n")
    with pytest.raises(ToolError, match="left out 1 of 1 hunks"):
        await prepared.parts.only([]).act(print)
    assert path.read_text() == TEXT


async def test_what_changes_no_file_has_no_parts(ws) -> None:
    ws.put("a.txt", TEXT)
    assert (await ws.prepare("read", file_path="a.txt")).parts is None


async def test_what_the_user_chose_is_what_the_run_does(ws) -> None:
    path = ws.put("a.txt", TEXT)

    async def asker(prepared: Prepared, judgement: Judgement) -> Approval:
        return Approval("allow", hunks=[1])

    gate = PermissionGate(root=ws.context.root, mode="ask", rules=Rules(), trusted=True, asker=asker)
    changes = edits(("line 2\n", "LINE 2\n"), ("line 15\n", "LINE 15\n"))
    call = ToolCall("c1", "multi_edit", {"file_path": "a.txt", "edits": changes})
    scene = stage([Finished("tool_calls", "m", [call])], says("done"), tools=ws.toolbox, gate=gate)
    events = await scene.play()
    assert path.read_text() == TEXT.replace("line 15\n", "LINE 15\n")
    told = next(message for message in scene.model.requests[1].messages if isinstance(message, ToolMessage))
    assert "left out 1 of 2 hunks" in told.output
    assert "-line 2\n+LINE 2" in told.output
    assert [e.reason for e in events if isinstance(e, PermissionResolved)] == ["The user allowed it in part."]


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\r\n"]), max_size=12)


@settings(max_examples=60)
@given(LINES, LINES, st.sampled_from(["", "end"]), st.sampled_from(["", "end"]), st.sets(st.integers(0, 6)))
def test_all_hunks_make_the_new_text_none_the_old_and_two_halves_the_whole(old, new, last, end, chosen) -> None:
    before, after = "".join(old) + last, "".join(new) + end
    groups = hunks(before, after)
    every = set(range(len(groups)))
    assert with_only(before, after, groups, every) == after
    assert with_only(before, after, groups, ()) == before
    half = with_only(before, after, groups, chosen)
    rest = hunks(half, after)
    assert with_only(half, after, rest, set(range(len(rest)))) == after
