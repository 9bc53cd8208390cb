"""Which processes a command has left: members of its group, and those that moved to a session of their own.

Linux tells by /proc; elsewhere `ps` knows the group at least. Blocking: call these in a thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

MARK = "PLUGSKY_COMMAND"  # in the environment of each command: its descendants are known by it


@dataclass(slots=True)
class Remaining:
    """`group`: members of the process group; `moved`: descendants outside it. Each as "sleep 60 (123)"."""

    group: list[str]
    moved: list[str]

    def __bool__(self) -> bool:
        return bool(self.group or self.moved)


def remaining(group: int, mark: str) -> Remaining:
    """What still runs of the command whose process group is `group` and whose MARK is `mark`. Zombies don't count."""
    if not os.path.isdir("/proc/self"):
        return Remaining(_group_by_ps(group), [])
    found = Remaining([], [])
    wanted = f"{MARK}={mark}".encode()
    for pid, fields in _processes():
        if fields[0] == "Z":
            continue
        if int(fields[2]) == group:
            found.group.append(_title(pid))
        elif int(pid) > group and int(fields[3]) != group and wanted in _environment(pid).split(b"\0"):
            found.moved.append(_title(pid))
        elif int(fields[3]) == group:
            found.moved.append(_title(pid))  # our session, another group: job control inside the command
    return found


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


def _group_by_ps(group: int) -> list[str]:
    import subprocess  # only where there is no /proc

    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat=,comm="], capture_output=True, text=True, check=False, timeout=5
    )
    rows = (line.split(None, 3) for line in listed.stdout.splitlines())
    return [f"{row[3]} ({row[0]})" for row in rows if len(row) == 4 and row[1] == str(group) and row[2][0] != "Z"]
