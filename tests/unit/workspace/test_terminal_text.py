"""What a command printed becomes plain text, however its stream is cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.terminal_text import TerminalText, plain_text

CASES = [
    (b"\x1b[31mRed\x1b[0m text", "Red text"),
    (b"hello\x1b[9D\x1b[Kworld", "helloworld"),
    (b"\x1b[32mSuccess:\x1b[0m File saved\x07\n\x1b[?25hDone", "Success: File saved\nDone"),
    ("important\x90data after DCS".encode(), "importantdata after DCS"),
    ("keep\x9b42mthis text".encode(), "keepthis text"),
    (b"\x1b]0;title\x07x", "x"),
    (b"\x1b]8;;http://e\x1b\\click\x1b]8;;\x1b\\", "click"),
    (b"\x1bPq...\x1b\\A\x1b_Gf\x1b\\B", "AB"),
    (b"10%\r20%\r100%\r\nok\r\n", "100%\nok\n"),
    (b"progress\r\n", "progress\n"),
    (b"N\bNA\bA", "NA"),
    (b"tab\tand\x00nul\x7f", "tab\tandnul"),
    (b"caf\xc3\xa9 \xff", "caf\u00e9 \ufffd"),
    (b"\x1b]52;c;never ended", "52;c;never ended"),
]


@pytest.mark.parametrize(("data", "text"), CASES)
def test_only_what_a_person_would_read_is_left(data: bytes, text: str) -> None:
    assert plain_text(data) == text


@given(
    st.lists(
        st.sampled_from(
            [
                b"\x1b",
                b"[",
                b"]",
                b"P",
                b"\\",
                b"\x07",
                b"0;",
                b"m",
                b"\r",
                b"\n",
                b"\b",
                b"a",
                b"\xc2",
                b"\x9b",
                b"\x90",
                b" ",
            ]
        )
    ),
    st.data(),
)
def test_a_stream_cut_anywhere_gives_the_same_text(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    text = TerminalText()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
    got = "".join(text.feed(whole[a:b]) for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True))
    assert got + text.finish() == plain_text(whole)


def test_the_unfinished_line_can_be_looked_at() -> None:
    text = TerminalText()
    assert text.feed(b"one\nContinue? [y/N] ") == "one\n"
    assert text.pending == "Continue? [y/N] "
    assert text.finish() == "Continue? [y/N] "


@pytest.mark.parametrize(
    "piece",
    [b"\x1b[", b"\x1b]", b"\x1b", b"\r", b"x\b", b"\x1b]" + b"x" * 4090, b"\x1b[31mhi\n"],
    ids=lambda piece: repr(piece[:4]),
)
def test_floods_take_linear_time(piece: bytes) -> None:
    data = piece * (4_000_000 // len(piece))
    text = TerminalText()
    started = time.process_time()  # the machine may be busy
    for at in range(0, len(data), 65536):
        text.feed(data[at : at + 65536])
    text.finish()
    assert time.process_time() - started < 2
