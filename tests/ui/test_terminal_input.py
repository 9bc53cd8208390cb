"""Bytes of a terminal become the same keys and pastes wherever the reads cut them."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from plugsky_tui.frontends.tui.background import BackgroundChanged, BackgroundReported
from plugsky_tui.frontends.tui.terminal import Paper, TerminalParser

PASTE = "\x1b[200~{}\x1b[201~"
PIECES = {
    "a": ["a"],
    "é": ["é"],
    "\r": ["enter"],
    "\n": ["ctrl+j"],
    "\x1b[A": ["up"],
    "\x1b[Z": ["shift+tab"],
    "\x1bOP": ["f1"],
    "\x1b\r": ["alt+enter"],
    "\x1bs": ["alt+s"],
    "\x1b[13;2u": ["shift+enter"],
    "\x1b[13;5u": ["ctrl+enter"],
    "\x1b[27;5;13~": ["ctrl+enter"],
    "\x1b[27;2;13~": ["shift+enter"],
    "\x1b[115;3u": ["alt+s"],
    PASTE.format("pasted\rtext \x1b[31m \x1b[20 end"): [("pasted\rtext \x1b[31m \x1b[20 end",)],
    PASTE.format(""): [("",)],
    "\x1b]11;rgb:0000/0000/0000\x1b\\": ["dark"],
    "\x1b]11;rgb:ff/ff/ee\x07": ["light"],
    "\x1b]11;#fdf6e3\x1b\\": ["light"],
    "\x1b]11;rgba:1e1e/1e1e/2e2e/ffff\x07": ["dark"],
    "\x1b]11;nonsense\x07": [],
    "\x1b[?997;1n": ["turned"],
}


def heard(parser: TerminalParser, *reads: str) -> list:
    """Key names, pastes as 1-tuples, and what the terminal says of its background."""
    out = []
    for read in reads:
        for message in parser.feed(read):
            out += [message.key] if isinstance(message, events.Key) else []
            out += [(message.text,)] if isinstance(message, events.Paste) else []
            out += ["dark" if message.dark else "light"] if isinstance(message, BackgroundReported) else []
            out += ["turned"] if isinstance(message, BackgroundChanged) else []
    return out


def waited(parser: TerminalParser) -> list:
    time.sleep(max((parser.due or 0) - time.perf_counter(), 0) + 0.001)
    return [message.key for message in parser.tick() if isinstance(message, events.Key)]


@pytest.mark.parametrize("sequence", PIECES)
def test_each_sequence_is_its_key(sequence):
    assert heard(TerminalParser(), sequence) == PIECES[sequence]


@given(st.lists(st.sampled_from(sorted(PIECES)), max_size=8), st.data())
def test_what_arrives_in_one_piece_may_have_anything_around_it(sequences, data):
    expected = [key for sequence in sequences for key in PIECES[sequence]]
    assert heard(TerminalParser(), "".join(sequences)) == expected


@given(st.text(alphabet=st.sampled_from("ab\r \x1b[201~é"), max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_a_paste_may_be_cut_anywhere(text, cuts):
    if "\x1b[201~" in text:
        return
    whole = PASTE.format(text) + "x"
    places = sorted({min(cut, len(whole)) for cut in cuts})
    reads = [whole[a:b] for a, b in zip([0, *places], [*places, len(whole)], strict=True)]
    assert heard(TerminalParser(), *[read for read in reads if read]) == [(text,), "x"]


def test_escape_alone_is_escape_after_a_moment():
    parser = TerminalParser()
    assert heard(parser, "\x1b") == []
    assert waited(parser) == ["escape"]
    assert heard(parser, "a") == ["a"]


def test_escape_then_a_letter_typed_later_are_two_keys():
    parser = TerminalParser()
    heard(parser, "\x1b")
    assert waited(parser) + heard(parser, "s") == ["escape", "s"]


def test_alt_and_a_letter_typed_fast_are_not_swallowed_by_what_follows():
    assert heard(TerminalParser(), "\x1bshello") == ["alt+s", *"hello"]


def test_nothing_is_due_while_nothing_waits():
    parser = TerminalParser()
    heard(parser, "a\x1b[A")
    assert parser.due is None


def test_a_megabyte_is_pasted_in_a_moment():
    text = "a line of text\n" * 70_000
    data = PASTE.format(text)
    parser = TerminalParser()
    began = time.perf_counter()
    assert heard(parser, *[data[at : at + 65_536] for at in range(0, len(data), 65_536)]) == [(text,)]
    assert time.perf_counter() - began < 0.1


def test_what_is_written_to_a_terminal_that_is_gone_is_dropped_and_the_writer_lives_on():
    ours, its = os.openpty()
    writer = WriterThread(Paper(os.fdopen(its, "w", encoding="utf-8")))
    writer.start()
    writer.write("seen\n")
    assert os.read(ours, 100) == b"seen\r\n"
    os.close(ours)
    for _ in range(10 * MAX_QUEUED_WRITES):
        writer.write("x" * 10_000)
    writer.stop()
    assert not writer.is_alive()
