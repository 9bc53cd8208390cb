"""Running a command line with bash, in a session of its own, to its end or to its time limit.

The command has no terminal and no input (reading gives end of file at once). It is over when its
leader is: what the leader left behind in its session is stopped, what moved to another one is
named. On time-out or cancellation the whole session gets SIGTERM, and SIGKILL two seconds later.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from plugsky_tui.workspace.live_pieces import LivePieces
from plugsky_tui.workspace.outputs import BoundedOutput
from plugsky_tui.workspace.process_table import MARK, Remaining, groups, remaining
from plugsky_tui.workspace.spill import Spill
from plugsky_tui.workspace.starting import start_command
from plugsky_tui.workspace.terminal_text import TerminalText
from plugsky_tui.workspace.watchdog import watchdog

GRACE_S = 2.0  # between SIGTERM and SIGKILL
_LEFTOVER_GRACE_S = 0.5  # the same for what a command that has ended left behind
_DRAIN_S = 0.1  # how long a pipe is listened to after the leader has gone
_POLL_S = 0.02
_KILLS = 5
_READ = 64 * 1024


@dataclass(slots=True)
class Ended:
    """How a command ended. `exit_code` is None where a signal ended it (`signal` names it) or time ran out."""

    output: str
    exit_code: int | None
    signal: str = ""
    timed_out: bool = False
    stopped: list[str] = field(default_factory=list)  # left behind in the background, and stopped
    running: list[str] = field(default_factory=list)  # left behind in a session of its own, still there
    saved_in: str | None = None


async def run_command(
    command: str,
    *,
    cwd: str,
    environment: Mapping[str, str],
    spill: Spill,
    progress: Callable[[str], None],
    timeout_s: float,
) -> Ended:
    """Run `command` in the folder `cwd` for at most `timeout_s` seconds; `progress` is given its output live.

    ToolError where it cannot be started. Cancelling stops the command before this returns.
    """
    running = RunningCommand(spill, progress)
    try:
        await running.start(command, cwd, environment)
        timed_out = not await running.wait(timeout_s)
        if timed_out:
            await running.stop()
        return await running.end(timed_out=timed_out)
    finally:
        await uncancelled(running.close())


class RunningCommand:
    """A command between its start and its end: started, waited for (more than once if need be), stopped, closed."""

    def __init__(self, spill: Spill, progress: Callable[[str], None]) -> None:
        self._mark = secrets.token_hex(8)
        self._text = TerminalText()
        self._live = LivePieces(progress)
        self._output = BoundedOutput(spill, "shell")
        self._process: asyncio.subprocess.Process | None = None
        self._pipe = -1
        self._drained = asyncio.Event()
        self._over = False  # `end` has come to its own end: nothing of it is left to stop

    async def start(self, command: str, cwd: str, environment: Mapping[str, str]) -> None:
        """ToolError where the folder is gone or the command cannot be passed to bash."""
        # Our own pipe instead of asyncio's: a grandchild that keeps it open must not keep us waiting.
        self._pipe, write_end = os.pipe()
        os.set_blocking(self._pipe, False)
        try:
            self._process = await start_command(command, cwd, {**environment, MARK: self._mark}, write_end)
        finally:
            os.close(write_end)
        asyncio.get_running_loop().add_reader(self._pipe, self._readable)

    async def wait(self, timeout_s: float | None) -> bool:
        """Wait until the leader ends; False where it has not after `timeout_s` seconds (None: however long)."""
        assert self._process is not None
        try:
            await asyncio.wait_for(self._process.wait(), timeout_s)
        except TimeoutError:
            return False
        return True

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """SIGTERM for its whole session, SIGKILL for what is left of that after `grace_s` seconds."""
        process = self._process
        if process is None:
            return
        try:
            if not await self._signal_all(signal.SIGTERM):
                return
            await self._signal_all(signal.SIGCONT)  # who is stopped hears SIGTERM only when it goes on
            until = monotonic() + grace_s
            while monotonic() < until:
                if process.returncode is not None and not (await self._remaining()).session:
                    return
                await asyncio.sleep(_POLL_S)
            for _ in range(_KILLS):  # what is being started meanwhile is met the next time
                if not await self._signal_all(signal.SIGKILL):
                    break
                await asyncio.sleep(_POLL_S)
        except asyncio.CancelledError:
            self._signal(groups(process.pid), signal.SIGKILL)  # no time for grace: the loop is being closed
            raise
        await process.wait()

    async def end(self, *, timed_out: bool = False) -> Ended:
        """What came of it. The leader has ended; what it left in its session is stopped here."""
        assert self._process is not None
        with suppress(TimeoutError):
            await asyncio.wait_for(self._drained.wait(), _DRAIN_S)
        left = await self._remaining()
        if left.session:
            await self.stop(_LEFTOVER_GRACE_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), _DRAIN_S)
        self._over = True
        self._take(self._text.finish(), last=True)
        code = self._process.returncode
        by_signal = code is not None and code < 0
        return Ended(
            output=self._output.text(),
            exit_code=None if timed_out or by_signal else code,
            signal=_signal_name(-code) if code is not None and by_signal else "",
            timed_out=timed_out,
            stopped=[] if timed_out else left.session,
            running=left.moved,
            saved_in=self._output.path,
        )

    def keep_all(self) -> str | None:
        """The path of a file that has all of its output, now and as it comes; None where none can be made."""
        return self._output.keep_all()

    def take(self) -> str:
        """What it has printed since the last `take`, in whole lines, bounded; it is not in the result of `end`."""
        return self._output.take()

    def last(self, characters: int) -> str:
        """The end of what it has printed, its unfinished line included; `take` is not concerned. Blocking.

        It is read from the file of `keep_all`; where that does not have it, what is waiting for `take` must do.
        """
        text, path = "", self._output.path
        if path is not None and self._output.complete:
            with suppress(OSError), open(path, "rb") as file:
                file.seek(-min(os.fstat(file.fileno()).st_size, 4 * characters), os.SEEK_END)
                text = file.read().decode("utf-8", "replace")
        return ((text or self._output.text()) + self._text.pending)[-characters:]

    @property
    def pending(self) -> str:
        """The line it has not ended yet, as it looks now."""
        return self._text.pending

    @property
    def printed(self) -> int:
        """How many characters it has printed since the last `take`, whole lines only."""
        return self._output.size

    def hush(self) -> None:
        """Nobody follows its output live from now on."""
        self._live.cancel()
        self._live = LivePieces(lambda piece: None)

    async def close(self) -> None:
        """Stop whatever of it still runs, and let go of pipe and file."""
        try:
            if self._process is not None and not self._over:  # also where its leader has ended: others may be left
                await self.stop(GRACE_S if self._process.returncode is None else _LEFTOVER_GRACE_S)
        finally:
            if self._process is not None:
                watchdog().forget(self._process.pid)
            self._close_pipe()
            self._live.cancel()
            self._output.close()

    async def _signal_all(self, number: int) -> bool:
        """False where nobody is left in the session."""
        assert self._process is not None
        found = await asyncio.to_thread(groups, self._process.pid)
        self._signal(found, number)
        return bool(found)

    def _signal(self, found: Iterable[int], number: int) -> None:
        for group in found:
            # Members that became another user (sudo) don't get it; the rest does.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)

    async def _remaining(self) -> Remaining:
        assert self._process is not None
        return await asyncio.to_thread(remaining, self._process.pid, self._mark)

    def _readable(self) -> None:
        try:
            data = os.read(self._pipe, _READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._close_pipe()
            return
        self._take(self._text.feed(data))

    def _take(self, lines: str, *, last: bool = False) -> None:
        self._output.add(lines)
        self._live.take(lines, "" if last else self._text.pending)
        if last:
            self._live.flush()

    def _close_pipe(self) -> None:
        if self._pipe >= 0:
            asyncio.get_running_loop().remove_reader(self._pipe)
            os.close(self._pipe)
            self._pipe = -1
        self._drained.set()


async def uncancelled(work: Coroutine[Any, Any, None]) -> None:
    """Finish `work` also when this task is cancelled meanwhile, then let the cancellation go on."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    task.result()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
