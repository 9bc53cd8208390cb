"""Which processes a command has left: members of its session, and those that moved to a session of their own.

A session holds more than the group of its leader: `timeout` makes itself a group, and so does each job of a shell with
job control. Linux tells by /proc, elsewhere `ps` does. Blocking: call these in a thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

MARK = "PLUGSKY_COMMAND"  # in the environment of each command: its descendants are known by it
_MOST_NAMED = 10


@dataclass(slots=True)
class Remaining:
    """`session`: what still runs in the command's session; `moved`: descendants outside it. Each as "sleep 60 (123)"."""

    session: list[str]
    moved: list[str]


def remaining(leader: int, mark: str) -> Remaining:
    """What still runs of the command whose session has the leader `leader` and whose MARK is `mark`. Zombies don't count."""
    if not _has_proc():
        return Remaining([title for _, title in _session_by_ps(leader)], [])
    found = Remaining([], [])
    wanted = f"{MARK}={mark}".encode()
    for pid, fields in _processes():
        if fields[0] == "Z":
            continue
        if int(fields[3]) == leader:
            found.session.append(_title(pid))
        elif int(pid) > leader and wanted in _environment(pid).split(b"\0"):
            found.moved.append(_title(pid))
    return found


def named(titles: Sequence[str]) -> str:
    """Them as one line, bounded."""
    more = len(titles) - _MOST_NAMED
    return ", ".join(titles[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def groups(leader: int) -> set[int]:
    """The process groups of the session whose leader is `leader` in which anything still runs."""
    if not _has_proc():
        return {group for group, _ in _session_by_ps(leader)}
    return {int(fields[2]) for _, fields in _processes() if int(fields[3]) == leader and fields[0] != "Z"}


def _has_proc() -> bool:
    return os.path.isdir("/proc/self")


def _processes() -> Iterator[tuple[str, list[str]]]:
    """Each process with its state, parent, group and session (proc(5), stat from its third field on)."""
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        with suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            # The name stands in parentheses and may itself hold any character, also parentheses.
            yield pid, stat.read().rpartition(")")[2].split()


def _environment(pid: str) -> bytes:
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            return environ.read()
    except OSError:
        return b""


def _title(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            words = cmdline.read(400).rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        words = ""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
    return f"{words[:80] or 'a process'} ({pid})"


def _session_by_ps(leader: int) -> list[tuple[int, str]]:
    """Group and title of each process of the session."""
    import subprocess  # only where there is no /proc

    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat=,comm="], capture_output=True, text=True, check=False, timeout=5
    )
    rows = [row for row in (line.split(None, 3) for line in listed.stdout.splitlines()) if len(row) == 4]
    return [
        (int(group), f"{name} ({pid})")
        for pid, group, state, name in rows
        if state[0] != "Z" and _session_of(int(pid)) == leader
    ]


def _session_of(pid: int) -> int:
    """0 where it has ended meanwhile."""
    try:
        return os.getsid(pid)
    except OSError:
        return 0
