"""Vectors from servers of every kind: what they answer is checked, what they refuse is made smaller."""

from __future__ import annotations

import asyncio
import base64
import math
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from scripted import RawServer, reply

from plugsky_tui.kernel.errors import ConfigError, ProviderError
from plugsky_tui.kernel.events import Notice, Retry
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.embeddings import Embeddings
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.simulator.embedding import embed
from plugsky_tui.simulator.keys import KeyRing
from plugsky_tui.simulator.limits import Plan
from plugsky_tui.simulator.server import Simulator


def item(index: int, vector: Sequence[float] | str) -> dict[str, Any]:
    return {"object": "embedding", "index": index, "embedding": vector}


def listed(*items: dict[str, Any]) -> bytes:
    return reply(200, {"object": "list", "data": list(items)})


@dataclass
class Model(RawServer):
    """A server whose vectors say how many characters a text has, and that refuses what it is told to refuse."""

    refuses: Callable[[list[str]], tuple[int, str] | None] = lambda texts: None
    asked: list[list[str]] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await self._request(reader)
        self.seen.append(request)
        texts = request.json["input"]
        self.asked.append(texts)
        refusal = self.refuses(texts)
        if refusal is not None:
            writer.write(reply(refusal[0], {"error": {"message": refusal[1]}}))
        else:
            writer.write(listed(*(item(at, [float(len(text)), 1.0]) for at, text in enumerate(texts))))
        await writer.drain()
        writer.close()


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    raw = Model()
    listening = await asyncio.start_server(raw.handle, "127.0.0.1", 0, limit=1 << 26)
    raw.port = listening.sockets[0].getsockname()[1]
    yield raw
    listening.close()


@pytest.fixture
async def embeddings(chat: Client) -> Embeddings:
    return Embeddings(chat, "m")


@pytest.fixture
async def picky(model: Model) -> AsyncIterator[Embeddings]:
    client = Client(Endpoint(model.url, key=lambda: "psk_live_1"))
    yield Embeddings(client, "m")
    await client.aclose()


async def fails(embeddings: Embeddings, texts: Sequence[str] = ("one", "two")) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await embeddings.embed(list(texts))
    return caught.value


# --- what is asked, and what comes back ----------------------------------------------------------


async def test_one_request_for_all_texts_with_key_and_idempotency_key(
    embeddings: Embeddings, server: RawServer
) -> None:
    server.play([listed(item(0, [3.0, 4.0]), item(1, [0.0, 2.0]))])

    vectors = await embeddings.embed(["one", "two"])

    assert [list(vector) for vector in vectors] == [pytest.approx([0.6, 0.8]), [0.0, 1.0]]
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", "/v1/embeddings")
    assert seen.json == {"model": "m", "input": ["one", "two"], "encoding_format": "base64"}
    assert seen.headers["authorization"] == "Bearer psk_live_1"
    assert seen.headers["idempotency-key"]


async def test_vectors_come_as_base64_as_numbers_and_in_any_order(embeddings: Embeddings, server: RawServer) -> None:
    written = base64.b64encode(array("f", [0.0, 5.0]).tobytes()).decode()
    server.play([listed(item(1, written), item(0, [1, 0]))])

    assert [list(vector) for vector in await embeddings.embed(["one", "two"])] == [[1.0, 0.0], [0.0, 1.0]]


async def test_a_server_that_numbers_nothing_means_the_order_of_the_texts(
    embeddings: Embeddings, server: RawServer
) -> None:
    server.play([reply(200, {"data": [{"embedding": [1.0, 0.0]}, {"embedding": [0.0, 1.0]}]})])

    assert [list(vector) for vector in await embeddings.embed(["one", "two"])] == [[1.0, 0.0], [0.0, 1.0]]


async def test_the_simulator_says_what_its_model_says(no_proxies: None) -> None:
    simulator = Simulator(pace_s=0.0)
    client = Client(Endpoint(await simulator.start(), key=lambda: "psk_live_1"))
    try:
        embeddings = Embeddings(client, "plugsky-embed-multilingual")
        [vector] = await embeddings.embed(["how long results are spilled"])
    finally:
        await client.aclose()
        await simulator.stop()
    assert embeddings.dimensions == 1024
    assert list(vector) == pytest.approx(list(embed("how long results are spilled", 1024)), abs=1e-6)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"data": [item(0, [1.0])]}, "1 vectors for 2 texts"),
        ({"data": [item(0, [1.0]), item(0, [1.0])]}, "fit no texts"),
        ({"data": [item(0, [1.0]), item(2, [1.0])]}, "fit no texts"),
        ({"data": [item(0, [1.0]), item(1, "not base64!")]}, "no base64"),
        ({"data": [item(0, [1.0]), item(1, "")]}, "empty"),
        ({"data": [item(0, [1.0]), item(1, ["1.0"])]}, "something else"),
        ({"data": [item(0, [1.0]), item(1, [True])]}, "something else"),
        ({"data": "none"}, "no list of vectors"),
        ([], "no list of vectors"),
        ({"error": "asleep"}, "no list of vectors"),
    ],
)
async def test_an_answer_that_is_none_is_said_to_be_none(
    embeddings: Embeddings, server: RawServer, answer: Any, said: str
) -> None:
    server.play([reply(200, answer)])

    error = await fails(embeddings)

    assert said in error.message
    assert "What was made before is kept" in error.hint


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_numbers_that_are_none_are_refused(embeddings: Embeddings, server: RawServer, number: str) -> None:
    server.play([reply(200, f'{{"data": [{{"index": 0, "embedding": [1.0, {number}]}}]}}'.encode())])

    assert "NaN" in (await fails(embeddings, ["one"])).message


