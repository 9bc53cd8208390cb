"""The commands of `[checks]`: which files each is for, and the line that runs for them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugsky_tui.workspace.search.globs import matcher

FILES = "{files}"  # in a command: the changed files it is for


@dataclass(slots=True)
class Check:
    """One command, for the files that any of `globs` matches."""

    command: str
    globs: list[Callable[[str], bool]] = field(default_factory=list)

    def concerns(self, path: str) -> bool:
        """Whether it is for the file at `path`, relative to the workspace. What lies outside of it, no check is for."""
        outside = path.startswith(("/", "~/", "../"))
        return not outside and any(matches(path) for matches in self.globs)


def checks_of(configured: Mapping[str, str | list[str]]) -> tuple[list[Check], list[str]]:
    """The checks of `[checks]` in its order, each command once; and what is wrong with globs that are left out."""
    checks: dict[str, Check] = {}
    problems: list[str] = []
    for glob, commands in configured.items():
        try:
            matches = matcher(glob)
        except ValueError as error:
            problems.append(f"[checks] {glob!r}: {error}, so it is not used.")
            continue
        for command in [commands] if isinstance(commands, str) else commands:
            checks.setdefault(command, Check(command)).globs.append(matches)
    return list(checks.values()), problems


def command_line(command: str, files: Sequence[str], folder: str) -> str | None:
    """`command` with `{files}` filled in: those of `files` that are still in `folder`, quoted for the shell. None where
    it wants files and none is left. Without `{files}` it is what it is."""
    if FILES not in command:
        return command
    there = [file for file in files if Path(folder, file).is_file()]
    if not there:
        return None
    return command.replace(FILES, " ".join(shlex.quote(_no_option(file)) for file in there))


def _no_option(file: str) -> str:
    """A name that no program takes for an option."""
    return f"./{file}" if file.startswith("-") else file
