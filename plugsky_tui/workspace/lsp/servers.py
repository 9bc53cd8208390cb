"""The language servers of a session: asked by the `diagnostics` tool, and after each edit."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError, ToolError

if TYPE_CHECKING:
    from plugsky_tui.config.shape import LanguageServer
    from plugsky_tui.workspace.lsp.choosing import Server
    from plugsky_tui.workspace.lsp.diagnostics import Diagnostic
    from plugsky_tui.workspace.lsp.keeper import Keeper
    from plugsky_tui.workspace.lsp.watching import EditWatch

ANSWER_LIMIT_S = 15.0  # for whoever asks; the server goes on
_TEXT_LIMIT = 8 * 1024 * 1024  # bytes of a file that a server is shown


@dataclass(frozen=True, slots=True)
class Leave:
    """What the session's permissions say of language servers.

    `trusted`: the folder may have servers at all: the user trusts it, or it brings nothing to trust. `sure`: the user
    has said so, so that they may run what the project brings. `may_run` tells whether a command line would be let
    through without asking.
    """

    trusted: bool
    sure: bool
    may_run: Callable[[str], bool]


@dataclass(slots=True)
class Report:
    """What one server finds in a file. `note` says why that may not be all; `error` why there is nothing."""

    server: str
    found: list[Diagnostic] = field(default_factory=list)
    note: str = ""
    error: str = ""


class LanguageServers:
    """None is started before it is needed. `folder` is the real path of the workspace; `environment` is theirs."""

    def __init__(
        self, folder: str, environment: Mapping[str, str], configured: Mapping[str, LanguageServer], leave: Leave
    ) -> None:
        self.folder = folder
        self._environment = environment
        self._configured = configured
        self._leave = leave
        self._keepers: dict[tuple[str, ...], Keeper] = {}
        self._watch: EditWatch | None = None

    @property
    def watch(self) -> EditWatch:
        """What is told of edits, and tells what is wrong after them."""
        if self._watch is None:
            from plugsky_tui.workspace.lsp.watching import EditWatch  # with the first edit

            self._watch = EditWatch(self)
        return self._watch

    def servers(self, path: str) -> list[Server]:
        """Those for the file at the real path `path`. ToolError where there is none, or none may be started."""
        from plugsky_tui.workspace.lsp.choosing import Place, servers_for  # the first time one is needed

        if not self._leave.trusted:
            raise ToolError(
                "No language server is started here: it reads the project's own settings, and the folder is not trusted.",
                hint="The user can look at what the folder brings and trust it: `plugsky` asks when it is opened there.",
            )
        return servers_for(path, self._configured, Place(self.folder, self._environment, self._leave.sure))

    def needing_leave(self, path: str) -> list[Server]:
        """Those of `servers` that do not run yet, and that somebody must allow to be started."""
        return [each for each in self.servers(path) if each.leave and each.key not in self._keepers]

    def keepers(self, path: str) -> list[Keeper]:
        """The servers for a file, for somebody who has leave to start them."""
        return [self._keeper(server) for server in self.servers(path)]

    def keepers_unasked(self, path: str) -> list[Keeper]:
        """Those that may be used, and started, without asking anyone."""
        try:
            servers = self.servers(path)
        except ToolError:
            return []
        return [
            self._keeper(each)
            for each in servers
            if not each.leave or each.key in self._keepers or self._leave.may_run(each.leave)
        ]

    @property
    def running(self) -> list[Keeper]:
        return [keeper for keeper in self._keepers.values() if keeper.ready is not None]

    async def diagnose(self, path: str, text: str, limit_s: float = ANSWER_LIMIT_S) -> list[Report]:
        """What each server finds in the file at the real path `path`, which holds `text`. ToolError as `servers`."""
        keepers = self.keepers(path)
        reports = await asyncio.gather(*(self._report(keeper, path, text, limit_s) for keeper in keepers))
        for keeper, report in zip(keepers, reports, strict=True):
            if not report.error:
                self.watch.told(keeper, path, report.found)
        return list(reports)

    async def close(self) -> None:
        """End them all. Nothing of them runs when this returns."""
        if self._watch is not None:
            await self._watch.close()
        await asyncio.gather(*(keeper.close() for keeper in self._keepers.values()))

    def _keeper(self, server: Server) -> Keeper:
        from plugsky_tui.workspace.lsp.keeper import Keeper  # the first time one is started

        if server.key not in self._keepers:
            self._keepers[server.key] = Keeper(server)
        return self._keepers[server.key]

    async def _report(self, keeper: Keeper, path: str, text: str, limit_s: float) -> Report:
        name = keeper.server.name
        keeper.try_again()
        try:
            async with asyncio.timeout(limit_s):
                await refresh(keeper)
                found = await keeper.diagnose(path, text)
        except TimeoutError:
            return _late(keeper, path, limit_s)
        except PlugskyError as error:
            return Report(name, error="\n".join(part for part in (error.message, error.hint) if part))
        client = keeper.client
        if client is not None and not client.has_said(path):
            return Report(name, error=f"{name} has not said anything of this file; it may not know files of this kind.")
        return Report(name, found)


async def refresh(keeper: Keeper) -> None:
    """Close what is open with the server and has changed on disk, by a command say: it then reads the disk."""
    client = keeper.ready
    if client is None:
        return
    for path in await asyncio.to_thread(client.documents.changed_outside):
        client.documents.close(path)


def _late(keeper: Keeper, path: str, limit_s: float) -> Report:
    name, client = keeper.server.name, keeper.client
    if client is None or not client.ready:
        return Report(name, error=f"{name} is still starting after {limit_s:g} seconds. Call diagnostics again later.")
    doing = f"is still busy: {client.work.shown()}" if client.work.titles else "has not finished"
    if not client.has_said(path):
        return Report(name, error=f"{name} {doing} after {limit_s:g} seconds. Call diagnostics again later.")
    return Report(name, client.known(path), note=f"{name} {doing}; there may be more. Call diagnostics again later.")


def text_of(real: str) -> str:
    """The text of the file at `real`. ToolError where it is none, or is too long for a server."""
    from plugsky_tui.workspace.text import NotText, decode

    size = 0
    with suppress(OSError):
        size = os.stat(real).st_size
    if size > _TEXT_LIMIT:
        raise ToolError("The file is too long for a language server.", hint="Check it with a command.")
    try:
        with open(real, "rb") as file:
            return decode(file.read(_TEXT_LIMIT))[0]
    except OSError as error:
        raise ToolError(
            f"The file cannot be read: {error.strerror or error}.", hint="See with read whether it is there."
        ) from None
    except NotText as error:
        raise ToolError(f"The file is not text ({error}).", hint="Name a source file.") from None


def in_order(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The worst first, each kind in the order of the file."""
    return sorted(found, key=lambda each: (each.severity, each.line, each.column))
