from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.providers import model_cache
from plugsky_tui.providers.catalogue import ModelInfo, bundled, find, merge, read_models


def test_every_documented_model_is_there_once() -> None:
    names = [info.id for info in bundled()]
    assert len(names) == len(set(names)) == 31 + 2  # and the two routers
    assert not any(info.live for info in bundled())


@pytest.mark.parametrize(
    ("name", "window", "tier"),
    [
        ("plugsky-micro", 131_072, "free"),
        ("plugsky-lite", 32_768, "free"),
        ("plugsky-pro", 65_536, "default"),
        ("plugsky-max", 131_072, "reasoning"),
        ("plugsky-qwen-vl", 262_144, "specialized"),
        ("plugsky-ultra", 1_048_576, "specialized"),
        ("plugsky-embed", 8192, "embedding"),
        ("auto", None, ""),
    ],
)
def test_windows_and_tiers_are_as_documented(name: str, window: int | None, tier: str) -> None:
    info = find(name)
    assert info is not None
    assert (info.context_window, info.tier) == (window, tier)


def test_an_unknown_model_is_not_found() -> None:
    assert find("mock") is None


@pytest.mark.parametrize(
    "answer",
    [
        {"data": [{"id": "m", "context_length": 7}]},
        {"models": [{"name": "m", "maxTokens": 7}]},
        {"data": [{"id": "m", "max_model_len": 7}], "models": [{"id": "m"}]},
        [{"id": "m", "top_provider": {"context_length": 7}}],
        {"data": [None, 7, {}, {"id": ""}, {"id": 7}, {"id": "m", "context_window": 7}, {"id": "m"}]},
    ],
)
def test_live_lists_are_read_in_every_shape(answer: Any) -> None:
    assert [(info.id, info.context_window, info.live) for info in read_models(answer)] == [("m", 7, True)]


@pytest.mark.parametrize("answer", [None, 7, "x", {}, {"data": None}, {"data": {"a": 1}}, []])
def test_nonsense_is_an_empty_list(answer: Any) -> None:
    assert read_models(answer) == []


def test_names_alone_are_models_too() -> None:
    assert [info.id for info in read_models(["a", "b", "a", ""])] == ["a", "b"]


def test_a_live_list_marks_what_is_known_and_adds_what_is_not() -> None:
    merged = merge(read_models({"data": [{"id": "plugsky-pro", "context_window": 99}, {"id": "new"}]}))
    by_name = {info.id: info for info in merged}
    assert len(merged) == len(bundled()) + 1
    assert by_name["plugsky-pro"].live
    assert by_name["plugsky-pro"].context_window == 99
    assert by_name["plugsky-pro"].tier == "default"
    assert not by_name["plugsky-lite"].live
    assert merged[-1] == ModelInfo("new", live=True)


def test_a_kept_list_comes_back_with_its_age(tmp_path: Path) -> None:
    models = merge([ModelInfo("m", 7, live=True)])
    model_cache.save(tmp_path / "new", "http://a", models, 1000.0)
    kept = model_cache.load(tmp_path / "new", "http://a", 1060.0)
    assert kept is not None
    assert kept.models == models
    assert kept.age_s == 60
    assert kept.fresh
    assert model_cache.load(tmp_path / "new", "http://b", 1060.0) is None
    later = model_cache.load(tmp_path / "new", "http://a", 9000.0)
    assert later is not None
    assert not later.fresh


@pytest.mark.parametrize(
    "damage",
    ["", "null", "{}", '{"v": 1}', "[", '{"v": 2, "endpoint": "http://a", "time": 1, "models": [{"x": 1}]}'],
)
def test_a_damaged_kept_list_counts_as_none(tmp_path: Path, damage: str) -> None:
    model_cache.save(tmp_path, "http://a", [], 1000.0)
    (file,) = tmp_path.iterdir()
    file.write_text(damage)
    assert model_cache.load(tmp_path, "http://a", 1000.0) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    model_cache.save(tmp_path / "file", "http://a", [], 1000.0)
    assert model_cache.load(tmp_path / "file", "http://a", 1000.0) is None
