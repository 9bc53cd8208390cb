"""The window is closed while plugsky is open in it: it ends, whatever it was doing, and what was said is kept."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from support.command import COMMAND, User


def read_until(terminal: int, wanted: bytes, seconds: float = 20.0) -> None:
    seen, deadline = b"", time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < deadline, seen[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "working"])
def test_plugsky_ends_when_its_terminal_is_closed(user: User, busy):
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*COMMAND, "demo"], stdin=its, stdout=its, stderr=its, cwd=user.folder, env=user.env, preexec_fn=take_terminal
    )
    os.close(its)
    try:
        read_until(ours, b"plugsky-pro")
        if busy:
            os.write(ours, b"what is in this repo?\r")
            read_until(ours, b"simulator")
        os.close(ours)
        assert process.wait(10) in (0, 128 + signal.SIGHUP, -signal.SIGHUP)  # the last before anything was open
    finally:
        process.kill()
        process.wait()
    if busy:
        assert "what is in this repo?" in user.plugsky("threads", "list").stdout
