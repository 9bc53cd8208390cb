"""The threads of a folder as lines to choose from."""

from __future__ import annotations

from pathlib import Path

from plugsky_tui.frontends.line.asking import Option
from plugsky_tui.frontends.thread_facts import detail
from plugsky_tui.threads.store import ThreadStore


def thread_options(data_dir: Path, folder: Path) -> list[Option[str]]:
    """Newest first, each by its id. Reads the disk."""
    return [
        Option(info.thread_id, f"{info.title or '(no title)'}, {detail(info)}", info.thread_id)
        for info in ThreadStore(data_dir).list(folder)
    ]
