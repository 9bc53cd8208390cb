"""glob: files by their names."""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import to_read, visible
from plugsky_tui.tooling.searching import existing_folder, keep, left_out, means_of
from plugsky_tui.workspace.paths import Resolved

LIMIT = 500  # names in one result


@dataclass
class Params:
    pattern: Annotated[str, 'Such as "*.py" (at any depth), "src/**/*.ts", "**/test_*.{js,ts}".']
    path: Annotated[str, "Folder to look in; the workspace, if not given."] = "."


class Glob(Tool[Params]):
    name = "glob"
    description = """Finds files by name. `*` stands for any characters in a name, `**` for any folders, `{a,b}` for either. A pattern without a slash matches names at any depth.
What .gitignore names, links and all that is no regular file are left out. For text in files use grep."""
    reads_only = True
    main_parameter = "pattern"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        folder, pattern = _split(params.pattern, params.path)
        resolved = context.root.resolve(folder)

        async def act(progress: Progress) -> ToolResult:
            return await _find(pattern, resolved, context)

        return Plan(f"Find {params.pattern} in {visible(resolved.shown)}", act, to_read(context, resolved))


def _split(pattern: str, path: str) -> tuple[str, str]:
    """An absolute pattern (or one that goes up) starts in the folder before its first wildcard."""
    if not pattern.startswith(("/", "~", "../")):
        return path, pattern
    fixed = re.split(r"[*?\[{]", pattern, maxsplit=1)[0].rpartition("/")[0] or "/"
    base = fixed if os.path.isabs(fixed) or fixed.startswith("~") else os.path.join(path, fixed)
    return base, pattern[len(fixed) :].lstrip("/")


async def _find(pattern: str, resolved: Resolved, context: ToolContext) -> ToolResult:
    from plugsky_tui.workspace.search.globs import matcher
    from plugsky_tui.workspace.search.listing import list_files

    try:
        matches = matcher(pattern)
    except (ValueError, re.error) as error:
        raise ToolError(f"The pattern {pattern!r} is wrong: {error}.", hint='Send one such as "*.py".') from None
    if not pattern:
        raise ToolError("The pattern is empty.", hint='Send one such as "*.py"; for all that a folder holds use list.')
    existing_folder(resolved)
    listing = await list_files(resolved.real, means_of(context))
    found = await asyncio.to_thread(lambda: [path for path in listing.files if matches(path)])
    prefix = "" if resolved.shown == "." else resolved.shown.rstrip("/") + "/"
    lines = [visible(prefix + path) for path in found[:LIMIT]]
    if not found:
        lines.append(f"No file matches {pattern}" + ("." if prefix == "" else f" in {visible(resolved.shown)}."))
    notes: list[str] = []
    if len(found) > LIMIT:
        names = (visible(prefix + path) for path in found)
        where = await asyncio.to_thread(keep, context, "glob", names, whole=not listing.more)
        notes.append(f"{len(found) - LIMIT:,} more files match: narrow the pattern{where}")
    if listing.more:
        notes.append(f"only the first {len(listing.files):,} files were looked at")
    notes += left_out([path for path in listing.secrets if matches(path)], prefix, "listed")
    text = "\n".join([*lines, *(f"({note})" for note in notes)])
    return ToolResult(text, display=[TextBlock(text)])
