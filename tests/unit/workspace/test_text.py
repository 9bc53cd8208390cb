"""Text files keep every byte that was not meant to change."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.text import (
    NotText,
    adopt_line_ends,
    check_new_text,
    decode,
    dominant_line_end,
    encode,
    presentable,
    split_lines,
)

MARKS = st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"])


@given(MARKS, st.binary(max_size=200))
def test_whatever_is_accepted_as_text_is_written_back_byte_by_byte(mark: bytes, body: bytes) -> None:
    try:
        text, encoding = decode(mark + body)
    except NotText:
        return
    assert encode(text, encoding) == mark + body


@given(st.text(st.characters(codec="utf-8"), max_size=100), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_utf16_with_a_mark_reads_as_its_text(text: str, codec: str) -> None:
    mark = b"\xff\xfe" if codec == "utf-16-le" else b"\xfe\xff"
    if text.startswith("\0"):
        return  # would read as a UTF-32 mark
    assert decode(mark + text.encode(codec))[0] == text


def test_a_latin1_file_reads_as_its_letters() -> None:
    text, encoding = decode("caf\u00e9 cr\u00e8me\n".encode("cp1252"))
    assert text == "caf\u00e9 cr\u00e8me\n"
    assert encoding.codec == "cp1252"


def test_utf8_with_a_stray_byte_stays_utf8() -> None:
    text, encoding = decode("na\u00efve \u2192 ".encode() + b"\xff\n")
    assert "\u2192" in text
    assert encoding.errors == "surrogateescape"
    assert presentable(text) == "na\u00efve \u2192 \ufffd\n"


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b", bytes(range(1, 32)) * 20 + b"\xff\xfa", b"\xff\xfea"]
)
def test_binary_data_is_not_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


def test_a_character_the_encoding_lacks_is_refused_by_name() -> None:
    _, encoding = decode(b"caf\xe9\n")
    with pytest.raises(ToolError, match=r"U\+2192"):
        encode("caf\u00e9 \u2192\n", encoding)


def test_half_a_surrogate_pair_is_never_written() -> None:
    with pytest.raises(ToolError, match="surrogate"):
        check_new_text("x\udcff", decode(b"x")[1])
    with pytest.raises(ToolError, match="surrogate"):
        encode("x\ud83d", decode(b"x")[1])


def test_the_stand_in_for_invalid_bytes_is_never_written_over_them() -> None:
    text, encoding = decode("\u00e4".encode() + b"\xff\n")
    with pytest.raises(ToolError, match="destroy"):
        check_new_text("\u00e4\ufffd\n", encoding, text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\n", ["a\n"]),
        ("a\r\nb", ["a\r\n", "b"]),
        ("a\rb\r", ["a\r", "b\r"]),
        ("a\rb\n", ["a\rb\n"]),
        ("a\u2028b\x0cc\x85d\n", ["a\u2028b\x0cc\x85d\n"]),
    ],
)
def test_lines_are_those_of_compilers_and_grep(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


@pytest.mark.parametrize(
    ("text", "end"), [("", "\n"), ("a\r\nb\r\nc\n", "\r\n"), ("a\rb\rc\n", "\r"), ("a\nb\r\n", "\n")]
)
def test_the_dominant_line_end_is_that_of_most_lines(text: str, end: str) -> None:
    assert dominant_line_end(text) == end


def test_a_new_text_takes_the_line_ends_of_the_old_one() -> None:
    assert adopt_line_ends("x\ny\n", "a\r\nb\r\n") == "x\r\ny\r\n"
    assert adopt_line_ends("x\r\ny\r\n", "a\nb\n") == "x\ny\n"
    assert adopt_line_ends("x\ny", "a\rb\r") == "x\ry"
    assert adopt_line_ends("x\ny", "no line end") == "x\ny"


def test_where_line_ends_are_mixed_a_line_that_stays_keeps_its_own() -> None:
    assert adopt_line_ends("a\nb\nnew\nc\n", "a\r\nb\nc\r\n") == "a\r\nb\nnew\r\nc\r\n"
