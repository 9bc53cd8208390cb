"""Long outputs keep head and tail; the whole goes to a private file that is gone after a week."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path

from plugsky_tui.workspace import spill as spill_module
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.outputs import BoundedOutput
from plugsky_tui.workspace.spill import KEPT_S, Spill


def bounded(folder: Path, *pieces: str) -> BoundedOutput:
    output = BoundedOutput(Spill(str(folder)), "shell", head=100, tail=200)
    for piece in pieces:
        output.add(piece)
    output.close()
    return output


def test_a_short_output_is_left_alone_and_makes_no_file(tmp_path: Path) -> None:
    output = bounded(tmp_path, "a\n" * 50, "b" * 200)
    assert output.text() == "a\n" * 50 + "b" * 200
    assert output.path is None
    assert list(tmp_path.iterdir()) == []


def test_a_long_output_keeps_head_and_tail_and_names_the_file_with_all_of_it(tmp_path: Path) -> None:
    lines = [f"line {number}\n" for number in range(1000)]
    output = bounded(tmp_path, *lines)
    text = output.text()
    assert text.startswith("line 0\n")
    assert text.endswith("line 998\nline 999\n")
    assert len(text) < 500
    named = re.search(r"the whole output is in (\S+) ", text)
    assert named
    path = Path(named[1])
    assert path.read_text() == "".join(lines)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    left_out = re.search(r"([\d,]+) characters are left out", text)
    assert left_out
    shown = sum(len(part) for part in re.split(r"\[….*…\]\n", text))
    assert int(left_out[1].replace(",", "")) + shown == sum(map(len, lines))


def test_one_huge_piece_is_bounded_like_many(tmp_path: Path) -> None:
    output = bounded(tmp_path, "x" * 1_000_000)
    assert len(output.text()) < 500
    assert output.path
    assert os.path.getsize(output.path) == 1_000_000


def test_the_file_does_not_grow_for_ever(tmp_path: Path, monkeypatch: object) -> None:
    limit = spill_module.FILE_LIMIT
    try:
        spill_module.FILE_LIMIT = 5_000
        output = bounded(tmp_path, *["y" * 1000] * 20)
    finally:
        spill_module.FILE_LIMIT = limit
    assert output.path
    assert os.path.getsize(output.path) == 5_000
    assert "the whole output" not in output.text()


def test_without_a_place_for_the_file_the_rest_is_dropped_and_said(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    assert "no file could be made" in bounded(tmp_path / "taken", "x" * 1000).text()


def test_files_older_than_a_week_are_deleted_and_no_others(tmp_path: Path) -> None:
    spill = Spill(str(tmp_path))
    old, new = spill.save("shell", "old"), spill.save("shell", "new")
    other = tmp_path / "not-ours.txt"
    other.write_text("x")
    assert old
    assert new
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    assert spill.clean() == 1
    assert sorted(os.listdir(tmp_path)) == sorted(["not-ours.txt", os.path.basename(new)])
    assert spill.clean(time.time() + KEPT_S + 60) == 1


def test_who_adds_a_file_tidies_the_folder_first(tmp_path: Path) -> None:
    old = Spill(str(tmp_path)).save("shell", "old")
    assert old is not None
    os.utime(old, (0, 0))
    new = Spill(str(tmp_path)).save("shell", "new")
    assert [os.path.join(tmp_path, name) for name in os.listdir(tmp_path)] == [new]


def test_a_file_that_is_being_written_is_kept_however_old_it_is(tmp_path: Path) -> None:
    spill = Spill(str(tmp_path))
    quiet = spill.open("shell")
    assert quiet is not None
    os.utime(quiet.path, (0, 0))
    assert Spill(str(tmp_path)).clean() == 0
    quiet.close()
    assert Spill(str(tmp_path)).clean() == 1


def test_a_file_of_an_earlier_session_is_known_by_its_name_and_a_link_is_not_such_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    earlier = Spill(str(tmp_path / "o")).save("shell", "text")
    now = Spill(str(tmp_path / "o"))
    assert earlier is not None and now.made(earlier)
    for name in ("plugsky-shell-0123456789ab.txt", "plugsky-shell-x.txt", "notes.txt"):
        os.link(tmp_path / "secret", tmp_path / "o" / name)
        assert not now.made(str(tmp_path / "o" / name))
    os.link(earlier, tmp_path / "o" / "another-name.txt")
    assert not now.made(earlier)
    assert not now.made(str(tmp_path / "o"))
    assert not now.made(str(tmp_path / "o" / "plugsky-shell-fedcba987654.txt"))


def test_the_environment_of_children_has_no_key_and_nothing_that_bends_bash() -> None:
    base = {
        "PATH": "/usr/bin",
        "PLUGSKY_API_KEY": "psk_live_0123456789",
        "COPY": "psk_live_0123456789",
        "HEADER": "Bearer psk_live_0123456789",
        "OTHER": "local-secret-key",
        "BASH_ENV": "/tmp/evil",
        "ENV": "/tmp/evil",
        "PROMPT_COMMAND": "evil",
        "SHELLOPTS": "xtrace",
        "BASH_FUNC_ls%%": "() { evil; }",
        "FORCE_COLOR": "1",
        "LANG": "C.UTF-8",
    }
    child = child_environment(base, ["local-secret-key"])
    assert {"PATH", "LANG"} <= set(child)
    assert not {"PLUGSKY_API_KEY", "COPY", "HEADER", "OTHER", "BASH_ENV", "ENV", "PROMPT_COMMAND", "SHELLOPTS"} & set(
        child
    )
    assert not any(name.startswith("BASH_FUNC_") or name == "FORCE_COLOR" for name in child)
    assert (child["PAGER"], child["GIT_PAGER"], child["GIT_EDITOR"], child["TERM"]) == ("cat", "cat", "true", "dumb")
    assert (child["NO_COLOR"], child["GIT_TERMINAL_PROMPT"]) == ("1", "0")
