"""Tapes: what is written is what is read, keys are not on them, and what differs is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import HEAD, HELLO, RawServer, Reset, ask, delta, event, kinds, reply, says, text

from plugsky_tui.kernel.errors import ProviderError, UsageError
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Request
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.divergence import Comparison
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.recording import Recorder
from plugsky_tui.providers.replaying import Replayer
from plugsky_tui.providers.rewriting import rewrite
from plugsky_tui.providers.tape import Exchange, Failure, Header, Tape, exchange_line, header_line, read_tape

KEY = "psk_live_0123456789abcdef"
HEADER = Header("/work/app", "2026-11-20", "m")


# --- writing and reading ----------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.floats(0, 100), st.binary(max_size=50)), max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])), st.lists
    ),
    st.none() | st.builds(Failure, *[st.text(st.characters(exclude_categories=["Cs"]))] * 3, st.booleans()),
)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[tuple[float, bytes]], body: Any, failure: Failure | None
) -> None:
    chunks = [(round(at, 3), chunk) for at, chunk in chunks]
    exchange = Exchange(1, "", "POST", "x", body, 200, {"content-type": "text/plain"}, chunks, failure)
    path = tmp_path_factory.getbasetemp() / "any.tape"
    path.write_bytes(header_line(HEADER) + exchange_line(exchange))
    tape = read_tape(path, "any.tape")
    assert (tape.header, tape.exchanges) == (HEADER, [exchange])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_tape_or_an_error_with_a_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.tape"
    for start in (b"", header_line(HEADER)):
        path.write_bytes(start + content)
        try:
            read_tape(path, "bytes.tape")
        except UsageError as error:
            assert "bytes.tape" in error.message


# --- one text in the place of another ---------------------------------------------------------


def stream(pieces: list[str]) -> list[tuple[float, bytes]]:
    return [(0.1 * at, event(delta(content=piece))) for at, piece in enumerate(pieces)]


def said(chunks: list[tuple[float, bytes]]) -> str:
    events = b"".join(chunk for _, chunk in chunks).decode().split("\n\n")
    return "".join(json.loads(one[6:])["choices"][0]["delta"]["content"] for one in events if one)


@given(st.data(), st.text(alphabet="ab/é", max_size=20), st.text(alphabet="ab/é", max_size=20))
def test_a_key_is_found_wherever_the_stream_was_cut(data: st.DataObject, before: str, after: str) -> None:
    whole = before + KEY + after
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(whole) - 1)))))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    chunks = stream(pieces)
    joined = b"".join(chunk for _, chunk in chunks)
    places = sorted(data.draw(st.sets(st.integers(1, len(joined) - 1), max_size=5)))
    torn = [(0.0, joined[a:b]) for a, b in zip([0, *places], [*places, len(joined)], strict=True)]
    for given_chunks in (chunks, torn):
        assert said(rewrite(given_chunks, {KEY: "[key]"})) == before + "[key]" + after


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_what_holds_nothing_to_replace_stays_as_it_came(pieces: list[bytes]) -> None:
    chunks = [(0.1 * at, piece) for at, piece in enumerate(pieces)]
    assert rewrite(chunks, {KEY: "[key]"}) == chunks


def test_calls_side_by_side_are_kept_apart() -> None:
    def fragment(index: int, arguments: str) -> bytes:
        return event(delta(tool_calls=[{"index": index, "function": {"arguments": arguments}}]))

    chunks = [(0.0, fragment(0, '{"p": "/ol')), (0.1, fragment(1, '{"p": "/ol')), (0.2, fragment(0, 'd/a"}'))]
    found = b"".join(chunk for _, chunk in rewrite(chunks, {"/old": "/new"})).decode()
    pieces = [json.loads(one[6:])["choices"][0]["delta"]["tool_calls"][0] for one in found.split("\n\n") if one]
    assert [piece["function"]["arguments"] for piece in pieces] == ['{"p": "/new', '{"p": "/ol', '/a"}']


# --- where two requests differ ----------------------------------------------------------------


def difference(recorded: Any, now: Any) -> str | None:
    found = Comparison("/work/app", "/home/me/app").difference(recorded, now)
    return found.path if found else None


def result(text: str, call_id: str = "a") -> dict[str, Any]:
    call = {"id": call_id, "function": {"name": "shell", "arguments": "{}"}}
    answer = {"role": "assistant", "content": "", "tool_calls": [call]}
    return {"messages": [answer, {"role": "tool", "tool_call_id": call_id, "content": text}]}


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        ("3 passed in 0.05s", "3 passed in 12.31s"),
        ("====== 3 passed in 0.05s ======", "===== 3 passed in 10.05s ====="),
        ("took 12 ms", "took 1.5 ms"),
        ("real\t0m0.003s", "real\t1m2.120s"),
        ("Ran 3 tests in 0.001s", "Ran 3 tests in 1.2e-05s"),
        ("ok  pkg 0.003s\n--- PASS: TestX (0.00s)", "ok  pkg 0.103s\n--- PASS: TestX (0.10s)"),
        ("total 0:00:01.234", "total 0:01:00.2"),
        ("/work/app/src/x.py:1", "/home/me/app/src/x.py:1"),
        ("<A at 0x7f3a2b1c0d>", "<A at 0x7fffffff00>"),
        ("in /tmp/pytest-of-me/pytest-1/a/x.txt:3", "in /tmp/pytest-of-you/pytest-22/a/x.txt:3"),
        (
            "the whole output is in /c/outputs/plugsky-shell-0123456789ab.txt …]",
            "the whole output is in /home/me/.cache/plugsky/outputs/plugsky-shell-ba9876543210.txt …]",
        ),
    ],
)
def test_what_may_differ_in_the_result_of_a_tool(recorded: str, now: str) -> None:
    assert difference(result(recorded), result(now)) is None


@pytest.mark.parametrize(
    ("recorded", "now"),
    [
        ("3 passed in 0.05s", "2 passed in 0.05s"),
        ("/work/app/a", "/home/me/app/b"),
        ("/work/application", "/home/me/application"),
        ("version 1.2.3", "version 1.2.4"),
        ("exit code 1", "exit code 2"),
        ("a" * 500 + "b", "a" * 500 + "c"),
        ("line 5: x", "line 6: x"),
    ],
)
def test_what_must_not(recorded: str, now: str) -> None:
    assert difference(result(recorded), result(now)) == "$.messages[1].content"


def test_outside_of_results_times_count() -> None:
    assert difference({"role": "user", "content": "wait 5 s"}, {"role": "user", "content": "wait 9 s"}) == "$.content"


def test_the_date_and_the_version_in_the_prompt_do_not_count() -> None:
    assert difference({"s": "today: 2026-11-20, plugsky 0.1.0"}, {"s": "today: 2027-01-01, plugsky 0.2.0.dev1"}) is None


def test_ids_are_compared_by_what_they_belong_to() -> None:
    assert difference(result("x", "call_1"), result("x", "call_9")) is None
    swapped = result("x", "call_9")
    swapped["messages"][1]["tool_call_id"] = "call_8"
    assert difference(result("x", "call_1"), swapped) == "$.messages[1].tool_call_id"
    named = {"messages": [{"id": "call_1"}, {"content": "Images from read (call_1):"}]}
    other = {"messages": [{"id": "call_2"}, {"content": "Images from read (call_2):"}]}
    assert difference(named, other) is None


@pytest.mark.parametrize(
    ("recorded", "now", "path"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, "$.b"),
        ({"a": 1, "b": 2}, {"a": 1}, "$.b"),
        ({"a": [1, 2]}, {"a": [1]}, "$.a[1]"),
        ({"a": [1]}, {"a": [1, 2]}, "$.a[1]"),
        ({"a": True}, {"a": 1}, "$.a"),
        ({"a": None}, {"a": ""}, "$.a"),
        ({"a": {"b": "x"}}, {"a": "x"}, "$.a"),
    ],
)
def test_the_first_difference_has_a_path(recorded: Any, now: Any, path: str) -> None:
    assert difference(recorded, now) == path


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_nothing_differs_from_itself(value: Any) -> None:
    assert difference(value, json.loads(json.dumps(value))) is None


# --- a client over a tape ---------------------------------------------------------------------


def recording(server: RawServer, path: Path) -> tuple[Client, Recorder]:
    recorder = Recorder(path, HEADER, lambda: [KEY])
    return Client(Endpoint(server.url, key=lambda: KEY, waits=False), connect=recorder.connect), recorder


async def replayed(path: Path, request: Request = HELLO) -> tuple[Client, Replayer]:
    replayer = Replayer(read_tape(path, path.name), "/work/app")
    return Client(Endpoint("http://127.0.0.1:9/v1", waits=False), connect=replayer.connect), replayer


async def test_a_stream_that_broke_breaks_again(server: RawServer, tmp_path: Path) -> None:
    server.play([HEAD, says("Hel", end=False), Reset()], [HEAD, says("Hello")])
    client, recorder = recording(server, tmp_path / "t")
    first = await ask(client)
    await client.aclose()
    recorder.close()
    client, replayer = await replayed(tmp_path / "t")
    again = await ask(client)
    assert kinds(first) == kinds(again) and "Restarted" in kinds(again)
    assert text(first) == text(again) and replayer.unused == 0


async def test_bytes_come_as_they_came_though_they_are_no_text(server: RawServer, tmp_path: Path) -> None:
    body = says("né")
    at = body.index("é".encode()) if "é".encode() in body else len(body) // 2
    server.play([HEAD, body[: at + 1], 0.05, body[at + 1 :]])
    client, recorder = recording(server, tmp_path / "t")
    assert text(await ask(client)) == "né"
    await client.aclose()
    recorder.close()
    client, _ = await replayed(tmp_path / "t")
    assert text(await ask(client)) == "né"


async def test_a_tape_can_be_read_while_the_run_goes_on(server: RawServer, tmp_path: Path) -> None:
    server.play([HEAD, says("One")], [HEAD, says("Two")])
    client, recorder = recording(server, tmp_path / "t")
    await ask(client)
    assert len(read_tape(tmp_path / "t", "t").exchanges) == 1  # as a crash would leave it
    await ask(client)
    assert len(read_tape(tmp_path / "t", "t").exchanges) == 2
    await client.aclose()
    recorder.close()


async def test_an_answer_nobody_waited_for_is_marked(server: RawServer, tmp_path: Path) -> None:
    server.play([HEAD, says("One", end=False), 5])
    client, recorder = recording(server, tmp_path / "t")
    items = client.stream(HELLO)
    async for item in items:
        if text([item]):
            break
    await items.aclose()
    await client.aclose()
    recorder.close()
    (exchange,) = read_tape(tmp_path / "t", "t").exchanges
    assert exchange.left and b"One" in b"".join(chunk for _, chunk in exchange.chunks)


async def test_an_error_that_quotes_the_key_is_kept_without_it(server: RawServer, tmp_path: Path) -> None:
    server.play([reply(401, {"error": {"message": f"bad key {KEY}"}}, x_request_id=KEY, set_cookie="a=b")])
    client, recorder = recording(server, tmp_path / "t")
    with pytest.raises(ProviderError):
        await ask(client)
    recorder.close()
    kept = (tmp_path / "t").read_text()
    assert KEY not in kept and "[key]" in kept and "cookie" not in kept


async def test_once_it_went_another_way_nothing_more_is_played(server: RawServer, tmp_path: Path) -> None:
    server.play([HEAD, says("One")], [HEAD, says("Two")])
    client, recorder = recording(server, tmp_path / "t")
    await ask(client)
    await ask(client)
    recorder.close()
    client, replayer = await replayed(tmp_path / "t")
    for request in (Request("m", "Be kind.", [UserMessage("ho")]), HELLO):
        with pytest.raises(ProviderError) as caught:
            await ask(client, request)
        assert caught.value.code == "replay_diverged"
    assert replayer.unused == 0  # why is known already


def tape_of(*bodies: Any) -> Tape:
    return Tape(HEADER, [Exchange(n, "", "POST", "x", body, 200, {}, []) for n, body in enumerate(bodies, 1)])


def test_requests_may_come_in_another_order_and_twins_come_in_theirs() -> None:
    replayer = Replayer(tape_of({"m": "a"}, {"m": "twin"}, {"m": "b"}, {"m": "twin"}), "/work/app")
    endpoint = Endpoint("http://127.0.0.1:9/v1")
    asked = ["b", "twin", "a", "twin"]
    assert [replayer.play(endpoint, "POST", "x", {"m": one}).number for one in asked] == [3, 2, 1, 4]
    assert replayer.unused == 0


def test_where_none_is_the_same_the_one_most_like_it_is_named_ever_after() -> None:
    replayer = Replayer(tape_of({"m": ["one", "x"]}, {"m": ["two", "x", "y"]}, {"m": ["two", "x"]}), "/work/app")
    endpoint = Endpoint("http://127.0.0.1:9/v1")
    for body in ({"m": ["two", "x", "z"]}, {"m": ["one", "x"]}):
        with pytest.raises(ProviderError, match=r"at exchange 2 of 3: \$\.m\[2\] was 'y' and is 'z'"):
            replayer.play(endpoint, "POST", "x", body)


def test_ids_of_a_request_that_was_another_one_are_paired_with_nothing() -> None:
    replayer = Replayer(tape_of({"id": "r1", "m": "a"}, {"id": "r2", "m": "b"}, {"id": "r1", "m": "c"}), "/work/app")
    endpoint = Endpoint("http://127.0.0.1:9/v1")
    for number, body in ((2, {"id": "n2", "m": "b"}), (1, {"id": "n1", "m": "a"}), (3, {"id": "n1", "m": "c"})):
        assert replayer.play(endpoint, "POST", "x", body).number == number


def test_a_full_disk_ends_the_recording_and_not_the_run(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no device that is always full")
    recorder = Recorder(tmp_path / "t", HEADER, list)
    import os

    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, recorder._handle)
    os.close(full)
    endpoint = Endpoint("http://127.0.0.1:9/v1")
    recorder.end(recorder.begin(endpoint, "POST", endpoint.url("x"), b"{}"), endpoint)
    assert "No space left" in recorder.problem
    recorder.close()
