"""UTF-8 on every way in and out, whatever the locale is called."""

from __future__ import annotations

import io
import os
import sys


def speak_utf8() -> None:
    """Make arguments, file names, standard input, output and error UTF-8, and writing to them never fail over a letter.

    Python itself sees to most of it: under C and POSIX it is in UTF-8 mode (PEP 540). Where another locale
    (en_US.ISO-8859-1) or PYTHONUTF8=0 says otherwise, not even a file's name could be written: Python is started
    again, in the same process. PYTHONIOENCODING, which outlives that, is overruled.
    """
    if sys.getfilesystemencoding() != "utf-8" and not sys.flags.utf8_mode:
        _start_again()
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nothing(fd))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace" if fd == 0 else "backslashreplace")


def _start_again() -> None:
    """Replaces this process: arguments are given on byte by byte as they came. Returns only where that is impossible."""
    if not sys.executable:
        return
    try:
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
    except OSError:
        return


def _nothing(fd: int) -> io.TextIOWrapper:
    """For a descriptor that was closed: the next file opened would get its number, and what is printed with it."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != fd:
        os.dup2(opened, fd)
        os.close(opened)
    os.set_inheritable(fd, True)
    return open(fd, "w" if fd else "r", encoding="utf-8", errors="backslashreplace", closefd=False)
