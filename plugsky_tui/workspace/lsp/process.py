"""The process of a language server: in a session of its own, and over, with all it started, when it is closed."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.process_table import MARK, remaining
from plugsky_tui.workspace.watchdog import watchdog

GRACE_S = 2.0  # between SIGTERM and SIGKILL
_STDERR_KEPT = 4 * 1024  # bytes: its last words
_LAST_LINES = 5
_LAST_WORDS_S = 0.5
_ERROR = re.compile(r"error|cannot|fatal", re.IGNORECASE)
_LEADER_S = 2.0  # for the system to say that what got SIGKILL is gone
_POLL_S = 0.05  # while a group that was told to end does so
_READ = 64 * 1024


class NotStarted(PlugskyError):
    code = "language_server"


class ServerProcess:
    """`stdin` and `stdout` are there once `start` has returned; `ended` is set when its leader is gone."""

    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._mark = secrets.token_hex(8)
        self._process: asyncio.subprocess.Process | None = None
        self._followers: list[asyncio.Task[None]] = []
        self._said = b""

    async def start(self, command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> None:
        """NotStarted where the program cannot be run."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=cwd,
                env={**environment, MARK: self._mark},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NotStarted(f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}") from None
        watchdog().watch(self._process.pid)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self.stdin, self.stdout = self._process.stdin, self._process.stdout
        self._followers = [
            asyncio.create_task(self._keep_last_words(self._process.stderr)),
            asyncio.create_task(self._wait()),
        ]

    @property
    def how_it_ended(self) -> str:
        """ "exit code 1", "SIGSEGV"; "" while it runs."""
        code = self._process.returncode if self._process else None
        if code is None:
            return ""
        if code >= 0:
            return f"exit code {code}"
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"

    def last_words(self) -> str:
        """The last lines it wrote to stderr, without control characters; where none of them tells of an error, after
        the first one that does: a trace of the stack says less."""
        lines = [line.strip() for line in self._said.decode("utf-8", "replace").splitlines() if line.strip()]
        last = lines[-_LAST_LINES:]
        if not any(map(_ERROR.search, last)):
            last = [*[line for line in lines[:-_LAST_LINES] if _ERROR.search(line)][:1], *last]
        return "\n".join("".join(x if x.isprintable() else " " for x in line)[:300] for line in last)

    async def drained(self) -> None:
        """Wait, briefly, for how it ended and for what it wrote to stderr before."""
        if self._followers:
            await asyncio.wait(self._followers, timeout=_LAST_WORDS_S)

    async def wait(self, seconds: float) -> bool:
        """Whether it ends within `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
        return self.ended.is_set()

    async def stop(self) -> None:
        """SIGTERM for its whole group, SIGKILL for what is left of that. Returns when nothing of it runs."""
        process = self._process
        if process is None:
            return
        try:
            if self._signal(signal.SIGTERM):
                await self._gone(GRACE_S)
        finally:
            self._signal(signal.SIGKILL)
            watchdog().forget(process.pid)
            self.stdin.close()
            self._followers[0].cancel()
        await self.wait(_LEADER_S)
        self._followers[
            1
        ].cancel()  # a descendant in a session of its own may hold the pipes, and asyncio wait for them
        await asyncio.gather(*self._followers, return_exceptions=True)

    async def _gone(self, seconds: float) -> None:
        assert self._process is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()
                while True:
                    if not (await asyncio.to_thread(remaining, self._process.pid, self._mark)).session:
                        return
                    await asyncio.sleep(_POLL_S)

    def _signal(self, number: int) -> bool:
        """False where nobody is left in the group."""
        assert self._process is not None
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    async def _wait(self) -> None:
        assert self._process is not None
        await self._process.wait()
        self.ended.set()

    async def _keep_last_words(self, stream: asyncio.StreamReader) -> None:
        while data := await stream.read(_READ):
            self._said = (self._said + data)[-_STDERR_KEPT:]
