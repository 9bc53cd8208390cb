"""What `@` can name: the file index, asked ahead of every frame and never waited for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.fuzzy import score

if TYPE_CHECKING:
    from plugsky_tui.workspace.search.index.client import Answer, FileIndex
    from plugsky_tui.workspace.search.listing import Means

_AGAIN_S = 1.0  # the same question after that long: who asks has come back to it
_RECENT = 5
_ENDED_NAME = re.compile(r"(?:^|\s)@(\S+)\s$")


@dataclass(slots=True)
class Files:
    """Paths relative to the folder, best first, folders with a slash at their ends. `note` says what is missing, or ""."""

    paths: Sequence[str]
    note: str = ""


class FileNames:
    """Looks up files by what is typed. `changed` is called when there is a better answer than `find` has given.

    `git_allowed` and `recent` (paths, the most recent first) are asked each time they matter.
    """

    def __init__(
        self,
        folder: Path,
        changed: Callable[[], None],
        *,
        git_allowed: Callable[[], bool] = lambda: False,
        recent: Callable[[], Sequence[str]] = lambda: (),
    ) -> None:
        self._folder = folder
        self._changed = changed
        self._git_allowed, self._changed_files = git_allowed, recent
        self._index: FileIndex | None = None
        self._asked: str | None = None
        self._asked_at = 0.0
        self._answer: Answer | None = None
        self._chosen: list[str] = []

    def find(self, query: str) -> Files:
        """What is known now; while the answer to `query` is under way, what fits of the one before."""
        if query != self._asked or monotonic() - self._asked_at > _AGAIN_S:
            self._ask(query)
        answer = self._answer
        if answer is None:
            return Files((), "listing files…")
        paths: Sequence[str] = answer.paths
        if answer.query != query:
            paths = [path for path in paths if score(query, path) is not None]
        elif not query:
            paths = self._recent_first(paths)
        return Files(paths, _note(answer))

    def heed(self, before: str) -> None:
        """`before` is what stands before the cursor: a name that has just been ended was meant, and comes first next time."""
        ended = _ENDED_NAME.search(before)
        if ended is None or self._answer is None or ended[1] not in self._answer.paths:
            return
        self._chosen = [ended[1], *(path for path in self._chosen if path != ended[1])][:_RECENT]

    def expire(self) -> None:
        """Files have changed."""
        if self._index is not None:
            self._index.expire()

    def _ask(self, query: str) -> None:
        if self._index is None:
            from plugsky_tui.workspace.search.index.client import FileIndex  # at the first @

            self._index = FileIndex(str(self._folder.resolve()), self._means, self._hear)
        self._asked, self._asked_at = query, monotonic()
        self._index.ask(query)

    def _hear(self, answer: Answer) -> None:
        if answer == self._answer:
            return
        self._answer = answer
        self._changed()

    def _means(self) -> Means:
        import os

        from plugsky_tui.workspace.environment import child_environment
        from plugsky_tui.workspace.search.listing import Means

        return Means(str(self._folder.resolve()), child_environment(os.environ), self._git_allowed())

    def _recent_first(self, paths: Sequence[str]) -> list[str]:
        recent = dict.fromkeys([*self._chosen, *(path for path in self._changed_files() if path.isprintable())])
        there = [path for path in list(recent)[:_RECENT] if (self._folder / path).exists()]
        return [*there, *(path for path in paths if path not in there)]


def _note(answer: Answer) -> str:
    if answer.problem:
        return answer.problem
    if answer.listing:
        return f"listing files… {answer.count:,} so far" if answer.count else "listing files…"
    return f"only {answer.count:,} files and folders are known here: there are more" if answer.cut else ""
