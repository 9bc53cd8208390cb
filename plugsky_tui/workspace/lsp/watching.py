"""After an edit: which errors it brought. Edits stay quick: what a server does not say in time is told later."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.workspace.lsp.diagnostics import ERROR, Diagnostic, new_since, only
from plugsky_tui.workspace.lsp.servers import in_order, refresh

if TYPE_CHECKING:
    from plugsky_tui.workspace.lsp.keeper import Keeper
    from plugsky_tui.workspace.lsp.servers import LanguageServers

EDIT_LIMIT_S = 2.0  # that an edit may take longer
SHOWN = 10  # new errors of one edit
_FILES = 4  # of one edit that are looked at
_BACKGROUND_S = 90.0  # after which nobody is interested any more
_TEXT_LIMIT = 1024 * 1024  # characters: a longer file is not looked at unasked

_CREATED, _CHANGED, _DELETED = 1, 2, 3  # FileChangeType


@dataclass(frozen=True, slots=True)
class Edited:
    """A file at the real path `path`, `shown` to people so; its text before (of a moved one, under its old name) and
    after, None where there is no file."""

    path: str
    shown: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class _Look:
    """One server looking at one file after an edit."""

    keeper: Keeper
    edited: Edited
    task: asyncio.Task[list[Diagnostic]]


class EditWatch:
    """Compares with what the model knows: the errors before the first edit, and those it was told of since."""

    def __init__(self, servers: LanguageServers) -> None:
        self._servers = servers
        self._known: dict[tuple[tuple[str, ...], str], list[Diagnostic]] = {}  # by server and path
        self._locks: dict[tuple[tuple[str, ...], str], asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._noted: set[tuple[str, str]] = set()

    def planned(self, edits: Sequence[Edited]) -> None:
        """These edits are about to be made, if nobody objects: servers can have a look at the files before."""
        for edited, keeper in self._looks(edits):
            if edited.before is not None and keeper.failed is None and os.path.isfile(edited.path):
                self._start(self._baseline(keeper, edited, saved=True))

    async def made(self, edits: Sequence[Edited]) -> str:
        """These edits were made. What the model is told of it: their new errors; "" where there are none."""
        pairs = self._looks(edits)
        looks = [_Look(keeper, edited, self._start(self._look(keeper, edited))) for edited, keeper in pairs]
        self._tell_servers(edits)
        if not looks:
            return ""
        await asyncio.wait([look.task for look in looks], timeout=EDIT_LIMIT_S)
        return "\n".join(part for part in map(self._said, looks) if part)

    def told(self, keeper: Keeper, path: str, found: Sequence[Diagnostic]) -> None:
        """The model has been told all of these."""
        self._known[keeper.server.key, path] = only(found, ERROR)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _looks(self, edits: Sequence[Edited]) -> list[tuple[Edited, Keeper]]:
        texts = [each for each in edits if each.after is not None and len(each.after) <= _TEXT_LIMIT]
        return [(each, keeper) for each in texts[:_FILES] for keeper in self._servers.keepers_unasked(each.path)]

    async def _baseline(self, keeper: Keeper, edited: Edited, *, saved: bool) -> None:
        key = keeper.server.key, edited.path
        async with self._lock(key):
            if key not in self._known and edited.before is not None:
                found = await keeper.diagnose(edited.path, edited.before, saved=saved)
                self._known.setdefault(key, only(found, ERROR))

    async def _look(self, keeper: Keeper, edited: Edited) -> list[Diagnostic]:
        assert edited.after is not None
        await refresh(keeper)
        await self._baseline(keeper, edited, saved=False)
        async with self._lock((keeper.server.key, edited.path)):
            return only(await keeper.diagnose(edited.path, edited.after), ERROR)

    def _tell_servers(self, edits: Sequence[Edited]) -> None:
        changes: list[tuple[str, int]] = []
        for each in edits:
            kind = _CHANGED
            if each.after is None:
                kind = _DELETED if not os.path.lexists(each.path) else _CHANGED
            elif each.before is None:
                kind = _CREATED
            changes.append((each.path, kind))
        for keeper in self._servers.running:
            client = keeper.ready
            if client is None:
                continue
            client.documents.on_disk(changes)
            for path, kind in changes:
                if kind == _DELETED:
                    client.documents.close(path)
                    self._known.pop((keeper.server.key, path), None)

    def _said(self, look: _Look) -> str:
        name, key = look.keeper.server.name, (look.keeper.server.key, look.edited.path)
        if not look.task.done():
            return self._unfinished(look.keeper)
        if look.task.cancelled():
            return ""
        error = look.task.exception()
        if isinstance(error, PlugskyError):
            return self._once(name, f"({error.message} {error.hint}".rstrip() + ")")
        if error is not None:  # the limit of what goes on in the background
            return ""
        now = look.task.result()
        new = in_order(new_since(self._known.get(key, []), now))
        self._known[key] = now
        if not new:
            return ""
        lines = [f"New errors after this edit ({name}):", *(each.shown(look.edited.shown) for each in new[:SHOWN])]
        if len(new) > SHOWN:
            lines.append(f"(and {len(new) - SHOWN} more: call diagnostics)")
        return "\n".join(lines)

    def _unfinished(self, keeper: Keeper) -> str:
        name, client = keeper.server.name, keeper.client
        later = "Errors of this edit are told after a later one, or by diagnostics."
        if client is None or not client.ready:
            return self._once(name, f"({name} is still starting. {later})")
        if client.work.titles:
            return self._once(name, f"({name} is still busy with the project. {later})")
        return self._once(name, f"({name} takes its time. {later})")

    def _once(self, name: str, note: str) -> str:
        """A note that is not repeated after every edit."""
        if (name, note) in self._noted:
            return ""
        self._noted.add((name, note))
        return note

    def _lock(self, key: tuple[tuple[str, ...], str]) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        async def limited() -> Any:
            async with asyncio.timeout(_BACKGROUND_S):
                return await work

        task = asyncio.create_task(limited())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it hears of it; nobody may
