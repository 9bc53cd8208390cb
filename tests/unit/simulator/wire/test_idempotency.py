"""The same Idempotency-Key: the same answer, once made."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from plugsky_tui.simulator import idempotency
from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.http import HttpRequest, HttpResponse

KEY = {"Idempotency-Key": "one"}
FAULT = "X-Simulator-Fault"


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_is_answered_byte_for_byte_the_same(start: Any, stream: bool) -> None:
    client = start(script=[{"text": "first"}, {"text": "second"}])
    first, again = (client.chat(headers=KEY, stream=stream) for _ in range(2))
    assert first.body == again.body and first.text == "first"
    assert first.headers["content-type"] == again.headers["content-type"]
    assert again.headers["idempotent-replayed"] == "true" and "idempotent-replayed" not in first.headers
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert client.chat().text == "second"  # the replay has not used up the script


def test_every_post_takes_it(client: Any) -> None:
    for path, body in (
        ("/v1/embeddings", {"model": "plugsky-embed", "input": "a"}),
        ("/v1/completions", {"model": "plugsky-pro", "prompt": "a"}),
    ):
        headers = {"Idempotency-Key": path}
        assert "idempotent-replayed" not in client.request("POST", path, body, headers).headers
        assert client.request("POST", path, body, headers).headers["idempotent-replayed"] == "true"


def test_another_body_under_the_same_key_is_a_409(client: Any) -> None:
    assert client.chat("one", headers=KEY).status == 200
    refused = client.chat("two", headers=KEY)
    assert (refused.status, refused.error["code"]) == (409, "idempotency_key_reused")
    assert client.request("POST", "/v1/embeddings", {"model": "plugsky-embed", "input": "a"}, KEY).status == 409
    assert client.chat("one", headers=KEY).status == 200


def test_keys_of_others_are_others(client: Any) -> None:
    assert client.chat("one", headers=KEY).status == 200
    client.key = "psk_live_somebody_else"
    assert client.chat("two", headers=KEY).status == 200


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_key_that_is_none_is_a_400(client: Any, name: str) -> None:
    assert client.chat(headers={"Idempotency-Key": name}).error["param"] == "Idempotency-Key"


@pytest.mark.parametrize("fault", ["500", "429", "503", "404"])
def test_an_error_is_not_kept_so_that_a_retry_can_succeed(client: Any, fault: str) -> None:
    assert client.chat(headers={**KEY, FAULT: fault}).status == int(fault)
    retried = client.chat(headers=KEY)
    assert retried.status == 200 and "idempotent-replayed" not in retried.headers


def test_a_wrong_request_is_not_kept(client: Any) -> None:
    assert client.chat(headers=KEY, temperature=9).status == 400
    assert client.chat(headers=KEY).status == 200


def test_a_stream_that_was_cut_is_not_kept(start: Any) -> None:
    client = start(script=[{"text": "first"}, {"text": "second"}])
    with pytest.raises(http.client.IncompleteRead):
        client.chat(headers={**KEY, FAULT: "cut=2"}, stream=True)
    retried = client.chat(headers=KEY, stream=True)
    assert retried.text == "second" and "idempotent-replayed" not in retried.headers


def test_an_answer_that_was_lost_on_the_way_is_kept(start: Any) -> None:
    client = start(script=[{"text": "first"}])
    with pytest.raises(OSError):
        client.chat(headers={**KEY, FAULT: "cut=1"})
    assert client.chat(headers=KEY).text == "first"


def test_who_comes_while_the_first_is_still_answered_waits_for_it(start: Any) -> None:
    client = start(script=[{"text": "slow", "delay": 0.3}])
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(client.chat(headers=KEY).text)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert texts == ["slow"] * 5


def test_a_stream_whose_client_was_lost_is_made_to_its_end_for_the_retry(start: Any) -> None:
    client = start(script=[{"text": ["word "] * 40, "pace": 0.01}])
    body = json.dumps({"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]})
    line = http.client.HTTPConnection(urlsplit(client.url).netloc, timeout=5)
    line.request("POST", "/v1/chat/completions", body, {"Idempotency-Key": "one"})
    response = line.getresponse()
    response.read(20)
    response.close()
    line.close()
    client.key = None
    answer = client.request("POST", "/v1/chat/completions", body.encode(), KEY)
    assert answer.text == "word " * 40 and answer.events[-1] == "[DONE]"


# --- the store itself ----------------------------------------------------------------------------


def request(name: str = "one", body: bytes = b"{}") -> HttpRequest:
    return HttpRequest("POST", "/v1/x", {"idempotency-key": name}, body)


class Work:
    """An endpoint that counts how often it works, and answers with that."""

    def __init__(self, size: int = 0, status: int = 200) -> None:
        self.times = 0
        self._size, self._status = size, status

    async def __call__(self) -> HttpResponse:
        self.times += 1
        await asyncio.sleep(0)
        return HttpResponse(self._status, b"%d" % self.times + b"x" * self._size)


async def test_after_24_hours_the_key_is_free_again() -> None:
    now = [0.0]
    store, work = idempotency.Idempotency(lambda: now[0]), Work()
    for at, times in ((0.0, 1), (24 * 3600 - 1, 1), (24 * 3600, 2)):
        now[0] = at
        await store.around("k", request(), work)
        assert work.times == times


async def test_memory_is_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_BYTES", 1000)
    monkeypatch.setattr(idempotency, "MAX_ANSWER", 500)
    store, work = idempotency.Idempotency(), Work(300)
    for name in "abcd":
        await store.around("k", request(name), work)
    assert work.times == 4
    for name, made_again in (("d", 0), ("c", 0), ("a", 1)):
        before = work.times
        await store.around("k", request(name), work)
        assert work.times - before == made_again
    large = Work(600)
    await store.around("k", request("large"), large)
    await store.around("k", request("large"), large)
    assert large.times == 2


async def test_many_small_answers_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_ENTRIES", 3)
    store, work = idempotency.Idempotency(), Work()
    for number in range(10):
        await store.around("k", request(str(number)), work)
    assert len(store._entries) == 3


async def test_where_the_first_fails_the_one_that_waited_does_the_work() -> None:
    store = idempotency.Idempotency()
    failed = asyncio.Event()

    async def fails() -> HttpResponse:
        await failed.wait()
        raise ApiError(500, "no")

    work = Work()
    first = asyncio.create_task(store.around("k", request(), fails))
    await asyncio.sleep(0)
    second = asyncio.create_task(store.around("k", request(), work))
    await asyncio.sleep(0)
    failed.set()
    with pytest.raises(ApiError):
        await first
    assert (await second).body == b"1"


def test_a_replay_takes_no_time(start: Any) -> None:
    client = start(script=[{"text": "slow", "delay": 1.5}])
    client.chat(headers=KEY)
    began = time.monotonic()
    client.chat(headers=KEY)
    assert time.monotonic() - began < 1.4
