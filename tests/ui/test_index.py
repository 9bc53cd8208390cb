"""/index builds the semantic index beside the session; a second /index stops it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from plugsky_tui.frontends.indexing import Indexing
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.session.options import Options
from plugsky_tui.simulator.faults import Faults, Rule, parse_fault
from plugsky_tui.simulator.server import Simulator


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name.lower()))
    monkeypatch.setenv("PLUGSKY_API_KEY", "psk_live_0123456789abcdef")
    made = tmp_path / "repo"
    made.mkdir()
    (made / "a.txt").write_text("The first file.\n")
    (made / "b.txt").write_text("The second file.\n")
    return made


class Screen:
    def __init__(self, folder: Path) -> None:
        self.passing: list[str] = []
        self.told: list[str] = []
        self.indexing = Indexing(
            options=lambda: Options(folder=folder), passing=self.passing.append, told=self.told.append
        )


async def test_it_says_what_goes_where_and_what_came_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(pace_s=0)
    monkeypatch.setenv("PLUGSKY_BASE_URL", await simulator.start())
    screen = Screen(folder)
    try:
        await screen.indexing.toggle()
        await screen.indexing.toggle()
    finally:
        await simulator.stop()

    assert screen.told[0].startswith("/index sends 2 chunks of 2 files (31 bytes of text) to 127.0.0.1:")
    assert "2 files indexed (2 new or changed): 2 chunks embedded" in screen.told[1]
    assert "/new" in screen.told[1]
    assert screen.told[2] == "Up to date: 2 files indexed."


async def test_a_second_time_stops_it_and_says_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simulator = Simulator(pace_s=0, faults=Faults([Rule(parse_fault("latency=60"))]))
    monkeypatch.setenv("PLUGSKY_BASE_URL", await simulator.start())
    screen = Screen(folder)
    try:
        running = asyncio.ensure_future(screen.indexing.toggle())
        async with asyncio.timeout(10):
            while not screen.told:
                await asyncio.sleep(0.01)
            await screen.indexing.toggle()
            await running
    finally:
        await simulator.stop()

    assert screen.told[-1] == "The index is not complete: 0 of 2 chunks are kept. /index goes on from there."


async def test_what_goes_wrong_is_the_commands_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLUGSKY_API_KEY")
    monkeypatch.setenv("PLUGSKY_BASE_URL", "https://api.plugsky.com/v1")

    with pytest.raises(PlugskyError) as caught:
        await Screen(folder).indexing.toggle()

    assert "needs an API key" in caught.value.message
