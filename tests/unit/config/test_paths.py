"""Where things live."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugsky_tui.config.files import NotRegular, private_folder, read_regular, write_atomic
from plugsky_tui.config.paths import cache_dir, config_dir, data_dir


def test_variables_move_the_folders_and_nothing_is_made(tmp_path: Path) -> None:
    env = {"PLUGSKY_CONFIG_DIR": str(tmp_path / "c"), "PLUGSKY_DATA_DIR": str(tmp_path / "d"), "PLUGSKY_CACHE_DIR": "x"}
    assert config_dir(env) == tmp_path / "c"
    assert data_dir(env) == tmp_path / "d"
    assert cache_dir(env) == Path.cwd() / "x"
    assert list(tmp_path.iterdir()) == []


def test_without_variables_platformdirs_answers(tmp_path: Path) -> None:
    code = "from plugsky_tui.config.paths import *; print(config_dir(), data_dir(), cache_dir(), sep='\\n')"
    env = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    for name in ("PLUGSKY_CONFIG_DIR", "PLUGSKY_DATA_DIR", "PLUGSKY_CACHE_DIR", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        env.pop(name, None)
    out = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    config, data, cache = out.splitlines()
    assert "plugsky" in config
    if sys.platform == "linux":
        assert config == str(tmp_path / "xdg" / "plugsky")
        assert data == str(tmp_path / ".local/share/plugsky")
        assert cache == str(tmp_path / ".cache/plugsky")


def test_folders_are_made_for_the_user_alone(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a", "a/b")] == [0o700, 0o700]


def test_a_write_replaces_the_file_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "x" / "file"
    write_atomic(path, "one")
    write_atomic(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["file"]


def test_a_write_that_fails_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomic(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, "new")
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "real").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "dotfiles" / "real")
    write_atomic(tmp_path / "link", "new")
    assert (tmp_path / "dotfiles" / "real").read_text() == "new"
    assert (tmp_path / "link").is_symlink()


def test_pipes_folders_and_giants_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 100)
    with pytest.raises(NotRegular):
        read_regular(tmp_path / "pipe")
    with pytest.raises(NotRegular):
        read_regular(tmp_path)
    with pytest.raises(NotRegular):
        read_regular(tmp_path / "large", limit=99)
    assert read_regular(tmp_path / "none") is None
