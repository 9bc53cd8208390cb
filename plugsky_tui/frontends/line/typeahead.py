"""What is typed while the agent works: kept unseen until a prompt shows it, or queued with Enter."""

from __future__ import annotations

from collections.abc import Iterable

from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from plugsky_tui.frontends.line.keyboard import Hearing

_NEWLINE = (Keys.ControlJ,)
_DELETE = (Keys.ControlH, Keys.Delete)
_STOP = (Keys.ControlC, Keys.Escape)


class TypeAhead:
    """`text` is what no Enter has ended yet."""

    def __init__(self) -> None:
        self.text = ""

    def take(self, keys: Iterable[KeyPress], hearing: Hearing | None) -> None:
        """Keys as they come in. Without anyone to hear them (a question is about to be asked) lines stay in `text`."""
        waiting = list(keys)
        while waiting:
            press = waiting.pop(0)
            if press.key is Keys.Escape and waiting:  # Alt and a key: a terminal sends both at once
                follower = waiting.pop(0)
                if follower.key is Keys.ControlM:
                    self.text += "\n"
                continue
            self._press(press, hearing)

    def _press(self, press: KeyPress, hearing: Hearing | None) -> None:
        key = press.key
        if key is Keys.ControlM:
            self._enter(hearing)
        elif key in _STOP:
            if hearing is not None:
                hearing.stop()
        elif key in _NEWLINE:
            self.text += "\n"
        elif key in _DELETE:
            self.text = self.text[:-1]
        elif key is Keys.ControlU:
            self.text = ""
        elif key is Keys.BracketedPaste:
            self._add(press.data.replace("\r\n", "\n").replace("\r", "\n"), hearing)
        elif not isinstance(key, Keys) and key.isprintable():
            self._add(key, hearing)

    def _add(self, text: str, hearing: Hearing | None) -> None:
        if not self.text and hearing is not None:
            hearing.begun()
        self.text += text

    def _enter(self, hearing: Hearing | None) -> None:
        if self.text.endswith("\\"):
            self.text = self.text[:-1] + "\n"
        elif hearing is not None:
            line, self.text = self.text, ""
            if line.strip():
                hearing.line(line)
        elif self.text:
            self.text += "\n"
