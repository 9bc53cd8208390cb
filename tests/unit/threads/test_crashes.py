"""Crashes, full disks and second processes."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.kernel.events import TextDelta, ThreadCompleted, TurnCompleted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads.records import parse
from plugsky_tui.threads.store import ThreadStore

from .conftest import file_of, write_run

WRITER = """
import asyncio, sys
from pathlib import Path
from plugsky_tui.threads import thread as module
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.kernel.events import *
from plugsky_tui.kernel.messages import UserMessage

module.FLUSH_S = 0.05

async def main():
    thread = ThreadStore(Path(sys.argv[1])).create(sys.argv[1], "m", "ask")
    print(thread.thread_id, flush=True)
    for run in range(100_000):
        thread.prompt(UserMessage(f"prompt {run}"))
        for word in range(20):
            thread.event(TextDelta(f"{run}:{word} "))
            await asyncio.sleep(0.0005)
        thread.event(ToolCalled(f"c{run}", "shell", {"command": "x" * 300}))
        thread.event(ToolResulted(f"c{run}", True, "y" * 3000, 0.1))
        thread.event(TurnCompleted("stop", "m"))
        thread.event(ThreadCompleted("completed", "", 1))
        print(run, flush=True)  # this run is saved

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(6))
def test_a_killed_process_leaves_a_thread_that_opens_with_all_that_was_saved(tmp_path: Path, seed: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    thread_id = process.stdout.readline().strip()
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 0.15))
    process.send_signal(signal.SIGKILL)
    acknowledged = [int(line) for line in process.stdout.read().split("\n")[:-1] if line.isdigit()]
    process.wait()
    process.stdout.close()

    store = ThreadStore(tmp_path)
    thread = store.open(thread_id)
    assert thread.writable
    said = thread.conversation()
    prompts = [message.text for message in said if isinstance(message, UserMessage)]
    last = max(acknowledged, default=0)
    assert prompts[: last + 1] == [f"prompt {run}" for run in range(last + 1)]
    thread.prompt(UserMessage("after the crash"))
    thread.close()
    again = store.open(thread_id)
    assert again.conversation()[: len(said)] == said
    assert again.conversation()[-1] == UserMessage("after the crash")
    assert len(again.damage) <= 1
    again.close()


