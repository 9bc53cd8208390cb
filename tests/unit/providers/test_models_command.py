"""`plugsky models`, run in this process against a scripted server."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from scripted import Hang, RawServer, reply

from plugsky_tui.cli import models

LIVE = {"data": [{"id": "plugsky-pro"}, {"id": "new\x1b[31m-model", "context_length": 4096}]}


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PLUGSKY_API_KEY", "psk_live_12345678")


async def plugsky_models(server: RawServer, monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setenv("PLUGSKY_BASE_URL", server.url)
    parser = argparse.ArgumentParser()
    models.configure(parser)
    return await asyncio.to_thread(models.run, parser.parse_args(args))


async def test_the_live_list_is_merged_with_the_bundled_one_and_kept(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.play([reply(200, LIVE)], [reply(200, LIVE)])
    assert await plugsky_models(server, monkeypatch, "--json") == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    by_name = {row["id"]: row for row in listed}
    assert by_name["plugsky-pro"] == {
        "id": "plugsky-pro",
        "context_window": 65_536,
        "tier": "default",
        "capabilities": ["code", "reasoning", "tools"],
        "note": "Coding and reasoning, strong general purpose",
        "live": True,
    }
    assert by_name["plugsky-lite"]["live"] is False
    assert len(server.seen) == 1
    assert await plugsky_models(server, monkeypatch) == 0
    said = capsys.readouterr()
    assert len(server.seen) == 1
    assert "--refresh" in said.err
    assert await plugsky_models(server, monkeypatch, "--refresh") == 0
    assert len(server.seen) == 2


async def test_names_from_the_server_cannot_reach_the_terminal(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.play([reply(200, LIVE)])
    await plugsky_models(server, monkeypatch)
    out = capsys.readouterr().out
    assert "new-model" in out
    assert "\x1b" not in out
    assert "65K" in out


async def test_without_a_live_list_the_bundled_one_is_shown_and_said_to_be_that(
    server: RawServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.play([reply(401, {"error": {"message": "no such key"}})])
    assert await plugsky_models(server, monkeypatch) == 0
    said = capsys.readouterr()
    assert "bundled" in said.err
    assert "no such key" in said.err
    assert "plugsky-micro" in said.out


async def test_a_server_that_stays_silent_does_not_keep_back_the_lists_of_the_others(
    server: RawServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("plugsky_tui.providers.client.LIST_S", 1.0)
    silent = RawServer(scripts=[[Hang()]])
    async with await asyncio.start_server(silent.handle, "127.0.0.1", 0) as listening:
        silent.port = listening.sockets[0].getsockname()[1]
        server.play([reply(200, LIVE)])
        (tmp_path / "CONFIG").mkdir()
        (tmp_path / "CONFIG" / "config.toml").write_text(f'[providers.silent]\nbase_url = "{silent.url}"\n')
        assert await plugsky_models(server, monkeypatch, "--refresh") == 0
    said = capsys.readouterr()
    assert "silent did not list its models" in said.err and "within 1 seconds" in said.err
    assert "new-model" in said.out
