"""Completion at the prompt: the same suggestions as in the full-screen UI, in the shape prompt-toolkit wants."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.commands import Command
from plugsky_tui.frontends.tui.composer import completion as shared
from plugsky_tui.frontends.tui.composer.files import FileNames

_BETTER_S = 0.3  # how long a better answer of the file index is waited for,
_FIRST_S = 3.0  # and any at all


def names_file(before: str) -> bool:
    """Whether `before`, the line up to the cursor, ends in a name after `@`."""
    return re.search(r"(?:^|\s)@\S*$", before) is not None


class LineCompleter(Completer):
    """Of commands and their arguments (`choices` knows them), and of files below `folder`; `git_allowed` and `recent` as
    in FileNames. `explained`: what a suggestion does is part of its text, for where it is listed in lines."""

    def __init__(
        self,
        folder: Path,
        *,
        commands: Sequence[Command],
        choices: Callable[[Command], Sequence[str]],
        git_allowed: Callable[[], bool],
        recent: Callable[[], Sequence[str]],
        explained: bool,
    ) -> None:
        self._answered = asyncio.Event()
        self._files = FileNames(folder, self._answered.set, git_allowed=git_allowed, recent=recent)
        self._completer = shared.Completer(commands=commands, choices=choices, files=self._files)
        self._explained = explained

    def files_changed(self) -> None:
        """What `@` names may be out of date."""
        self._files.expire()

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """What is known at once."""
        before = document.current_line_before_cursor
        found = self._completer.complete(document.cursor_position_row, before)
        for one in found.suggestions if found is not None else ():
            assert found is not None
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
        found = list(self.get_completions(document, complete_event))
        if names_file(document.current_line_before_cursor):
            try:
                async with asyncio.timeout(_BETTER_S if found else _FIRST_S):
                    while True:  # the first answers may come from a listing that has hardly begun
                        self._answered.clear()
                        await self._answered.wait()
                        if better := list(self.get_completions(document, complete_event)):
                            found = better
                            break
            except TimeoutError:
                pass  # what is known has to do
        for one in found:
            yield one
