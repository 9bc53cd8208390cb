"""Completion at the prompt: the same suggestions as in the full-screen UI, in the shape prompt-toolkit wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from time import monotonic

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.composer import completion as shared
from plugsky_tui.frontends.tui.composer.files import FRESH_S, list_files


class Paths:
    """The paths that `@` can name, listed anew when they are older than a few seconds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paths: list[str] = []
        self._listed = float("-inf")

    @property
    def known(self) -> list[str]:
        """Lists them where that was not done lately; up to a few tenths of a second in a large folder."""
        if monotonic() - self._listed > FRESH_S:
            self._paths = list_files(self._folder)
            self._listed = monotonic()
        return self._paths


class LineCompleter(Completer):
    """`explained`: what a suggestion does is part of its text, for where it is listed in lines."""

    def __init__(self, completer: shared.Completer, paths: Paths, *, explained: bool) -> None:
        self._completer = completer
        self._paths = paths
        self._explained = explained

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.current_line_before_cursor
        found = self._completer.complete(document.cursor_position_row, before)
        if found is None:
            return
        for one in found.suggestions:
            label, detail = clean(one.label), clean(one.detail)
            yield Completion(
                one.insert,
                start_position=found.start - len(before),
                display=f"{label}: {detail}" if self._explained and detail else label,
                display_meta="" if self._explained else detail,
            )

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        if "@" in document.current_line_before_cursor:
            await asyncio.to_thread(lambda: self._paths.known)  # what follows then need not wait for the disk
        for one in self.get_completions(document, complete_event):
            yield one
