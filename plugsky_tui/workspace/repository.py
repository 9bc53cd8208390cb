"""What can be known of a repository without starting git: where its root is, and what is checked out.

A repository's configuration can name programs that git would run, so nothing here starts a process.
"""

from __future__ import annotations

import os
from pathlib import Path

from plugsky_tui.workspace.paths import read_git_pointer, read_start

_HEAD_LIMIT = 4096  # bytes; a HEAD is one short line


def repository_root(folder: Path) -> Path | None:
    """The nearest folder upwards that holds a `.git` (folder or file), or None."""
    return next((place for place in (folder, *folder.parents) if (place / ".git").exists()), None)


def branch_of(folder: Path) -> str | None:
    """The checked-out branch of the repository around `folder`, or the short hash where HEAD is detached.

    `.git` may be a file that names the real directory (worktrees, submodules; gitrepository-layout(5)).
    None outside a repository, or where HEAD cannot be read.
    """
    root = repository_root(folder)
    if root is None:
        return None
    git = str(root / ".git")
    head = read_start(os.path.join(read_git_pointer(git) or git, "HEAD"), _HEAD_LIMIT)
    head = head.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if head.startswith("ref:"):
        return head.removeprefix("ref:").strip().removeprefix("refs/heads/")
    return head[:8] or None
