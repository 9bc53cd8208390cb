"""The session's background jobs, as far as they show without being asked for: how many run, what can be moved to
them, and what became of them with their session. While none runs, nothing runs here either."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from plugsky_tui.workspace.jobs import OFFER_AFTER_S, Foreground, Job

if TYPE_CHECKING:
    from textual.timer import Timer

    from plugsky_tui.frontends.tui.widgets.status import StatusLine

_LOOK_S = 1.0


class Workplace(Protocol):
    """What is asked of a session."""

    left_running: list[str]

    def jobs(self) -> list[Job]: ...
    def foreground(self) -> list[Foreground]: ...
    def background(self, call_id: str) -> bool: ...


class JobWatch:
    """Keeps the status line's count right. `workplace` gives the session, None where there is none yet; `key` is the
    key that moves a command, as people read it ("" where there is none)."""

    def __init__(self, status: StatusLine, workplace: Callable[[], Workplace | None], key: str) -> None:
        self._status = status
        self._workplace = workplace
        self.key = key
        self._timer: Timer | None = None
        self._watched: Workplace | None = None
        self._running = 0

    def look(self) -> None:
        """Something happened that may have started a job."""
        self._watched = self._workplace()
        self._running = running(self._watched.jobs()) if self._watched is not None else 0
        self._status.update(jobs=self._running)
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self._running:
            self._timer = self._status.set_timer(_LOOK_S, self.look)

    def offer(self) -> str:
        """For the activity line: how to go on without waiting for a command that takes long; "" as long as none does."""
        workplace = self._workplace()
        if workplace is None or not any(one.seconds >= OFFER_AFTER_S for one in workplace.foreground()):
            return ""
        return f"{self.key or '/background'} to the background"

    def move(self) -> str:
        """Move the command that has run longest; what came of that, for the user."""
        workplace = self._workplace()
        waited_for = workplace.foreground() if workplace is not None else []
        if workplace is None or not waited_for or not workplace.background(waited_for[0].call_id):
            return "No command is running that could be moved to the background."
        return "It goes on in the background: /jobs shows it."

    def replaced(self) -> str:
        """Another session has the screen: what became of the jobs of the one before; "" where it had none."""
        before, count = self._watched, self._running
        self.look()
        if before is None or before is self._watched:
            return ""
        told = [f"{counted(count)} of the thread before {'was' if count == 1 else 'were'} ended."] if count else []
        return " ".join([*told, left(before.left_running)]).strip()


def running(jobs: Sequence[Job]) -> int:
    return sum(job.ended is None for job in jobs)


def counted(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def left(processes: Sequence[str]) -> str:
    """What a session could not end: it had left its command's session on purpose."""
    from plugsky_tui.workspace.process_table import named  # only at the end

    return f"Still running, in a session of its own: {named(processes)}" if processes else ""
