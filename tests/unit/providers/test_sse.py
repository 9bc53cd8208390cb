"""The decoder against the EventSource rules, and against every way a network may cut the bytes."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.providers.sse import EventDecoder, EventTooLong


def decode(*chunks: bytes) -> list[tuple[str, str]]:
    decoder = EventDecoder()
    return [(event.data, event.name) for chunk in chunks for event in decoder.feed(chunk)]


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"data: a\n\n", ["a"]),
        (b"data:a\n\n", ["a"]),
        (b"data:  a\n\n", [" a"]),
        (b"data: a\r\n\r\n", ["a"]),
        (b"data: a\r\r", ["a"]),
        (b"data: a\r\n\n", ["a"]),
        (b"data: a\n\r\n", ["a"]),
        (b"data: a\r\ndata: b\rdata: c\n\n", ["a\nb\nc"]),
        (b"data\n\n", [""]),
        (b"data:\n\n", [""]),
        (b"data\ndata\n\n", ["\n"]),
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"\n\n\ndata: a\n\n\n\n", ["a"]),
        (b": a comment\ndata: a\n: another\n\n", ["a"]),
        (b":\n\n", []),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
        (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", ["a"]),
        (b"data: a\x00b\n\n", ["a\x00b"]),
        ("data: a\u2028b\u2029c\u0085d\x0be\x0cf\n\n".encode(), ["a\u2028b\u2029c\u0085d\x0be\x0cf"]),
        (b"data: \xff\xf0\x9f\n\n", ["\ufffd\ufffd"]),
        ("data: 😀\n\n".encode(), ["😀"]),
        (b"Data: a\n\n", []),
        (b" data: a\n\n", []),
        (b"id: 7\nretry: 10\nfoo: bar\ndata: a\n\n", ["a"]),
        (b"data: a\n", []),
        (b"data: a", []),
    ],
)
def test_the_rules_of_event_source(stream: bytes, data: list[str]) -> None:
    assert [text for text, _ in decode(stream)] == data
    every_byte = [stream[at : at + 1] for at in range(len(stream))]
    assert [text for text, _ in decode(*every_byte)] == data


def test_an_event_has_the_last_name_it_was_given_and_the_next_has_none() -> None:
    assert decode(b"event: x\nevent: error\ndata: a\n\ndata: b\n\n") == [("a", "error"), ("b", "")]


def test_a_name_without_data_makes_no_event() -> None:
    assert decode(b"event: ping\n\ndata: a\n\n") == [("a", "")]


LINES = st.lists(
    st.sampled_from(
        [
            b"data: {}",
            b"data: \xf0\x9f\x98\x80",
            b"data",
            b": c",
            b"event: e",
            b"",
            b"",
            b"\xff",
            b"\xef\xbb\xbf",
            b"x: y",
        ]
    )
    | st.binary(max_size=6),
    max_size=12,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


@given(
    LINES.flatmap(lambda lines: st.tuples(*[st.tuples(st.just(line), ENDS) for line in lines])),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_it_does_not_matter_where_the_bytes_were_cut(lines: tuple[tuple[bytes, bytes], ...], cuts: list[int]) -> None:
    stream = b"".join(line + end for line, end in lines)
    places = [0, *sorted(cut for cut in cuts if cut <= len(stream)), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(places)]
    whole = decode(stream)
    assert decode(*pieces) == whole
    assert decode(*[stream[at : at + 1] for at in range(len(stream))]) == whole


def test_a_real_stream_cut_in_two_at_every_byte() -> None:
    stream = 'data: {"a": "é😀"}\r\n\r\n: keep\r\n\r\ndata: {"b":\ndata: 1}\n\ndata: [DONE]\n\n'.encode()
    whole = decode(stream)
    assert [text for text, _ in whole] == ['{"a": "é😀"}', '{"b":\n1}', "[DONE]"]
    for at in range(len(stream) + 1):
        assert decode(stream[:at], stream[at:]) == whole


@pytest.mark.parametrize("rest", [b"data: a\n", b"data: a", b"data: a\r\n", b"data: x\n\ndata: a"])
def test_the_event_in_the_making_can_be_had_at_the_end(rest: bytes) -> None:
    decoder = EventDecoder()
    decoder.feed(rest)
    last = decoder.end()
    assert last is not None
    assert last.data == "a"
    assert EventDecoder().end() is None


def test_long_lines_are_read_in_linear_time() -> None:
    line = b"data: " + b"x" * 5_000_000 + b"\n\n"
    started = time.process_time()
    decoder = EventDecoder()
    assert len(decoder.feed(line)) == 1
    pieces = [line[at : at + 1024] for at in range(0, len(line), 1024)]
    assert sum(len(decoder.feed(piece)) for piece in pieces) == 1
    assert time.process_time() - started < 0.5


def test_a_line_without_end_is_given_up_before_memory_is() -> None:
    decoder = EventDecoder(max_event_bytes=10_000)
    with pytest.raises(EventTooLong):
        for _ in range(100):
            decoder.feed(b"x" * 1000)
    decoder = EventDecoder(max_event_bytes=10_000)
    with pytest.raises(EventTooLong):
        for _ in range(100):
            decoder.feed(b"data: " + b"x" * 1000 + b"\n")


def test_whole_events_in_one_piece_are_cheap() -> None:
    chunk = b'data: {"choices": [{"delta": {"content": "hello"}}]}\n\n' * 16
    decoder = EventDecoder()
    decoder.feed(b":\n\n")
    started = time.process_time()
    for _ in range(1000):
        decoder.feed(chunk)
    assert (time.process_time() - started) / 16_000 < 10e-6  # measured: 0.4 µs; the limit is for a busy machine