def test_after_a_torn_record_the_next_begins_on_its_own_line(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    path = file_of(tmp_path, saved)
    path.write_bytes(path.read_bytes()[:-30])
    thread = store.open(saved)
    assert len(thread.damage) == 1
    thread.prompt(UserMessage("more"))
    thread.close()
    again = store.open(saved)
    assert again.conversation()[-1] == UserMessage("more")
    assert len(again.damage) == 1
    again.close()


def test_an_empty_or_headless_file_opens(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    path = file_of(tmp_path, saved)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"garbage" + b"".join(lines))
    thread = store.open(saved)
    assert len(thread.conversation()) == 5
    assert thread.damage
    thread.close()
    path.write_bytes(b"")
    thread = store.open(saved)
    assert thread.conversation() == []
    thread.prompt(UserMessage("x"))
    thread.close()


# --- disks ------------------------------------------------------------------------------------


def limited(path: Path, size: int) -> str:
    return f"""
import resource, sys
from pathlib import Path
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.kernel.events import *
from plugsky_tui.kernel.messages import UserMessage

thread = ThreadStore(Path({str(path)!r})).create("/", "m", "ask")
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
thread.prompt(UserMessage("one"))
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, hard))
for n in range(20):
    thread.event(TextDelta("word " * 30))
    thread.event(TurnCompleted("stop", "m"))
    thread.prompt(UserMessage(str(n)))
said = thread.conversation()
assert len(thread.problems) == 1, thread.problems
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
thread.event(ThreadCompleted("completed", "", 1))
assert len(thread.problems) == 2, thread.problems
assert thread.conversation() == said
print(thread.thread_id, len(said))
thread.close()
"""


@pytest.mark.parametrize("size", [1000, 1003, 1500])
def test_a_disk_that_fills_up_and_empties_again_costs_nothing(tmp_path: Path, size: int) -> None:
    done = subprocess.run([sys.executable, "-c", limited(tmp_path, size)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    thread_id, count = done.stdout.split()
    thread = ThreadStore(tmp_path).open(thread_id)
    assert thread.damage == []
    assert len(thread.conversation()) == int(count) == 41
    thread.close()


def test_a_half_written_record_that_cannot_be_taken_back_costs_itself_alone(
    tmp_path: Path, store: ThreadStore, saved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = store.open(saved)
    write = os.write

    def half(fd: int, data: bytes) -> int:
        return write(fd, data[: len(data) // 2])

    def refused(fd: int, size: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "write", half)
    monkeypatch.setattr(os, "ftruncate", refused)
    thread.prompt(UserMessage("torn"))
    monkeypatch.undo()
    thread.event(TextDelta("whole"))
    thread.event(TurnCompleted("stop", "m"))
    assert [len(problem) > 0 for problem in thread.problems] == [True, True]
    said = thread.conversation()
    thread.close()
    parsed = parse(file_of(tmp_path, saved).read_bytes())
    assert len(parsed.damage) == 1
    again = store.open(saved)
    assert again.conversation() == said
    assert UserMessage("torn") in said
    again.close()


@pytest.mark.parametrize("error", [5, 28, 30])
def test_a_write_that_fails_is_reported_once_and_made_up_for(
    store: ThreadStore, project: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    thread = store.create(project, "m", "ask")
    heard: list[str] = []
    thread.on_problem = heard.append
    thread.prompt(UserMessage("one"))

    def fails(fd: int, data: bytes) -> int:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "write", fails)
    for number in range(5):
        thread.prompt(UserMessage(str(number)))
    assert heard == thread.problems
    assert len(heard) == 1
    assert os.strerror(error) in heard[0]
    assert len(thread.conversation()) == 6
    monkeypatch.undo()
    thread.close()
    again = store.open(thread.thread_id)
    assert len(again.conversation()) == 6
    assert again.damage == []
    again.close()


def test_a_folder_that_cannot_be_made_is_no_crash(tmp_path: Path, project: Path) -> None:
    (tmp_path / "data").write_text("a file stands where the folder should be")
    thread = write_run(ThreadStore(tmp_path / "data").create(project, "m", "ask"))
    assert len(thread.problems) == 1
    assert len(thread.conversation()) == 5
    thread.close()


def test_a_file_deleted_meanwhile_is_no_crash_and_stays_deleted(
    tmp_path: Path, store: ThreadStore, project: Path
) -> None:
    thread = store.create(project, "m", "ask")
    thread.prompt(UserMessage("one"))
    file_of(tmp_path, thread.thread_id).unlink()
    thread.prompt(UserMessage("two"))
    assert "deleted" in thread.problems[0]
    assert thread.conversation() == [UserMessage("one"), UserMessage("two")]
    thread.event(ThreadCompleted("completed", "", 1))
    thread.close()
    assert not file_of(tmp_path, thread.thread_id).exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_may_only_be_read_opens_for_reading(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    file_of(tmp_path, saved).chmod(0o400)
    thread = store.open(saved)
    assert not thread.writable
    thread.close()


# --- two processes ----------------------------------------------------------------------------


def test_a_second_process_gets_the_thread_to_read_and_can_fork_it(
    tmp_path: Path, store: ThreadStore, saved: str
) -> None:
    mine = store.open(saved)
    before = file_of(tmp_path, saved).read_bytes()
    code = f"""
from pathlib import Path
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.kernel.messages import UserMessage
store = ThreadStore(Path({str(tmp_path / "data")!r}))
thread = store.open({saved!r})
assert not thread.writable
for n in range(500):
    thread.prompt(UserMessage(str(n)))
assert len(thread.conversation()) == 505
thread.close()
fork = store.fork({saved!r})
assert fork.writable and len(fork.conversation()) == 5
fork.prompt(UserMessage("mine"))
fork.close()
for refused in (lambda: store.delete({saved!r}), lambda: store.rename({saved!r}, "x")):
    try:
        refused()
    except Exception as error:
        assert "another plugsky" in error.message
    else:
        raise AssertionError
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert file_of(tmp_path, saved).read_bytes() == before
    for number in range(500):
        mine.prompt(UserMessage(str(number)))
    mine.close()
    again = store.open(saved)
    assert again.damage == []
    assert len(again.conversation()) == 505
    again.close()
    assert len(list((tmp_path / "data" / "threads").glob("*.jsonl"))) == 2


def test_what_is_no_file_is_not_opened(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    threads = tmp_path / "data" / "threads"
    os.mkfifo(threads / f"{'0' * 26}.jsonl")
    (threads / f"{'1' * 26}.jsonl").symlink_to(file_of(tmp_path, saved))
    for thread_id in ("0" * 26, "1" * 26):
        with pytest.raises(ThreadStoreError):
            store.open(thread_id)
    assert [info.thread_id for info in store.list()] == [saved]


def test_descriptors_are_given_back(tmp_path: Path, store: ThreadStore, saved: str) -> None:
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for _ in range(min(200, limit)):
        store.open(saved).close()
    if sys.platform == "linux":
        assert len(os.listdir("/proc/self/fd")) <= before  # fewer: what other tests left behind may be closed meanwhile
