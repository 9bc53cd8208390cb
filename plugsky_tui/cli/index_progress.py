"""How far `plugsky index` is, on stderr: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.frontends.indexing import sending
from plugsky_tui.frontends.text import clean

if TYPE_CHECKING:
    from plugsky_tui.session.folder_index import FolderIndex
    from plugsky_tui.workspace.semantic.build import Plan

LINE_EVERY_S = 5.0


@contextmanager
def progress_for(index: FolderIndex) -> Iterator[Lines]:
    """The progress of one run; what was kept is said where it ends early."""
    fancy = sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    progress = _bar(index) if fancy else Lines(index)
    finished = False
    try:
        yield progress
        finished = True
    finally:
        progress.close()
        if not finished:
            progress.broke_off()


def _bar(index: FolderIndex) -> Lines:
    from plugsky_tui.cli.index_bar import Bar  # brings rich along

    return Bar(index)


class Lines:
    """A `workspace.semantic.build.Watcher` that writes lines: for logs, pipes and dumb terminals."""

    def __init__(self, index: FolderIndex) -> None:
        self.index = index
        self.began = monotonic()
        self.told_at = self.began
        self.asked = 0
        self.done = 0

    @property
    def seconds(self) -> float:
        return monotonic() - self.began

    def say(self, text: str) -> None:
        sys.stderr.write(f"plugsky: {clean(text)}\n")
        sys.stderr.flush()

    def waiting(self, text: str, seconds: float | None) -> None:
        self.say(f"{text.rstrip('.')}: waiting {math.ceil(seconds)} s" if seconds and "waiting" not in text else text)

    def planned(self, plan: Plan) -> None:
        self.asked = plan.missing
        if not plan.missing:
            return
        self.say(sending(self.index, plan))

    def advanced(self, chunks: int) -> None:
        self.done += chunks
        if monotonic() - self.told_at >= LINE_EVERY_S:
            self.told_at = monotonic()
            self.say(f"{self.done:,} of {self.asked:,} chunks")

    def close(self) -> None:
        pass

    def broke_off(self) -> None:
        """It was interrupted, or failed."""
        if self.asked:
            self.say(f"{self.done:,} of {self.asked:,} chunks are kept: plugsky index goes on from there")
