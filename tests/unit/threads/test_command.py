"""`plugsky threads`."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path

import pytest

from plugsky_tui.cli import threads
from plugsky_tui.kernel.errors import ThreadStoreError, UsageError
from plugsky_tui.kernel.events import Notice, TextDelta
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads.store import ThreadStore

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUGSKY_DATA_DIR", str(tmp_path / "data"))


def command(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog="plugsky threads")
    threads.configure(parser)
    return threads.run(parser.parse_args(arguments))


def test_without_threads_nothing_is_listed_nor_made(tmp_path: Path, capsys: Capture) -> None:
    assert command("list") == 0
    assert capsys.readouterr().out == ""
    command("list", "--json")
    assert json.loads(capsys.readouterr().out) == []
    command("search", "x", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_list_and_search_tell_the_same_to_people_and_to_scripts(saved: str, project: Path, capsys: Capture) -> None:
    command("list")
    line = capsys.readouterr().out
    assert line.startswith(saved)
    assert "Fix the bug" in line
    command("list", "--json", "-C", str(project))
    (info,) = json.loads(capsys.readouterr().out)
    assert set(info) == {"thread_id", "title", "folder", "created", "updated", "turns", "model", "size"}
    command("list", "--json", "-C", str(project.parent))
    assert json.loads(capsys.readouterr().out) == []
    command("search", "read", "it", "--json")
    (hit,) = json.loads(capsys.readouterr().out)
    assert (hit["thread_id"], hit["excerpt"]) == (saved, "I will read it.")


def test_show_is_a_readable_transcript(saved: str, capsys: Capture) -> None:
    command("show", saved[:25])
    out = capsys.readouterr().out
    for piece in (
        "> Fix the bug\n> in a.py",
        "~ Let me think.",
        "I will read it.",
        '* read {"file_path"',
        "  1\tx = 1",
        "denied by user: No.",
    ):
        assert piece in out
    command("show", saved, "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["thread_id"] == saved
    assert [item["type"] for item in shown["items"][:4]] == ["prompt", "reasoning.delta", "usage", "text.delta"]


def test_nothing_in_a_thread_reaches_the_terminal_raw(store: ThreadStore, project: Path, capsys: Capture) -> None:
    thread = store.create(project, "m\x1b[2J", "ask")
    thread.prompt(UserMessage("a\x1b]52;c;QQ==\x07b\u202e"))
    thread.event(TextDelta("\x1b[31mred half: \ud83d"))
    thread.event(Notice("x", "\x9b2J"))
    thread.close()
    for arguments in (["list"], ["show", thread.thread_id], ["search", "red"]):
        command(*arguments)
        out = capsys.readouterr().out
        assert out
        assert not any(char in out for char in "\x1b\x07\x9b\u202e\ud83d"), arguments
    command("show", thread.thread_id, "--json")
    assert "\\ud83d" in capsys.readouterr().out


def test_rename_fork_and_delete(saved: str, store: ThreadStore, capsys: Capture) -> None:
    command("rename", saved, "New", "name")
    command("fork", saved)
    fork = capsys.readouterr().out.strip()
    assert {info.title for info in store.list()} == {"New name", "New name (fork)"}
    command("delete", "--yes", "--json", saved, saved[:25])
    assert json.loads(capsys.readouterr().out) == {"deleted": [saved]}
    assert [info.thread_id for info in store.list()] == [fork]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("\n", 1), ("no\n", 1), ("", 1)])
def test_delete_asks_on_a_terminal(
    saved: str, store: ThreadStore, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert command("delete", saved) == 0
    assert len(store.list()) == left


def test_delete_without_anyone_to_ask_needs_yes(saved: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError) as caught:
        command("delete", saved)
    assert "--yes" in caught.value.hint


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(ThreadStoreError, match="no thread 'zzz'"):
        command("show", "zzz")
    with pytest.raises(UsageError):
        command("rename", "zzz", "  ")
