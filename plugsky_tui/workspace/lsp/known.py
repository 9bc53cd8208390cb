"""The language servers that are used where the user has named none, and what is known of others by their program.

A server works on a project that somebody else may have written. Some of them run what it brings: the interpreter of
its virtual environment, its copy of a compiler, its build scripts. So each is started in a way that runs nothing of the
project; one that cannot be says in `runs` what it may run, and waits for a yes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from glob import escape, glob
from typing import Any

from plugsky_tui.workspace.lsp.finding import find_server, lies_in


@dataclass(frozen=True, slots=True)
class Known:
    """`languages` as in `languages.language_name`; `install` is a command that people can run."""

    command: tuple[str, ...]
    languages: tuple[str, ...]
    install: str


DEFAULTS = (  # the first that is installed speaks for a language
    Known(("basedpyright-langserver", "--stdio"), ("python",), "uv tool install basedpyright"),
    Known(("pyright-langserver", "--stdio"), ("python",), "npm install -g pyright"),
    Known(("ruff", "server"), ("python",), "uv tool install ruff"),
    Known(
        ("typescript-language-server", "--stdio"),
        ("typescript", "javascript"),
        "npm install -g typescript-language-server typescript@5",
    ),
    Known(("gopls",), ("go", "go.mod", "go.work"), "go install golang.org/x/tools/gopls@latest"),
    Known(("rust-analyzer",), ("rust",), "rustup component add rust-analyzer"),
    Known(
        ("clangd",), ("c", "cpp", "objective-c", "objective-cpp"), "apt install clangd, brew install llvm, or the like"
    ),
)


@dataclass(slots=True)
class Tuning:
    """What a server is told of the project. `runs`: what of the project it may run all the same, "" for nothing."""

    settings: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    runs: str = ""


def languages_of(program: str) -> tuple[str, ...]:
    """The languages of a server that is known by its program."""
    return next((each.languages for each in DEFAULTS if each.command[0] == os.path.basename(program)), ())


def tune(program: str, folder: str, environment: Mapping[str, str], *, trusted: bool) -> Tuning:
    """How the server at the absolute path `program` is told to work in `folder`. `trusted`: the user has said that
    the folder may run its own programs."""
    match os.path.basename(program):
        case "basedpyright-langserver" | "pyright-langserver":
            return _pyright(folder, environment, trusted)
        case "typescript-language-server":
            return _typescript(program, folder, environment, trusted)
        case "rust-analyzer":
            return Tuning(runs="" if trusted else "build scripts, macros and the toolchain that the project names")
        case _:
            # ruff and clangd run nothing of a project; what `go list` may run is what Go's security policy allows
            return Tuning()


def _pyright(folder: str, environment: Mapping[str, str], trusted: bool) -> Tuning:
    """Pyright runs the interpreter of the project's `.venv` to hear where its packages are, unless it is named one.
    Where that must not run, the packages are found by their usual place."""
    venvs = [os.path.join(folder, name) for name in (".venv", "venv") if os.path.isdir(os.path.join(folder, name))]
    active = environment.get("VIRTUAL_ENV", "")
    if os.path.isabs(active) and (trusted or not lies_in(os.path.realpath(active), folder)):
        own = [os.path.join(active, "bin", "python")]
    else:
        own = [os.path.join(venv, "bin", "python") for venv in venvs] if trusted else []
    python = next((path for path in own if os.access(path, os.X_OK)), None)
    if python is None:
        python = find_server("python3", environment, folder) or find_server("python", environment, folder)
    places = [place for venv in venvs for place in sorted(glob(f"{escape(venv)}/lib/python3*/site-packages"))]
    # A project says in its own file how strict it is; basedpyright's "recommended" is for those who chose it.
    analysis: dict[str, Any] = {"diagnosticMode": "openFilesOnly", "typeCheckingMode": "standard"}
    if python not in own:
        analysis["extraPaths"] = places
    settings: dict[str, Any] = {"python": {"analysis": analysis}, "basedpyright": {"analysis": analysis}}
    if python is None:
        return Tuning(settings, runs="" if trusted else "the Python of the project's virtual environment")
    settings["python"]["pythonPath"] = python
    return Tuning(settings)


def _typescript(program: str, folder: str, environment: Mapping[str, str], trusted: bool) -> Tuning:
    """It takes the TypeScript of the project's node_modules, unless it is named another."""
    options: dict[str, Any] = {"disableAutomaticTypingAcquisition": True}  # else it downloads packages
    found = _tsserver(program, folder, environment)
    if trusted:
        return Tuning(options={**options, "tsserver": {"fallbackPath": found}} if found else options)
    if found is None:
        return Tuning(options=options, runs="the TypeScript of the project's node_modules")
    return Tuning(options={**options, "tsserver": {"path": found}})


def _tsserver(program: str, folder: str, environment: Mapping[str, str]) -> str | None:
    """The tsserver.js that was installed beside the server, or that PATH leads to; none of the project's."""
    starts = [os.path.realpath(program)]
    if (other := find_server("tsserver", environment, folder)) is not None:
        starts.append(os.path.realpath(other))
    for start in starts:
        place = os.path.dirname(start)
        while place != os.path.dirname(place):
            for inner in ("lib/tsserver.js", "typescript/lib/tsserver.js", "node_modules/typescript/lib/tsserver.js"):
                path = os.path.join(place, inner)
                if os.path.isfile(path) and not lies_in(os.path.realpath(path), folder):
                    return path
            place = os.path.dirname(place)
    return None
