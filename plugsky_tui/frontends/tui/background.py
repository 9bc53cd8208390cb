"""The terminal's background: asked for, understood, and remembered for the next start.

xterm's control sequences (invisible-island.net/xterm/ctlseqs): OSC 11 with "?" is answered with the colour, as
X11 writes it. Terminals that know of dark and light (private mode 2031, contour-terminal.org) say when it changes.
A terminal that understands neither keeps silent, and nobody waits for it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from textual.message import Message

QUERY = "\x1b]11;?\x1b\\"
TELL_CHANGES, TELL_NO_CHANGES = "\x1b[?2031h", "\x1b[?2031l"
REPLY_LIMIT = 64  # characters of a reply, generously
_REPLY = re.compile(r"\x1b\]11;(?:rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})|#([0-9a-fA-F]{6}))")
_MOST_REMEMBERED = 50


class BackgroundReported(Message):
    """The terminal has said what its background is."""

    def __init__(self, dark: bool) -> None:
        super().__init__()
        self.dark = dark


class BackgroundChanged(Message):
    """The terminal has turned dark or light: worth asking again."""


def reported(reply: str) -> BackgroundReported | None:
    """What a reply to QUERY says (its end left out); None where it is none."""
    match = _REPLY.match(reply)
    if match is None:
        return None
    if match[4]:
        parts = [int(match[4][at : at + 2], 16) / 255 for at in (0, 2, 4)]
    else:
        parts = [int(part, 16) / (16 ** len(part) - 1) for part in match.groups()[:3]]
    red, green, blue = parts
    return BackgroundReported(dark=0.299 * red + 0.587 * green + 0.114 * blue < 0.5)


class BackgroundMemory:
    """Which terminals were dark: the first paint comes before any answer, and should not flash in the wrong colour.

    `path` is a small file in the user's cache folder; None remembers nothing.
    """

    def __init__(self, path: Path | None, environment: Mapping[str, str] = os.environ) -> None:
        self._path = path
        self._name = "|".join(environment.get(name, "") for name in ("TERM_PROGRAM", "TERM", "COLORTERM"))

    def dark(self) -> bool | None:
        """Whether this terminal was dark when it last told; None where it never has."""
        known = self._read().get(self._name)
        return known if isinstance(known, bool) else None

    def keep(self, dark: bool) -> None:
        known = self._read()
        if self._path is None or known.get(self._name) is dark:
            return
        known.pop(self._name, None)
        known = dict([*known.items()][-_MOST_REMEMBERED:]) | {self._name: dark}
        from plugsky_tui.config.files import write_atomic  # once in a terminal's life

        try:
            write_atomic(self._path, json.dumps(known))
        except OSError:
            pass  # the next start asks again

    def _read(self) -> dict[str, object]:
        if self._path is None:
            return {}
        try:
            known = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}
