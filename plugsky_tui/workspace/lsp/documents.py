"""The files that are open with a server: what it was sent of each, and what it has said of them."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.workspace.lsp.diagnostics import Diagnostic, read_diagnostics
from plugsky_tui.workspace.lsp.languages import language_id
from plugsky_tui.workspace.lsp.uris import same, uri_of

_HALVES = re.compile("[\ud800-\udfff]")

OPEN_LIMIT = 24  # files open at once: those that were not asked about for longest are closed

Notify = Callable[[str, Any], None]  # method, parameters


@dataclass(slots=True)
class Document:
    """`answered`: the server has published its diagnostics of this very version (or, where it names none, since it
    was sent), and `versioned`: it names it; `stale`: something was changed since then. `stamp` is that of the file on disk when it was sent."""

    path: str
    uri: str
    version: int
    text: str
    stamp: tuple[int, int] | None = None
    pushed: list[Diagnostic] = field(default_factory=list)
    answered: bool = False
    versioned: bool = False
    stale: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)


class Documents:
    """Opens, changes and closes them, with `notify`; whole texts, since what changed is not worth the arithmetic."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._open: dict[str, Document] = {}  # by uri, the one used last at the end
        self.wants_save = False
        self.save_has_text = False

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def get(self, path: str) -> Document | None:
        return self._open.get(uri_of(path))

    def show(self, path: str, text: str, *, saved: bool = True) -> Document:
        """Have the server see `text` as the content of `path`. `saved`: the file on disk has it too."""
        text = _sendable(text)
        uri = uri_of(path)
        document = self._open.pop(uri, None)
        if document is None:
            document = Document(path, uri, 1, text)
            self._stir()
            self._notify(
                "textDocument/didOpen",
                {"textDocument": {"uri": uri, "languageId": language_id(path), "version": 1, "text": text}},
            )
        elif document.text != text:
            document.version += 1
            document.text = text
            document.answered = False
            self._stir()
            self._notify(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": document.version}, "contentChanges": [{"text": text}]},
            )
            if saved and self.wants_save:
                more = {"text": text} if self.save_has_text else {}
                self._notify("textDocument/didSave", {"textDocument": {"uri": uri}, **more})
        document.stamp = stamp_of(path) if saved else None
        self._open[uri] = document
        while len(self._open) > OPEN_LIMIT:
            self.close(next(iter(self._open.values())).path)
        return document

    def close(self, path: str) -> None:
        if self._open.pop(uri_of(path), None) is not None:
            self._notify("textDocument/didClose", {"textDocument": {"uri": uri_of(path)}})

    def changed_outside(self) -> list[str]:
        """Open files whose content on disk is another than the one shown, by their stamps. Blocking, briefly."""
        return [each.path for each in self._open.values() if stamp_of(each.path) != each.stamp]

    def published(self, params: Any) -> None:
        """Take a textDocument/publishDiagnostics."""
        document = self._open.get(same(params["uri"]))
        version = params.get("version")
        if document is None or (isinstance(version, int) and version < document.version):
            return
        document.pushed = read_diagnostics(params.get("diagnostics"), document.text)
        document.answered = True
        document.versioned = isinstance(version, int)
        document.stale = False
        document.heard.set()

    def on_disk(self, changes: list[tuple[str, int]]) -> None:
        """Tell of files changed on disk: path and FileChangeType (1 created, 2 changed, 3 deleted)."""
        if changes:
            self._stir()
            self._notify(
                "workspace/didChangeWatchedFiles",
                {"changes": [{"uri": uri_of(path), "type": kind} for path, kind in changes]},
            )

    def _stir(self) -> None:
        """What was published of other files may not hold any more."""
        for document in self._open.values():
            document.stale = True


def stamp_of(path: str) -> tuple[int, int] | None:
    """Time of change and size of the file, None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _sendable(text: str) -> str:
    """Without halves of surrogate pairs, which stand for bytes of no encoding: parsers of JSON refuse them."""
    return _HALVES.sub("\ufffd", text)
