"""The models on offer: asked for, kept, and what stands in where a server is silent."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugsky_tui.config.settings import ProviderSettings, Settings
from plugsky_tui.config.shape import ApiSettings
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.session.endpoints import Endpoints
from plugsky_tui.simulator.server import Simulator

NOWHERE = "http://127.0.0.1:9/v1"


def endpoints(cache: Path, base_url: str, key: str | None = "psk_live_1", **others: str) -> Endpoints:
    settings = Settings(
        api=ApiSettings(base_url=base_url, max_retries=0),
        providers={name: ProviderSettings(url) for name, url in others.items()},
    )
    return Endpoints(settings, lambda: key, {"PLUGSKY_CACHE_DIR": str(cache)})


@pytest.fixture
async def url():
    simulator = Simulator(pace_s=0)
    yield await simulator.start()
    await simulator.stop()


async def test_what_was_listed_is_known_to_the_next_process_without_asking(tmp_path, url):
    listed = await endpoints(tmp_path, url, near=url).models(refresh=True)
    assert listed.fresh and not listed.troubles
    assert {"plugsky-pro", "near/plugsky-micro"} <= {model.id for model in listed if model.live}
    known = endpoints(tmp_path, url, near=url).known_models()
    assert list(known) == list(listed) and known.fresh


async def test_before_anything_was_asked_the_documented_models_are_known(tmp_path):
    known = endpoints(tmp_path, NOWHERE).known_models()
    assert known.age_s is None and not known.fresh
    assert not any(model.live for model in known)
    assert {"plugsky-micro", "plugsky-pro", "plugsky-fusion", "auto"} <= {model.id for model in known}


async def test_a_server_that_is_silent_is_named_and_its_last_list_stands_in(tmp_path, url):
    near = Simulator(pace_s=0)
    others = {"near": await near.start()}
    await endpoints(tmp_path, url, **others).models(refresh=True)
    await near.stop()
    listed = await endpoints(tmp_path, url, **others).models(refresh=True)
    assert list(listed.troubles) == ["near"]
    assert "near/plugsky-micro" in {model.id for model in listed}


async def test_whoever_has_a_local_server_only_is_offered_its_models(tmp_path, url):
    listed = await endpoints(tmp_path, NOWHERE, near=url).models(refresh=True)
    assert list(listed.troubles) == [""]
    assert "near/plugsky-micro" in {model.id for model in listed}


async def test_where_nobody_answers_the_error_says_why(tmp_path):
    with pytest.raises(PlugskyError, match="could not be connected"):
        await endpoints(tmp_path, NOWHERE, gone=NOWHERE).models(refresh=True)


async def test_the_short_list_of_the_free_tier_is_not_taken_for_that_of_a_key(tmp_path, url):
    free = await endpoints(tmp_path, url, key=None).models(refresh=True)
    assert {model.id for model in free if model.live} == {"plugsky-micro", "plugsky-lite"}
    assert endpoints(tmp_path, url).known_models().age_s is None


@pytest.mark.parametrize(
    ("model", "sees"),
    [("plugsky-qwen-vl", True), ("plugsky-lite", False), ("auto", None), ("plugsky-fusion", None), ("what", None)],
)
async def test_who_sees_is_known_from_the_catalogue(tmp_path, model, sees):
    assert endpoints(tmp_path, NOWHERE).sees(model) is sees
