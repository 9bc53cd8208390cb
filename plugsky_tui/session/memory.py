"""Lines that the user adds to the instructions of a repository: `# always run the tests` goes into AGENTS.md."""

from __future__ import annotations

import os
from pathlib import Path

from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.session.instructions import NAMES
from plugsky_tui.workspace.files import replace, snapshot
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.repository import repository_root
from plugsky_tui.workspace.text import NotText, decode, dominant_line_end, encode

HEADING = "## Notes"


def add_note(folder: Path, text: str) -> DiffBlock:
    """Add `text`, one line, as an item under HEADING of the file of instructions at the root of `folder`'s repository.

    That is AGENTS.md; CLAUDE.md where only that is there, since a new AGENTS.md would take its place. Encoding, mark and
    line ends stay. UsageError or ToolError where it cannot be written; nothing has changed then. Blocking.
    """
    note = " ".join(text.split())
    if not note:
        raise UsageError("There is nothing to add.", hint="# and a line of text adds it to AGENTS.md.")
    root = Path(repository_root(folder) or folder)
    path = next((root / name for name in NAMES if os.path.lexists(root / name)), root / NAMES[0])
    real = os.path.realpath(path)
    if not Root(root).contains(real):
        raise UsageError(f"{path.name} leads out of the repository, to {real}.", hint="Add the line there yourself.")
    shown = os.path.relpath(path, folder)
    before = snapshot(real, shown)
    if before.data is None:
        after = f"{HEADING}\n\n- {note}\n"
        replace(real, shown, after.encode(), None)
        return DiffBlock(shown, None, after)
    try:
        old, encoding = decode(before.data)
    except NotText as error:
        raise UsageError(f"{shown} is not text: {error}.", hint="Look at it with an editor.") from None
    new = with_note(old, note)
    replace(real, shown, encode(new, encoding), before.digest)
    return DiffBlock(shown, old, new)


def with_note(text: str, note: str) -> str:
    """`text` with `- note` as the last item below HEADING, which is put at the end where it is not there yet."""
    end = dominant_line_end(text)
    lines = text.split(end)
    fence = ""
    start = stop = None
    for number, line in enumerate(lines):
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) and not bare.strip(fence[0]) else fence
        elif bare.startswith(("```", "~~~")):
            fence = bare[: len(bare) - len(bare.lstrip(bare[0]))]
        elif start is None:
            start = number if bare == HEADING else None
        elif line.startswith(("# ", "## ")):
            stop = number
            break
    if start is None:
        body = text.rstrip("\r\n")
        return f"{body}{end}{end}{HEADING}{end}{end}- {note}{end}" if body else f"{HEADING}{end}{end}- {note}{end}"
    stop = len(lines) if stop is None else stop
    last = max(number for number in range(start, stop) if lines[number].strip())
    added = [f"- {note}"] if last > start else ["", f"- {note}"]
    rest = lines[last + 1 :]
    return end.join([*lines[: last + 1], *added, *(rest or [""])])
