"""Several files, all or none: what was written before the failure is put back."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace import commits
from plugsky_tui.workspace.commits import Write, commit
from plugsky_tui.workspace.files import ChangedSince


def write(path: Path, before: bytes | None, data: bytes | None) -> Write:
    return Write(str(path), path.name, before, data)


def test_all_are_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"2")
    commit(
        [
            write(tmp_path / "a", b"1", b"one"),
            write(tmp_path / "b", b"2", None),
            write(tmp_path / "deep/er/c", None, b"three"),
        ]
    )
    assert (tmp_path / "a").read_bytes() == b"one"
    assert not (tmp_path / "b").exists()
    assert (tmp_path / "deep/er/c").read_bytes() == b"three"


def test_where_one_is_not_what_it_was_none_is_changed(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "b").chmod(0o751)
    with pytest.raises(ChangedSince, match="d has changed"):
        commit(
            [
                write(tmp_path / "a", b"a", b"A"),
                write(tmp_path / "new/folder/x", None, b"x"),
                write(tmp_path / "b", b"b", None),
                write(tmp_path / "c", b"c", b"C"),
                write(tmp_path / "d", b"something else", None),
            ]
        )
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: name.encode() for name in "abcd"}
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o751


def test_a_moved_file_is_made_before_the_old_one_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old").write_bytes(b"x")

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commits, "remove", killed)
    with pytest.raises(KeyboardInterrupt):
        commit([write(tmp_path / "old", b"x", None), write(tmp_path / "new", None, b"x")])
    assert {path.name for path in tmp_path.iterdir()} == {"old", "new"}


def test_what_could_not_be_put_back_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"a")
    real = commits.replace
    done: list[str] = []

    def once(path: str, shown: str, data: bytes, expected: str | None, mode: int | None = None) -> str:
        if done:
            raise ToolError("The disk is gone.")
        done.append(path)
        return real(path, shown, data, expected, mode)

    monkeypatch.setattr(commits, "replace", once)
    with pytest.raises(ToolError, match=r"disk is gone.*could not be put back: a"):
        commit([write(tmp_path / "a", b"a", b"A"), write(tmp_path / "b", None, b"B")])
