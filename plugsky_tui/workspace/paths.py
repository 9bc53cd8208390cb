"""Where a path really leads, and what kind of file lies there.

A path is judged by the real path of its deepest existing parent plus the rest, compared with the
workspace component by component: `/w/app-evil` does not lie in `/w/app`, whatever its first
letters say, and a symlink counts as what it points to. Only `os.path` and `stat` calls, so that
this can be asked before every call of every tool.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plugsky_tui.kernel.errors import ToolError

_SUCH_AS = 'Give a path such as "src/app.py".'


@dataclass(slots=True)
class Resolved:
    """`shown` is for people (relative where it can be), `absolute` the path as asked for, with `~`
    expanded and symlinks in place, `real` where it leads, `inside` whether that is in the workspace."""

    shown: str
    absolute: str
    real: str
    inside: bool


class Root:
    """The workspace folder, fixed when a session starts.

    `own` are the folders of plugsky itself (configuration, data, cache); without it they are
    looked up the first time they matter. `home` is what `~` stands for.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, home: str | None = None, own: Sequence[str] | None = None
    ) -> None:
        self.folder = os.path.abspath(os.fspath(folder))
        self.real = os.path.realpath(self.folder)
        self.home = home or os.path.expanduser("~")
        self._own = own

    @cached_property
    def ignores_case(self) -> bool:
        """Whether `X` and `x` are one file here (macOS, and mounts of other systems' disks)."""
        name = os.path.basename(self.real)
        other = os.path.join(os.path.dirname(self.real), name.swapcase())
        if name.swapcase() == name:
            return False
        try:
            return os.path.samefile(self.real, other)
        except OSError:
            return False

    @cached_property
    def own(self) -> tuple[str, ...]:
        """The real paths of plugsky's own folders."""
        if self._own is not None:
            return tuple(os.path.realpath(folder) for folder in self._own)
        from plugsky_tui.config.paths import cache_dir, config_dir, data_dir  # platformdirs: only where it matters

        return tuple(os.path.realpath(folder()) for folder in (config_dir, data_dir, cache_dir))

    @cached_property
    def git_folders(self) -> tuple[str, ...]:
        """Where a `.git` *file* at the root points to: the real git folders of a worktree or submodule."""
        pointer = read_git_pointer(os.path.join(self.real, ".git"))
        if pointer is None:
            return ()
        return tuple({os.path.realpath(pointer), os.path.realpath(common_git_folder(pointer))})

    def resolve(self, given: str, base: str | None = None) -> Resolved:
        """Judge the path `given`, relative to `base` (the workspace, if not said).

        `~` is the home folder; `$HOME` is a file of that name. ToolError for what is no path (empty,
        NUL, a URL) and for symlinks that go round in a circle.
        """
        if not given:
            raise ToolError("The path is empty.", hint=_SUCH_AS)
        if "\0" in given:
            raise ToolError("The path holds a NUL byte, which no file name can.", hint=_SUCH_AS)
        try:
            os.fsencode(given)
        except UnicodeEncodeError:
            raise ToolError("The path holds characters that no file name can.", hint=_SUCH_AS) from None
        scheme, colon, _ = given.partition("://")
        if colon and scheme.isalnum():
            raise ToolError(f"{given} is a URL, not a path.", hint="Give the path of the file itself.")
        absolute = self.absolute(given, base)
        real = _real(absolute, given)
        return Resolved(self.shown(absolute), absolute, real, self.contains(real))

    def absolute(self, given: str, base: str | None = None) -> str:
        """`given` from the root of the disk on, without `.` and `//`. `..` stays: it is the file system that
        knows where it leads when a symlink comes before it."""
        if given == "~" or given.startswith("~/"):
            given = self.home + given[1:]
        joined = os.path.join(base or self.folder, given)
        return "/" + "/".join(part for part in joined.split("/") if part not in ("", "."))

    def contains(self, real: str) -> bool:
        """Whether the real path `real` is the workspace or lies in it."""
        return self.relative(real) is not None

    def relative(self, path: str) -> str | None:
        """`path` from the workspace on ("." for itself), None where it lies elsewhere."""
        for root in (self.real, self.folder):
            below = _below(path, root, self.ignores_case)
            if below is not None:
                return below or "."
        return None

    def shown(self, absolute: str) -> str:
        """A name for people: relative in the workspace, `~/…` at home, else from the root on."""
        plain = os.path.normpath(absolute)
        relative = self.relative(plain)
        if relative is not None:
            return relative
        at_home = _below(plain, self.home, self.ignores_case)
        return plain if at_home is None else "~/" + at_home if at_home else "~"


def _below(path: str, root: str, ignores_case: bool) -> str | None:
    """The part of `path` under `root`, "" for root itself, None where it is not under it."""
    if root == "/":
        return path.lstrip("/")
    first, rest = path[: len(root)], path[len(root) :]
    same = first == root or (ignores_case and first.casefold() == root.casefold())
    if not same or (rest and not rest.startswith("/")):
        return None
    return rest.lstrip("/")


def _real(absolute: str, given: str) -> str:
    try:
        return os.path.realpath(absolute, strict=True)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ToolError(
                f"{given}: its symbolic links go round in a circle.",
                hint="list shows where they lead: give the path of a file itself.",
            ) from None
        if error.errno == errno.ENAMETOOLONG:
            raise ToolError(f"{given[:80]}…: the name is too long for any file.", hint="Give a shorter one.") from None
    # Something of it does not exist (yet) or may not be looked at: resolve what can be.
    return os.path.realpath(absolute)


def read_git_pointer(path: str) -> str | None:
    """Where the `.git` file at `path` points to; None where it is a folder, or no such file."""
    line = read_start(path).strip()
    if not line.startswith("gitdir:"):
        return None
    return os.path.join(os.path.dirname(path), line.removeprefix("gitdir:").strip().replace("\0", ""))


def common_git_folder(git_folder: str) -> str:
    """The folder a worktree's git folder shares with its main one (gitrepository-layout(5), commondir)."""
    line = read_start(os.path.join(git_folder, "commondir")).strip().replace("\0", "")
    return os.path.join(git_folder, line) if line else git_folder


def read_start(path: str, limit: int = 4096) -> str:
    """The first bytes of the file at `path` as text, "" where there is no such file."""
    try:
        return os.fsdecode(regular_start(path, limit) or b"")
    except (OSError, ValueError):
        return ""


def regular_start(path: str, limit: int) -> bytes | None:
    """The first bytes of the file at `path`, through symlinks; None where it is no regular file: a pipe would keep us
    waiting, a device never end. OSError as `open` has it."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with open(handle, "rb", closefd=False) as file:
            return file.read(limit)
    finally:
        os.close(handle)


def find_git(folder: str) -> str | None:
    """The nearest folder, from `folder` upwards, that has a `.git`."""
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def file_kind(real: str) -> str | None:
    """What the file at `real` is when it is neither a regular file, a folder nor missing: "device", …"""
    try:
        mode = Path(real).stat().st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return None
    if stat.S_ISFIFO(mode):
        return "named pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"
