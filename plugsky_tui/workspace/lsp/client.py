"""One running language server: started, asked what it finds in a file, told of changes, closed.

The server says what is wrong with a file when it is asked (textDocument/diagnostic) or when it likes
(textDocument/publishDiagnostics), in several steps perhaps, and often before it has read the project. So an answer
counts when it is for the version that was sent, nothing more has come for a moment, and no work is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.workspace.lsp.connection import Connection, ConnectionEnded, ServerError
from plugsky_tui.workspace.lsp.diagnostics import Diagnostic, read_diagnostics
from plugsky_tui.workspace.lsp.documents import Document, Documents
from plugsky_tui.workspace.lsp.offers import answers, initialize_params
from plugsky_tui.workspace.lsp.process import ServerProcess
from plugsky_tui.workspace.lsp.work import Work

SETTLE_S = 0.3  # without another word, after which what was published counts
_SETTLE_UNVERSIONED_S = 0.8  # the same for servers that do not name the version: syntax first, types a while later
SILENCE_S = 8.0  # without a first word, from a server that does nothing: it has none for this file
_RETRY_S = 0.1  # before a request is repeated that the server broke off because something changed
_SHUTDOWN_S = 1.0  # to answer shutdown; as long again to end after exit

_SERVER_CANCELLED, _CONTENT_MODIFIED = -32802, -32801  # ErrorCodes and LSPErrorCodes of the specification


@dataclass(slots=True)
class Launch:
    """How a server is started: `command` with an absolute program, in `folder`, which is its root; `settings` are
    what it is told when it asks for configuration, `options` its initializationOptions."""

    command: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


class Client:
    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self.process = ServerProcess()
        self.work = Work()
        self.ready = False
        self._connection: Connection | None = None
        self._listening: asyncio.Task[None] | None = None
        self._pulls = False
        self.documents = Documents(self._notify)
        self._pulled: dict[str, list[Diagnostic]] = {}  # by path: the last answer

    async def start(self) -> None:
        """Start it and shake hands. NotStarted, ServerError or ConnectionEnded."""
        launch = self._launch
        await self.process.start(launch.command, launch.folder, launch.environment)
        answer = answers(launch.folder, launch.settings, self._registered)
        self._connection = Connection(self.process.stdin, answer=answer, heard=self._heard)
        self._listening = asyncio.create_task(self._listen(self._connection))
        said = await self._connection.request("initialize", initialize_params(launch.folder, launch.options))
        self._take_capabilities(said.get("capabilities") if isinstance(said, dict) else None)
        self._notify("initialized", {})
        if launch.settings:
            self._notify("workspace/didChangeConfiguration", {"settings": launch.settings})
        self.ready = True

    @property
    def alive(self) -> bool:
        return not self.process.ended.is_set() and not (self._listening is not None and self._listening.done())

    async def diagnose(self, path: str, text: str, *, saved: bool = True) -> list[Diagnostic]:
        """What it finds in the file at `path`, which holds `text` (on disk too, if `saved`).

        Waits for as long as the server works: the caller sets the limit. ServerError or ConnectionEnded.
        """
        document = self.documents.show(path, text, saved=saved)
        asked_before = path in self._pulled
        while True:
            if not self._pulls:
                await self._published(document)
            if self._pulls:
                self._pulled[path] = await self._pull(document)
                if not asked_before:
                    await self.work.begins(SETTLE_S)  # a server that has just started says a moment later that it reads
                    asked_before = True
            if not self.work.titles:
                return self.known(path)
            await self.work.done.wait()

    def known(self, path: str) -> list[Diagnostic]:
        """What it has said of the file so far."""
        document = self.documents.get(path)
        pushed = document.pushed if document is not None else []
        return sorted({*pushed, *self._pulled.get(path, [])})

    def has_said(self, path: str) -> bool:
        """Whether it has said anything of the version of the file that it was shown last."""
        document = self.documents.get(path)
        return document is not None and (document.answered or (self._pulls and path in self._pulled))

    async def close(self) -> None:
        """shutdown, exit; then whatever of it still runs is stopped."""
        try:
            if self.ready and self.alive and self._connection is not None:
                with suppress(TimeoutError, ServerError, ConnectionEnded):
                    async with asyncio.timeout(_SHUTDOWN_S):
                        await self._connection.request("shutdown", None)
                self._notify("exit", None)
                await self.process.wait(_SHUTDOWN_S)
        finally:
            if self._connection is not None:
                self._connection.end()
            await self.process.stop()
            if self._listening is not None:
                self._listening.cancel()
                await asyncio.gather(self._listening, return_exceptions=True)

    async def _listen(self, connection: Connection) -> None:
        """Until its output, or its process, ends: what it left behind may hold the pipe open."""
        reading = asyncio.create_task(connection.listen(self.process.stdout))
        ended = asyncio.create_task(self.process.ended.wait())
        try:
            await asyncio.wait([reading, ended], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait([reading], timeout=SETTLE_S)
        finally:
            reading.cancel()
            ended.cancel()
            connection.end()
            self.work.over()
            for document in self.documents:
                document.heard.set()

    def _notify(self, method: str, params: Any) -> None:
        if self._connection is not None:
            self._connection.notify(method, params)

    async def _pull(self, document: Document) -> list[Diagnostic]:
        assert self._connection is not None
        params = {"textDocument": {"uri": document.uri}}
        while True:
            text = document.text
            try:
                report = await self._connection.request("textDocument/diagnostic", params)
            except ServerError as error:
                if error.number not in (_SERVER_CANCELLED, _CONTENT_MODIFIED):
                    raise
                await asyncio.sleep(_RETRY_S)
                continue
            if not isinstance(report, dict) or report.get("kind") == "unchanged":
                return self._pulled.get(document.path, [])
            return read_diagnostics(report.get("items"), text)

    async def _published(self, document: Document) -> None:
        """Wait until it has published for this version, and for a moment nothing more; or until it wants to be asked."""
        assert self._listening is not None
        patience = SILENCE_S
        if document.answered:  # it may have more to say, where other files have changed since
            patience = 2 * SETTLE_S if document.stale else SETTLE_S
        while not self._pulls:
            document.heard.clear()
            try:
                async with asyncio.timeout(patience):
                    if not self._listening.done():
                        await document.heard.wait()
            except TimeoutError:
                if document.answered or not self.work.titles:
                    return
                await self.work.done.wait()
            if self._listening.done():
                raise ConnectionEnded("it has ended")
            if document.answered:
                patience = SETTLE_S if document.versioned else _SETTLE_UNVERSIONED_S

    def _take_capabilities(self, said: Any) -> None:
        offers = said if isinstance(said, dict) else {}
        self._pulls = bool(offers.get("diagnosticProvider"))
        sync = offers.get("textDocumentSync")
        save = sync.get("save") if isinstance(sync, dict) else bool(sync)
        self.documents.wants_save = bool(save) or isinstance(save, dict)
        self.documents.save_has_text = isinstance(save, dict) and bool(save.get("includeText"))

    def _registered(self, method: str, options: Any) -> None:
        if method == "textDocument/didSave":
            self.documents.wants_save = True
            self.documents.save_has_text = bool(options.get("includeText"))
        elif method == "textDocument/diagnostic":
            self._pulls = True
            for document in self.documents:
                document.heard.set()

    def _heard(self, method: str, params: Any) -> None:
        match method:
            case "textDocument/publishDiagnostics":
                self.documents.published(params)
            case "$/progress":
                self.work.progress(params)
            case "experimental/serverStatus":
                self.work.status(params)
            case _:
                pass  # messages and logs for people who watch a server
