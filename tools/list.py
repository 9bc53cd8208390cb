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
from plugsky_tui.tooling.searching import existing_folder
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
                text = await asyncio.to_thread(_tree, resolved, params.depth, stop)
            except asyncio.CancelledError:
                stop.set()
                raise
            return ToolResult(text, display=[TextBlock(text)])

        return Plan(f"List {visible(resolved.shown)}", act, to_read(context, resolved))


def _tree(resolved: Resolved, depth: int, stop: threading.Event) -> str:
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
    more = 0
    for seen, entry in enumerate(walk(resolved.real, depth=depth, stopped=stop.is_set)):
        if seen >= _COUNTED:
            more = -1
            break
        name = visible(entry.path.rpartition("/")[2])
        if entry.ignored:
            ignored.append(visible(entry.path) + ("/" if entry.kind == "folder" else ""))
        elif len(lines) > LIMIT:
            more += 1
        else:
            lines.append("  " * entry.depth + name + _ending(entry, resolved.real))
    if len(lines) == 1 and not ignored:
        lines.append("  (the folder is empty)")
    if more:
        count = f"{more:,}" if more > 0 else "many"
        lines.append(f"({count} more names: list a folder further down, or with a smaller depth)")
    if ignored:
        names = ", ".join(ignored[:8]) + (", …" if len(ignored) > 8 else "")
        lines.append(f"({len(ignored)} ignored by .gitignore: {names})")
    return "\n".join(lines)


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
