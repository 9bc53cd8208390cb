"""Bytes to text and back without losing one of them: encodings, byte order marks, line ends.

`decode` followed by `encode` gives the same bytes for every file it accepts; what it cannot
promise that for (binary data, half a UTF-16 unit) it refuses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError

BINARY_PROBE = 8 * 1024  # as git and grep: a NUL in the first 8 KiB means "not text"

_MARKS = (  # the longer first: the UTF-32 mark starts with the UTF-16 one
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
LINE_END = re.compile(r"\r\n|\n|\r")
_COMPARED_LINES = 5_000
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\b\x1b"))


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file's text is written: `codec`, the byte order mark before it, and the codec's error handler."""

    codec: str = "utf-8"
    mark: bytes = b""
    errors: str = "strict"

    @property
    def label(self) -> str:
        """As people write it: "UTF-8 with BOM"."""
        name = self.codec.upper()
        if self.errors == "surrogateescape":
            return f"{name} with invalid bytes"
        return f"{name} with BOM" if self.mark else name

    def text_of(self, data: bytes) -> str:
        """The text of bytes that are known to be written so."""
        return data.removeprefix(self.mark).decode(self.codec, self.errors)


class NotText(ValueError):
    """These bytes are not text we could write back unharmed."""


def decode(data: bytes) -> tuple[str, Encoding]:
    """The text of `data` (without its mark) and how it is written. NotText where there is no such text.

    Bytes that are not valid UTF-8 stay what they are: a file without any valid multi-byte
    sequence is read as Windows-1252 (or Latin-1), one with stray bytes keeps those as lone surrogates.
    """
    encoding = sniff(data)
    body = data[len(encoding.mark) :]
    if encoding.codec != "utf-8":
        return _decode_marked(body, encoding)
    try:
        return body.decode("utf-8"), encoding
    except UnicodeDecodeError:
        encoding = _legacy(body, encoding.mark)
        return body.decode(encoding.codec, encoding.errors), encoding


def sniff(head: bytes) -> Encoding:
    """The encoding that the start of a file announces: by its mark, else UTF-8. NotText for binary data."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, mark)
    if b"\0" in head[:BINARY_PROBE]:
        raise NotText("there is a NUL byte in it")
    return Encoding()


def encode(text: str, encoding: Encoding) -> bytes:
    """`text` as the bytes of a file. ToolError names a character that this encoding does not have."""
    try:
        return encoding.mark + text.encode(encoding.codec, encoding.errors)
    except UnicodeEncodeError as error:
        wrong = text[error.start]
        if "\ud800" <= wrong <= "\udfff":
            raise ToolError(
                f"The new text contains U+{ord(wrong):04X}, half of a surrogate pair: that is not a character.",
                hint="Send the character itself, or its full \\uD83D\\uDE00 pair.",
            ) from None
        raise ToolError(
            f"The file is written in {encoding.label}, which has no {wrong!r} (U+{ord(wrong):04X}).",
            hint="Use characters this encoding has; a file keeps its encoding. To change it, convert the file "
            "with a command (iconv) first.",
        ) from None


def check_new_text(new: str, encoding: Encoding, old: str = "") -> None:
    """Refuse text that would put damage into a file.

    Lone surrogates would be written as raw bytes; a U+FFFD in a file with invalid bytes is what
    those were shown as, never what they are.
    """
    for character in set(_SURROGATE.findall(new)) - set(_SURROGATE.findall(old)) if not new.isascii() else ():
        raise ToolError(
            f"The new text contains U+{ord(character):04X}, half of a surrogate pair: that is not a character.",
            hint="Send the character itself.",
        )
    if encoding.errors == "surrogateescape" and new.count(_REPLACEMENT) > old.count(_REPLACEMENT):
        raise ToolError(
            f"The new text contains {_REPLACEMENT}, which stands for bytes of this file that are not valid UTF-8: "
            "writing it would destroy them.",
            hint="Leave the lines with such bytes out of old_string and new_string, or change them with a command.",
        )


def presentable(text: str) -> str:
    """`text` fit to be sent (never to be written): undecodable bytes as U+FFFD, NUL as its symbol."""
    if "\0" in text:
        text = text.replace("\0", "\N{SYMBOL FOR NULL}")
    return text if text.isascii() else _SURROGATE.sub(_REPLACEMENT, text)


def dominant_line_end(text: str) -> str:
    r"""The line end most lines of `text` have ("\n" where there are none)."""
    pairs = text.count("\r\n")
    feeds, returns = text.count("\n") - pairs, text.count("\r") - pairs
    most = max(pairs, feeds, returns)
    if most in (0, feeds):
        return "\n"
    return "\r\n" if most == pairs else "\r"


def adopt_line_ends(new: str, old: str) -> str:
    r"""`new` with the line ends of `old`, which it replaces; a line that stays keeps its own where they are mixed."""
    if not LINE_END.search(old):
        return new
    kinds = set(LINE_END.findall(old))
    usual = dominant_line_end(old)
    lines = re.split("\r\n|\n", new) if kinds != {"\r"} else LINE_END.split(new)
    if len(kinds) == 1 or len(lines) > _COMPARED_LINES:
        return usual.join(lines)
    from difflib import SequenceMatcher  # only for files of mixed line ends

    ends = [usual] * (len(lines) - 1)
    old_lines, old_ends = LINE_END.split(old), LINE_END.findall(old)
    for old_at, new_at, size in SequenceMatcher(None, old_lines[:_COMPARED_LINES], lines, False).get_matching_blocks():
        for step in range(size):
            if old_at + step < len(old_ends) and new_at + step < len(ends):
                ends[new_at + step] = old_ends[old_at + step]
    return "".join(line + end for line, end in zip(lines, [*ends, ""], strict=True))


def split_lines(text: str) -> list[str]:
    r"""The lines of `text` with their ends, numbered as compilers, git and grep do.

    Lines end with "\n" (perhaps after a "\r"); with "\r" alone only where there is no "\n" at all.
    """
    end = "\n" if "\n" in text else "\r"
    lines = text.split(end)
    last = lines.pop()
    lines = [line + end for line in lines]
    return [*lines, last] if last else lines


def _decode_marked(body: bytes, encoding: Encoding) -> tuple[str, Encoding]:
    for errors in ("strict", "surrogatepass"):
        try:
            text = body.decode(encoding.codec, errors)
        except UnicodeDecodeError:
            continue
        return text, Encoding(encoding.codec, encoding.mark, errors)
    raise NotText(f"it starts as {encoding.codec.upper()}, but is not")


def _legacy(body: bytes, mark: bytes) -> Encoding:
    probe = body[:BINARY_PROBE]
    if 20 * (len(probe) - len(probe.translate(None, _CONTROLS))) > len(probe):
        raise NotText("it is full of control bytes")  # compressed data without a NUL by chance
    if mark or _has_utf8_sequences(body):
        return Encoding("utf-8", mark, "surrogateescape")
    try:
        body.decode("cp1252")
    except UnicodeDecodeError:
        return Encoding("latin-1")
    return Encoding("cp1252")


def _has_utf8_sequences(body: bytes) -> bool:
    """Whether any non-ASCII character is valid UTF-8: then this is UTF-8 with damage, not an 8-bit encoding."""
    return not body.decode("utf-8", "ignore").isascii()
