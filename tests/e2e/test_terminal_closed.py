"""The window is closed while plugsky is open in it, or a signal ends it: it ends in order, whatever it was doing, what was
said is kept, and a terminal that is still there is as it was."""

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


def read_until(terminal: int, wanted: bytes, seconds: float = 20.0) -> bytes:
    seen, deadline = b"", time.monotonic() + seconds
    while wanted not in seen:
        assert time.monotonic() < deadline, seen[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 65536)
    return seen


def opened(user: User) -> tuple[subprocess.Popen[bytes], int]:
    """`plugsky demo` in a terminal of its own, and our end of that."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def take_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        [*COMMAND, "demo"], stdin=its, stdout=its, stderr=its, cwd=user.folder, env=user.env, preexec_fn=take_terminal
    )
    os.close(its)
    return process, ours


@pytest.mark.parametrize("busy", [False, True], ids=["idle", "working"])
def test_plugsky_ends_when_its_terminal_is_closed(user: User, busy):
    process, ours = opened(user)
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", [b"\x1b[?1049h", b"plugsky-pro"], ids=["at once", "on the first screen"])
def test_a_signal_gives_the_terminal_back_from_the_first_moment_on(user: User, number, moment):
    process, ours = opened(user)
    try:
        read_until(ours, moment)
        process.send_signal(number)
        read_until(ours, b"\x1b[?1049l")
        assert process.wait(10) == 128 + number
    finally:
        os.close(ours)
        process.kill()
        process.wait()
