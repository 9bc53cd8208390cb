"""What can be known of a repository without starting git: where its root is, and what is checked out.

A repository's configuration can name programs that git would run, so nothing here starts a process.
"""

from __future__ import annotations

from pathlib import Path

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
    git = root / ".git"
    try:
        if git.is_file():
            word, _, target = git.read_bytes()[:_HEAD_LIMIT].decode("utf-8", "replace").partition(":")
            if word != "gitdir":
                return None
            git = root / target.strip()
        head = (git / "HEAD").read_bytes()[:_HEAD_LIMIT].decode("utf-8", "replace").strip()
    except OSError:
        return None
    if head.startswith("ref:"):
        return head.removeprefix("ref:").strip().removeprefix("refs/heads/")
    return head[:8] or None
