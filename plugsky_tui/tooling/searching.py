"""What the tools that search have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.needs import visible
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.search.listing import Means

_NAMED = 5
_AT_ONCE = 1000  # lines


def means_of(context: ToolContext) -> Means:
    """What a search may use. Searching is loaded here, when the first search is made."""
    from plugsky_tui.workspace.search.listing import Means

    return Means(context.root.real, context.environment, context.git_allowed)


def existing_folder(resolved: Resolved) -> None:
    """ToolError where there is no such folder."""
    if os.path.isdir(resolved.real):
        return
    shown = visible(resolved.shown)
    if os.path.lexists(resolved.real):
        raise ToolError(f"{shown} is not a folder.", hint="Give the folder it is in, or read the file itself.")
    raise ToolError(f"{shown} does not exist.", hint="Look for its name with list or glob, from the workspace on.")


def left_out(secrets: Sequence[str], prefix: str, done: str) -> list[str]:
    """The note on files that may hold secrets: named, but not `done` ("searched")."""
    if not secrets:
        return []
    names = ", ".join(visible(prefix + path) for path in secrets[:_NAMED])
    more = f" and {len(secrets) - _NAMED} more" if len(secrets) > _NAMED else ""
    return [f"not {done}, since they may hold secrets: {names}{more}"]


def keep(context: ToolContext, kind: str, lines: Iterable[str], *, whole: bool = True) -> str:
    """Save all `lines` of a result that is cut, and say where, to follow the note on what is missing: "; the whole
    output is in PATH", or "" where no file could be made. `kind` is the tool; `whole` is false where there would be
    more lines than these. Blocking."""
    file = context.spill.open(kind)
    if file is None:
        return ""
    rest = iter(lines)
    try:
        while file.complete and (some := list(islice(rest, _AT_ONCE))):
            file.write("\n".join(some) + "\n")
    finally:
        file.close()
    return f"; {'the whole output' if whole and file.complete else 'the beginning of the output'} is in {file.path}"
