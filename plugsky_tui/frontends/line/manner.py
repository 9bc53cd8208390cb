"""How this terminal is to be spoken to."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

_CANNOT_MOVE = ("", "dumb", "unknown")  # values of TERM: the cursor only goes forward


@dataclass(frozen=True, slots=True)
class Manner:
    """`plain`: whole lines in and out, no escape sequence at all. `spoken`: for a screen reader: words instead of
    signs, one fact a line, nothing that is told by a colour. `colour`: colours are wanted and can be shown."""

    plain: bool = False
    spoken: bool = False
    colour: bool = True


def manner_here(*, screen_reader: bool, environment: Mapping[str, str] = os.environ) -> Manner:
    """The manner that fits standard input and output, TERM and NO_COLOR (no-color.org: set and not empty)."""
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    plain = not on_terminal or environment.get("TERM", "") in _CANNOT_MOVE
    colour = not (plain or screen_reader or environment.get("NO_COLOR"))
    return Manner(plain, screen_reader, colour)
