"""Choosing one of the folder's threads."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import TYPE_CHECKING

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
    picks = [Pick(i.thread_id, i.title or "(no title)", _detail(i), current=i.thread_id == current) for i in infos]
    picker.set_picks(picks, "" if picks else "There is no thread in this folder yet.")


def _list(data_dir: Path, folder: Path) -> list[ThreadInfo]:
    from plugsky_tui.threads.store import ThreadStore  # opens the index: not before somebody asks

    return list(ThreadStore(data_dir).list(folder))


def _detail(info: ThreadInfo) -> str:
    turns = "1 turn" if info.turns == 1 else f"{info.turns} turns"
    return f"{ago(info.updated)} · {turns} · {info.model or ''}".rstrip(" ·")


def ago(then: str, now: datetime | None = None) -> str:
    """How long ago an ISO 8601 time was: "just now", "5 min ago", "3 h ago", "2 days ago", else the date."""
    try:
        moment = datetime.fromisoformat(then.replace("Z", "+00:00"))
    except ValueError:
        return then
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    seconds = ((now or datetime.now(timezone.utc)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h ago"
    days = int(seconds // 86_400)
    if days < 14:
        return "yesterday" if days == 1 else f"{days} days ago"
    return moment.date().isoformat()
