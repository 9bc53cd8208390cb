"""Faults on demand, as they arrive on the wire; and the words for them."""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import time
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.simulator import faults
from plugsky_tui.simulator.faults import Fault, FaultError, Faults, Rule, parse_fault, parse_faults, parse_rule

HEADER = "X-Simulator-Fault"
ARABIC = [{"text": ["مرحبا ", "بالعالم ", "and ", "more"], "times": 9}]


def with_fault(fault: str, **more: Any) -> dict[str, Any]:
    return {"headers": {HEADER: fault}, **more}


def received(client: Any, fault: str, timeout: float = 5) -> tuple[bytes, BaseException | None]:
    """All bytes of a streamed answer until the line ends, and the error it ended with."""
    body = json.dumps({"model": "plugsky-micro", "stream": True, "messages": [{"role": "user", "content": "hi"}]})
    where = urlsplit(client.url)
    with socket.create_connection((where.hostname, where.port), timeout=timeout) as line:
        line.sendall(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{HEADER}: {fault}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        data = b""
        try:
            while piece := line.recv(65536):
                data += piece
        except OSError as error:
            return data, error
        return data, None


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (401, "authentication_error", "invalid_api_key"),
        (403, "permission_error", None),
        (404, "invalid_request_error", "not_found"),
        (418, "invalid_request_error", None),
        (429, "rate_limit_error", "rate_limit_exceeded"),
        (500, "server_error", None),
        (503, "service_unavailable", None),
        (529, "server_error", None),
        (599, "server_error", None),
    ],
)
def test_any_error_can_be_had(client: Any, status: int, kind: str, code: str | None) -> None:
    answer = client.chat(**with_fault(str(status)))
    assert (answer.status, answer.error["type"], answer.error["code"]) == (status, kind, code)


def test_the_time_to_wait_can_be_told(client: Any) -> None:
    answer = client.chat(**with_fault("429; retry-after=2.5"))
    assert (answer.headers["retry-after"], answer.headers["retry-after-ms"]) == ("3", "2500")
    assert client.chat(**with_fault("429")).headers["retry-after"] == "1"
    assert client.chat(**with_fault("503; retry-after=0")).headers["retry-after"] == "0"
    assert "retry-after" not in client.chat(**with_fault("503")).headers


def test_an_error_is_in_the_dialect_of_its_path(client: Any) -> None:
    anthropic = client.request("POST", "/v1/messages", {}, {HEADER: "529"})
    assert anthropic.json["error"]["type"] == "overloaded_error" and anthropic.headers["request-id"]
    plutos = client.request("POST", "/v1/process", {}, {HEADER: "429; retry-after=7"})
    assert plutos.json["error"]["code"] == "rate_limit_exceeded"
    assert plutos.json["error"]["details"] == {"retryAfter": 7}


def test_a_stream_is_cut_after_some_events(client: Any) -> None:
    data, error = received(client, "cut=3")
    assert error is None and data.count(b"data: ") == 3 and not data.endswith(b"0\r\n\r\n")
    assert received(client, "cut") == (b"", None)


def test_a_connection_is_reset(client: Any) -> None:
    data, error = received(client, "reset=2")
    assert isinstance(error, ConnectionResetError) and data.count(b"data: ") == 2
    assert isinstance(received(client, "reset")[1], ConnectionResetError)


@pytest.mark.parametrize(("fault", "events"), [("stall", 0), ("stall=2", 2)])
def test_a_connection_stalls_and_stays_open(client: Any, fault: str, events: int) -> None:
    data, error = received(client, fault, timeout=0.4)
    assert isinstance(error, TimeoutError) and data.count(b"data: ") == events
    assert client.chat().status == 200  # nobody else waits


