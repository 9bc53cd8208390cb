"""Parsing in background processes: started when there is work, gone when it is done, or when nobody waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.symbols import worker

WALL_LIMIT_S = 20.0  # for one file. The worker's own limit counts computing only; this one, a disk that hangs
PROCESSES = 8  # at most
_AHEAD = 16  # orders sent before their answers, so that a worker never waits
_PATIENCE_S = 2.0  # with a process that has been told that there is no more to do
_STILLBORN = 5
_PYTHON_ERROR = 1  # what the interpreter ends with after an exception
_ANSWER_LIMIT = 32 * 1024 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Order:
    """Parse the file at `path` (relative to the folder the workers stand in); `name` as in `worker`."""

    path: str
    language: str
    name: str = ""

    def line(self) -> bytes:
        return json.dumps([self.path, self.language, self.name]).encode("ascii") + b"\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """`problem` is "" or why there is no result, to follow on "it "; `digest` is "" where nothing was read."""

    order: Order
    problem: str
    digest: str = ""
    result: str = ""


async def ask_workers(
    orders: Iterable[Order],
    folder: str,
    environment: Mapping[str, str],
    *,
    wall_limit_s: float = WALL_LIMIT_S,
) -> AsyncGenerator[Answer, None]:
    """An answer to each order, in no particular order. Closing this early ends the workers."""
    waiting = deque(orders)
    answers: asyncio.Queue[Answer | None] = asyncio.Queue()
    count = max(1, min(PROCESSES, _crew_for(cores()), len(waiting) // 8))
    crew = [
        asyncio.ensure_future(_Worker(folder, environment, waiting, answers, wall_limit_s).work()) for _ in range(count)
    ]
    done = asyncio.ensure_future(_last_word(crew, answers))
    try:
        while (answer := await answers.get()) is not None:
            yield answer
        await done
    finally:
        for each in (*crew, done):
            each.cancel()
        await asyncio.gather(*crew, done, return_exceptions=True)


async def _last_word(crew: Sequence[asyncio.Future[None]], answers: asyncio.Queue[Answer | None]) -> None:
    try:
        await asyncio.gather(*crew)
    finally:
        answers.put_nowait(None)


def _crew_for(count: int) -> int:
    """One core is left to the rest; not so of two, or a map would take twice as long on the machines that have least."""
    return count if count <= 2 else count - 1


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _packages() -> list[str]:
    """Where the worker, which has only the standard library, finds this package, the parser and the grammars."""
    from importlib.util import find_spec

    here = os.path.abspath(__file__)
    for _ in range(4):  # workers.py, symbols, workspace, plugsky_tui
        here = os.path.dirname(here)
    spec = find_spec("tree_sitter")
    beside = [os.path.dirname(os.path.dirname(spec.origin))] if spec and spec.origin else []
    installed = [each for each in sys.path if os.path.basename(each) in ("site-packages", "dist-packages")]
    return list(dict.fromkeys((here, *beside, *filter(os.path.isabs, installed))))


class _Worker:
    """One process after another, until nothing waits. The file that a process ends at is the one to blame."""

    def __init__(
        self,
        folder: str,
        environment: Mapping[str, str],
        waiting: deque[Order],
        answers: asyncio.Queue[Answer | None],
        wall_limit_s: float,
    ) -> None:
        self._folder, self._environment = folder, environment
        self._waiting, self._answers = waiting, answers
        self._wall_limit_s = wall_limit_s
        self._sent: deque[Order] = deque()
        self._answered = False  # by this process
        self._stillborn = 0  # processes in a row that ended with an error before any answer

    async def work(self) -> None:
        while self._waiting:
            process = await self._start()
            problem = "was given up"
            try:
                problem = await self._talk(process)
            finally:
                await _end(process, patience_s=0.0 if problem else _PATIENCE_S)
            self._check_start(process.returncode)
            if self._sent:
                blamed = self._sent.popleft()
                self._waiting.extendleft(reversed(self._sent))
                self._sent.clear()
                self._answers.put_nowait(Answer(blamed, problem or _ended(process.returncode)))

    def _check_start(self, code: int | None) -> None:
        """ToolError where the program itself does not run, whatever the file."""
        if self._answered or code != _PYTHON_ERROR:
            self._stillborn = 0
            return
        self._stillborn += 1
        if self._stillborn >= _STILLBORN:
            raise ToolError(
                "Source code cannot be parsed here: the program that does it ends as soon as it starts.",
                hint="Use grep and glob instead. The user may have to install plugsky anew.",
            )

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", worker.__file__, *_packages()),  # -S: 20 ms for nothing we need
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            env=dict(self._environment),
            limit=_ANSWER_LIMIT,
        )

    async def _talk(self, process: asyncio.subprocess.Process) -> str:
        """Orders out, answers in, until there are no more. What the process has to be ended for, else ""."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._answered = False
        while True:
            with suppress(BrokenPipeError, ConnectionResetError):
                while self._waiting and len(self._sent) < _AHEAD:
                    order = self._waiting.popleft()
                    self._sent.append(order)
                    process.stdin.write(order.line())
            if not self._sent:
                return ""
            try:
                async with asyncio.timeout(self._wall_limit_s):
                    line = await process.stdout.readline()
            except TimeoutError:
                return f"took more than {self._wall_limit_s:g} s to parse"
            except ValueError:
                return "has more symbols than can be kept"
            if not line.endswith(b"\n"):
                return ""
            problem, digest, result = line[:-1].decode("utf-8").split("\t", 2)
            self._answered = True
            self._answers.put_nowait(Answer(self._sent.popleft(), problem, digest, result))


async def _end(process: asyncio.subprocess.Process, patience_s: float) -> None:
    """The process is over when this returns. One that ends by itself is waited for: its code tells what befell it,
    and a signal sent to it then would make asyncio lose that."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        if patience_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience_s):
                    await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.shield(process.wait())


def _ended(code: int | None) -> str:
    import signal

    if hasattr(signal, "SIGVTALRM") and code == -signal.SIGVTALRM:
        return f"took more than {worker.CPU_LIMIT_S:g} s to parse"
    return "made the parser crash"
