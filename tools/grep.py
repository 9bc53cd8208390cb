"""grep: text in files."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import resolve, to_read, visible
from plugsky_tui.tooling.searching import existing_folder, keep, left_out, means_of
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.search.content import Query
    from plugsky_tui.workspace.search.messages import FileMatches, Found, Line

LINE_LIMIT = 500  # characters of one line
_BEFORE = 100  # of them, before a match that is further along the line
OUTPUT_LIMIT = 40_000  # characters in all


@dataclass
class Params:
    pattern: Annotated[
        str, "Regular expression; put a backslash before . * + ? ( ) [ ] { } | ^ $ to mean them as they are."
    ]
    path: Annotated[str, "File or folder to search; the workspace, if not given."] = "."
    glob: Annotated[str, 'Only files whose names match, such as "*.py" or "src/**/*.{ts,tsx}".'] = ""
    context: Annotated[int, "Lines to show before and after each match."] = 0
    ignore_case: Annotated[bool, "Whether upper and lower case are the same."] = False
    limit: Annotated[int, "How many matching lines to show at most."] = 200


class Grep(Tool[Params]):
    name = "grep"
    description = """Searches the text of files with a regular expression. Answers with `path:line:text` for each matching line (`path-line-text` for lines of context).
What .gitignore names, binary files, links and all that is no regular file (pipes, sockets, devices) are left out. For names of files use glob."""
    reads_only = True
    main_parameter = "pattern"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if not params.pattern:
            raise ToolError("The pattern is empty.", hint="Send a regular expression.")
        if "\0" in params.pattern:
            raise ToolError("The pattern contains a NUL byte.", hint="Send it without.")
        if params.limit < 1 or not 0 <= params.context <= 100:
            raise ToolError(
                "limit is at least 1, and context from 0 to 100.",
                hint="Leave them out for 200 matching lines, each alone.",
            )
        resolved = resolve(context.root, params.path or ".")
        where = visible(resolved.shown)

        async def act(progress: Progress) -> ToolResult:
            return await _search(params, resolved, context)

        title = f"Search {params.pattern}" + (f" in {where}" if where != "." else "")
        return Plan(title + (f" ({params.glob})" if params.glob else ""), act, to_read(context, resolved))


async def _search(params: Params, resolved: Resolved, context: ToolContext) -> ToolResult:
    from plugsky_tui.workspace.search.content import Query, search_file, search_folder

    query = Query(params.pattern, params.glob, params.context, params.ignore_case)
    if _is_regular(resolved.real):
        folder, name = os.path.split(resolved.real)
        found = await search_file(folder, name, query, means_of(context))
        prefix = ""
        for file in found.files:
            file.path = resolved.shown
    else:
        existing_folder(resolved)
        found = await search_folder(resolved.real, query, means_of(context), context.may_read)
        prefix = "" if resolved.shown == "." else resolved.shown.rstrip("/") + "/"
    text = await asyncio.to_thread(_text, found, query, prefix, params.limit, context)
    return ToolResult(text, display=[TextBlock(text)])


def _is_regular(real: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(real).st_mode)
    except OSError:
        return False


def _text(found: Found, query: Query, prefix: str, limit: int, context: ToolContext) -> str:
    """The matches, file by file, as many as fit; then what is not shown, and why. Blocking."""
    lines: list[str] = []
    size = shown = 0
    cut = False
    for line, matches in _lines(found.files, query, prefix, _shortened):
        if (matches and shown >= limit) or size > OUTPUT_LIMIT:
            cut = True
            break
        lines.append(line)
        size += len(line)
        shown += matches
    while lines and lines[-1] == "--":
        lines.pop()
    where = ""
    if cut:
        everything = (line for line, _ in _lines(found.files, query, prefix, _whole))
        where = keep(context, "grep", everything, whole=not found.cut_short)
    return "\n".join([*(lines or ["No matches."]), *(f"({note})" for note in _notes(found, prefix, shown, cut, where))])


def _notes(found: Found, prefix: str, shown: int, cut: bool, where: str) -> list[str]:
    total = sum(file.count for file in found.files)
    binary = [visible(prefix + file.path) for file in found.files if file.binary]
    notes: list[str] = []
    if total > shown:
        files, so_far = sum(file.count > 0 for file in found.files), "so far" if found.cut_short else "in all"
        notes.append(
            f"{total - shown:,} more matching lines; {total:,} in {files:,} file{'' if files == 1 else 's'} {so_far}: "
            f"narrow pattern, path or glob{where}"
        )
    elif cut:
        notes.append(f"more lines of context: ask for less{where}")
    if found.cut_short:
        notes.append(found.cut_short)
    if binary:
        more = f" and {len(binary) - 5} more" if len(binary) > 5 else ""
        notes.append(f"binary files that match, not shown: {', '.join(binary[:5])}{more}")
    notes += left_out(found.secrets, prefix, "searched")
    return notes + _unread(found, prefix)


def _unread(found: Found, prefix: str) -> list[str]:
    if not found.skipped:
        return []
    named = [f"{visible(prefix + path)} ({why})" for path, why in sorted(found.skipped.items())[:5]]
    more = f" and {len(found.skipped) - 5} more" if len(found.skipped) > 5 else ""
    return [f"not searched: {', '.join(named)}{more}"]


def _lines(
    files: list[FileMatches], query: Query, prefix: str, text_of: Callable[[Line], str]
) -> Iterator[tuple[str, bool]]:
    """Each line of the answer, and whether it is a match; `--` between blocks that do not touch."""
    started = False
    for file in files:
        path = visible(prefix + file.path)
        last = None
        for line in file.lines:
            if query.context and started and (last is None or line.number > last + 1):
                yield "--", False
            started, last = True, line.number
            mark = ":" if line.matches else "-"
            yield f"{path}{mark}{f'{line.number}{mark}' if line.number else ''}{text_of(line)}", line.matches


def _whole(line: Line) -> str:
    from plugsky_tui.workspace.text import presentable

    return presentable(line.text) + ("… (a very long line)" if line.cut else "")


def _shortened(line: Line) -> str:
    """The start of a long line; of one with its first match further along, the part that has it."""
    if len(line.text) <= LINE_LIMIT:
        return _whole(line)
    from plugsky_tui.workspace.text import presentable

    if line.cut:
        return f"{presentable(line.text[:LINE_LIMIT])}… (a very long line)"
    length = f"{len(line.text):,} characters"
    if line.place < LINE_LIMIT - _BEFORE:
        return f"{presentable(line.text[:LINE_LIMIT])}… ({length})"
    start = min(line.place - _BEFORE, len(line.text) - LINE_LIMIT)
    part = presentable(line.text[start : start + LINE_LIMIT])
    more = "…" if start + LINE_LIMIT < len(line.text) else ""
    return f"…{part}{more} ({length}, from {start + 1:,} on)"
