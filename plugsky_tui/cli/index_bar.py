"""The bar of `plugsky index` on a terminal. Imports rich: whoever shows no bar leaves it alone."""

from __future__ import annotations

import math
import sys
from time import monotonic
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from plugsky_tui.cli.index_progress import Lines
from plugsky_tui.frontends.text import clean

if TYPE_CHECKING:
    from plugsky_tui.session.folder_index import FolderIndex
    from plugsky_tui.workspace.semantic.build import Plan

TOLD_FROM_S = 1.0  # shorter waits are counted down, and no line is lost on them


class Bar(Lines):
    """Chunks done and to do, the time that is left, and a countdown while the server keeps us waiting."""

    def __init__(self, index: FolderIndex) -> None:
        super().__init__(index)
        self._waits = _Waits()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def say(self, text: str) -> None:
        if self._progress is None:
            super().say(text)
        else:
            self._progress.console.print(Text(f"plugsky: {clean(text)}"), soft_wrap=True)

    def planned(self, plan: Plan) -> None:
        super().planned(plan)
        if not plan.missing:
            return
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            self._waits,
            console=Console(file=sys.stderr),
            expand=True,
            transient=True,
        )
        self._task = self._progress.add_task("embedding", total=plan.missing)
        self._progress.start()

    def waiting(self, text: str, seconds: float | None) -> None:
        if seconds:
            self._waits.until = monotonic() + seconds
        if self._progress is None or not seconds or seconds >= TOLD_FROM_S:
            super().waiting(text, seconds)

    def advanced(self, chunks: int) -> None:
        self.done += chunks
        self._waits.until = 0.0
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, chunks)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


class _Waits(ProgressColumn):
    """The seconds until something is sent again, "" while nothing is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.until = 0.0

    def render(self, task: Task) -> Text:
        left = math.ceil(self.until - monotonic())
        return Text(f"waits {left} s", style="yellow") if left > 0 else Text()
