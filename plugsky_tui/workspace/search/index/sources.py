"""The paths of a folder's files as they are found: by ripgrep, by git, or by our own walk, with the same rules."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO

from plugsky_tui.workspace.search.commands import (
    GIT_ENVIRONMENT,
    GIT_SHOWN,
    GIT_TRACKED_THOUGH_IGNORED,
    git_files,
    git_ignores,
    names_in,
    ripgrep_files,
)
from plugsky_tui.workspace.search.walk import walk

_READ = 64 * 1024  # bytes: about a thousand paths
_BATCH = 1_000


class _Failed(Exception):
    """The program could not say; another way must be taken."""


@dataclass(slots=True)
class Sources:
    """`ripgrep` and `git` are programs, "" for those that are not there or not to be started. Used by one thread; `stop`
    may be called from any."""

    folder: str
    ripgrep: str
    git: str
    environment: Mapping[str, str]
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _stopped: bool = field(default=False, init=False)

    def batches(self) -> Iterator[list[str]]:
        """All files, relative to the folder, some at a time; each once, in no particular order."""
        if self.ripgrep:
            with suppress(_Failed):
                yield from self._by_ripgrep()
                return
        if self.git:
            with suppress(_Failed):
                yield from self._by_git()
                return
        yield from self._by_walk("")

    def stop(self) -> None:
        """End the program that lists, if one does."""
        self._stopped = True
        if self._running is not None:
            with suppress(OSError):
                self._running.kill()

    def _by_ripgrep(self) -> Iterator[list[str]]:
        found = False
        for names in self._names(ripgrep_files(self.ripgrep, self.folder), self.environment):
            found = True
            yield names
        if self._code() not in (0, 1) and not found:  # 2: something could not be read
            raise _Failed

    def _by_git(self) -> Iterator[list[str]]:
        environment = {**self.environment, **GIT_ENVIRONMENT}
        if self._names_nothing(git_ignores(self.git), environment) == 0:
            raise _Failed
        left_out: set[str] = set()
        for names in self._names(git_files(self.git, *GIT_TRACKED_THOUGH_IGNORED), environment):
            left_out.update(names)
        if self._code() != 0:
            raise _Failed
        for names in self._names(git_files(self.git, *GIT_SHOWN), environment):
            yield self._plain(names, left_out)
        if self._code() != 0:
            raise _Failed

    def _plain(self, names: list[str], seen: set[str]) -> list[str]:
        """The regular files of what git names, each once; for a repository inside (one name to git) the files in it."""
        files: list[str] = []
        for name in names:
            if name in seen:
                continue
            with suppress(OSError):
                mode = os.lstat(os.path.join(self.folder, name)).st_mode
                if stat.S_ISREG(mode):
                    files.append(name)
                    seen.add(name)  # files in conflict are named three times
                elif stat.S_ISDIR(mode):
                    files += [path for batch in self._by_walk(name.rstrip("/") + "/") for path in batch]
        return files

    def _by_walk(self, below: str) -> Iterator[list[str]]:
        """The files in the folder `below` ("" or with a slash at its end)."""
        batch: list[str] = []
        start = os.path.join(self.folder, below).rstrip("/") or "/"
        for entry in walk(start, stopped=lambda: self._stopped):
            if entry.kind == "file" and not entry.ignored:
                batch.append(below + entry.path)
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
        yield batch

    def _names(self, command: list[str], environment: Mapping[str, str]) -> Iterator[list[str]]:
        try:
            self._running = subprocess.Popen(
                command,
                cwd=self.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
        except OSError as error:
            raise _Failed from error
        assert self._running.stdout is not None
        yield from _whole_names(self._running.stdout)

    def _names_nothing(self, command: list[str], environment: Mapping[str, str]) -> int | None:
        for _ in self._names(command, environment):
            pass
        return self._code()

    def _code(self) -> int | None:
        return self._running.wait() if self._running is not None else None


def _whole_names(output: IO[bytes]) -> Iterator[list[str]]:
    held = b""
    with output:
        while block := output.read(_READ):
            whole, end, rest = (held + block).rpartition(b"\0")
            held = rest
            if end:
                yield names_in(whole)
    if held:
        yield names_in(held)
