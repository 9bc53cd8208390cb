"""Keys, their roles and scopes; projects and regions."""

from __future__ import annotations

from typing import Any

import pytest

from plugsky_tui.simulator.keys import SCOPES, KeyRing, parse_key

VECTOR = {"model": "plugsky-embed", "input": "hello"}


def ring(*given: str) -> KeyRing:
    return KeyRing(dict(parse_key(text) for text in given))


def test_a_key_may_come_as_x_api_key_on_any_route(client: Any) -> None:
    client.key = None
    for name in ("x-api-key", "X-Api-Key"):
        assert client.chat(headers={name: "psk_live_1234"}).status == 200
    assert client.chat(headers={"x-api-key": "nonsense"}).error["code"] == "invalid_api_key"


@pytest.mark.parametrize(
    ("key", "said"), [("psk_live_expired_123", "has expired"), ("sk-live-revoked-123", "has been revoked")]
)
def test_a_key_can_be_over(client: Any, key: str, said: str) -> None:
    client.key = key
    answer = client.chat()
    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
    assert said in answer.error["message"] and key not in answer.error["message"]


def test_where_keys_were_given_no_others_are_valid(start: Any) -> None:
    client = start(keys=ring("my-own-key=chat:write"))
    assert client.chat().status == 401
    client.key = "my-own-key"
    assert client.chat().status == 200
    client.key = None  # the free tier needs none all the same
    assert client.chat(model="plugsky-micro").status == 200


def test_a_403_names_the_scope_that_is_missing_and_those_there_are(start: Any) -> None:
    client = start(keys=ring("psk_live_chat=chat:write,files:read"))
    client.key = "psk_live_chat"
    assert client.chat().status == 200
    refused = client.request("POST", "/v1/embeddings", VECTOR)
    assert refused.status == 403 and refused.error["code"] == "insufficient_scope"
    assert "Missing scopes: embeddings:write" in refused.error["message"]
    assert "chat:write, files:read" in refused.error["message"]
    assert client.request("GET", "/v1/models").status == 403


def test_roles_are_scopes_by_another_name() -> None:
    assert parse_key("k=read")[1] == {"models:read", "usage:read"}
    assert parse_key("k=infer")[1] == parse_key("k=admin")[1] == SCOPES
    assert parse_key("k=read,chat:write")[1] == {"models:read", "usage:read", "chat:write"}
    assert parse_key("psk_live_a=b=chat:write") == ("psk_live_a=b", {"chat:write"})
    assert parse_key("k=")[1] == frozenset()


@pytest.mark.parametrize(
    "text", ["psk_live_1", "=chat:write", "a b=chat:write", "k=chat", "k=chat:write;x", "clé=read"]
)
def test_a_key_without_scopes_that_make_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be KEY=SCOPES|no scope and no role"):
        parse_key(text)


def test_embeddings_want_a_key(client: Any) -> None:
    client.key = None
    answer = client.request("POST", "/v1/embeddings", VECTOR)
    assert answer.status == 401 and answer.error["code"] == "missing_api_key"


def test_a_region_there_is_comes_back(client: Any) -> None:
    assert client.chat(headers={"X-Plugsky-Region": "sa-central-1"}).headers["x-plugsky-region"] == "sa-central-1"
    assert "x-plugsky-region" not in client.chat().headers


def test_a_region_there_is_not_is_told_those_there_are(client: Any) -> None:
    answer = client.chat(headers={"X-Plugsky-Region": "mars-1"})
    assert answer.status == 400 and answer.error["code"] == "invalid_region"
    assert "me-central-1" in answer.error["message"] and "ap-southeast-1" in answer.error["message"]


@pytest.mark.parametrize(("project", "status"), [("prj_8x2a", 200), ("8x2a", 400), ("prj_", 400), ("prj_a b", 400)])
def test_a_project_is_prj_and_a_name(client: Any, project: str, status: int) -> None:
    answer = client.chat(headers={"X-Plugsky-Project": project})
    assert answer.status == status
    assert status == 200 or "prj_" in answer.error["message"]
