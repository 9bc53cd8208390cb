"""What was used: by this thread and today, by model and tool; requests per minute against the plan."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content
from textual.events import Mount

from plugsky_tui.frontends.tui.layers.sheet import SheetLayer
from plugsky_tui.frontends.tui.widgets.columns import bar, heading, prose, table
from plugsky_tui.frontends.tui.widgets.status import thousands
from plugsky_tui.frontends.usage_sums import ModelRow, PerMinute, Report, Sums, ToolSums, midnight, per_minute
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.session.session import Session

_AGAIN_S = 3.0
_TOOLS = 8
_DAY_S = 86_400
_NEAR = 0.8
_COLUMNS = ("", "Requests", "Prompt", "Cached", "Answer")


@dataclass(slots=True)
class Usage:
    thread: Report
    today: Report
    minute: PerMinute


class UsageSheet(SheetLayer):
    """Reads in a thread of its own, and again as long as it is open."""

    def __init__(self, session: Session, look: Look) -> None:
        super().__init__("Usage", lambda width: prose("Reading the threads…", width, "$text-muted"))
        self._session = session
        self._look = look
        self._reading: asyncio.Task[None] | None = None

    def on_mount(self, event: Mount) -> None:
        self._again()
        self.set_interval(_AGAIN_S, self._again)

    def on_unmount(self) -> None:
        if self._reading is not None:
            self._reading.cancel()

    def _again(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        if self._look.data_dir is None:
            self.show(lambda width: prose("Threads are not kept in this session: nothing is counted.", width))
            return
        try:
            usage = await asyncio.to_thread(
                read_usage, self._look.data_dir, self._look.cache_dir, self._look.folder, self._session.thread_id
            )
        except (PlugskyError, OSError) as error:
            told = f"The use could not be read: {error}"
            self.show(lambda width: prose(told, width, "$text-error"))
            return
        live = self._session.rate()
        if live is not None:
            usage.minute.now = max(usage.minute.now, live.used)
            usage.minute.limit = usage.minute.limit or live.limit
        self.show(lambda width: draw(usage, width))


def read_usage(data_dir: Path, cache_dir: Path | None, folder: Path, thread_id: str) -> Usage:
    """From the index of the threads; takes a while the first time. PlugskyError where it cannot be read."""
    from plugsky_tui.config.settings import load
    from plugsky_tui.providers import rate_memory
    from plugsky_tui.threads.store import ThreadStore  # opens the index: not before somebody asks

    settings, store, now = load(folder).settings, ThreadStore(data_dir), time.time()
    today = store.used(midnight(now, 0))
    known = rate_memory.load(cache_dir).values() if cache_dir is not None else ()
    return Usage(
        Report(store.used(0.0, thread_id=thread_id), settings.providers),
        Report(today, settings.providers),
        per_minute(today, settings, known, now),
    )


def draw(usage: Usage, width: int) -> list[Content]:
    lines = [*_plan(usage.minute, width), Content("")]
    lines += _of("This thread", usage.thread, width)
    lines += [Content(""), *_of("Today, all threads", usage.today, width)]
    if usage.thread.by_tool:
        lines += [Content(""), heading("Tools in this thread")]
        lines += table(("", "Calls", "OK", "Failed", "Refused"), _tool_rows(usage.thread.by_tool), width)
    return [*lines, Content(""), *prose("By day, and further back: plugsky stats", width, "$text-muted")]


def _of(title: str, report: Report, width: int) -> list[Content]:
    if not report.totals.requests:
        return [heading(title), *prose("No requests yet.", width, "$text-muted")]
    rows = [_request_row(_named(row), row.sums) for row in report.by_model]
    if len(rows) > 1:
        rows.append(_request_row("together", report.totals))
    lines = [heading(title), *table(_COLUMNS, rows, width)]
    odd = [
        f"{count} {what}"
        for count, what in (
            (report.totals.retried, "sent again"),
            (report.totals.failed, "failed"),
            (report.totals.interrupted, "interrupted"),
        )
        if count
    ]
    return [*lines, *prose(f"Of the requests: {', '.join(odd)}.", width, "$text-muted")] if odd else lines


def _request_row(name: str, sums: Sums) -> list[str]:
    tokens = (sums.prompt_tokens, sums.cached_tokens, sums.completion_tokens)
    return [name, f"{sums.requests:,}", *map(thousands, tokens)]


def _named(row: ModelRow) -> str:
    return f"{row.asked} → {row.model}" if row.routed else row.asked


def _tool_rows(by_tool: Sequence[tuple[str, ToolSums]]) -> list[list[str]]:
    rows = [[name, *_counts(sums)] for name, sums in by_tool[:_TOOLS]]
    if rest := by_tool[_TOOLS:]:
        more = ToolSums()
        for _, sums in rest:
            for kind in ("calls", "ok", "failed", "refused"):
                setattr(more, kind, getattr(more, kind) + getattr(sums, kind))
        rows.append([f"{len(rest)} more", *_counts(more)])
    return rows


def _counts(sums: ToolSums) -> list[str]:
    return [f"{count:,}" for count in (sums.calls, sums.ok, sums.failed, sums.refused)]


def _plan(minute: PerMinute, width: int) -> list[Content]:
    title = heading("Requests in the last minute")
    if not minute.limit:
        host = minute.host or "the server"
        return [
            title,
            *prose(f"{minute.now:,}. The plan's limit is not known yet: answers of {host} will tell.", width),
        ]
    style = "$text-warning" if minute.now >= _NEAR * minute.limit else "$text-success"
    count = f"  {minute.now:,} of {minute.limit:,}"
    if minute.source == "configured":
        count += " (api.rpm)"
    room = max(min(width - len(count), 40), 4)
    return [title, Content.assemble(bar([(minute.now, style)], minute.limit, room), count).truncate(width)]
