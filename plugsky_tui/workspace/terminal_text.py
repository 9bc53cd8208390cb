"""What a command printed, as plain text: what a person would still see on the screen, line by line.

Escape sequences go, a line that was overwritten after a carriage return keeps its last state,
bytes that are no UTF-8 become U+FFFD. Works on a stream cut anywhere, in linear time on any input.
Sequences as in ECMA-48 (CSI, string sequences); a string that is never ended swallows no text.
"""

from __future__ import annotations

import codecs
import re

_STRING_LIMIT = 4096  # characters: a terminal string that long is not one
_LINE_LIMIT = 64 * 1024  # characters: a longer line is given out in parts

_CSI = r"(?:\x1b\[|\x9b)[0-?]{0,256}+[ -/]{0,16}+"  # colours, cursor, modes; without its last letter
_STRING = rf"\x1b[\]PX^_][^\x07\x1b\x9c]{{0,{_STRING_LIMIT}}}+"  # OSC, DCS, SOS, PM, APC; without their end
_SEQUENCE = re.compile(
    r"(?:\x1b[\[\]PX^_]?)+(?=\x1b)"  # a run of broken ones at once: floods of them cost no more than text
    rf"|{_CSI}[@-~]|{_STRING}(?:\x07|\x1b\\|\x9c)"
    rf"|(?P<open>(?:{_CSI}|{_STRING}\x1b?|\x1b[ -/]{{0,16}}+)\Z)"  # the next piece may complete it
    r"|\x1b[ -/]{0,16}+[0-~]|[\x1b\x80-\x9f]"  # two characters, and what is left of a broken longer one
)
_BROKEN = re.compile(r"\x1b(?:[ -/]{0,16}+[0-~])?|[\x80-\x9f]")
_CONTROLS = dict.fromkeys([*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*+\Z")  # nothing here needs any work


class TerminalText:
    """Give it the bytes as they come; it gives whole lines back, and at the end the rest."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""  # perhaps the start of an escape sequence
        self._line = ""  # the line that is not ended yet, without escape sequences

    @property
    def pending(self) -> str:
        """The unfinished line as it looks now: a prompt, or a progress bar that may yet be overwritten."""
        return _settled(self._line)

    def feed(self, data: bytes) -> str:
        """The lines that are finished now, each with its newline."""
        return self._take(self._decoder.decode(data))

    def finish(self) -> str:
        """The rest, after the last byte."""
        lines = self._take(self._decoder.decode(b"", final=True))
        self._line += _BROKEN.sub("", self._held)
        rest = _settled(self._line)
        self._held = self._line = ""
        return lines + rest

    def _take(self, text: str) -> str:
        if self._held:
            text, self._held = self._held + text, ""
        if not _PLAIN.match(text):
            text = self._without_escapes(text)
        line, newline, rest = text.rpartition("\n")
        if not newline:
            self._line += text
            return self._split_long()
        lines = self._line + line
        self._line = rest
        return "".join(_settled(each) + "\n" for each in lines.split("\n")) if _needs_work(lines) else lines + "\n"

    def _without_escapes(self, text: str) -> str:
        return _SEQUENCE.sub(self._hold_if_open, text)

    def _hold_if_open(self, found: re.Match[str]) -> str:
        self._held = found["open"] or ""
        return ""

    def _split_long(self) -> str:
        if len(self._line) <= _LINE_LIMIT:
            return ""
        out, self._line = _settled(self._line), ""
        return out


def plain_text(data: bytes) -> str:
    """All of what a command printed, as plain text."""
    text = TerminalText()
    return text.feed(data) + text.finish()


def _needs_work(lines: str) -> bool:
    return not _PLAIN.match(lines)


def _settled(line: str) -> str:
    """One line after its carriage returns and backspaces: the last thing written over it stays."""
    if "\r" in line:
        line = next((part for part in reversed(line.split("\r")) if part), "")
    if "\b" in line:
        line = _backspaced(line)
    return line.translate(_CONTROLS)


def _backspaced(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
