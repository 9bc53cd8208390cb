"""Why quoted text is not in a file, where that can be told: each cause is said, none is acted upon."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from plugsky_tui.workspace.edits.elision import placeholder_in

_ESCAPES = {"\\n": "\n", "\\t": "\t", '\\"': '"', "\\'": "'", "\\\\": "\\", "\\r": "\r", "\\`": "`", "\\$": "$"}
_ESCAPE = re.compile(r"\\[nt\"'\\r`$]")
_COMPARED = 1_000_000  # lines, at most
_TELLING = 6  # characters: less than that is in many a file without having been put there
_NUMBERED = re.compile(r"\s*\d+[\t\u2192]")


def hints(text: str, old: str, new: str) -> Iterator[str]:
    """What to do differently, the likeliest cause first."""
    wanted = [line for line in old.splitlines() if line.strip()]
    left_out = placeholder_in(old)
    if left_out is not None:
        yield (
            f"old_string leaves code out ({left_out!r}): quote every line as it is in the file, or two smaller pieces "
            "in two edits."
        )
    if wanted and all(_NUMBERED.match(line) for line in wanted):
        yield "Leave out the line numbers and what follows them: they are not part of the file."
    yield from _escapes(text, old)
    if "\ufffd" in old:
        yield "\ufffd stands for bytes that are not valid text: leave those lines out of old_string."
    if not old.isascii() and _composed(old) in _composed(text):
        yield "The file composes its characters otherwise (Unicode NFC and NFD): copy them from what read shows."
    if len(new.strip()) >= _TELLING and new in text and new.strip() not in old:
        yield "new_string is in it already: perhaps this change has been made before."
    yield from _order(text, wanted)


def _escapes(text: str, old: str) -> Iterator[str]:
    real = _ESCAPE.sub(lambda found: _ESCAPES[found[0]], old)
    if real != old and _same_lines(real, text):
        yield (
            'old_string has backslashes (\\n, \\t, \\") where the file has the characters themselves: send them '
            "unescaped."
        )
    for letter, escaped in (("\n", "\\n"), ("\t", "\\t"), ('"', '\\"'), ("\\", "\\\\")):
        if letter in old.strip("\n") and old.strip("\n").replace(letter, escaped) in text:
            yield f"The file has {escaped} as characters of its own there: send a backslash more (\\{escaped})."


def _same_lines(wanted: str, text: str) -> bool:
    return bool(wanted.strip()) and wanted.replace("\r\n", "\n").strip() in text.replace("\r\n", "\n")


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _order(text: str, wanted: list[str]) -> Iterator[str]:
    """The same lines, but with other blank lines between them or in another order."""
    sought = [line.strip() for line in wanted]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(wanted) < 2 or len(lines) * len(wanted) > _COMPARED:
        return
    for at in range(len(lines) - len(sought) + 1):
        window = lines[at : at + len(sought)]
        if window == sought:
            yield "The same lines are there, but blank lines or indentation are not the same: quote them as they are."
            return
        if window[0] in sought and sorted(window) == sorted(sought):
            yield "The same lines are there in another order: quote them in the order of the file."
            return
