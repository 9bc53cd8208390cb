"""GET /v1/models."""

from __future__ import annotations

from typing import Any


def test_the_list_comes_in_both_documented_shapes(client: Any) -> None:
    body = client.request("GET", "/v1/models").json
    assert body["object"] == "list" and len(body["data"]) == 31
    assert [model["id"] for model in body["data"]] == [model["id"] for model in body["models"]]
    openai = {model["id"]: model for model in body["data"]}
    assert openai["plugsky-pro"]["object"] == "model" and openai["plugsky-pro"]["owned_by"] == "plugsky"
    assert openai["plugsky-embed"]["dimensions"] == 4096
    assert set(body["models"][0]) == {"id", "name", "description", "maxTokens", "supportsStreaming", "pricing"}


def test_one_model_can_be_asked_for_and_a_missing_one_is_a_404(client: Any) -> None:
    assert client.request("GET", "/v1/models/plugsky-coder").json["context_window"] == 131_000
    assert client.request("GET", "/v1/models/none").status == 404
