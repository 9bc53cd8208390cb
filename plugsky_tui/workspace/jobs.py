"""Commands that go on while the agent does other things: started in the background, or moved there.

A job is a command like any other (its own session, no input), but without a time limit and with nobody waiting for
it. All its output goes to a file; what came since the last look is kept, bounded. Jobs end with their session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.spill import Spill

if TYPE_CHECKING:  # imported at first use: every session has Jobs, not every one runs commands
    from plugsky_tui.workspace.processes import Ended, RunningCommand

OFFER_AFTER_S = 60.0  # a command in the foreground that runs longer says that it can be moved
MOST_RUNNING = 20
_MOST_ENDED = 50  # of those, the last are remembered
_SETTLE_S = 0.1  # after a first piece of output, for what comes with it

State = Literal["running", "ended", "killed"]


class Job:
    """One command in the background. `ended` tells how it ended, once it has; `path` is the file with its output."""

    def __init__(self, job_id: str, command: str, running: RunningCommand, started: float, description: str) -> None:
        self.job_id = job_id
        self.command = command
        self.description = description
        self.path = running.keep_all()
        self.ended: Ended | None = None
        self.told = False  # the model knows that it has ended
        self._running = running
        self._started = started
        self._seconds = 0.0
        self._killed = False
        self._shown = ""  # what has been shown of its unfinished line
        self._stopping = asyncio.Lock()
        self._task = asyncio.create_task(self._follow())

    @property
    def state(self) -> State:
        if self.ended is None:
            return "running"
        return "killed" if self._killed else "ended"

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return self._seconds if self.ended is not None else monotonic() - self._started

    def describe(self) -> str:
        """How things stand with it, as half a sentence: "running for 12 s", "ended after 3 s with exit code 1"."""
        seconds = f"{self.seconds:.0f} s"
        if self.ended is None:
            return f"running for {seconds}"
        if self._killed:
            return f"killed after {seconds}"
        if self.ended.signal:
            return f"ended after {seconds} by the signal {self.ended.signal}"
        return f"ended after {seconds} with exit code {self.ended.exit_code}"

    async def wait(self, seconds: float) -> None:
        """Until it has printed something that `look` has not given out yet, or has ended, or `seconds` are over."""
        until = monotonic() + seconds
        while self.ended is None and monotonic() < until:
            if self._running.printed or self._running.pending != self._shown:
                await self._pause(min(_SETTLE_S, until - monotonic()))
                return
            await self._pause(min(_SETTLE_S, until - monotonic()))

    async def wait_ended(self, seconds: float) -> bool:
        """Until it has ended, for at most `seconds`; whether it has."""
        await self._pause(seconds)
        return self.ended is not None

    def look(self) -> str:
        """What it has printed since the last look, its unfinished line included; bounded, the rest is in `path`."""
        lines, pending = self._running.take(), self._running.pending if self.ended is None else ""
        if lines and self._shown:
            lines = lines[len(self._shown) :] if lines.startswith(self._shown) else "\n" + lines
            self._shown = ""
        rest = pending[len(self._shown) :] if pending.startswith(self._shown) else "\n" + pending
        self._shown = pending
        return lines + rest

    def last(self, characters: int) -> str:
        """The end of what it has printed, for people: `look` still gives it to the model. Blocking."""
        return self._running.last(characters)

    async def kill(self) -> Ended:
        """Stop its whole group: SIGTERM, and SIGKILL two seconds later. How it ended; it may have before."""
        from plugsky_tui.workspace.processes import uncancelled

        if self.ended is None:
            self._killed = True
            await uncancelled(self._stop())
            await asyncio.shield(self._task)
        assert self.ended is not None
        return self.ended

    async def _stop(self) -> None:
        async with self._stopping:
            await self._running.stop()

    async def _follow(self) -> None:
        try:
            await self._running.wait(None)
            async with self._stopping:  # what the leader leaves behind has the time that `kill` gives it
                ended = await self._running.end()
        finally:
            await self._running.close()
        self._seconds = monotonic() - self._started
        self.ended = ended

    async def _pause(self, seconds: float) -> None:
        await asyncio.wait([self._task], timeout=max(0.0, seconds))


@dataclass(slots=True)
class Foreground:
    """A command somebody waits for, which can be moved to the background; `seconds` is how long it has run."""

    call_id: str
    command: str
    seconds: float


class Jobs:
    """The jobs of one session, and the commands in the foreground that may become such."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._number = 0
        self._offers: dict[str, tuple[Callable[[], None], str, float]] = {}  # by call id; command, and since when

    def __iter__(self) -> Iterator[Job]:
        """The oldest first."""
        return iter(self._jobs.values())

    @property
    def running(self) -> list[Job]:
        return [job for job in self if job.ended is None]

    def get(self, job_id: str) -> Job:
        """ToolError naming those that run, where there is none of that id."""
        wanted = job_id.strip()
        job = self._jobs.get(wanted) or self._jobs.get(f"job_{wanted}")
        if job is None:
            there = ", ".join(f"{one.job_id} ({_short(one.command)})" for one in self.running)
            raise ToolError(
                f"There is no job {job_id!r}.", hint=f"Running: {there}." if there else "No job is running."
            )
        return job

    async def start(
        self, command: str, *, cwd: str, environment: Mapping[str, str], spill: Spill, description: str = ""
    ) -> Job:
        """Run `command` in the background. ToolError where it cannot be started, or too many run."""
        from plugsky_tui.workspace.processes import RunningCommand, uncancelled

        if len(self.running) >= MOST_RUNNING:
            raise ToolError(
                f"{MOST_RUNNING} jobs are running: no more are started.", hint="End one of them with shell_kill."
            )
        running = RunningCommand(spill, lambda piece: None)
        started = monotonic()
        try:
            await running.start(command, cwd, environment)
        except BaseException:
            await uncancelled(running.close())
            raise
        return self._add(running, command, started, description)

    async def run(
        self,
        command: str,
        *,
        call_id: str,
        cwd: str,
        environment: Mapping[str, str],
        spill: Spill,
        progress: Callable[[str], None],
        timeout_s: float | None,
        description: str = "",
    ) -> Ended | Job:
        """Run `command` in the foreground, as `run_command` does; a Job where it was moved to the background.

        It is moved by `move(call_id)` only. `progress` is told after a minute that this is possible, where `timeout_s` (None:
        it may run for ever) is longer.
        """
        from plugsky_tui.workspace.processes import RunningCommand, uncancelled

        running = RunningCommand(spill, progress)
        started = monotonic()
        moved = False
        try:
            await running.start(command, cwd, environment)
            with self._offered(call_id, command, started) as wanted:
                waiting = asyncio.create_task(_wait(running, timeout_s, progress))
                wish = asyncio.create_task(wanted.wait())
                try:
                    await asyncio.wait([waiting, wish], return_when=asyncio.FIRST_COMPLETED)
                    moved = not waiting.done()
                finally:
                    waiting.cancel()
                    wish.cancel()
            if moved:
                running.hush()
                return self._add(running, command, started, description)
            timed_out = not waiting.result()
            if timed_out:
                await running.stop()
            return await running.end(timed_out=timed_out)
        finally:
            if not moved:
                await uncancelled(running.close())

    def move(self, call_id: str) -> bool:
        """Move the command that the call runs in the foreground to the background; False where it runs none."""
        offer = self._offers.get(call_id)
        if offer is None:
            return False
        move, _, _ = offer
        move()
        return True

    @property
    def foreground(self) -> list[Foreground]:
        """What `move` can move, the oldest first."""
        now = monotonic()
        return [Foreground(call_id, command, now - since) for call_id, (_, command, since) in self._offers.items()]

    def news(self) -> list[Job]:
        """Those that have ended since the model was told last."""
        ended = [job for job in self if job.ended is not None and not job.told]
        for job in ended:
            job.told = True
        return ended

    async def close(self) -> list[str]:
        """Stop them all. What moved to a session of its own and still runs is named: "sleep 60 (123)"."""
        running = self.running
        ended = await asyncio.gather(*(job.kill() for job in running))
        return [title for one in ended for title in one.running]

    def _add(self, running: RunningCommand, command: str, started: float, description: str) -> Job:
        self._number += 1
        job = Job(f"job_{self._number}", command, running, started, description)
        self._jobs[job.job_id] = job
        for old in [one for one in self if one.ended is not None][:-_MOST_ENDED]:
            del self._jobs[old.job_id]
        return job

    @contextmanager
    def _offered(self, call_id: str, command: str, started: float) -> Iterator[asyncio.Event]:
        wanted = asyncio.Event()
        if call_id:
            self._offers[call_id] = (wanted.set, command, started)
        try:
            yield wanted
        finally:
            self._offers.pop(call_id, None)


async def _wait(running: RunningCommand, timeout_s: float | None, progress: Callable[[str], None]) -> bool:
    """Until the command ends; False where it has not after `timeout_s`."""
    if timeout_s is None or timeout_s <= OFFER_AFTER_S:
        return await running.wait(timeout_s)
    if await running.wait(OFFER_AFTER_S):
        return True
    progress(
        f"\n[running for {OFFER_AFTER_S:g} s; it is stopped at {timeout_s:g} s, unless it is moved to the background]\n"
    )
    return await running.wait(timeout_s - OFFER_AFTER_S)


def _short(command: str) -> str:
    line = " ".join(command.split())
    return line if len(line) <= 60 else line[:59] + "…"
