"""The bidirectional class of characters (UAX #9, table 4), and a quick look whether any of it matters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

# Ranges whose unassigned characters are not L (DerivedBidiClass.txt of Unicode 15): first, last, class.
_UNASSIGNED = (
    (0x0590, 0x05FF, "R"),
    (0x0600, 0x07BF, "AL"),
    (0x07C0, 0x085F, "R"),
    (0x0860, 0x08FF, "AL"),
    (0x20A0, 0x20CF, "ET"),
    (0xFB1D, 0xFB4F, "R"),
    (0xFB50, 0xFDCF, "AL"),
    (0xFDF0, 0xFDFF, "AL"),
    (0xFE70, 0xFEFE, "AL"),
    (0x10D00, 0x10D3F, "AL"),
    (0x10EC0, 0x10EFF, "AL"),
    (0x10F30, 0x10F6F, "AL"),
    (0x10800, 0x10FFF, "R"),
    (0x1EC70, 0x1ECBF, "AL"),
    (0x1ED00, 0x1ED4F, "AL"),
    (0x1EE00, 0x1EEFF, "AL"),
    (0x1E800, 0x1EFFF, "R"),
    (0xE0000, 0xE0FFF, "BN"),
)


class _Known(dict[str, str]):
    """Characters looked up once."""

    def __missing__(self, char: str) -> str:
        from unicodedata import bidirectional  # the first right-to-left text pays for it

        found = bidirectional(char) or _default(ord(char))
        self[char] = found
        return found


_known = _Known()


def _default(code: int) -> str:
    """The class of a character that Python's Unicode data does not know yet."""
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "BN"
    return next((name for first, last, name in _UNASSIGNED if first <= code <= last), "L")


def classes_of(text: str) -> list[str]:
    """The class of each character of `text`: "L", "R", "AL", "EN" and so on."""
    return list(map(_known.__getitem__, text))


@cache
def _right_to_left() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Blocks with letters and numbers that go right to left, and the controls that ask for it.

    Two patterns, as a class within the first plane is a table, and one beyond it a list.
    """
    basic = "\u0590-\u08ff\u200f\u202b\u202e\u2067\u2068\ufb1d-\ufdff\ufe70-\ufeff"
    return re.compile(f"[{basic}]"), re.compile("[\U00010800-\U00010fff\U0001e800-\U0001efff]")


def has_rtl(text: str) -> bool:
    """Whether anything in `text` may have to be shown from right to left. Next to nothing for other text."""
    if text.isascii():
        return False
    basic, beyond = _right_to_left()
    if basic.search(text) is not None:
        return True
    # Characters beyond the first plane take two units of UTF-16: nothing else tells as fast that there are some.
    return len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text) and beyond.search(text) is not None


def first_strong(classes: Sequence[str], start: int = 0, *, embedded: bool = False) -> int | None:
    """The level that the first strong character asks for (rules P2 and P3): 0, 1, or None where there is none.

    Isolates are skipped. `embedded`: ends at the PDI that closes the isolate `start` is in (rule X5c).
    """
    depth = 0
    for name in classes[start:] if start else classes:
        match name:
            case "L" if not depth:
                return 0
            case "R" | "AL" if not depth:
                return 1
            case "LRI" | "RLI" | "FSI":
                depth += 1
            case "PDI":
                if depth:
                    depth -= 1
                elif embedded:
                    return None
            case "B":
                return None
    return None
