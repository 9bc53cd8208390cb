"""Which terminals put right-to-left text in order themselves, as far as their environment tells.

Over ssh most of these variables do not arrive, and tmux keeps those of the terminal it was started in: then only the
setting `bidi` can tell. Terminals of VTE and mintty are told to leave the order to us in any case (`LEAVE_ORDER`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.config.shape import Bidi
    from plugsky_tui.frontends.bidi.paragraph import Way

# ECMA-48's bi-directional support mode, reset: the application has put the text in order (and set again). As revived
# by https://terminal-wg.pages.freedesktop.org/bidi/: VTE 0.58 and mintty obey it, others do not know it.
LEAVE_ORDER, TAKE_ORDER = "\x1b[8l", "\x1b[8h"

_VTE_WITH_BIDI = 5800  # 0.58: "Implement BiDi", https://gitlab.gnome.org/GNOME/vte/-/issues/53


@dataclass(frozen=True, slots=True)
class _Sign:
    """A variable that tells the terminal, by what it begins with, and the way text has to go to it."""

    variable: str
    start: str
    way: Way


_SIGNS = (
    # Konsole orders lines itself: "Bi-Directional text rendering" is on by default (its profile, appearance).
    _Sign("KONSOLE_VERSION", "", "logical"),
    # mlterm sets its version in MLTERM; `use_bidi` is true by default (mlterm(1)).
    _Sign("MLTERM", "", "logical"),
    # mintty: https://github.com/mintty/mintty/wiki/CtrlSeqs#bidirectional-rendering
    _Sign("TERM_PROGRAM", "mintty", "logical"),
    # Terminal of macOS orders each line:
    # https://terminal-wg.pages.freedesktop.org/bidi/prior-work/terminals.html
    _Sign("TERM_PROGRAM", "Apple_Terminal", "logical"),
    # PuTTY orders each line (same page); only this TERM gives it away.
    _Sign("TERM", "putty", "logical"),
    # kitty turns round and joins the letters of each word, and leaves the words where they are (`force_ltr` in
    # https://sw.kovidgoyal.net/kitty/conf/; with that set, bidi = "app" is right).
    _Sign("KITTY_WINDOW_ID", "", "words"),
    _Sign("TERM", "xterm-kitty", "words"),
    # Windows Terminal shows what it is given (https://github.com/microsoft/terminal/issues/538), as do xterm.js
    # (https://github.com/xtermjs/xterm.js/issues/701), alacritty (https://github.com/alacritty/alacritty/issues/663),
    # Ghostty (https://github.com/ghostty-org/ghostty/pull/11079), iTerm2, WezTerm, foot and xterm: no signs needed.
)


def way_of(bidi: Bidi, environ: Mapping[str, str]) -> Way:
    """How text goes to the terminal that `environ` describes, under the setting `bidi`."""
    match bidi:
        case "app":
            return "visual"
        case "terminal" | "off":
            return "logical"
        case _:
            return _guess(environ)


def _guess(environ: Mapping[str, str]) -> Way:
    if environ.get("TEXTUAL_DRIVER", "").startswith("textual.drivers.web_driver"):
        return "visual"  # a browser, whatever terminal the server was started in
    version = environ.get("VTE_VERSION", "")
    if version.isdecimal() and int(version) >= _VTE_WITH_BIDI:
        return "logical"
    for sign in _SIGNS:
        if (value := environ.get(sign.variable)) and value.startswith(sign.start):
            return sign.way
    return "visual"