def test_who_hangs_up_on_a_stall_is_not_complained_of(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    where = urlsplit(client.url)
    with socket.create_connection((where.hostname, where.port), timeout=5) as line:
        line.sendall(f"GET /v1/models HTTP/1.1\r\nHost: x\r\n{HEADER}: stall\r\n\r\n".encode())
        time.sleep(0.1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
    assert client.chat().status == 200
    assert not [record for record in caplog.records if record.name == "asyncio"]


def test_a_whole_answer_is_lost_after_the_work_is_done(start: Any) -> None:
    client = start(script=[{"text": "one"}, {"text": "two"}])
    for fault in ("cut=1", "reset=1"):
        with pytest.raises((OSError, http.client.HTTPException)):
            client.chat(**with_fault(fault))
    assert client.chat().error["code"] == "script_exhausted"


def test_latency_comes_before_the_answer_and_slow_between_the_events(start: Any) -> None:
    client = start(script=[{"text": ["a", "b"], "times": 3}])
    for fault, least in (("latency=0.3", 0.3), ("slow=0.1", 0.4)):
        began = time.monotonic()
        assert client.chat(**with_fault(fault, stream=True)).text == "ab"
        assert time.monotonic() - began >= least


def test_malformed_json_is_half_an_event(start: Any) -> None:
    answer = start(script=ARABIC).chat(**with_fault("malformed=json; after=1", stream=True))
    lines = [line[6:] for line in answer.body.decode().split("\n") if line.startswith("data: ")]
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(lines[1])
    assert json.loads(lines[0]) and json.loads(lines[2]) and lines[-1] == "[DONE]"


def test_malformed_3_comes_after_three_events(client: Any) -> None:
    assert parse_fault("malformed=3") == Fault("malformed", after=3)
    assert parse_fault("malformed") == Fault("malformed", after=2)


@pytest.mark.parametrize("stream", [False, True])
def test_malformed_html_is_the_page_of_a_proxy(client: Any, stream: bool) -> None:
    answer = client.chat(**with_fault("malformed=html", stream=stream))
    assert answer.status == 200 and answer.headers["content-type"] == "text/html" and b"502 Bad Gateway" in answer.body


def test_malformed_nodone_ends_without_done(client: Any) -> None:
    whole, short = client.chat(stream=True), client.chat(**with_fault("malformed=nodone", stream=True))
    assert len(short.events) == len(whole.events) - 1 and "[DONE]" not in short.events


def test_malformed_error_is_an_error_inside_the_stream(client: Any) -> None:
    answer = client.chat(**with_fault("malformed=error; after=4", stream=True))
    assert answer.status == 200 and len(answer.events) == 5 and answer.events[-1]["error"]["type"] == "server_error"
    whole = client.chat(**with_fault("malformed=error"))
    assert whole.status == 200 and whole.error["type"] == "server_error"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages", {"max_tokens": 50, "stream": True, "messages": [{"role": "user", "content": "hi"}]}),
        ("/v1/stream", {"input": "hi"}),
    ],
)
def test_every_surface_has_its_own_error_inside_a_stream(client: Any, path: str, body: dict[str, Any]) -> None:
    asked, version = {"model": "plugsky-pro", **body}, {"anthropic-version": "2023-06-01"}
    broken = client.request("POST", path, asked, {**version, HEADER: "malformed=error"}).body
    last = broken.decode().rstrip().rpartition("\n\n")[2]
    assert last.startswith("event: error\ndata: ") and json.loads(last.partition("data: ")[2])["error"]["message"]
    whole = client.request("POST", path, asked, version).body
    short = client.request("POST", path, asked, {**version, HEADER: "malformed=nodone"}).body
    assert short.count(b"event: ") == whole.count(b"event: ") - 1


def test_malformed_utf8_tears_characters_apart_and_nothing_else(start: Any) -> None:
    data, error = received(start(script=ARABIC), "malformed=utf8")
    chunks = [chunk for size, chunk in _chunks(data.split(b"\r\n\r\n", 1)[1]) if size]
    torn = [chunk for chunk in chunks if not _is_text(chunk)]
    assert error is None and torn
    said = [json.loads(line[6:]) for line in b"".join(chunks).decode().split("\n") if line.startswith("data: {")]
    assert "".join(event["choices"][0]["delta"].get("content") or "" for event in said) == "مرحبا بالعالم and more"


