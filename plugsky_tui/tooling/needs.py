"""What a tool asks the permission gate for, from the paths it was given."""

from __future__ import annotations

import os
from collections.abc import Sequence

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.ports import Need, ReadPath, WritePath
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.workspace.paths import Resolved, Root
from plugsky_tui.workspace.sensitive import special


def resolve(root: Root, given: str) -> Resolved:
    """Where a path the model gave leads. ToolError where it is no path, or no file or folder on disk."""
    resolved = root.resolve(given)
    why = special(resolved.absolute, resolved.real)
    if why:
        raise ToolError(f"{visible(resolved.shown)} {why}: it is not opened.", hint="Give the path of a regular file.")
    return resolved


def to_read(context: ToolContext, resolved: Resolved) -> Sequence[Need]:
    """Leave to read; none is needed for the rest of a long result, which the model has been given, nor for the files of
    the user's own skills, which are there to be read."""
    if context.spill.made(resolved.real) or (context.skills is not None and context.skills.holds(resolved.real)):
        return []
    return [ReadPath(path) for path in _names(context.root, resolved)]


def to_write(context: ToolContext, resolved: Resolved) -> Sequence[Need]:
    return [WritePath(path) for path in _names(context.root, resolved)]


def _names(root: Root, resolved: Resolved) -> list[str]:
    """The path as asked for; where symlinks lead elsewhere, also what was found behind them.

    The gate looks for itself. Were a link swapped in between, it would judge another file than the
    one this call was planned for: so it is told of that one too.
    """
    below = root.relative(os.path.normpath(resolved.absolute))
    plain = resolved.absolute if below is None else os.path.normpath(os.path.join(root.real, below))
    return [resolved.absolute] if plain == resolved.real else [resolved.absolute, resolved.real]


def visible(name: str) -> str:
    """A name that may hold anything, on one line: control characters, line ends and broken bytes as escapes."""
    if name.isprintable():
        return name
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in name
    )
