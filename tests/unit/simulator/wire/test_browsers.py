"""Web pages of this machine may call the simulator, as a browser's rules (CORS) want it; others may not."""

from __future__ import annotations

from typing import Any

import pytest

LOCAL = ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080", "https://app.localhost"]
ELSEWHERE = ["https://example.com", "http://localhost.example.com", "null", "http://192.168.1.5", "http://[bad", ""]


def asked_first(client: Any, origin: str) -> Any:
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang",
    }
    return client.request("OPTIONS", "/v1/chat/completions", headers=asking)


@pytest.mark.parametrize("origin", LOCAL)
def test_a_page_of_this_machine_is_let_in(start: Any, origin: str) -> None:
    client = start()
    client.key = None  # a browser asks without the key
    first = asked_first(client, origin)
    assert first.status == 204 and first.body == b""
    assert first.headers["access-control-allow-origin"] == origin
    assert "POST" in first.headers["access-control-allow-methods"]
    assert first.headers["access-control-allow-headers"] == "authorization,content-type,x-stainless-lang"
    then = client.chat(model="plugsky-micro", headers={"Origin": origin})
    assert then.status == 200 and then.headers["access-control-allow-origin"] == origin
    assert "retry-after" in then.headers["access-control-expose-headers"] and then.headers["vary"] == "Origin"


def test_a_page_may_read_errors_and_streams_too(client: Any) -> None:
    page = {"Origin": LOCAL[0]}
    for answer in (client.chat(model="x", headers=page), client.chat(stream=True, headers=page)):
        assert answer.headers["access-control-allow-origin"] == LOCAL[0]


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_from_elsewhere_is_not(client: Any, origin: str) -> None:
    assert asked_first(client, origin).status == 405
    assert "access-control-allow-origin" not in client.chat(headers={"Origin": origin}).headers


def test_a_program_sees_nothing_of_this(client: Any) -> None:
    assert not [name for name in client.chat().headers if name.startswith("access-control")]


def test_a_question_is_not_counted_against_the_limits(client: Any) -> None:
    before = int(client.request("GET", "/v1/models").headers["x-ratelimit-remaining"])
    asked_first(client, LOCAL[0])
    assert int(client.request("GET", "/v1/models").headers["x-ratelimit-remaining"]) == before - 1
