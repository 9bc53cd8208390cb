"""Diffs that git makes are applied to what git says comes out, or refused where a place is not the only one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plugsky_tui.workspace.patches import PatchError, UpdateFile, apply_hunks, parse_patch

EXAMPLES = int(os.environ.get("PLUGSKY_EDIT_EXAMPLES", "50"))
LINES = st.lists(
    st.sampled_from(["a", "b", "    c", "", "-- d", "++ e", "@@ f @@", "*** g", " h", "\ti", "\\ j", "--- k", "+++ l"]),
    min_size=1,
    max_size=14,
)


def git_diff(folder: Path, before: str, after: str, context: int) -> str:
    (folder / "old").write_bytes(before.encode())
    (folder / "new").write_bytes(after.encode())
    command = ["git", "diff", "--no-index", "--no-color", "--no-ext-diff", f"-U{context}", "--", "old", "new"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(command, cwd=folder, capture_output=True, env=environment)
    return done.stdout.decode().replace("b/new", "b/old")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("diffs")


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(LINES, st.data(), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), st.integers(1, 4))
def test_the_outcome_is_gits_or_none(
    folder: Path, lines: list[str], data: st.DataObject, end: str, ended: bool, still: bool, context: int
) -> None:
    changed = list(lines)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed)))
        changed[at : at + data.draw(st.integers(0, 2))] = data.draw(LINES.map(lambda each: each[:2]))
    before = end.join(lines) + (end if ended else "")
    after = end.join(changed) + (end if still else "")
    assume(before.strip() and after.strip())
    assume(end in before or end == "\n")  # where a file has no line end yet, it is not a patch that gives it CRLF
    patch = git_diff(folder, before, after, context)
    assume(patch)
    (step,) = parse_patch(patch)
    assert isinstance(step, UpdateFile)
    assert step.path == "old"
    try:
        patched = apply_hunks(before, step.hunks, "old")
    except PatchError as error:
        assert "fits in" in error.message or "line numbers alone" in error.message
        return
    assert patched.text == after


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(0, 39), min_size=1, max_size=6), st.booleans())
def test_where_lines_are_different_all_are_applied(folder: Path, at: set[int], ended: bool) -> None:
    lines = [f"line {number}" for number in range(40)]
    changed = [f"{line}, changed" if number in at else line for number, line in enumerate(lines)]
    before, after = ("\n".join(each) + ("\n" if ended else "") for each in (lines, changed))
    (step,) = parse_patch(git_diff(folder, before, after, 3))
    assert isinstance(step, UpdateFile)
    assert apply_hunks(before, step.hunks, "old").text == after


@given(st.text("*+-@ \n\\abEndPtchUoFile:/`'\"<", max_size=200))
def test_whatever_is_sent_as_a_patch_is_read_or_refused(text: str) -> None:
    for patch in (text, f"*** Begin Patch\n{text}\n*** End Patch", f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n{text}"):
        try:
            steps = parse_patch(patch)
        except PatchError:
            continue
        for step in steps:
            if isinstance(step, UpdateFile):
                try:
                    apply_hunks("one\ntwo\nthree\n", step.hunks, "x")
                except PatchError:
                    continue
