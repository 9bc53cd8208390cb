"""Favourite models and those chosen last are kept between starts, by several processes at once, and never in the way."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plugsky_tui.config.model_choices import FILE, MOST_RECENTS, ModelChoices


def test_favourites_and_recents_are_there_at_the_next_start(tmp_path: Path) -> None:
    choices = ModelChoices(tmp_path)
    assert choices.toggle_favourite("plugsky-pro")
    assert choices.toggle_favourite("local/llama")
    choices.used("plugsky-max")
    later = ModelChoices(tmp_path).read()
    assert later.favourites == ["plugsky-pro", "local/llama"]
    assert later.recents == ["plugsky-max"]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_mark_is_taken_away_again(tmp_path: Path) -> None:
    choices = ModelChoices(tmp_path)
    assert choices.toggle_favourite("a")
    assert not choices.toggle_favourite("a")
    assert ModelChoices(tmp_path).read().favourites == []


def test_the_last_chosen_comes_first_once_and_only_a_few_stay(tmp_path: Path) -> None:
    choices = ModelChoices(tmp_path)
    for number in range(MOST_RECENTS + 3):
        choices.used(f"m{number}")
    choices.used("m5")
    recents = choices.read().recents
    assert recents[:2] == ["m5", "m7"]
    assert len(recents) == MOST_RECENTS == len(set(recents))


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[1]",
        b'{"favourites": 3, "recents": {"a": 1}}',
        b'{"favourites": [1, null, ["x"], ""]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_counts_as_empty_and_is_written_anew(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / FILE).write_bytes(damage)
    choices = ModelChoices(tmp_path)
    assert (choices.read().favourites, choices.read().recents) == ([], [])
    choices.toggle_favourite("a")
    assert json.loads((tmp_path / FILE).read_text())["favourites"] == ["a"]


def test_what_is_understood_of_a_half_damaged_file_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"v": 9, "favourites": ["a", 7, "a", "b"], "recents": None}))
    assert ModelChoices(tmp_path).read().favourites == ["a", "b"]


def test_a_pipe_in_its_place_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    assert ModelChoices(tmp_path).read().favourites == []


def test_where_it_cannot_be_written_the_choice_holds_for_this_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for choices in (ModelChoices(tmp_path / "file" / "below"), ModelChoices(None)):
        assert choices.toggle_favourite("a")
        choices.used("b")
        assert (choices.read().favourites, choices.read().recents) == (["a"], ["b"])
        assert not choices.toggle_favourite("a")


def test_another_process_that_holds_the_lock_is_not_waited_for_forever(tmp_path: Path) -> None:
    with open(tmp_path / f"{FILE}.lock", "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert ModelChoices(tmp_path).toggle_favourite("a")
    assert ModelChoices(tmp_path).read().favourites == ["a"]


def test_what_two_processes_mark_is_all_there(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from plugsky_tui.config.model_choices import ModelChoices\n"
        "choices = ModelChoices(pathlib.Path(sys.argv[1]))\n"
        "for number in range(15): choices.toggle_favourite(f'{sys.argv[2]}{number}')\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "ab"]
    assert [process.wait(30) for process in both] == [0, 0]
    assert set(ModelChoices(tmp_path).read().favourites) == {f"{name}{number}" for name in "ab" for number in range(15)}
