"""AGENTS.md: found from the root down, bounded, and only what belongs to the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugsky_tui.session.instructions import LIMIT, find


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / ".git").mkdir(parents=True)
    (folder / "sub").mkdir()
    return folder


def texts(folder: Path) -> list[str]:
    return [one.text for one in find(folder, folder.parent / "config")]


def test_the_nearest_file_comes_last_and_agents_md_before_claude_md(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("outer")
    (repository / "CLAUDE.md").write_text("not read")
    (repository / "sub" / "CLAUDE.md").write_text("inner")
    assert texts(repository / "sub") == ["outer", "inner"]


def test_hidden_characters_are_shown_and_long_files_cut(repository: Path) -> None:
    (repository / "AGENTS.md").write_text("a\u202eb" + "x" * LIMIT)
    (found,) = find(repository, repository.parent / "config")
    assert found.text.startswith("a⟨U+202E⟩b")
    assert found.cut


def test_a_link_to_another_file_of_the_repository_is_followed(repository: Path) -> None:
    (repository / "CONTRIBUTING.md").write_text("rules")
    (repository / "AGENTS.md").symlink_to("CONTRIBUTING.md")
    assert texts(repository) == ["rules"]


@pytest.mark.parametrize("target", ["../secret.txt", "../.aws/credentials", ".env", "/etc/hostname"])
def test_a_link_out_of_the_repository_or_to_a_secret_is_not(repository: Path, target: str) -> None:
    (repository.parent / ".aws").mkdir()
    for name in ("../secret.txt", "../.aws/credentials", ".env"):
        (repository / name).write_text("key")
    (repository / "AGENTS.md").symlink_to(target)
    assert texts(repository) == []


def test_a_pipe_blocks_nothing(repository: Path) -> None:
    os.mkfifo(repository / "AGENTS.md")
    assert texts(repository) == []
