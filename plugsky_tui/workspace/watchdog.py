"""No command outlives plugsky, not even where plugsky is killed with SIGKILL and can stop nothing itself.

A small shell beside us, in a session of its own, reads from a pipe which process groups run. The system closes the
pipe when we end, however we end; the shell then stops the groups that are left, and where there is /proc the others of
their sessions (SIGTERM, two seconds, SIGKILL), and ends too. PR_SET_PDEATHSIG (prctl(2)) would reach the leader of a group only, and on Linux only.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

_SHELLS = ("/bin/sh", "/usr/bin/sh", "/bin/bash")
_SCRIPT = """
groups=
while read -r what group; do
  kept=
  for each in $groups; do [ "$each" = "$group" ] || kept="$kept $each"; done
  groups=$kept
  [ "$what" = - ] || groups="$groups $group"
done
[ -n "$groups" ] || exit 0
all() {
  echo "$groups"
  for stat in /proc/[0-9]*/stat; do
    { read -r line < "$stat"; } 2> /dev/null || continue
    set -- ${line##*) }  # proc(5), from the third field on: state, parent, group, session
    for each in $groups; do [ "$each" != "$4" ] || echo "$3"; done
  done
}
for group in $(all); do kill -s TERM -- "-$group"; kill -s CONT -- "-$group"; done
sleep 2
for group in $(all); do kill -s KILL -- "-$group"; done
"""


class Watchdog:
    """Started with the first group it is to watch. Where there is no shell for it, nothing is watched."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._pipe = -1

    def watch(self, group: int) -> None:
        """Stop the process group `group` when we are gone."""
        self._groups.add(group)
        if self._pipe < 0:
            self._start()
        else:
            self._tell(f"+ {group}\n")

    def forget(self, group: int) -> None:
        """The group has ended: its number may become another's."""
        if group not in self._groups:
            return
        self._groups.discard(group)
        if self._pipe >= 0:
            self._tell(f"- {group}\n")

    def _tell(self, line: str) -> None:
        try:
            os.write(self._pipe, line.encode())  # far less than PIPE_BUF: written whole
        except BrokenPipeError:  # somebody has ended it
            os.close(self._pipe)
            self._start()

    def _start(self) -> None:
        self._pipe = -1
        shell = next((path for path in _SHELLS if os.access(path, os.X_OK)), None)
        if shell is None:
            return
        read_end, write_end = os.pipe()  # neither is inherited by other children (PEP 446)
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.posix_spawn(
                shell,
                [shell, "-c", _SCRIPT, "plugsky-watchdog"],
                {"PATH": "/usr/bin:/bin"},  # nothing of ours: no key
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, read_end, 0),
                    (os.POSIX_SPAWN_DUP2, null, 1),
                    (os.POSIX_SPAWN_DUP2, null, 2),
                ],
                setsid=True,  # what a terminal sends to our group does not reach it
            )
        except (OSError, NotImplementedError):
            os.close(write_end)
            return
        finally:
            os.close(read_end)
            os.close(null)
        self._pipe = write_end
        for group in sorted(self._groups):
            with suppress(BrokenPipeError):
                os.write(write_end, f"+ {group}\n".encode())


@cache
def watchdog() -> Watchdog:
    """The one of this process: it is the process that it outlives."""
    return Watchdog()
