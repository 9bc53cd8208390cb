"""diagnostics: what the language server finds wrong with a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.ports import Need
from plugsky_tui.tooling import Plan, Progress, RunCommand, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import resolve, to_read, visible
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.lsp.diagnostics import Diagnostic
    from plugsky_tui.workspace.lsp.servers import LanguageServers, Report

_SHOWN = 100  # diagnostics; the rest is in a file


@dataclass
class Params:
    file_path: Annotated[str, "Path of the source file, relative to the workspace or absolute."]


class Diagnostics(Tool[Params]):
    name = "diagnostics"
    description = """Errors and warnings that the language server of its language finds in a source file, as it is on disk: types, names, imports, syntax.
New errors are added to the result of an edit anyway; use this for a file you have not just edited, or to see all of them. The first call may take some seconds."""
    reads_only = True
    main_parameter = "file_path"

    def offered(self, context: ToolContext) -> bool:
        return context.language_servers is not None

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        servers = context.language_servers
        if servers is None:
            raise ToolError("There are no language servers in this session.", hint="Check the file with a command.")
        resolved = resolve(context.root, params.file_path)
        shown = visible(resolved.shown)
        _check_file(resolved, shown, context)
        waiting = servers.needing_leave(resolved.real)
        commands = [RunCommand(each.leave, servers.folder) for each in waiting]
        needs: list[Need] = [*to_read(context, resolved), *commands]
        starts = "".join(f", for which {each.name} starts: it may run {each.runs}" for each in waiting)

        async def act(progress: Progress) -> ToolResult:
            return await _answer(servers, resolved, shown, context)

        return Plan(f"Check {shown}{starts}", act, needs)


def _check_file(resolved: Resolved, shown: str, context: ToolContext) -> None:
    if os.path.isfile(resolved.real):
        return
    if os.path.isdir(resolved.real):
        raise ToolError(f"{shown} is a folder.", hint="Name one source file of it.")
    from plugsky_tui.workspace.names import similar_paths  # only on the way to an error

    similar = similar_paths(resolved.real, context.root.real) if resolved.inside else []
    names = ", ".join(visible(context.root.shown(path)) for path in similar)
    hint = f"Did you mean {names}?" if names else "Look for its name with glob or list."
    raise ToolError(f"{shown} does not exist.", hint=hint)


async def _answer(servers: LanguageServers, resolved: Resolved, shown: str, context: ToolContext) -> ToolResult:
    from plugsky_tui.workspace.lsp.servers import text_of

    text = await asyncio.to_thread(text_of, resolved.real)
    reports = await servers.diagnose(resolved.real, text)
    if all(report.error for report in reports):
        message, _, hint = "\n".join(report.error for report in reports).partition("\n")
        raise ToolError(message, hint=hint)
    output = "\n".join(_told(report, shown, context) for report in reports)
    return ToolResult(output, display=[TextBlock(output)])


def _told(report: Report, shown: str, context: ToolContext) -> str:
    from plugsky_tui.workspace.lsp.diagnostics import WARNING, only
    from plugsky_tui.workspace.lsp.servers import in_order

    if report.error:
        return report.error
    found = in_order(only(report.found, WARNING))
    lines = [each.shown(shown) for each in found]
    parts = [f"{shown}: {_counted(found)} ({report.server})", *lines[:_SHOWN]]
    if len(lines) > _SHOWN:
        path = context.spill.save("diagnostics", "\n".join(lines))
        where = f"all of them are in {path}" if path else "no file could be made to hold them"
        parts.append(f"(and {len(lines) - _SHOWN:,} more; {where})")
    if report.note:
        parts.append(f"({report.note})")
    return "\n".join(parts)


def _counted(found: Sequence[Diagnostic]) -> str:
    from plugsky_tui.workspace.lsp.diagnostics import ERROR, WARNING

    counts = [
        f"{number:,} {word}{'' if number == 1 else 's'}"
        for severity, word in ((ERROR, "error"), (WARNING, "warning"))
        if (number := sum(each.severity == severity for each in found))
    ]
    return ", ".join(counts) or "no errors, no warnings"
