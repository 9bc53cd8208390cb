"""A scripted server for each test, and a provider that talks to it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint

sys.path.insert(0, str(Path(__file__).parent))  # test modules are no package: this lets them share scripted.py

from scripted import RawServer


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    raw = RawServer()
    listening = await asyncio.start_server(raw.handle, "127.0.0.1", 0, limit=1 << 26)
    raw.port = listening.sockets[0].getsockname()[1]
    yield raw
    listening.close()


@pytest.fixture
def endpoint(server: RawServer) -> Endpoint:
    return Endpoint(server.url, key=lambda: "psk_live_1", project="prj_1", region="eu-west-1")


@pytest.fixture
async def chat(endpoint: Endpoint) -> AsyncIterator[Client]:
    provider = Client(endpoint)
    yield provider
    await provider.aclose()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Back-off waits are no part of what these tests are about."""
    monkeypatch.setattr("plugsky_tui.providers.retry.FIRST_WAIT_S", 0.01)
