"""Finding ripgrep and git, and running them for ourselves: no shell, no input, never longer than asked."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

_ERROR_LIMIT = 8 * 1024
_READ = 256 * 1024
_END_S = 2.0  # who moved out of the group of processes may hold a pipe for longer


def find_program(name: str, environment: Mapping[str, str], workspace: str) -> str | None:
    """The program `name` on PATH, else beside our own interpreter; never one inside the workspace."""
    found = shutil.which(name, path=environment.get("PATH", os.defpath))
    if found is not None and os.path.isabs(found) and not _inside(os.path.realpath(found), workspace):
        return found
    import sysconfig  # a tool install does not put its dependencies' programs on PATH

    beside = os.path.join(sysconfig.get_path("scripts"), name + (".exe" if sys.platform == "win32" else ""))
    return beside if os.access(beside, os.X_OK) and not _inside(os.path.realpath(beside), workspace) else None


def _inside(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


@dataclass(slots=True)
class Running:
    """A program at work: read `stream()` to its end, then `code` and `error` are there."""

    arguments: Sequence[str]
    cwd: str
    environment: Mapping[str, str]
    input: bytes | None = None
    code: int | None = None
    error: str = field(default="")

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Its output in blocks. Closing this early, or cancelling, ends the program."""
        process = await asyncio.create_subprocess_exec(
            *self.arguments,
            stdin=asyncio.subprocess.DEVNULL if self.input is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self.cwd,
            env=dict(self.environment),
            limit=_READ,
            start_new_session=True,  # what it starts can then be ended with it
        )
        assert process.stdout is not None
        assert process.stderr is not None
        helpers = [asyncio.ensure_future(self._read_errors(process.stderr))]
        if process.stdin is not None:
            helpers.append(asyncio.ensure_future(self._feed(process.stdin)))
        try:
            while block := await process.stdout.read(_READ):
                yield block
            await asyncio.gather(*helpers)
            self.code = await process.wait()
        finally:
            for helper in helpers:
                helper.cancel()
            if process.returncode is None:
                await _end(process)

    async def output(self) -> bytes:
        """All of its output."""
        async with aclosing(self.stream()) as blocks:
            return b"".join([block async for block in blocks])

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        kept = b""
        while block := await stream.read(_READ):
            kept = (kept + block)[:_ERROR_LIMIT]
        self.error = kept.decode("utf-8", "replace").strip()

    async def _feed(self, stream: asyncio.StreamWriter) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            stream.write(self.input or b"")
            await stream.drain()
        stream.close()


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill it and what it started: asyncio waits until nobody holds its pipes any more."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):  # not process.kill(): that may take the exit code away
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            await process.wait()
