"""The branch of a repository, read without git, whatever lies in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugsky_tui.workspace.repository import branch_of


@pytest.mark.parametrize(
    ("head", "branch"), [("ref: refs/heads/a/b\n", "a/b"), ("0123456789abcdef\n", "01234567"), ("", None)]
)
def test_the_branch_or_the_short_hash(tmp_path: Path, head: str, branch: str | None) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert branch_of(tmp_path) == branch


def test_a_worktree_has_its_own(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "HEAD").write_text("ref: refs/heads/x")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".git").write_text("gitdir: ../real\n")
    assert branch_of(tmp_path / "app") == "x"


def test_a_pipe_or_a_device_in_its_place_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "HEAD")
    assert branch_of(tmp_path) is None
    (tmp_path / ".git" / "HEAD").unlink()
    (tmp_path / ".git" / "HEAD").symlink_to("/dev/zero")
    assert branch_of(tmp_path) is None
