"""HTTP itself, on raw sockets: what no SDK sends, and what a server must bear."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import struct
import threading
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

BODY = json.dumps({"model": "plugsky-micro", "messages": [{"role": "user", "content": "hi"}]}).encode()


def address(client: Any) -> tuple[str, int]:
    parts = urlsplit(client.url)
    return str(parts.hostname), int(parts.port or 0)


def talk(client: Any, data: bytes, *, timeout: float = 5) -> bytes:
    """What comes back for `data` until the server is done or says no more."""
    with socket.create_connection(address(client), timeout=timeout) as line:
        line.sendall(data)
        line.shutdown(socket.SHUT_WR)
        received = b""
        while piece := line.recv(65536):
            received += piece
        return received


def test_every_answer_has_its_own_request_id(client: Any) -> None:
    answers = [
        client.chat(),
        client.chat(model="x"),
        client.request("GET", "/nowhere"),
        client.request("GET", "/v1/models"),
    ]
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 4 and all(name.startswith("req_") for name in ids)


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/models", "/v1/chat/completions/x", "/v1/models/a/b", "/v1//models"]
)
def test_an_unknown_path_is_a_404(client: Any, path: str) -> None:
    answer = client.request("GET", path)
    assert answer.status == 404 and path in answer.error["message"]


def test_a_wrong_method_is_a_405_that_names_the_right_one(client: Any) -> None:
    answer = client.request("GET", "/v1/chat/completions")
    assert answer.status == 405 and answer.headers["allow"] == "POST"
    assert client.request("DELETE", "/v1/models").headers["allow"] == "GET, HEAD"


def test_a_head_request_is_a_get_without_its_body(client: Any) -> None:
    whole, head = client.request("GET", "/v1/models"), client.request("HEAD", "/v1/models")
    assert head.status == 200 and head.body == b""
    assert head.headers["content-length"] == str(len(whole.body))
    assert client.request("HEAD", "/v1/models/nope").status == 404
    assert client.request("HEAD", "/v1/chat/completions").status == 405


def test_every_answer_has_a_date_and_a_reason(client: Any) -> None:
    received = talk(client, b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head = received.split(b"\r\n\r\n", 1)[0]
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    date = parsedate_to_datetime(client.request("GET", "/nowhere").headers["date"])
    assert abs(date.timestamp() - time.time()) < 60


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_a_compressed_body_is_a_415_that_says_so(client: Any, encoding: str) -> None:
    answer = client.request("POST", "/v1/chat/completions", gzip.compress(BODY), {"Content-Encoding": encoding})
    assert answer.status == 415 and encoding in answer.error["message"]
    assert client.request("POST", "/v1/chat/completions", BODY, {"Content-Encoding": "identity"}).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /v1/models HTTP/1.1\r\nHost:",
        b"POST /v1/process HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"x\r\n\r\n",
    ],
)
def test_a_client_that_is_gone_before_its_request_was_whole_leaves_no_traceback(
    client: Any, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        line = socket.create_connection(address(client), timeout=5)
        line.sendall(sent)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.close()  # by a reset
        with socket.create_connection(address(client), timeout=5) as line:
            line.sendall(sent)  # and by an end
    assert client.request("GET", "/v1/models").status == 200
    assert not caplog.records


def test_a_connection_serves_many_requests(client: Any) -> None:
    connection = http.client.HTTPConnection(*address(client), timeout=5)
    sockets = set()
    for _ in range(5):
        connection.request("POST", "/v1/chat/completions", BODY)
        response = connection.getresponse()
        assert response.status == 200 and response.read()
        sockets.add(id(connection.sock))
    connection.request("POST", "/v1/chat/completions", b"{")
    assert connection.getresponse().read()  # an error does not end it
    connection.request("GET", "/v1/models")
    assert connection.getresponse().status == 200
    connection.close()
    assert len(sockets) == 1


def test_pipelined_requests_are_answered_in_order(client: Any) -> None:
    one = b"GET /v1/models/plugsky-lite HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    received = talk(client, one + two)
    assert received.index(b"plugsky-lite") < received.index(b"404")


def test_a_chunked_request_body_is_taken(client: Any) -> None:
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:half], BODY[half:])) + b"0\r\n\r\n"
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert b"200" in talk(client, head + chunks).split(b"\r\n")[0]


def test_a_body_that_waits_for_100_continue_is_asked_for(client: Any) -> None:
    with socket.create_connection(address(client), timeout=5) as line:
        line.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
            % len(BODY)
        )
        assert line.recv(1000).startswith(b"HTTP/1.1 100")
        line.sendall(BODY)
        assert line.recv(1000).startswith(b"HTTP/1.1 200")


def test_http_1_0_gets_a_stream_that_ends_with_the_connection(client: Any) -> None:
    body = json.dumps(
        {"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    ).encode()
    received = talk(client, b"POST /v1/chat/completions HTTP/1.0\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert b"chunked" not in received.lower() and received.endswith(b"data: [DONE]\n\n")


def test_a_body_over_the_limit_is_a_413_before_it_is_read(start: Any) -> None:
    small = start(max_body=1000)
    with socket.create_connection(address(small), timeout=5) as line:
        line.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 5000
        )
        assert line.recv(1000).startswith(b"HTTP/1.1 413")
    answer = small.chat("x" * 2000)
    assert answer.status == 413 and answer.error["code"] == "request_too_large"
    assert small.chat().status == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/chat/completions", lambda body: body["error"]["type"] == "invalid_request_error"),
        ("/v1/messages", lambda body: body["error"]["type"] == "request_too_large" and body["request_id"]),
        ("/v1/process", lambda body: body["error"]["code"] == "input_too_long" and body["error"]["requestId"]),
    ],
)
def test_a_413_is_in_the_words_of_its_path(start: Any, path: str, kind: Any) -> None:
    answer = start(max_body=100).request("POST", path, {"input": "x" * 200})
    assert answer.status == 413 and kind(answer.json) and answer.headers["x-ratelimit-limit"]


def test_a_target_that_is_no_url_is_a_400(client: Any) -> None:
    assert talk(client, b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_chunked_body_over_the_limit_is_a_413_too(start: Any) -> None:
    small = start(max_body=1000)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert talk(small, head + b"1000\r\n" + b"x" * 0x1000 + b"\r\n").startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "garbage",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET /v1/models HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_with_a_400_or_nothing(client: Any, garbage: bytes) -> None:
    received = talk(client, garbage)
    assert not received or received.startswith(b"HTTP/1.1 4")
    assert client.chat().status == 200


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_bring_it_down(client: Any, data: bytes) -> None:
    received = talk(client, data)
    assert not received or received.startswith(b"HTTP/1.1 ")


def test_clients_are_served_side_by_side(start: Any) -> None:
    slow = start(script=[{"text": "slow", "delay": 1.0, "times": 8}])
    done: list[str] = []
    threads = [threading.Thread(target=lambda: done.append(slow.chat().text)) for _ in range(8)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == ["slow"] * 8 and time.monotonic() - began < 5


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(start: Any) -> None:
    paced = start(pace_s=0.01)
    body = json.dumps(
        {"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    ).encode()
    with socket.create_connection(address(paced), timeout=5) as line:
        line.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        line.recv(200)
    assert paced.chat(model="plugsky-micro").status == 200


async def test_stop_ends_open_streams_at_once_and_frees_the_port() -> None:
    import asyncio

    from plugsky_tui.simulator.server import Simulator

    simulator = Simulator(pace_s=30.0)
    parts = urlsplit(await simulator.start())
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    body = json.dumps(
        {"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    ).encode()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert await reader.read(50)
    began = time.monotonic()
    await simulator.stop()
    assert time.monotonic() - began < 5
    await simulator.stop()  # twice is no error
    writer.close()
    again = Simulator()
    assert str(parts.port) in await again.start(port=parts.port or 0)
    await again.stop()


def test_starting_one_imports_little() -> None:
    import subprocess
    import sys

    program = (
        "import asyncio, sys\n"
        "from plugsky_tui.simulator.server import Simulator\n"
        "async def main():\n"
        "    simulator = Simulator()\n"
        "    await simulator.start()\n"
        "    await simulator.stop()\n"
        "asyncio.run(main())\n"
        "heavy = ['pydantic', 'httpx', 'textual', 'rich', 'ast', 'difflib', 'plugsky_tui.simulator.agent', 'plugsky_tui.kernel']\n"
        "print([name for name in heavy if name in sys.modules and name != 'ast'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
