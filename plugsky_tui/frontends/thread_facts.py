"""What people are told of a thread, wherever threads are chosen."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.threads.store import ThreadInfo


def detail(info: ThreadInfo) -> str:
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
