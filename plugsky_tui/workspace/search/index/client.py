"""Asking the process that knows all names: it is started by the first question, and ended when none come any more."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from plugsky_tui.workspace.paths import find_git
from plugsky_tui.workspace.search.index import worker
from plugsky_tui.workspace.search.listing import Means

FRESH_S = 15.0  # after that, files may have come and gone
KEEP_S = 300.0  # without a question; the names of a large repository take 30 MiB
_FRESH_FACTOR = 20.0  # a listing is good for so many times what it took: never more than a twentieth goes into them
_ANSWER_LIMIT = 1024 * 1024  # bytes
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """`paths` fit `query` best. `listing`: there may be more to come; `cut`: there are more names than the `count` kept.
    `problem` is "" or why there is nothing."""

    query: str
    paths: list[str] = field(default_factory=list)
    count: int = 0
    listing: bool = False
    cut: bool = False
    problem: str = ""


class FileIndex:
    """Files and folders below `folder` (a real path), by some letters of their paths.

    `means` is asked what may be used when a listing begins. `answered` hears each answer to the last
    question: the first as soon as there is one, better ones while the folder is being listed. Answers to questions before
    that one are dropped. A listing that is no longer fresh goes on answering until there is another.
    """

    def __init__(self, folder: str, means: Callable[[], Means], answered: Callable[[Answer], None]) -> None:
        self._folder, self._means, self._answered = folder, means, answered
        self._query = ""
        self._current: _Process | None = None
        self._next: _Process | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._failures = 0
        self._changed = False

    def ask(self, query: str) -> None:
        """The answer comes to `answered`, soon but not at once."""
        self._query = query
        if self._failures >= _MOST_FAILURES:
            return
        if self._current is None:
            self._current = self._start()
        elif self._next is None and (self._changed or self._current.stale) and self._current.done:
            self._next = self._start()
        for process in (self._current, self._next):
            if process is not None:
                process.ask(query)
        self._rest_later()

    def expire(self) -> None:
        """Files have changed: the next question begins another listing."""
        self._changed = True

    async def close(self) -> None:
        """End what runs."""
        if self._resting is not None:
            self._resting.cancel()
        processes = [process for process in (self._current, self._next) if process is not None]
        self._current = self._next = None
        for process in processes:
            process.end()
        await asyncio.gather(*(process.task for process in processes), return_exceptions=True)

    def _start(self) -> _Process:
        self._changed = False
        return _Process(self._folder, self._means(), self._heard, self._ended)

    def _rest_later(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        self._resting = asyncio.get_running_loop().call_later(KEEP_S, self._rest)

    def _rest(self) -> None:
        for process in (self._current, self._next):
            if process is not None:
                process.end()
        self._current = self._next = None

    def _heard(self, process: _Process, answer: Answer) -> None:
        if process is self._next:
            if answer.listing:
                return  # the other one knows more
            if self._current is not None:
                self._current.end()
            self._current, self._next = process, None
        if process is self._current and answer.query == self._query:
            self._failures = 0
            self._answered(answer)

    def _ended(self, process: _Process) -> None:
        """It ended though nobody told it to."""
        if process not in (self._current, self._next):
            return
        self._failures += 1
        if process is self._next:
            self._next = None
            return
        self._current = None
        if self._failures < _MOST_FAILURES:
            self.ask(self._query)
        else:
            self._answered(Answer(self._query, problem="files cannot be listed here"))


class _Process:
    """One listing. One question is under way at a time; of those that come meanwhile, only the last counts."""

    def __init__(
        self,
        folder: str,
        means: Means,
        heard: Callable[[_Process, Answer], None],
        ended: Callable[[_Process], None],
    ) -> None:
        self._folder, self._means = folder, means
        self._heard, self._ended = heard, ended
        self._stdin: asyncio.StreamWriter | None = None
        self._wanted: str | None = None
        self._asked = ""
        self._number = 0
        self._under_way = False
        self._told_to_end = False
        self._began = monotonic()
        self._listed: float | None = None
        self.task = asyncio.create_task(self._run())

    @property
    def done(self) -> bool:
        """Whether everything is listed."""
        return self._listed is not None

    @property
    def stale(self) -> bool:
        if self._listed is None:
            return False
        took = self._listed - self._began
        return monotonic() - self._listed > max(FRESH_S, _FRESH_FACTOR * took)

    def ask(self, query: str) -> None:
        self._wanted = query
        self._send()

    def end(self) -> None:
        self._told_to_end = True
        self.task.cancel()

    def _send(self) -> None:
        if self._stdin is None or self._under_way or self._wanted is None or self._stdin.is_closing():
            return
        self._number += 1
        self._asked, self._wanted, self._under_way = self._wanted, None, True
        self._stdin.write(json.dumps([self._number, self._asked]).encode("ascii") + b"\n")

    async def _run(self) -> None:
        try:
            process = await self._started()
        except OSError:
            self._ended(self)
            return
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            self._stdin = process.stdin
            self._stdin.write(self._order())
            self._send()
            with suppress(ValueError, ConnectionError):
                while line := await process.stdout.readline():
                    self._take(json.loads(line))
        finally:
            self._stdin = None
            await _end(process)
        if not self._told_to_end:
            self._ended(self)

    def _take(self, answer: dict[str, object]) -> None:
        paths, count = answer["paths"], answer["count"]
        assert isinstance(paths, list)
        assert isinstance(count, int)
        if not answer["listing"] and self._listed is None:
            self._listed = monotonic()
        if answer["number"] == self._number:
            self._under_way = False
            found = Answer(self._asked, paths, count, listing=bool(answer["listing"]), cut=bool(answer["cut"]))
            self._heard(self, found)
            self._send()

    def _order(self) -> bytes:
        git = self._means.git() if find_git(self._folder) is not None else None
        order = {
            "folder": self._folder,
            "ripgrep": self._means.ripgrep() or "",
            "git": git or "",
            "environment": dict(self._means.environment),
        }
        return json.dumps(order).encode("ascii") + b"\n"

    async def _started(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", worker.__file__, *_packages()),  # -S: 20 ms for nothing we need
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder,
            env=dict(self._means.environment),
            limit=_ANSWER_LIMIT,
        )


async def _end(process: asyncio.subprocess.Process) -> None:
    """It ends by itself when its input does, and takes along the program that lists; one that hangs is ended."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.shield(process.wait())  # or its pipes outlive the loop


def _packages() -> list[str]:
    """Where the worker, which has only the standard library, finds this package, and what reads .gitignore."""
    from importlib.util import find_spec

    here = os.path.abspath(__file__)
    for _ in range(5):  # client.py, index, search, workspace, plugsky_tui
        here = os.path.dirname(here)
    spec = find_spec("pathspec")
    beside = [os.path.dirname(os.path.dirname(spec.origin))] if spec and spec.origin else []
    return [here, *beside]
