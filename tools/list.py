"""list: what is in a folder."""

from __future__ import annotations

import asyncio
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import to_read, visible
from plugsky_tui.tooling.searching import existing_folder, keep
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.search.walk import Entry

LIMIT = 500  # names in one result
_COUNTED = 20_000  # names looked at


@dataclass
class Params:
    path: Annotated[str, "The folder; the workspace, if not given."] = "."
    depth: Annotated[int, "How many levels to show: 1 is the folder itself."] = 2


class List(Tool[Params]):
    name = "list"
    description = """Lists a folder as a tree; folders end with a slash. What .gitignore names is only counted.
To find files by name at any depth use glob."""
    reads_only = True
    main_parameter = "path"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if params.depth < 1:
            raise ToolError("depth is at least 1.", hint="Leave it out to see two levels.")
        resolved = context.root.resolve(params.path or ".")

        async def act(progress: Progress) -> ToolResult:
            stop = threading.Event()
            try:
                text = await asyncio.to_thread(_tree, resolved, params.depth, context, stop)
            except asyncio.CancelledError:
                stop.set()
                raise
            return ToolResult(text, display=[TextBlock(text)])

        return Plan(f"List {visible(resolved.shown)}", act, to_read(context, resolved))


def _tree(resolved: Resolved, depth: int, context: ToolContext, stop: threading.Event) -> str:
    from plugsky_tui.workspace.search.walk import walk

    existing_folder(resolved)
    try:
        os.listdir(resolved.real)
    except OSError as error:
        raise ToolError(
            f"{visible(resolved.shown)} cannot be listed: {error.strerror}.", hint="Look at the folder it is in."
        ) from None
    lines = [visible(resolved.shown.rstrip("/")) + "/"]
    ignored: list[str] = []
    uncounted = False
    for seen, entry in enumerate(walk(resolved.real, depth=depth, stopped=stop.is_set)):
        if seen >= _COUNTED:
            uncounted = True
            break
        name = visible(entry.path.rpartition("/")[2])
        if entry.ignored:
            ignored.append(visible(entry.path) + ("/" if entry.kind == "folder" else ""))
        else:
            lines.append("  " * entry.depth + name + _ending(entry, resolved.real))
    if len(lines) == 1 and not ignored:
        lines.append("  (the folder is empty)")
    shown = lines[: LIMIT + 1]
    more = len(lines) - len(shown)
    if more or uncounted:
        count = "many" if uncounted else f"{more:,}"
        where = keep(context, "list", [*lines, *_left_out(ignored, len(ignored))], whole=not uncounted) if more else ""
        shown.append(f"({count} more names: list a folder further down, or with a smaller depth{where})")
    return "\n".join([*shown, *_left_out(ignored, 8)])


def _left_out(ignored: list[str], named: int) -> list[str]:
    if not ignored:
        return []
    names = ", ".join(ignored[:named]) + (", …" if len(ignored) > named else "")
    return [f"({len(ignored)} ignored by .gitignore: {names})"]


def _ending(entry: Entry, folder: str) -> str:
    match entry.kind:
        case "folder":
            return "/"
        case "symlink":
            try:
                return f" -> {visible(os.readlink(os.path.join(folder, entry.path)))}"
            except OSError:
                return " ->"
        case "special":
            return " (not a regular file)"
    return ""
