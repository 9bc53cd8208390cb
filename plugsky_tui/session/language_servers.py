"""The language servers of a session, under its permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Gate, Prepared, Progress, RunCommand, ToolResult
from plugsky_tui.workspace.lsp.servers import LanguageServers, Leave

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Settings
    from plugsky_tui.permissions.trust import TrustState
    from plugsky_tui.tooling.context import ToolContext


def with_language_servers(context: ToolContext, settings: Settings, trust: TrustState, gate: Gate) -> ToolContext:
    """`context` with the servers that `settings` name, or that are installed; they watch its edits too, unless
    `[edits] diagnostics` is false."""
    servers = context.language_servers = language_servers(context, settings, trust, gate)
    if settings.edits.diagnostics:
        context.edit_watch = lambda: servers.watch
    return context


def language_servers(context: ToolContext, settings: Settings, trust: TrustState, gate: Gate) -> LanguageServers:
    """A folder that brings nothing to trust is trusted, but nobody has said that its own programs may run."""
    folder = context.root.real
    leave = Leave(trust.trusted, trust.trusted and bool(trust.brings), _may_run(gate, folder))
    return LanguageServers(folder, context.environment, settings.lsp, leave)


async def close_language_servers(context: ToolContext) -> None:
    if context.language_servers is not None:
        await context.language_servers.close()


def _may_run(gate: Gate, folder: str) -> Callable[[str], bool]:
    """Whether a command may run as things stand, without asking."""

    def allowed(command: str) -> bool:
        needs = [RunCommand(command, folder)]
        return gate.judge(Prepared(ToolCall("", "shell", {}), command, needs, _nothing)).verdict == "allow"

    return allowed


async def _nothing(progress: Progress) -> ToolResult:
    return ToolResult("")
