"""Requests of a process against the plan: shared by whoever asks, set by configuration, known to the status line."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from plugsky_tui.config.credentials import find_key
from plugsky_tui.config.settings import ProviderSettings, Settings
from plugsky_tui.config.shape import ApiSettings
from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import Notice, TextDelta
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Request
from plugsky_tui.providers.pacer import Rate
from plugsky_tui.providers.pacers import Pacers
from plugsky_tui.session.build import open_session
from plugsky_tui.session.endpoints import Endpoints
from plugsky_tui.session.options import Options
from plugsky_tui.simulator.limits import Plan
from plugsky_tui.simulator.server import Simulator


@pytest.fixture
async def url():
    simulator = Simulator(pace_s=0, plan=Plan("small", 60, 5))
    yield await simulator.start()
    await simulator.stop()


def endpoints(url: str, pacers: Pacers | None = None, key: str = "psk_live_12345678", **api: object) -> Endpoints:
    settings = Settings(
        api=ApiSettings(base_url=url, region="eu-west-1", max_retries=0, **api),  # type: ignore[arg-type]
        providers={"near": ProviderSettings(url, rpm=3)},
    )
    return Endpoints(settings, lambda: key, {}, pacers=pacers)


async def said(provider: Endpoints, model: str = "plugsky-pro") -> list[object]:
    return [item async for item in provider.stream(Request(model, "", [UserMessage("hello")]))]


async def test_whoever_sends_in_the_name_of_an_account_is_counted_together(url):
    pacers = Pacers()
    one, two = endpoints(url, pacers), endpoints(url, pacers)
    assert one.rate("plugsky-pro") is None
    await said(one)
    await said(two)
    assert one.rate("plugsky-pro") == two.rate("auto") == Rate(2, 60)
    for provider in (one, two):
        await provider.close()


async def test_each_endpoint_has_its_own_rate_limit_and_region(url):
    provider = endpoints(url, Pacers(), rpm=7)
    await said(provider)
    assert (provider.rate("plugsky-pro"), provider.region("plugsky-pro")) == (Rate(1, 7), "eu-west-1")
    assert (provider.rate("near/plugsky-micro"), provider.region("near/plugsky-micro")) == (None, None)
    await said(provider, "near/plugsky-micro")
    assert provider.rate("near/plugsky-micro") == Rate(1, 3)
    await provider.close()


async def test_a_limit_that_was_set_is_kept_to_side_by_side(url):
    provider = endpoints(url, Pacers(), rpm=2)
    tasks = [asyncio.create_task(said(provider)) for _ in range(2)]
    await asyncio.gather(*tasks)
    async for item in provider.stream(Request("plugsky-pro", "", [UserMessage("hello")])):
        assert isinstance(item, Notice)
        assert "2 requests a minute is the limit that was set (api.rpm): waiting" in item.text
        break
    await provider.close()


async def test_a_session_after_another_of_the_same_process_goes_on_counting(
    url, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PLUGSKY_BASE_URL", url)
    monkeypatch.setenv("PLUGSKY_REGION", "eu-west-1")
    monkeypatch.setenv("PLUGSKY_API_KEY", "psk_live_12345678")
    options = Options(folder=tmp_path)
    for used in (1, 2):
        session = await open_session(replace(options, model="plugsky-pro"))
        assert session.rate() is None
        async for _ in session.send("hello"):
            pass
        assert session.rate() == Rate(used, 60)
        assert session.region == "eu-west-1"
        await session.close()
    assert (tmp_path / "CACHE" / "rates.json").exists()


async def test_a_key_that_is_stored_after_a_refusal_is_used_without_a_restart(
    url, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    config = tmp_path / "config"
    env = {"PLUGSKY_CONFIG_DIR": str(config), "HOME": str(tmp_path)}
    config.mkdir(mode=0o700)
    kept = config / "credentials"
    fd = os.open(kept, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(fd, b"psk_live_revoked_12345678\n")
    os.close(fd)
    provider = Endpoints(Settings(api=ApiSettings(base_url=url)), lambda: find_key(env), {}, pacers=Pacers())
    with pytest.raises(ProviderError) as caught:
        await said(provider)
    assert caught.value.code == "auth" and "plugsky auth login" in caught.value.hint
    kept.write_text("psk_live_fresh_12345678\n")
    assert any(isinstance(item, TextDelta) for item in await said(provider))
    await provider.close()
