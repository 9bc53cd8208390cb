"""What the terminal shows of plugsky while nobody looks at it: its title, and a call when somebody is wanted.

The driver saves the title and puts it back (xterm's CSI 22 and 23 t). A call is a bell, and a notification of the desktop where
the terminal is known to pass one on: OSC 9 (iTerm2, WezTerm, Ghostty, kitty) or OSC 777 (urxvt, foot, VTE). It comes
only while the terminal has not the focus, which those that cannot tell never have lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.frontends.text import clean

if TYPE_CHECKING:
    from plugsky_tui.config.shape import Notify

SAVE_TITLE, RESTORE_TITLE = "\x1b[22;0t", "\x1b[23;0t"
LONG_S = 10.0  # whoever waits for less is still looking
_TITLE_LIMIT = 80
_BY_OSC_9 = ("iTerm.app", "WezTerm", "ghostty")


class Attention:
    """`write` sends something to the terminal, `focused` tells whether it has the focus; `folder` is for the title."""

    def __init__(
        self,
        *,
        write: Callable[[str], None],
        focused: Callable[[], bool],
        folder: str,
        how: Notify = "auto",
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._write = write
        self._focused = focused
        self._folder = folder
        self.how = how  # as `notify` in config.toml
        self._notify = _notifier(environment)
        self._clock = clock
        self._began = 0.0
        self._title = ""
        self._entitle("")

    def working(self) -> None:
        """The agent has begun, or goes on after an answer."""
        self._began = self._began or self._clock()
        self._entitle("● ")

    def asking(self) -> None:
        """The user has to answer something."""
        self._entitle("? ")
        self._call("plugsky waits for your answer")

    def resting(self) -> None:
        """The agent has nothing to do any more."""
        took, self._began = self._clock() - self._began, 0.0
        self._entitle("")
        if took >= LONG_S:
            self._call("plugsky is done")

    def _call(self, what: str) -> None:
        if self.how == "off" or self._focused():
            return
        if self.how == "auto" and self._notify:
            self._write(
                self._notify.format(text=clean(f"{what} · {self._folder}").replace("\n", " ").replace(";", ","))
            )
        self._write("\x07")

    def _entitle(self, sign: str) -> None:
        title = f"{sign}{self._folder} · plugsky"[:_TITLE_LIMIT]
        if title != self._title:
            self._title = title
            self._write(f"\x1b]2;{clean(title).replace(chr(10), ' ')}\x1b\\")


def _notifier(environment: Mapping[str, str]) -> str:
    """The control sequence for a notification, to be filled with its text; empty where none is known to work. Inside
    tmux the bell is what reaches the user: it has settings of its own for that."""
    if environment.get("TMUX") or environment.get("STY"):
        return ""
    if environment.get("TERM_PROGRAM") in _BY_OSC_9 or environment.get("KITTY_WINDOW_ID"):
        return "\x1b]9;{text}\x1b\\"
    if environment.get("TERM", "").startswith(("rxvt", "foot")) or environment.get("VTE_VERSION"):
        return "\x1b]777;notify;plugsky;{text}\x1b\\"
    return ""
