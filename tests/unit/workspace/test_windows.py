"""Windows of files of any size."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.windows import LINE_LIMIT, SMALL, Head, Window, read_window


def window(path: Path, first: int = 1, limit: int = 2000) -> Window:
    found = read_window(os.path.realpath(path), path.name, first, limit)
    assert isinstance(found, Window)
    return found


def test_a_window_holds_its_lines_and_knows_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"1\r\n2\r\n3\r\n4")
    assert window(path, 2, 2).lines == ["2", "3"]
    assert window(path, 2, 2).more
    assert window(path, 2, 2).total == 4
    assert not window(path, 4, 2).more
    assert window(path, 9).lines == []


def test_a_large_file_gives_the_same_window_as_a_small_one(tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    line = "line {} with some more text\r\n"
    with path.open("w", newline="") as file:
        file.writelines(line.format(number) for number in range(1, 400_001))
        file.write("the end")
    assert path.stat().st_size > SMALL
    for first in (1, 2, 37_000, 123_456, 400_000):
        assert window(path, first, 2).lines[0] == line.format(first).strip()
        assert window(path, first, 1).more
    assert window(path, 400_001).lines == ["the end"]
    assert not window(path, 400_001).more
    assert window(path, 500_000).lines == []


def test_ten_gibibytes_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "huge.log"
    with path.open("wb") as file:
        file.write(b"short\n" * 100_000)
        file.truncate(10 << 30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = window(path, 99_990, 5)
    assert found.lines == ["short"] * 5
    assert found.size == 10 << 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_one_line_of_fifty_mebibytes_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_bytes(b"short\n" + b"x" * (50 << 20) + b"\nafter\n")
    found = window(path)
    assert [len(line) for line in found.lines] == [5, LINE_LIMIT, 5]
    assert found.cut == {2: 50 << 20}


def test_a_long_line_of_a_small_file_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_text("x" * (LINE_LIMIT + 1) + "\n" + "y" * LINE_LIMIT)
    found = window(path)
    assert [len(line) for line in found.lines] == [LINE_LIMIT, LINE_LIMIT]
    assert found.cut == {1: LINE_LIMIT + 1}


def test_carriage_returns_alone_end_lines_where_there_is_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "mac.txt"
    path.write_bytes(b"one\rtwo\rthree")
    assert window(path).lines == ["one", "two", "three"]


def test_utf16_reads_as_text(tmp_path: Path) -> None:
    path = tmp_path / "wide.txt"
    path.write_text("eins\nzw\u00f6lf\n", encoding="utf-16")
    assert window(path).lines == ["eins", "zw\u00f6lf"]


def test_binary_data_gives_its_head(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x7fELF\0\0")
    found = read_window(os.path.realpath(path), "a.bin", 1, 10)
    assert isinstance(found, Head)
    assert found.size == 6


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="folder"):
        read_window(os.path.realpath(tmp_path), "x", 1, 1)