async def test_another_number_of_dimensions_than_before_is_another_model(
    embeddings: Embeddings, server: RawServer
) -> None:
    embeddings.dimensions = 3
    server.play([listed(item(0, [1.0, 2.0]))])

    error = await fails(embeddings, ["one"])

    assert "2 numbers, where they had 3" in error.message
    assert "plugsky index --clear" in error.hint


async def test_a_text_without_direction_has_the_length_0(embeddings: Embeddings, server: RawServer) -> None:
    server.play([listed(item(0, [0.0, 0.0]))])

    assert list((await embeddings.embed(["?"]))[0]) == [0.0, 0.0]


# --- failures that pass --------------------------------------------------------------------------


async def test_what_fails_is_sent_again_with_the_same_key_and_told_of(
    chat: Client, server: RawServer, hurried: None
) -> None:
    told: list[Notice | Retry] = []
    good = listed(item(0, [1.0]))
    server.play([reply(503, {"error": "busy"})], [good[:-5]], [reply(200, b'{"data": [')], [good])

    vectors = await Embeddings(chat, "m", told=told.append).embed(["one"])

    assert list(vectors[0]) == [1.0]
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1
    assert [type(word).__name__ for word in told] == ["Retry"] * 3


async def test_a_rate_limit_is_waited_for_and_said(no_proxies: None) -> None:
    simulator = Simulator(pace_s=0.0, keys=KeyRing(), plan=Plan("tiny", 1000, 1000))
    client = Client(Endpoint(await simulator.start(), key=lambda: "psk_live_1", rpm=1))
    told: list[Notice | Retry] = []
    try:
        embeddings = Embeddings(client, "plugsky-embed-multilingual", told=told.append)
        await embeddings.embed(["one"])
        second = asyncio.ensure_future(embeddings.embed(["two"]))
        async with asyncio.timeout(10):
            while not told:
                await asyncio.sleep(0.01)
        second.cancel()
    finally:
        await client.aclose()
        await simulator.stop()
    assert isinstance(told[0], Notice)
    assert told[0].wait_s > 10
    assert "1 request a minute" in told[0].text


# --- what is too large ---------------------------------------------------------------------------


async def test_a_server_with_small_batches_is_sent_small_ones_from_then_on(picky: Embeddings, model: Model) -> None:
    model.refuses = lambda texts: (422, "batch size 16 > maximum allowed batch size 4") if len(texts) > 4 else None
    texts = ["x" * size for size in range(1, 17)]

    vectors = await picky.embed(texts)
    refused = len(model.asked)
    await picky.embed(texts)

    assert [round(vector[0] / vector[1]) for vector in vectors] == list(range(1, 17))
    assert {len(asked) for asked in model.asked[refused:]} == {4}


async def test_a_text_that_is_too_long_is_embedded_in_parts(picky: Embeddings, model: Model) -> None:
    model.refuses = lambda texts: (
        (400, "This model's maximum context length is 512 tokens") if max(map(len, texts)) > 600 else None
    )
    long = "\n".join(["a line of some length, and no more"] * 40)

    [short, parts, last] = await picky.embed(["x" * 10, long, "y" * 20])

    assert round(short[0] / short[1]) == 10 and round(last[0] / last[1]) == 20
    assert math.isclose(math.hypot(*parts), 1.0, rel_tol=1e-6)
    assert all(len(text) <= 600 for text in model.asked[-1])


async def test_parameters_that_a_server_does_not_know_are_left_out(picky: Embeddings, model: Model) -> None:
    original = model.refuses
    model.refuses = lambda texts: (
        (400, "Unrecognized request argument supplied: encoding_format")
        if "encoding_format" in model.seen[-1].json
        else original(texts)
    )

    await picky.embed(["one"])
    await picky.embed(["two"])

    assert ["encoding_format" in seen.json for seen in model.seen] == [True, False, False]


async def test_a_model_that_has_no_embeddings_is_not_asked_again_and_again(picky: Embeddings, model: Model) -> None:
    model.refuses = lambda texts: (400, "plugsky-pro does not support embeddings")

    error = await fails(picky, ["text"] * 64)

    assert "does not support embeddings" in error.message
    assert "Is m an embedding model" in error.hint
    assert len(model.asked) == 2


async def test_the_simulator_refuses_a_model_that_talks(no_proxies: None) -> None:
    simulator = Simulator(pace_s=0.0)
    client = Client(Endpoint(await simulator.start(), key=lambda: "psk_live_1"))
    try:
        error = await fails(Embeddings(client, "plugsky-pro"))
    finally:
        await client.aclose()
        await simulator.stop()
    assert error.status == 404
    assert "index.model" in error.hint


def test_a_kind_of_endpoint_without_embeddings_is_an_error_of_configuration() -> None:
    client = Client(Endpoint("http://127.0.0.1:1/v1", name="claude", kind="anthropic-messages"))

    with pytest.raises(ConfigError) as caught:
        Embeddings(client, "m")

    assert "providers.claude" in caught.value.message
    assert "index.model" in caught.value.hint


async def test_a_refused_key_is_said_to_be_one(embeddings: Embeddings, server: RawServer) -> None:
    server.play([reply(401, {"error": {"message": "Incorrect API key"}})])

    error = await fails(embeddings)

    assert error.code == "auth"
    assert "plugsky auth login" in error.hint
