"""All threads: listed, found, renamed, forked, deleted."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolResulted, TurnCompleted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads import ids
from plugsky_tui.threads.records import to_line
from plugsky_tui.threads.store import ThreadStore, excerpt

from .conftest import file_of, write_run


def made(store: ThreadStore, folder: Path, prompt: str, answer: str = "ok") -> str:
    thread = store.create(folder, "plugsky-pro", "ask")
    thread.prompt(UserMessage(prompt))
    thread.event(TextDelta(answer))
    thread.event(TurnCompleted("stop", "m"))
    thread.close()
    return thread.thread_id


def index_of(tmp_path: Path) -> Path:
    return tmp_path / "data" / "threads" / "index.sqlite3"


def at(tmp_path: Path, thread_id: str, seconds: int) -> None:
    """Say that a thread was last worked on at this time."""
    os.utime(file_of(tmp_path, thread_id), (seconds, seconds))


def test_ids_sort_by_time_and_never_clash_even_when_the_clock_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert len({ids.new_id() for _ in range(10_000)}) == 10_000  # all in the same millisecond
    now = ids.new_id()
    monkeypatch.setattr(ids, "time_ns", lambda: 1_700_000_000_001_000_000)
    assert ids.new_id() > now
    assert len(now) == 26
    assert ids.is_id_start(now)
    assert not any(map(ids.is_id_start, ("", "../x", "O", now + "0")))


def test_a_listing_has_what_one_wants_to_know(tmp_path: Path, store: ThreadStore, saved: str, project: Path) -> None:
    (info,) = store.list()
    assert (info.thread_id, info.title, info.folder) == (saved, "Fix the bug", str(project))
    assert (info.turns, info.model) == (1, "plugsky-pro")
    assert info.size == file_of(tmp_path, saved).stat().st_size
    assert info.created <= info.updated
    assert info.updated.endswith("Z")


def test_threads_are_listed_by_folder_the_last_worked_on_first(
    tmp_path: Path, store: ThreadStore, project: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    first, second, elsewhere = (made(store, folder, "x") for folder in (project, project, other))
    for number, thread_id in enumerate((second, elsewhere, first)):
        at(tmp_path, thread_id, 1_000 + number)
    assert [info.thread_id for info in store.list()] == [first, elsewhere, second]
    assert [info.thread_id for info in store.list(other)] == [elsewhere]
    (tmp_path / "link").symlink_to(project)
    assert [info.thread_id for info in store.list(tmp_path / "link")] == [first, second]
    assert store.newest(tmp_path / "link") == first
    assert store.newest(tmp_path) is None


def test_a_listing_follows_what_happens_to_the_files(tmp_path: Path, store: ThreadStore, project: Path) -> None:
    thread_id = made(store, project, "one")
    assert [info.turns for info in store.list()] == [1]
    thread = store.open(thread_id)
    thread.prompt(UserMessage("two"))
    assert [info.turns for info in store.list()] == [2]
    thread.setting("model", "other")
    thread.close()
    assert [(info.turns, info.model) for info in store.list()] == [(2, "other")]
    path = file_of(tmp_path, thread_id)
    path.write_bytes(path.read_bytes()[:400])  # shrunk: looked at again from the start
    assert [(info.turns, info.title) for info in store.list()] == [(1, "one")]
    path.unlink()
    assert store.list() == []
    assert store.search("one") == []


@pytest.mark.parametrize("damage", ["garbage", "empty", "deleted", "tables", "truncated"])
def test_a_damaged_index_is_made_again(tmp_path: Path, store: ThreadStore, saved: str, damage: str) -> None:
    expected, found = store.list(), store.search("bug")
    index = index_of(tmp_path)
    assert index.stat().st_mode & 0o777 == 0o600
    match damage:
        case "garbage":
            index.write_bytes(b"this is no database " * 500)
        case "empty":
            index.write_bytes(b"")
        case "deleted":
            index.unlink()
        case "tables":
            with sqlite3.connect(index) as db:
                db.execute("DROP TABLE threads")
            db.close()
        case _:
            index.write_bytes(index.read_bytes()[: 4096 * 3 + 100])
    assert store.list() == expected
    assert store.search("bug") == found
    assert len(found) == 1


def test_an_index_that_cannot_be_written_is_done_without(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    index_of(tmp_path).mkdir()
    assert [info.thread_id for info in store.list()] == [saved]
    assert len(store.search("bug")) == 1


def test_an_index_that_is_busy_is_done_without(
    tmp_path: Path, store: ThreadStore, saved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.list()
    monkeypatch.setattr("plugsky_tui.threads.index.BUSY_S", 0.05)
    other = sqlite3.connect(index_of(tmp_path))
    other.execute("BEGIN EXCLUSIVE")
    assert [info.thread_id for info in store.list()] == [saved]
    other.rollback()
    other.close()


def test_search_finds_words_anywhere_in_any_case(store: ThreadStore, project: Path) -> None:
    one = made(store, project, "Refactor the parser", "I renamed parse_header to read_header in größe.py")
    two = made(store, project, "Unrelated", "100% done, it's a_b 'quoted\" and 日本語のテキスト")
    for words in ("parser", "PARSE_HEADER", "renamed größe", "GRÖSSE.py".replace("SS", "ß"), "ead_hea"):
        assert [hit.info.thread_id for hit in store.search(words)] == [one], words
    for words in ("100%", "a_b", "'quoted\"", "日本", "it's"):
        assert [hit.info.thread_id for hit in store.search(words)] == [two], words
    for words in ("nothing", "axb", "parser unrelated", "", "   ", '"', "NOT", "a* OR b"):
        found = {hit.info.thread_id for hit in store.search(words)}
        assert found <= ({two} if words == '"' else set()), words
    assert "renamed parse_header" in store.search("read_header")[0].excerpt


def test_search_looks_into_calls_results_and_titles(store: ThreadStore, saved: str) -> None:
    store.rename(saved, "Zanzibar")
    for word in ("x = 1", "a.py", "zanzibar", "refused"):
        assert [hit.info.thread_id for hit in store.search(word)] == [saved], word


def test_search_finds_what_was_added_since(store: ThreadStore, saved: str) -> None:
    assert store.search("quokka") == []
    thread = store.open(saved)
    thread.prompt(UserMessage("about the quokka"))
    assert len(store.search("quokka")) == 1
    thread.close()
    assert len(store.search("quokka")) == 1


def test_without_fts_search_finds_the_same(
    tmp_path: Path, store: ThreadStore, saved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Old(sqlite3.Connection):
        def execute(self, sql: str, *more: object) -> sqlite3.Cursor:  # type: ignore[override]
            if "fts5" in sql and sql.startswith("CREATE"):
                raise sqlite3.OperationalError("no such module: fts5")
            return super().execute(sql, *more)  # type: ignore[arg-type]

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda place, **options: connect(place, factory=Old, **options))
    assert [hit.info.thread_id for hit in store.search("bug fix")] == [saved]
    assert store.search("nowhere") == []


def test_a_folder_whose_name_is_no_text_has_its_threads_too(tmp_path: Path, store: ThreadStore) -> None:
    odd = tmp_path / os.fsdecode(b"odd\xff")
    try:
        odd.mkdir()
    except OSError:
        pytest.skip("this file system takes only text for names")
    thread_id = made(store, odd, "x")
    assert store.newest(odd) == thread_id
    assert [info.thread_id for info in store.list(odd)] == [thread_id]
    assert store.search("x\udcff") == []


def test_an_excerpt_shows_the_place(store: ThreadStore) -> None:
    text = "a " * 200 + "needle\n\tin hay " + "b " * 200
    found = excerpt(text, ["NEEDLE"])
    assert "needle in hay" in found
    assert found.startswith("…")
    assert found.endswith("…")
    assert len(found) < 110
    assert excerpt("short", ["x"]) == "short"


def test_a_prefix_is_enough_where_only_one_thread_begins_so(store: ThreadStore, project: Path) -> None:
    first, second = made(store, project, "one"), made(store, project, "two")
    assert store.resolve(first.upper()) == first
    shared = first[: next(at for at in range(26) if first[at] != second[at])]
    assert store.resolve(first[: len(shared) + 1]) == first
    with pytest.raises(ThreadStoreError) as caught:
        store.resolve(shared)
    assert first in caught.value.hint
    assert second in caught.value.hint
    assert caught.value.exit_code == 2
    for wrong in ("zzz", "", "../../etc/passwd", "*", first + "0"):
        with pytest.raises(ThreadStoreError, match="no thread"):
            store.open(wrong)


def test_a_new_name_changes_the_title_and_not_the_order(tmp_path: Path, store: ThreadStore, project: Path) -> None:
    old, new = made(store, project, "old"), made(store, project, "new")
    at(tmp_path, old, 1_000)
    assert store.rename(old[:25], "  A better\n name ") == old
    assert [(info.thread_id, info.title) for info in store.list()] == [(new, "new"), (old, "A better name")]
    assert store.newest(project) == new
    thread = store.open(old)
    assert thread.title == "A better name"
    thread.close()


def test_a_fork_begins_with_all_that_was_said_and_goes_its_own_way(
    tmp_path: Path, store: ThreadStore, saved: str
) -> None:
    before = file_of(tmp_path, saved).read_bytes()
    fork = store.fork(saved)
    assert fork.writable
    assert fork.thread_id != saved
    assert fork.title == "Fix the bug (fork)"
    original = store.open(saved)
    assert fork.conversation() == original.conversation()
    assert fork.history() == original.history()
    original.close()
    write_run(fork, "other")
    fork.close()
    assert file_of(tmp_path, saved).read_bytes() == before
    again = store.open(fork.thread_id)
    assert (len(again.conversation()), again.damage) == (10, [])
    assert file_of(tmp_path, fork.thread_id).stat().st_mode & 0o777 == 0o600
    again.close()
    assert {info.title for info in store.list()} == {"Fix the bug", "Fix the bug (fork)"}


def test_a_fork_leaves_damage_behind_and_closes_what_was_open(
    tmp_path: Path, store: ThreadStore, project: Path
) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("go"))
    thread.event(ToolCalled("c1", "shell", {}))
    with file_of(tmp_path, thread.thread_id).open("ab") as file:
        file.write(b'{"v":1,"seq":9')
    fork = store.fork(thread.thread_id)
    assert fork.damage == []
    assert len(fork.conversation()) == 3
    fork.close()
    thread.close()


def test_a_deleted_thread_is_gone(store: ThreadStore, saved: str) -> None:
    assert store.delete(saved[:20]) == saved
    assert store.list() == []
    with pytest.raises(ThreadStoreError):
        store.open(saved)


def test_a_run_does_not_import_sqlite(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.kernel.messages import UserMessage
store = ThreadStore(Path({str(tmp_path)!r}))
thread = store.create("/", "m", "ask")
thread.prompt(UserMessage("x"))
thread.close()
store.open(store.newest("/")).close()
print([m for m in ("sqlite3", "pydantic", "difflib", "logging", "platformdirs", "tomllib") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_newest_of_a_folder_is_found_among_many(tmp_path: Path, store: ThreadStore, project: Path) -> None:
    mine = made(store, project, "mine")
    header = file_of(tmp_path, mine).read_bytes()
    for number in range(300):
        other = file_of(tmp_path, f"{number:026d}")
        other.write_bytes(header.replace(str(project).encode(), b"/elsewhere"))
        os.utime(other, (2_000_000_000 + number, 2_000_000_000 + number))
    started = time.perf_counter()
    assert store.newest("/elsewhere") == f"{299:026d}"
    assert time.perf_counter() - started < 1
    assert store.newest(project) == mine  # behind all the others: here the index is asked


@pytest.mark.slow
def test_a_thread_of_fifty_thousand_records_is_quick_to_list_and_to_open(
    tmp_path: Path, store: ThreadStore, project: Path
) -> None:
    thread_id = made(store, project, "big")
    call = to_line(ToolCalled("c", "read", {"file_path": "x"}), 5)
    result = to_line(ToolResulted("c", True, "a line of output\n" * 250, 0.1), 6)
    with file_of(tmp_path, thread_id).open("ab") as file:
        file.write((call + result) * 25_000)
    assert file_of(tmp_path, thread_id).stat().st_size > 100_000_000
    started = time.process_time()  # the machine may be busy
    (info,) = store.list()
    listed = time.process_time() - started
    started = time.process_time()
    thread = store.open(thread_id)
    opened = time.process_time() - started
    thread.close()
    assert info.title == "big"
    assert listed < 0.6  # 0.1 s on a quiet machine; the goal is 0.2
    assert opened < 3.0  # 0.6 s on a quiet machine; the goal is 1.5
