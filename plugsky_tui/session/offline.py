"""The embedded simulator in the place of the API: no key, no network, no language model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from plugsky_tui.config.settings import Settings

OFFLINE_KEY = "psk_live_offline"  # what the embedded simulator is shown; the user's own key stays where it is


def offline_key() -> str:
    return OFFLINE_KEY


async def go_offline(
    settings: Settings, folder: Path, *, watched: bool
) -> tuple[Settings, Callable[[], Awaitable[None]]]:
    """Settings that point at an embedded simulator, which is started, and how to stop it. It takes its time where
    somebody is watching the answer stream."""
    from plugsky_tui.simulator.server import Simulator
    from plugsky_tui.simulator.service import DEFAULT_PACE_S

    simulator = Simulator(workspace=folder, pace_s=DEFAULT_PACE_S if watched else 0.0)
    url = await simulator.start()
    api = replace(
        settings.api, base_url=url, proxy=None, ca_bundle=None, project=None, region=None, rpm=None, concurrency=None
    )
    return replace(settings, api=api), simulator.stop
