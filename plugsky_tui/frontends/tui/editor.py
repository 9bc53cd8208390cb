"""A prompt written in the user's own editor: $VISUAL, else $EDITOR, with the terminal to itself meanwhile."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError, UsageError
from plugsky_tui.workspace.environment import child_environment

if TYPE_CHECKING:
    from textual.app import App

_LIMIT = 4 * 1024 * 1024  # bytes; nobody writes more


def editor_command(env: Mapping[str, str]) -> list[str]:
    """The editor and its arguments: `code --wait` are two words. UsageError where none is named, or not rightly."""
    name = next((name for name in ("VISUAL", "EDITOR") if env.get(name, "").strip()), None)
    if name is None:
        raise UsageError(
            "No editor is named: neither VISUAL nor EDITOR is set.",
            hint='Before you start plugsky: export EDITOR=nano, or EDITOR="code --wait".',
        )
    try:
        words = shlex.split(env[name])
    except ValueError as error:
        raise UsageError(f"{name} cannot be understood ({error}): {env[name]}", hint="Its quotes must match.") from None
    words[0] = os.path.expanduser(words[0])  # noqa: PTH111  # Path.expanduser raises where there is no home
    return words


async def edited(app: App[None], text: str, folder: Path, env: Mapping[str, str] = os.environ) -> str:
    """`text` as it is when the editor has ended. PlugskyError where that fails; nothing has changed then.

    The agent works on meanwhile, unseen: what it asks is asked when the terminal is ours again.
    """
    if app.is_web:
        raise UsageError("In the browser there is no editor to open.", hint="It works in a terminal: plugsky")
    command = editor_command(env)
    path = await asyncio.to_thread(_written, text)
    try:
        code = await _run(app, [*command, str(path)], folder, env)
        if code:
            raise PlugskyError(f"{Path(command[0]).name} ended with exit code {code}: the prompt stays as it was.")
        return await asyncio.to_thread(_read, path)
    finally:
        with suppress(OSError):  # the editor may have moved it
            os.unlink(path)  # noqa: PTH108  # of a small file, and nothing may be awaited where this is cancelled


async def _run(app: App[None], command: list[str], folder: Path, env: Mapping[str, str]) -> int:
    from textual.app import SuspendNotSupported

    try:
        with app.batch_update(), app.suspend():  # nothing is drawn over the editor
            process = await asyncio.create_subprocess_exec(*command, cwd=folder, env=child_environment(env))
            # Ctrl+C there is for the editor, which shares our terminal.
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                return await process.wait()
            finally:
                signal.signal(signal.SIGINT, before)
                if process.returncode is None:
                    process.terminate()
    except SuspendNotSupported:
        raise UsageError("This terminal cannot be handed to an editor.") from None
    except FileNotFoundError:
        raise UsageError(f"The editor {command[0]!r} was not found.", hint="VISUAL or EDITOR names it.") from None
    except OSError as error:
        raise UsageError(f"The editor {command[0]!r} cannot be started: {error.strerror}.") from None


def _written(text: str) -> Path:
    """A file with `text`, for its owner only."""
    handle, name = tempfile.mkstemp(prefix="plugsky-prompt-", suffix=".md")
    with open(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(text + "\n" if text else "")
    return Path(name)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        raise PlugskyError(f"What the editor wrote cannot be read: {error.strerror}.") from None
    if len(data) > _LIMIT:
        raise PlugskyError("What the editor wrote is too long for a prompt: more than 4 MiB.")
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n").rstrip("\n")
