"""The real `plugsky` command as a child process, and the simulator beside it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

_PROGRAMS = Path(sys.executable).parent
_INSTALLED = _PROGRAMS / "plugsky"
COMMAND: list[str] = [str(_INSTALLED)] if _INSTALLED.exists() else [sys.executable, "-m", "plugsky_tui"]
KEY = "psk_live_0123456789abcdef"


def user_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a fresh user with an empty HOME; nothing of the machine's own configuration.

    An edited Python file is looked at by `ruff server`, a real language server that starts in 10 ms, where a user has
    basedpyright, which takes a second of the processor. What only that one finds: `with_type_checker`.
    """
    home.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([*_quick_servers(), str(_PROGRAMS), os.environ.get("PATH", os.defpath)])
    env = {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color", "PLUGSKY_API_KEY": KEY}
    if len(COMMAND) > 1:
        env["PYTHONPATH"] = str(Path(__file__).parents[2])
    return env | more


@cache
def _quick_servers() -> list[str]:
    """A folder for PATH in which basedpyright's server is ruff's; none where there is no ruff."""
    ruff = shutil.which("ruff", path=_PROGRAMS)
    if ruff is None:
        return []
    folder = Path(_scratch().name, "servers")
    folder.mkdir()
    server = folder / "basedpyright-langserver"
    server.write_text(f'#!/bin/sh\nexec "{ruff}" server\n')
    server.chmod(0o755)
    return [str(folder)]


@cache
def _scratch() -> TemporaryDirectory[str]:
    """A folder for as long as this process runs."""
    return TemporaryDirectory(prefix="plugsky-tests-")


class User:
    """Somebody at a shell in `folder`: runs plugsky and looks at what came of it."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = dict(env)

    def with_type_checker(self) -> User:
        """With all the language servers that are installed beside these tests."""
        self.env["PATH"] = os.pathsep.join([str(_PROGRAMS), self.env["PATH"]])
        return self

    def plugsky(self, *words: str, stdin: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            [*COMMAND, *words], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=timeout, **given
        )

    def start(self, *words: str, **how: Any) -> subprocess.Popen[str]:
        """In the background, with Ctrl-C as it is at a shell: whoever runs the tests may ignore it."""
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        return subprocess.Popen(
            [*COMMAND, *words], cwd=self.folder, env=self.env, text=True, preexec_fn=_heed_interrupts, **how
        )

    def events(self, *words: str, **how: Any) -> tuple[list[dict[str, Any]], subprocess.CompletedProcess[str]]:
        done = self.plugsky("run", "--format", "jsonl", *words, **how)
        return [json.loads(line) for line in done.stdout.splitlines()], done


def _heed_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def simulator(
    script: Sequence[Mapping[str, Any]] | None, scratch: Path, env: Mapping[str, str], *options: str
) -> Iterator[str]:
    """`plugsky simulate` in a process of its own; its base URL. `script` None: the rule-based agent answers."""
    words = ["simulate", "--pace", "0", *options]
    if script is not None:
        file = scratch / "script.json"
        file.write_text(json.dumps(list(script)))
        words += ["--script", str(file)]
    process = subprocess.Popen([*COMMAND, *words], env=dict(env), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), line
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(10)


def git_repository(folder: Path, files: Mapping[str, str]) -> Path:
    """A repository at `folder` with `files` committed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git = [shutil.which("git") or "git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "begin"]):
        subprocess.run([*git, *words], cwd=folder, check=True, capture_output=True)
    return folder


def copied_repository(folder: Path, files: Mapping[str, str]) -> Path:
    """As git_repository, for files that many tests begin with: git makes them once in a process, the rest are copies."""
    shutil.copytree(_original(tuple(files.items())), folder, symlinks=True)
    return folder


@cache
def _original(files: tuple[tuple[str, str], ...]) -> Path:
    folder = Path(mkdtemp(dir=_scratch().name), "repo")
    git_repository(folder, dict(files))
    shutil.rmtree(folder / ".git/hooks", ignore_errors=True)  # samples, a dozen of them
    return folder
