"""`plugsky index` and what comes of it, through the command, against the simulator on a real socket."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command import KEY, User, simulator, user_environment


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    scratch = tmp_path_factory.mktemp("simulator")
    with simulator(None, scratch, user_environment(scratch / "home"), "--latency", "0.1") as address:
        yield address


@pytest.fixture
def indexer(user: User, url: str) -> User:
    user.env["PLUGSKY_BASE_URL"] = url
    return user


def search(user: User, query: str, *words: str) -> str:
    done = user.plugsky("tool", "semantic_search", "--args", json.dumps({"query": query}), *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_is_indexed_looked_at_searched_and_forgotten(indexer: User) -> None:
    (indexer.folder / ".env").write_text("TOKEN=secret\n")
    (indexer.folder / "key.txt").write_text(f"the key is {KEY}\n")
    built = indexer.plugsky("index")
    assert built.returncode == 0, built.stderr
    assert "3 files indexed" in built.stdout
    assert "sends 3 chunks of 3 files" in built.stderr and "127.0.0.1" in built.stderr
    assert "may hold secrets: .env" in built.stderr

    status = json.loads(indexer.plugsky("index", "--status", "--json").stdout)
    assert (status["facts"]["files"], status["facts"]["dimensions"], status["standing"]["same"]) == (3, 4096, 3)

    found = search(indexer, "the sum of two numbers")
    assert found.startswith("src/sums.py:1-3")
    assert KEY not in search(indexer, "the key")
    denied = search(indexer, "the sum of two numbers", "--deny", "read(src/**)")
    assert "src/sums.py" not in denied

    assert "Deleted 1 index" in indexer.plugsky("index", "--clear").stdout
    assert "There is no index of this folder" in indexer.plugsky("index", "--status").stdout


def test_a_second_run_asks_for_nothing_and_says_so_in_json(indexer: User) -> None:
    first = json.loads(indexer.plugsky("index", "--json").stdout)
    second = json.loads(indexer.plugsky("index", "--json").stdout)

    assert (first["files"], first["chunks_embedded"]) == (2, 2)
    assert (second["files"], second["chunks_embedded"], second["changed"]) == (2, 0, 0)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_stopped_in_the_middle_the_next_run_goes_on(indexer: User, number: signal.Signals) -> None:
    for at in range(300):
        (indexer.folder / f"note_{at}.txt").write_text(f"Note {at} tells of {at * 7919}, and of nothing else.\n" * 20)
    begun = indexer.start("index")
    cache = Path(indexer.env["HOME"]) / ".cache/plugsky/semantic"
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size > 1_500_000 for path in cache.glob("*.sqlite")) and time.monotonic() < deadline:
        time.sleep(0.02)
    begun.send_signal(number)
    _, said = begun.communicate(timeout=20)

    assert begun.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -number)
    if number is not signal.SIGKILL:
        assert "are kept: plugsky index goes on from there" in said
    rest = json.loads(indexer.plugsky("index", "--json").stdout)
    assert rest["files"] == 302
    assert 0 < rest["chunks_embedded"] < 302 - 60


def test_without_a_key_and_without_an_index_the_next_step_is_named(user: User) -> None:
    del user.env["PLUGSKY_API_KEY"]

    refused = user.plugsky("index")
    asked = user.plugsky("tool", "semantic_search", "--args", '{"query": "sums"}')

    assert refused.returncode == 2
    assert "plugsky auth login" in refused.stderr and "--offline" in refused.stderr
    assert asked.returncode == 1
    assert "plugsky index" in asked.stderr


def test_offline_needs_neither_key_nor_network_and_has_an_index_of_its_own(user: User) -> None:
    del user.env["PLUGSKY_API_KEY"]

    assert user.plugsky("index", "--offline").returncode == 0
    assert search(user, "the sum of two numbers", "--offline").startswith("src/sums.py:1-3")
    assert "There is no index" in user.plugsky("index", "--status").stdout


def test_a_model_that_only_talks_is_an_error_with_the_next_step(indexer: User) -> None:
    done = indexer.plugsky("index", "-m", "plugsky-pro")

    assert done.returncode == 1
    assert "is not an embedding model" in done.stderr
    assert "index.model" in done.stderr
    assert "There is no index" in indexer.plugsky("index", "--status", "-m", "plugsky-pro").stdout


def test_the_model_is_offered_the_tool_once_there_is_an_index(user: User) -> None:
    def offered() -> list[str]:
        listed = json.loads(user.plugsky("tool", "--list", "--offline").stdout)
        return [each["function"]["name"] for each in listed]

    assert "semantic_search" not in offered()
    user.plugsky("index", "--offline")
    assert "semantic_search" in offered()


def test_a_whole_home_is_not_sent_by_mistake(indexer: User) -> None:
    done = indexer.plugsky("index", "-C", indexer.env["HOME"])

    assert done.returncode == 2
    assert "is no project" in done.stderr


def test_a_cache_that_cannot_be_written_is_an_error_with_the_next_step(indexer: User, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    indexer.env["PLUGSKY_CACHE_DIR"] = str(tmp_path / "file")

    done = indexer.plugsky("index")

    assert done.returncode == 1
    assert "The semantic index cannot be used" in done.stderr
    assert "PLUGSKY_CACHE_DIR" in done.stderr
