"""Which language servers speak for a file: those the configuration names, else the first default that is installed."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugsky_tui.config.shape import LanguageServer
from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.lsp.client import Launch
from plugsky_tui.workspace.lsp.finding import find_server, outside
from plugsky_tui.workspace.lsp.known import DEFAULTS, Tuning, languages_of, tune
from plugsky_tui.workspace.lsp.languages import language_id, language_name
from plugsky_tui.workspace.search.globs import matcher


@dataclass(frozen=True, slots=True)
class Place:
    """The workspace a server works in. `trusted`: the user has said that the folder may run its own programs."""

    folder: str
    environment: Mapping[str, str]
    trusted: bool


@dataclass(frozen=True, slots=True)
class Server:
    """`name` is for people. `leave` is the command line that somebody has to allow before it is started, and `runs`
    why; both are "" where nobody needs to."""

    name: str
    launch: Launch
    leave: str = ""
    runs: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.launch.command)


def servers_for(path: str, configured: Mapping[str, LanguageServer], place: Place) -> list[Server]:
    """The servers for the file at the absolute `path`. ToolError that says what to install, or to configure."""
    named = {name: entry for name, entry in configured.items() if _speaks_for(path, name, entry, place.folder)}
    if named:
        return [_configured(name, entry, place) for name, entry in named.items()]
    language = language_name(path)
    defaults = [each for each in DEFAULTS if language in each.languages]
    for known in defaults:
        program = find_server(known.command[0], place.environment, place.folder)
        if program is not None:
            return [_server(known.command[0], [program, *known.command[1:]], place, default=True)]
    raise ToolError(
        f"There is no language server for {os.path.basename(path)} ({language_id(path)}).",
        hint=_advice(path, language),
    )


def _speaks_for(path: str, name: str, entry: LanguageServer, folder: str) -> bool:
    if not entry.files:
        return language_name(path) in (name.lower(), *languages_of(entry.command[0]))
    within = path.startswith(folder.rstrip("/") + "/")
    shown = os.path.relpath(path, folder) if within else os.path.basename(path)
    return any(_matches(pattern, shown, name) for pattern in entry.files)


def _matches(pattern: str, shown: str, name: str) -> bool:
    try:
        return matcher(pattern)(shown)
    except ValueError as error:
        raise ToolError(f"[lsp.{name}] files: {pattern!r}: {error}.", hint="The user has to shorten it.") from None


def _configured(name: str, entry: LanguageServer, place: Place) -> Server:
    first, *arguments = entry.command
    expanded = os.path.expanduser(first)
    if os.path.isabs(expanded):
        program: str | None = expanded if os.access(expanded, os.X_OK) else None
    elif "/" in expanded:
        if not place.trusted:
            raise ToolError(
                f"[lsp.{name}] names {first}, a program of the folder itself, and nobody has said that it may run.",
                hint="The user has to give an absolute path, or to name it in the project's .plugsky/config.toml and trust the folder.",
            )
        program = os.path.join(place.folder, expanded)
        program = program if os.access(program, os.X_OK) else None
    else:
        program = find_server(expanded, place.environment, place.folder)
    if program is None:
        known = next((each for each in DEFAULTS if each.command[0] == os.path.basename(first)), None)
        raise ToolError(
            f"[lsp.{name}] names {first}, which is not installed (PATH was searched, without what of it lies in the workspace).",
            hint=f"The user can install it ({known.install}) or name another command."
            if known
            else "The user has to install it, or to name another command.",
        )
    return _server(f"{os.path.basename(first)} ([lsp.{name}])", [program, *arguments], place, default=False)


def _server(name: str, command: Sequence[str], place: Place, *, default: bool) -> Server:
    environment = dict(place.environment)
    if not place.trusted:
        environment["PATH"] = os.pathsep.join(outside(environment, place.folder))
    tuning: Tuning = tune(command[0], place.folder, environment, trusted=place.trusted)
    launch = Launch(command, place.folder, environment, tuning.settings, tuning.options)
    if not default or not tuning.runs:
        return Server(name, launch)  # who has named a server in the configuration has said yes to it
    return Server(name, launch, shlex.join([os.path.basename(command[0]), *command[1:]]), tuning.runs)


def _advice(path: str, language: str) -> str:
    known = next((each for each in DEFAULTS if language in each.languages), None)
    ending = os.path.splitext(path)[1]
    files = f"*{ending}" if ending else os.path.basename(path)
    command = ", ".join(f'"{word}"' for word in (known.command if known else ("SERVER", "--stdio")))
    lines = f'[lsp.{language}]\ncommand = [{command}]\nfiles = ["{files}"]'
    if known is None:
        return f"None is known for it. The user can name one in config.toml:\n{lines}"
    return f"The user can install {known.command[0]} ({known.install}), or name another in config.toml:\n{lines}"
