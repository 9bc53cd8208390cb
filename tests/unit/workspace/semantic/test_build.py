"""An index is brought up to date: only what is new is asked for, and what was paid for is kept whatever happens."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from support.semantic import Model, Repo

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.workspace.semantic import build as building
from plugsky_tui.workspace.semantic.lock import alone
from plugsky_tui.workspace.semantic.store import Unusable
from plugsky_tui.workspace.semantic.survey import standing


async def test_each_chunk_is_asked_for_once_and_a_second_run_asks_nothing(repo: Repo) -> None:
    first = await repo.build()
    assert sorted(text.split("\n")[0] for text in repo.model.texts) == [
        "Boil the potatoes in salted water, then fry them in butter.",
        "Invoices are paid by bank transfer, with interest after thirty days.",
        "push",
    ]
    second = await repo.build()

    assert (first.chunks, first.plan.files, repo.told.done) == (3, 3, 3)
    assert (second.chunks, second.plan.files, second.plan.changed) == (0, 3, 0)
    assert repo.model.asked == []


async def test_what_changes_is_asked_for_and_what_moves_or_is_copied_is_not(repo: Repo) -> None:
    await repo.build()
    (repo.path / "pay.txt").rename(repo.path / "money.txt")
    repo.put("copy/cook.txt", (repo.path / "cook.txt").read_text())
    repo.put("src/queue.py", "def pop(queue):\n    return queue.pop(0)\n")

    built = await repo.build()

    assert repo.model.texts == ["pop\ndef pop(queue):\n    return queue.pop(0)"]
    assert (built.plan.changed, built.plan.gone) == (3, 1)
    assert repo.best("bank transfer of invoices") == "money.txt"


async def test_files_that_are_gone_leave_and_cost_nothing_when_they_come_back(repo: Repo) -> None:
    await repo.build()
    text = (repo.path / "cook.txt").read_text()
    (repo.path / "cook.txt").unlink()
    await repo.build()
    assert {hit.path for hit in repo.search("potatoes in butter").hits} == {"src/queue.py", "pay.txt"}

    repo.put("cook.txt", text)
    await repo.build()

    assert repo.model.asked == []
    assert repo.best("potatoes in butter") == "cook.txt"


async def test_a_file_that_was_only_touched_is_the_same_file(repo: Repo) -> None:
    await repo.build()
    os.utime(repo.path / "pay.txt", (1, 1))

    assert (await repo.build()).plan.changed == 0


async def test_what_was_asked_before_a_failure_is_kept_and_the_next_run_goes_on(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "BATCH", 2)
    for number in range(6):
        repo.put(f"note_{number}.txt", f"Note number {number} is about nothing else than {'xyzabc'[number] * 5}.\n")
    with pytest.raises(ProviderError):
        await repo.build(Model(breaks_after=2))
    kept = repo.model.texts
    assert repo.search("fry potatoes").complete is False

    built = await repo.build()

    assert len(kept) == 4
    assert not set(kept) & set(repo.model.texts)
    assert built.chunks == 5
    assert repo.search("fry potatoes").complete
    assert repo.store.facts().chunks == 9


async def test_cancelled_in_a_request_it_has_kept_all_before_it(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BATCH", 1)

    class Slow(Model):
        async def embed(self, texts):  # type: ignore[no-untyped-def]
            if len(self.asked) == 2:
                await asyncio.sleep(60)
            return await super().embed(texts)

    run = asyncio.ensure_future(repo.build(Slow()))
    async with asyncio.timeout(10):
        while repo.told.done < 2:
            await asyncio.sleep(0.01)
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)

    assert (await repo.build()).chunks == 1


async def test_a_file_that_changes_while_it_runs_is_left_for_the_next_run(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "BATCH", 1)

    class Meanwhile(Model):
        async def embed(self, texts):  # type: ignore[no-untyped-def]
            repo.put("src/queue.py", "def changed():\n    return 'meanwhile'\n")
            return await super().embed(texts)

    built = await repo.build(Meanwhile())

    assert built.moved == 1
    assert (await repo.build()).chunks == 1
    assert repo.best("changed meanwhile") == "src/queue.py"


async def test_what_must_not_be_sent_is_not(repo: Repo) -> None:
    repo.clean = lambda text: text.replace("psk_live_secret", "[key]")
    repo.put("notes.txt", "The key is psk_live_secret, keep it.\n")

    await repo.build()

    assert "The key is [key], keep it." in repo.model.texts
    assert not any("psk_live_secret" in text for text in repo.model.texts)
    assert [hit.text for hit in repo.search("the key to keep", 1).hits] == ["The key is psk_live_secret, keep it."]
    assert (await repo.build()).plan.changed == 0


async def test_left_out_are_lock_files_binaries_and_generated_files_and_it_is_said_why(repo: Repo) -> None:
    repo.put("uv.lock", "version = 1\n")
    repo.put("gen.py", "# Code generated by a tool. DO NOT EDIT.\nX = 1\n")
    (repo.path / "a.bin").write_bytes(b"\0" * 50)

    built = await repo.build()

    assert built.plan.skipped == {"uv.lock": "is a lock file", "gen.py": "is generated", "a.bin": "is binary"}
    assert len(repo.model.texts) == 3
    where = standing(repo.folder(), repo.store)
    assert (where.same, where.changed, where.new, where.gone) == (3, 0, 0, 0)


async def test_status_counts_what_has_changed_since(repo: Repo) -> None:
    await repo.build()
    repo.put("pay.txt", "Nothing is paid any more.\n")
    repo.put("new.txt", "A new file.\n")
    (repo.path / "cook.txt").unlink()

    where = standing(repo.folder(), repo.store)

    assert (where.same, where.changed, where.new, where.gone) == (1, 1, 1, 1)


@pytest.mark.parametrize("damage", ["head", "middle", "other"])
async def test_a_damaged_index_is_built_anew_and_it_is_said(repo: Repo, damage: str) -> None:
    for number in range(200):
        repo.put(f"note_{number}.txt", f"Note {number} {number * 7919} is about {chr(97 + number % 26) * 6}.\n")
    await repo.build()
    path = Path(repo.store.path)
    data = bytearray(path.read_bytes())
    match damage:
        case "head":
            data[:16] = b"no database here"
        case "middle":
            data[8192 : len(data) // 2] = b"\xff" * (len(data) // 2 - 8192)
        case "other":
            data = bytearray(b"something else entirely " * 100)
    path.write_bytes(bytes(data))

    built = await repo.build()

    assert built.chunks == 203
    assert any("damaged" in line for line in repo.told.said)
    assert repo.best("fry potatoes in butter") == "cook.txt"


async def test_an_index_of_an_older_plugsky_is_begun_anew(repo: Repo) -> None:
    await repo.build()
    with sqlite3.connect(repo.store.path) as db:
        db.execute("UPDATE facts SET value = '0' WHERE name = 'version'")

    assert (await repo.build()).chunks == 3


async def test_an_empty_folder_has_no_index(repo: Repo) -> None:
    for path in [*repo.path.rglob("*.*")]:
        path.unlink()

    assert (await repo.build()).plan.files == 0
    assert not repo.store.exists


async def test_the_index_is_for_its_owner_only(repo: Repo) -> None:
    await repo.build()

    assert stat.S_IMODE(os.stat(repo.store.path).st_mode) == 0o600


async def test_where_nothing_can_be_written_the_place_is_named(repo: Repo) -> None:
    Path(repo.store.path).parent.parent.joinpath("semantic").write_text("a file where the folder should be")

    with pytest.raises(Unusable) as caught:
        await repo.build()

    assert repo.store.path in caught.value.message
    assert "PLUGSKY_CACHE_DIR" in caught.value.hint


async def test_two_at_once_take_turns(tmp_path: Path) -> None:
    said: list[str] = []
    path = str(tmp_path / "lock")
    order: list[str] = []

    async def second() -> None:
        async with alone(path, said.append):
            order.append("second")

    async with alone(path, said.append):
        waiting = asyncio.ensure_future(second())
        async with asyncio.timeout(10):
            while not said:
                await asyncio.sleep(0.01)
        order.append("first")
    await waiting

    assert order == ["first", "second"]
    assert "Another plugsky is building this index" in said[0]
