"""Arabic in a real terminal: typed, drawn in the order of the screen, and the terminal told who puts it in order."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from support.command import COMMAND, User


class Terminal:
    """`plugsky demo` in a terminal of 80 x 24."""

    def __init__(self, user: User, **more: str) -> None:
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, "demo"],
            stdin=its,
            stdout=its,
            stderr=its,
            cwd=user.folder,
            env={**user.env, "TERM": "xterm-256color", **more},
            start_new_session=True,
        )
        os.close(its)
        self.seen = ""

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def until(self, wanted: str, *, pressing: str = "") -> None:
        """Read until `wanted` has come, `pressing` a key whenever nothing else does."""
        deadline = time.monotonic() + 20
        while wanted not in self.seen:
            assert time.monotonic() < deadline, self.seen[-2000:]
            if select.select([self._ours], [], [], 0.1)[0]:
                self.seen += os.read(self._ours, 65536).decode(errors="replace")
            else:
                self.type(pressing)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


def test_a_terminal_is_told_to_leave_the_order_to_us_and_gets_it_back(user: User):
    terminal = Terminal(user)
    try:
        terminal.until("plugsky-pro")
        assert terminal.seen.count("\x1b[8l") == 1
        terminal.type("لا")
        terminal.until("\ufefb")
        terminal.until("\x1b[8h", pressing="\x03")
    finally:
        terminal.close()


def test_a_terminal_that_orders_text_itself_gets_it_as_it_was_typed(user: User):
    terminal = Terminal(user, VTE_VERSION="7600")
    try:
        terminal.until("plugsky-pro")
        terminal.type("سلام")
        terminal.until("سلام")
        assert "\x1b[8l" not in terminal.seen
    finally:
        terminal.close()
