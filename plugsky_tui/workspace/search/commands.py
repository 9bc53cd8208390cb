"""The commands that list a folder, so that whoever starts them gets the same answers."""

from __future__ import annotations

import os

from plugsky_tui.workspace.paths import find_git
from plugsky_tui.workspace.search.walk import REPOSITORY_FOLDERS

# What ripgrep must do for its answers not to depend on the machine: no configuration, no ignore files but git's own.
RIPGREP_RULES = (
    "--no-config",
    "--hidden",
    "--no-ignore-global",
    "--no-ignore-dot",
    "--color=never",
)
GIT_RULES = (
    *("--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "core.excludesFile=/dev/null", "-c", "core.untrackedCache=false"),
)
GIT_ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1"}

# What to ask git for: what it would show; what it tracks though it is ignored; what is ignored.
GIT_SHOWN = ("-co", "--exclude-standard")
GIT_TRACKED_THOUGH_IGNORED = ("-ci", "--exclude-standard")
GIT_IGNORED = ("-oi", "--exclude-standard", "--directory")


def parent_rules(folder: str) -> tuple[str, ...]:
    """Outside a repository, ignore files in the folder count all the same, but those above it are someone else's.

    Inside one, ripgrep must look for repositories (as of version 14 --no-require-git keeps it from that), so that
    one within another starts anew.
    """
    return () if find_git(folder) is not None else ("--no-ignore-parent", "--no-require-git")


def not_repositories() -> list[str]:
    return [f"--glob=!{name}" for name in sorted(REPOSITORY_FOLDERS)]


def ripgrep_files(program: str, folder: str, *globs: str) -> list[str]:
    """Ripgrep's command that lists the files of `folder`, in which it is to be run; of globs, with a NUL after each."""
    wanted = (f"--glob={glob}" for glob in globs)
    rules = (*RIPGREP_RULES, *parent_rules(folder), *wanted, *not_repositories())
    return [program, "--files", "--null", *rules, "--", "./"]


def git_files(program: str, *options: str) -> list[str]:
    """Git's command; the answer has a NUL after each path. It needs GIT_ENVIRONMENT."""
    return [program, *GIT_RULES, "ls-files", "-z", *options]


def names_in(output: bytes) -> list[str]:
    """The paths in the output of either."""
    return [os.fsdecode(name.removeprefix(b"./")) for name in output.split(b"\0") if name]


def git_ignores(program: str) -> list[str]:
    """Git's command that succeeds where it ignores the very folder it is run in: it would show nothing in
    there then, while ripgrep and our own walk take whom they were sent to look at for wanted."""
    return [program, *GIT_RULES, "check-ignore", "--quiet", "--", "."]
