"""Messages on the pipe: cut anywhere, between other things, with any header."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.lsp.framing import Frames, frame

MESSAGES = st.lists(st.dictionaries(st.text(max_size=8), st.text(max_size=40) | st.integers(), max_size=4), max_size=5)


@given(MESSAGES, st.lists(st.integers(1, 60), min_size=1))
def test_messages_arrive_however_the_bytes_are_cut(messages, cuts) -> None:
    data = b"".join(frame(message) for message in messages)
    frames, got, at, turn = Frames(), [], 0, 0
    while at < len(data):
        size = cuts[turn % len(cuts)]
        got += frames.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert got == messages
    assert frames.passed_over == 0


@given(st.binary(max_size=300))
def test_no_bytes_upset_it(data) -> None:
    Frames().feed(data)


def test_what_is_printed_between_messages_is_passed_over() -> None:
    data = b"Loading...\n" + frame({"a": 1}) + b"\nwarning: x\r\n\r\nmore\n" + frame({"b": 2})
    assert Frames().feed(data) == [{"a": 1}, {"b": 2}]


def test_headers_may_be_several_in_any_case() -> None:
    body = json.dumps({"a": "ü"}, ensure_ascii=False).encode()
    header = b"Content-Type: application/vscode-jsonrpc; charset=utf8\r\nCONTENT-LENGTH:  %d \r\n\r\n" % len(body)
    assert Frames().feed(header + body) == [{"a": "ü"}]


def test_what_is_no_object_or_too_long_is_passed_over_and_the_next_is_read() -> None:
    frames = Frames(limit=100)
    long = b"Content-Length: 150\r\n\r\n" + b"x" * 150
    broken = b"Content-Length: 3\r\n\r\n{a}" + b"Content-Length: 2\r\n\r\n[]"
    data = long + broken + frame({"a": 1})
    assert frames.feed(data[:90]) == []
    assert frames.feed(data[90:]) == [{"a": 1}]
    assert frames.passed_over == 3


def test_a_flood_without_a_message_is_not_kept() -> None:
    frames = Frames()
    for _ in range(100):
        frames.feed(b"y" * 100_000)
    assert len(frames._buffer) < 200_000
    assert frames.feed(b"\r\n" + frame({"a": 1})) == [{"a": 1}]
