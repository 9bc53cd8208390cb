"""The files of a folder, without what .gitignore names, and the secrets among them kept apart.

Three ways with the same answer: ripgrep, else git where it may be started, else our own walk.
Only regular files count: no symlinks, FIFOs, sockets or devices.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch

from plugsky_tui.workspace.paths import find_git
from plugsky_tui.workspace.search.commands import (
    GIT_ENVIRONMENT,
    GIT_IGNORED,
    GIT_SHOWN,
    GIT_TRACKED_THOUGH_IGNORED,
    git_files,
    git_ignores,
    names_in,
    ripgrep_files,
)
from plugsky_tui.workspace.search.programs import Running, find_program
from plugsky_tui.workspace.search.walk import walk
from plugsky_tui.workspace.sensitive import secret

FILE_LIMIT = 200_000

# Secrets are looked for also among ignored files, since that is where they usually are: by these names only.
_SECRET_NAMES = (".env*", "*.pem", "*.key", "*.p12", "*.pfx", "id_*", ".netrc", ".npmrc", ".pypirc", "credentials*")


@dataclass(slots=True)
class Means:
    """What a search may use: programs of the user's `environment`, git only where `git_allowed`."""

    workspace: str
    environment: Mapping[str, str]
    git_allowed: bool = False

    def ripgrep(self) -> str | None:
        return find_program("rg", self.environment, self.workspace)

    def git(self) -> str | None:
        return find_program("git", self.environment, self.workspace) if self.git_allowed else None


@dataclass(slots=True)
class Listing:
    """Paths relative to the folder, in order. `secrets` are not among `files`; `more` says FILE_LIMIT was met."""

    files: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    more: bool = False


def _any(path: str) -> bool:
    return True


async def list_files(folder: str, means: Means, wanted: Callable[[str], bool] = _any) -> Listing:
    """The files under the real path `folder`. Those that are not `wanted` (a path in it) are not looked at."""
    ripgrep = means.ripgrep()
    if ripgrep is not None:
        found, hidden = await asyncio.gather(
            _by_ripgrep(ripgrep, folder, means), secrets_by_ripgrep(ripgrep, folder, means)
        )
        if found is not None:
            return await asyncio.to_thread(_sorted_out, folder, filter(wanted, found), hidden)
    git = means.git()
    if git is not None and find_git(folder) is not None:
        by_git = await _by_git(git, folder, means)
        if by_git is not None:
            return await asyncio.to_thread(_sorted_out, folder, filter(wanted, by_git[0]), by_git[1])
    return await _by_walk(folder, wanted)


async def secrets_by_ripgrep(program: str, folder: str, means: Means) -> list[str]:
    """Files that look like secrets by their names, ignored ones included (but not in ignored folders)."""
    running = Running(ripgrep_files(program, folder, *_SECRET_NAMES), folder, means.environment)
    found = names_in(await running.output())
    return sorted(path for path in found if is_secret(folder, path))


def is_secret(folder: str, path: str) -> bool:
    return secret(os.path.join(folder, path))


async def _by_ripgrep(program: str, folder: str, means: Means) -> list[str] | None:
    running = Running(ripgrep_files(program, folder), folder, means.environment)
    found = names_in(await running.output())
    return found if running.code in (0, 1) or found else None  # 2: some folder could not be read


async def _by_git(program: str, folder: str, means: Means) -> tuple[list[str], list[str]] | None:
    async def ask(*options: str) -> list[str] | None:
        running = Running(git_files(program, *options), folder, {**means.environment, **GIT_ENVIRONMENT})
        names = names_in(await running.output())
        return names if running.code == 0 else None

    async def is_ignored() -> bool:
        running = Running(git_ignores(program), folder, {**means.environment, **GIT_ENVIRONMENT})
        await running.output()
        return running.code == 0

    if await is_ignored():
        return None
    shown, tracked_though_ignored, ignored = await asyncio.gather(
        ask(*GIT_SHOWN),
        ask(*GIT_TRACKED_THOUGH_IGNORED),
        ask(*GIT_IGNORED),
    )
    if shown is None or tracked_though_ignored is None or ignored is None:
        return None
    left_out = set(tracked_though_ignored)
    files: list[str] = []
    for path in dict.fromkeys(shown):  # files in conflict are named three times
        if path not in left_out:
            files += await _expanded(folder, path)
    hidden = [path for path in (*ignored, *left_out) if _named_like_secret(path) and is_secret(folder, path)]
    return files, hidden


async def _expanded(folder: str, path: str) -> list[str]:
    """A path that git lists; for a repository inside (one entry to git) the files in it."""
    full = os.path.join(folder, path).rstrip("/")
    if not _is_folder(full):
        return [path]
    inside = await _by_walk(full)
    return [os.path.join(path, each) for each in (*inside.files, *inside.secrets)]


async def _by_walk(folder: str, wanted: Callable[[str], bool] = _any) -> Listing:
    stop = threading.Event()

    def work() -> Listing:
        listing = Listing()
        for entry in walk(folder, stopped=stop.is_set):
            if entry.kind != "file":
                continue
            if is_secret(folder, entry.path):
                if not entry.ignored or _named_like_secret(entry.path):
                    listing.secrets.append(entry.path)
            elif not entry.ignored and wanted(entry.path):
                listing.files.append(entry.path)
                if len(listing.files) >= FILE_LIMIT:
                    listing.more = True
                    break
        listing.files.sort()
        listing.secrets.sort()
        return listing

    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        stop.set()
        raise


def _sorted_out(folder: str, found: Iterable[str], hidden: Iterable[str]) -> Listing:
    listing = Listing()
    secrets = {path for path in hidden if _regular(folder, path)}
    for path in sorted(found):
        if not _regular(folder, path):
            continue
        if is_secret(folder, path):
            secrets.add(path)
        elif len(listing.files) < FILE_LIMIT:
            listing.files.append(path)
        else:
            listing.more = True
    listing.secrets = sorted(secrets)
    return listing


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _regular(folder: str, path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(os.path.join(folder, path)).st_mode)
    except OSError:
        return False


def _named_like_secret(path: str) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatch(name, pattern) for pattern in _SECRET_NAMES)