def _chunks(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        size, data = data.split(b"\r\n", 1)
        found.append((int(size, 16), data[: int(size, 16)]))
        data = data[int(size, 16) + 2 :]
    return found


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_malformed_json_of_a_whole_answer_is_half_of_it(client: Any) -> None:
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        _ = client.chat(**with_fault("malformed")).json


def test_several_faults_strike_together(client: Any) -> None:
    began = time.monotonic()
    assert client.chat(**with_fault("latency=0.2, 503")).status == 503
    assert time.monotonic() - began >= 0.2


def test_a_wrong_header_is_a_400_that_names_what_there_is(client: Any) -> None:
    answer = client.chat(**with_fault("explode"))
    assert answer.status == 400 and answer.error["param"] == HEADER and "malformed" in answer.error["message"]


# --- which request meets which -----------------------------------------------------------------


def test_every_nth_request_fails(start: Any) -> None:
    client = start(faults=Faults([parse_rule("503:every=3")]))
    assert [client.chat().status for _ in range(7)] == [200, 200, 503, 200, 200, 503, 200]


def test_none_in_the_header_keeps_the_faults_of_the_command_away(start: Any) -> None:
    client = start(faults=Faults([parse_rule("503")]))
    assert client.chat().status == 503 and client.chat(**with_fault("none")).status == 200
    assert client.chat(**with_fault("404")).status == 404


def test_the_same_seed_fails_the_same_requests() -> None:
    def statuses(seed: int) -> list[int]:
        chance = Faults([parse_rule("429:0.3"), parse_rule("500:0.3")], seed=seed)
        return [fault.status for _ in range(200) for fault in (chance.of(None) or [Fault("status", 200)])]

    assert statuses(7) == statuses(7) != statuses(8)
    assert 30 < statuses(7).count(429) < 90 and 15 < statuses(7).count(500) < 80


@pytest.mark.parametrize(("rate", "times"), [("0", 0), ("1", 50), ("1.0", 50)])
def test_a_rate_of_0_never_strikes_and_one_of_1_always(rate: str, times: int) -> None:
    rule = parse_rule(f"500:{rate}")
    assert sum(rule.strikes(Random(1)) for _ in range(50)) == times


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("429", Rule(Fault("status", 429))),
        ("429; retry-after=2:0.25", Rule(Fault("status", 429, 2.0), 0.25)),
        ("cut=5:every=2", Rule(Fault("cut", after=5), every=2)),
        ("slow", Rule(Fault("slow", seconds=faults.SLOW_S))),
        ("malformed=html:.5", Rule(Fault("malformed", after=2, how="html"), 0.5)),
    ],
)
def test_the_words_of_the_command(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    "text",
    ["", "200", "600", "boom", "429=3", "429;after=1", "cut=x", "cut=-1", "latency", "latency=x", "slow=1e9", "429:2",
     "429:often", "429:every=0", "malformed=pdf", "cut;retry-after=1", "429;retry-after=soon", "malformed;after=x"],
)  # fmt: skip
def test_what_is_no_fault_is_told(text: str) -> None:
    with pytest.raises(FaultError):
        parse_rule(text)


@given(st.text(alphabet="0123456789cutmalformedstalljson=;:,.- ", max_size=30))
def test_any_text_is_faults_or_a_fault_error(text: str) -> None:
    for parse in (parse_faults, parse_rule):
        try:
            parse(text)
        except FaultError as error:
            assert str(error)


def test_the_faults_of_the_documentation_are_faults() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "simulator.md").read_text(encoding="utf-8")
    shown = re.findall(r"X-Simulator-Fault: ([^'\"`\n]+)", guide) + re.findall(
        r"^\| `([^`]+)`", guide.partition("## Faults")[2].partition("\n## ")[0], re.M
    )
    asked = re.findall(r"--fault '?([^' `\n]+(?:; [^' `\n]+)?)", guide)
    assert len(shown) >= 2 and len(asked) >= 2
    assert all(parse_faults(text) or text == "none" for text in shown)
    assert all(parse_rule(text) for text in asked if text != "KIND[:RATE]")
