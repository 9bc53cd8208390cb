"""Several files written, made and deleted: all of them, or none.

Each single file is replaced by one atomic rename (see `files`): whoever looks sees it whole, old or new. All of them
together cannot be: file systems have no such thing. So when one fails, those before it are put back from memory; and
when the process is killed in between, some are new and some are old, but none is half, and no file is lost that was
moved: what is deleted is deleted last. Blocking: call it in a thread.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.files import digest_of, remove, replace


@dataclass(slots=True)
class Write:
    """What the file at the real path `real` is to hold (`data` None: it goes), and what it must hold `before` that
    (None: there is none). `mode` are the permission bits of a file that is made (None: as the umask has it)."""

    real: str
    shown: str
    before: bytes | None
    data: bytes | None
    mode: int | None = None


def commit(writes: Sequence[Write]) -> dict[str, str]:
    """Make all `writes`; notes for people by real path. Where one fails its error is raised, and no file is changed."""
    notes: dict[str, str] = {}
    done: list[Write] = []
    made: list[str] = []
    try:
        for write in sorted(writes, key=lambda each: each.data is None):
            if write.before is None:
                made += _missing_folders(write.real)
            notes[write.real] = _make(write)
            done.append(write)
    except ToolError as error:
        lost = _undo(done)
        for folder in sorted(made, key=len, reverse=True):
            with suppress(OSError):  # somebody has put something there meanwhile
                os.rmdir(folder)
        if not lost:
            raise
        raise type(error)(
            f"{error.message} Written before that, and could not be put back: {', '.join(lost)}.", hint=error.hint
        ) from None
    return notes


def _make(write: Write) -> str:
    if write.data is None:
        assert write.before is not None
        write.mode = remove(write.real, write.shown, digest_of(write.before))
        return ""
    expected = None if write.before is None else digest_of(write.before)
    return replace(write.real, write.shown, write.data, expected, write.mode)


def _undo(done: Sequence[Write]) -> list[str]:
    """Put back what was written; the names of files that could not be."""
    lost: list[str] = []
    for write in reversed(done):
        back = Write(write.real, write.shown, write.data, write.before, write.mode)
        try:
            _make(back)
        except ToolError:
            lost.append(write.shown)
    return lost


def _missing_folders(real: str) -> list[str]:
    missing: list[str] = []
    folder = os.path.dirname(real)
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    return missing
