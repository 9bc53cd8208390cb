"""Choosing one of the folder's threads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plugsky_tui.frontends.thread_facts import detail
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.threads.store import ThreadInfo


async def pick_thread(look: Look, layers: Layers, current: str | None) -> str | None:
    """The id of the chosen thread, None where none was chosen."""
    picker: Picker[str] = Picker("Threads of this folder", [], hint="type to filter by title", note="Reading…")
    reading = asyncio.create_task(_fill(picker, look, current))
    try:
        return await layers.ask(picker)
    finally:
        reading.cancel()


async def _fill(picker: Picker[str], look: Look, current: str | None) -> None:
    if look.data_dir is None:
        picker.set_picks([], "Threads are not kept in this session.")
        return
    try:
        infos = await asyncio.to_thread(_list, look.data_dir, look.folder)
    except (PlugskyError, OSError) as error:
        picker.set_picks([], str(error))
        return
    picks = [Pick(i.thread_id, i.title or "(no title)", detail(i), current=i.thread_id == current) for i in infos]
    picker.set_picks(picks, "" if picks else "There is no thread in this folder yet.")


def _list(data_dir: Path, folder: Path) -> list[ThreadInfo]:
    from plugsky_tui.threads.store import ThreadStore  # opens the index: not before somebody asks

    return list(ThreadStore(data_dir).list(folder))
