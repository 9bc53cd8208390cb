"""Lines for AGENTS.md: at its end, under a heading; nothing else of the file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.session.memory import add_note, with_note


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    return tmp_path


def test_the_file_is_made_at_the_root_of_the_repository(repository: Path) -> None:
    block = add_note(repository / "src", "  always run\tthe tests ")
    assert (repository / "AGENTS.md").read_text() == "## Notes\n\n- always run the tests\n"
    assert (block.path, block.before) == ("../AGENTS.md", None)


def test_notes_are_gathered_under_one_heading_at_the_end(repository: Path) -> None:
    path = repository / "AGENTS.md"
    path.write_text("# Rules\n\nBe kind.")
    add_note(repository, "one")
    add_note(repository, "two")
    assert path.read_text() == "# Rules\n\nBe kind.\n\n## Notes\n\n- one\n- two\n"


def test_what_stands_behind_the_notes_stays_there(repository: Path) -> None:
    path = repository / "AGENTS.md"
    path.write_text("## Notes\n\n- one\n\n```sh\n# not a heading\n```\n\n## More\n\ntext\n")
    add_note(repository, "two")
    assert path.read_text() == "## Notes\n\n- one\n\n```sh\n# not a heading\n```\n- two\n\n## More\n\ntext\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a\r\n", b"a\r\n\r\n## Notes\r\n\r\n- n\xc3\xa9\r\n"),
        (b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfa\n\n## Notes\n\n- n\xc3\xa9\n"),
        (b"caf\xe9\n", b"caf\xe9\n\n## Notes\n\n- n\xe9\n"),
    ],
)
def test_line_ends_mark_and_encoding_stay(repository: Path, before: bytes, after: bytes) -> None:
    path = repository / "AGENTS.md"
    path.write_bytes(before)
    add_note(repository, "né")
    assert path.read_bytes() == after


def test_where_there_is_only_claude_md_it_is_not_replaced_by_a_new_file(repository: Path) -> None:
    (repository / "CLAUDE.md").write_text("Rules\n")
    assert add_note(repository, "x").path == "CLAUDE.md"
    assert not (repository / "AGENTS.md").exists()


def test_a_link_within_the_repository_is_followed_and_one_out_of_it_is_refused(repository: Path) -> None:
    (repository / "CLAUDE.md").write_text("Rules\n")
    (repository / "AGENTS.md").symlink_to("CLAUDE.md")
    add_note(repository, "x")
    assert (repository / "AGENTS.md").is_symlink()
    assert (repository / "CLAUDE.md").read_text().endswith("- x\n")
    (repository / "AGENTS.md").unlink()
    (repository / "AGENTS.md").symlink_to("/etc/hostname")
    with pytest.raises(PlugskyError, match="leads out of the repository"):
        add_note(repository, "x")


@pytest.mark.parametrize(("content", "text"), [(b"\0\1", "x"), (b"a", " ")])
def test_what_cannot_be_done_is_said_and_nothing_changes(repository: Path, content: bytes, text: str) -> None:
    (repository / "AGENTS.md").write_bytes(content)
    with pytest.raises(PlugskyError):
        add_note(repository, text)
    assert (repository / "AGENTS.md").read_bytes() == content


@given(st.text(st.sampled_from("a#-`\n \t")), st.sampled_from(["n", "# n"]))
def test_lines_are_only_added(text: str, note: str) -> None:
    old = [line for line in text.split("\n") if line.strip()]
    new = [line for line in with_note(text, note).split("\n") if line.strip()]
    assert f"- {note}" in new
    rest = iter(new)
    assert all(line in rest for line in old)
