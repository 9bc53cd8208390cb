"""Requests per minute, requests at the same time, and the headers that tell of them."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.limits import PLANS, Limits, Plan

HEADERS = [
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
]


def test_every_answer_carries_the_headers(client: Any) -> None:
    answers = [
        client.chat(),
        client.chat(stream=True),
        client.chat(model="no-such-model"),
        client.chat(headers={"Authorization": "Bearer x"}),
        client.request("GET", "/v1/models"),
        client.request("GET", "/nowhere"),
        client.request("POST", "/v1/messages", b"{"),
    ]
    assert all(name in answer.headers for answer in answers for name in HEADERS)


def test_the_headers_count_down(start: Any) -> None:
    client = start(plan=Plan("own", 10, 10))
    first, second = client.chat().headers, client.chat(stream=True).headers
    assert first["x-ratelimit-limit"] == first["x-ratelimit-limit-requests"] == "10"
    assert (first["x-ratelimit-remaining"], second["x-ratelimit-remaining-requests"]) == ("9", "8")
    assert time.time() < int(first["x-ratelimit-reset"]) <= time.time() + 61
    assert first["x-ratelimit-reset-requests"].endswith("s")


def test_over_the_limit_is_a_429_with_the_time_to_wait(start: Any) -> None:
    client = start(plan=Plan("own", 2, 10))
    assert [client.chat().status for _ in range(3)] == [200, 200, 429]
    refused = client.chat()
    assert (refused.error["type"], refused.error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert 0 < int(refused.headers["retry-after-ms"]) <= 60_000
    assert refused.headers["x-ratelimit-remaining"] == "0"
    client.key = "psk_live_another"
    assert client.chat().status == 200  # each key has its own


def test_the_window_slides_and_refusals_do_not_lengthen_it() -> None:
    now = [1000.0]
    limits = Limits(Plan("own", 2, 10), lambda: now[0])
    for at in (1000.0, 1030.0):
        now[0] = at
        limits.enter("k")
    for at in (1031.0, 1059.9):
        now[0] = at
        with pytest.raises(ApiError) as caught:
            limits.enter("k")
        assert caught.value.headers["Retry-After"] == ("29" if at == 1031.0 else "1")
    now[0] = 1060.0  # the first is a minute old
    limits.enter("k")
    with pytest.raises(ApiError):
        limits.enter("k")
    now[0] = 1200.0
    assert limits.headers("k")["x-ratelimit-remaining-requests"] == "2"
    assert limits.headers("k")["x-ratelimit-reset-requests"] == "0s"


def test_the_plans_are_those_of_the_documentation() -> None:
    assert [(p.rpm, p.concurrent) for p in PLANS.values()][:4] == [(60, 5), (60, 10), (300, 50), (1000, 200)]


def open_stream(client: Any) -> socket.socket:
    body = json.dumps(
        {"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    ).encode()
    line = socket.create_connection((urlsplit(client.url).hostname, urlsplit(client.url).port), timeout=5)
    line.sendall(
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer psk_live_1\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    assert line.recv(12) == b"HTTP/1.1 200"
    return line


def test_too_many_at_the_same_time_is_a_429_until_one_has_ended(start: Any) -> None:
    client = start(plan=Plan("own", 1000, 2), pace_s=0.2)
    client.key = "psk_live_1"
    lines = [open_stream(client), open_stream(client)]
    refused = client.request("GET", "/v1/models")
    assert refused.status == 429 and refused.error["code"] == "concurrency_limit_exceeded"
    assert refused.headers["retry-after"] == "1"
    for line in lines:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        line.close()
    deadline = time.monotonic() + 10
    while (answer := client.request("GET", "/v1/models")).status == 429 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer.status == 200


def test_errors_give_their_place_back(start: Any) -> None:
    client = start(plan=Plan("own", 1000, 1))
    assert [client.chat(model=name).status for name in ("x", "x", "plugsky-pro", "plugsky-pro")] == [404, 404, 200, 200]
    assert client.chat(headers={"X-Simulator-Fault": "500"}).status == 500
    with pytest.raises(OSError):
        client.chat(headers={"X-Simulator-Fault": "cut"})
    assert client.chat().status == 200
