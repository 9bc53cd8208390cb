"""Walking a folder with its .gitignore rules, without git or ripgrep.

Rules count as in git (gitignore(5)): those of deeper folders first, the last matching line of a
file wins, a repository inside starts anew, .git/info/exclude comes last. The user's global excludes
do not count: the same tree then gives the same answer on every machine. Blocking.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from plugsky_tui.workspace.paths import find_git

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

REPOSITORY_FOLDERS = frozenset((".git", ".hg", ".svn", ".jj"))
_EXCLUDE_FILE = ".git/info/exclude"
_IGNORE_FILE_LIMIT = 1024 * 1024


@dataclass(slots=True)
class Entry:
    """One name in a walk; `path` is relative to its start, with `/` between its parts."""

    path: str
    kind: Literal["file", "folder", "symlink", "special"]
    ignored: bool
    depth: int


@dataclass(slots=True)
class _Rules:
    """The ignore rules of one folder, at `base` (absolute, with a slash at its end)."""

    base: str
    spec: GitIgnoreSpec

    def verdict(self, path: str) -> bool | None:
        result: bool | None = self.spec.check_file(path[len(self.base) :]).include
        return result


def walk(start: str, *, depth: int | None = None, stopped: Callable[[], bool] = lambda: False) -> Iterator[Entry]:
    """Everything under the real path `start` in the order of names; ignored folders and symlinks are not entered.

    `depth` 1 gives the names in the folder itself. Folders that may not be read are passed over.
    """
    yield from _Walk(depth, stopped).folder(start, "", _rules_above(start))


@dataclass(slots=True)
class _Walk:
    depth: int | None
    stopped: Callable[[], bool]

    def folder(self, folder: str, relative: str, rules: list[_Rules]) -> Iterator[Entry]:
        entries = _entries(folder)
        rules = _rules_in(folder, {entry.name for entry in entries}, rules)
        level = relative.count("/") + 1
        for entry in entries:
            if self.stopped():
                return
            if entry.name in REPOSITORY_FOLDERS:
                continue
            kind = _kind(entry)
            path, full = relative + entry.name, f"{folder}/{entry.name}"
            ignored = _ignored(rules, f"{full}/" if kind == "folder" else full)
            yield Entry(path, kind, ignored, level)
            if kind == "folder" and not ignored and (self.depth is None or level < self.depth):
                yield from self.folder(full, path + "/", rules)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _rules_in(folder: str, names: set[str], rules: list[_Rules]) -> list[_Rules]:
    """The rules that count in a folder with these names, of which `rules` count around it."""
    if ".git" in names:
        rules = _exclude_file(folder)
    if ".gitignore" in names:
        rules = [*_rules_of(folder, ".gitignore"), *rules]
    return rules


def _kind(entry: os.DirEntry[str]) -> Literal["file", "folder", "symlink", "special"]:
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _ignored(rules: list[_Rules], path: str) -> bool:
    for each in rules:
        verdict = each.verdict(path)
        if verdict is not None:
            return verdict
    return False


def _rules_above(start: str) -> list[_Rules]:
    """The rules of the folders from `start`'s parent up to the top of its repository, nearest first."""
    top = find_git(start)
    if top is None or top == start:
        return []
    rules: list[_Rules] = []
    folder = os.path.dirname(start)
    while True:
        rules += _rules_of(folder, ".gitignore", start)
        if folder == top:
            return [*rules, *_rules_of(top, _EXCLUDE_FILE, start)]
        folder = os.path.dirname(folder)


def _exclude_file(folder: str) -> list[_Rules]:
    return _rules_of(folder, _EXCLUDE_FILE)


def _rules_of(folder: str, name: str, start: str = "") -> list[_Rules]:
    """The rules in a file; without those that name the folder `start` further down, or one it is in: whoever was sent
    there is to see what is in it."""
    path = os.path.join(folder, name)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return []
        with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:  # git passes over a mark, too
            lines = file.read(_IGNORE_FILE_LIMIT).split("\n")  # not splitlines(): to git only this one ends a line
    except OSError:
        return []
    from pathspec import GitIgnoreSpec  # 28 ms, and only where there are rules and no faster program

    if start:
        below = start[len(folder.rstrip("/")) + 1 :] + "/"
        lines = [line for line in lines if line.startswith("!") or not _valid(line) or not _names(line, below)]
    try:
        return [_Rules(folder.rstrip("/") + "/", GitIgnoreSpec.from_lines(lines))]
    except ValueError:  # one wrong pattern must not hide the others
        return [_Rules(folder.rstrip("/") + "/", GitIgnoreSpec.from_lines(filter(_valid, lines)))]


def _names(line: str, folder: str) -> bool:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([line]).match_file(folder)


def _valid(line: str) -> bool:
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
