"""The semantic index, built beside a session; and what is said of it, in every front end alike."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.session.folder_index import FolderIndex
    from plugsky_tui.session.options import Options
    from plugsky_tui.workspace.semantic.build import Built, Plan

TOLD_EVERY_S = 1.0


class Indexing:
    """`/index`: `passing` shows for a moment how far it is, `told` is given what is to stay on screen."""

    def __init__(self, *, options: Callable[[], Options], passing: Callable[[str], None], told: Callable[[str], None]):
        self._options = options
        self._passing = passing
        self._told = told
        self._task: asyncio.Future[None] | None = None
        self._plan: Plan | None = None
        self._index: FolderIndex | None = None
        self._done = 0
        self._shown_at = 0.0

    async def toggle(self) -> None:
        """Build the index, to its end; where one is being built, stop that. PlugskyError where it fails."""
        if self._task is not None:
            self._task.cancel()
            return
        self._plan, self._done = None, 0
        task = self._task = asyncio.ensure_future(self._build())
        try:
            await asyncio.wait({task})
        finally:
            self._task = None
            task.cancel()
        if task.cancelled():
            self._told(f"The index is not complete: {self._kept()} /index goes on from there.")
            return
        task.result()

    async def _build(self) -> None:
        from plugsky_tui.session.folder_index import FolderIndex, IndexOptions

        given = self._options()
        self._index = await asyncio.to_thread(
            FolderIndex,
            IndexOptions(given.folder, None, given.offline, given.mode, given.allow, given.deny, given.pacers),
        )
        began = monotonic()
        self._passing("Looking for what has changed since the index was built …")
        built = await self._index.build(self)
        lines = [summary(built, monotonic() - began), *left_out(self._index, built)]
        if built.chunks:
            lines.append("The model is offered semantic_search from the next thread on (/new).")
        self._told("\n".join(lines))

    def _kept(self) -> str:
        if self._plan is None:
            return "it was stopped before anything was asked."
        return f"{self._done:,} of {self._plan.missing:,} chunks are kept."

    # --- a `workspace.semantic.build.Watcher` -----------------------------------------------------

    def say(self, text: str) -> None:
        self._passing(text)

    def waiting(self, text: str, seconds: float | None) -> None:
        if seconds and seconds >= TOLD_EVERY_S:
            waits = "" if "waiting" in text else f": waiting {math.ceil(seconds)} s"
            self._passing(f"{text.rstrip('.')}{waits} · /index again stops it")

    def planned(self, plan: Plan) -> None:
        self._plan = plan
        if plan.missing and self._index is not None:
            self._told(f"/index {sending(self._index, plan)}.")

    def advanced(self, chunks: int) -> None:
        self._done += chunks
        if self._plan is not None and monotonic() - self._shown_at >= TOLD_EVERY_S:
            self._shown_at = monotonic()
            self._passing(f"Index: {self._done:,} of {self._plan.missing:,} chunks · /index again stops it")


def sending(index: FolderIndex, plan: Plan) -> str:
    """What is about to be sent, and to whom."""
    from plugsky_tui.workspace.files import size_text

    files = f"{plan.asked_files:,} file{'' if plan.asked_files == 1 else 's'}"
    chunks = f"{plan.missing:,} chunk{'' if plan.missing == 1 else 's'}"
    requests = f"about {plan.requests:,} request{'' if plan.requests == 1 else 's'}"
    return f"sends {chunks} of {files} ({size_text(plan.characters)} of text) to {index.host} ({index.model}), in {requests}"


def summary(built: Built, seconds: float) -> str:
    plan = built.plan
    done = f"{plan.files:,} file{'' if plan.files == 1 else 's'} indexed"
    if not plan.changed and not plan.gone:
        return f"Up to date: {done}."
    news = [f"{plan.changed:,} new or changed"] + ([f"{plan.gone:,} gone"] if plan.gone else [])
    known = plan.chunks - plan.missing
    kept = f", {known:,} known before" if known else ""
    return f"{done} ({', '.join(news)}): {built.chunks:,} chunk{'' if built.chunks == 1 else 's'} embedded{kept}, in {lasting(seconds)}."


def left_out(index: FolderIndex, built: Built) -> list[str]:
    """What is not in the index, and why."""
    alike: dict[str, list[str]] = {}
    for path, reason in built.plan.skipped.items():
        alike.setdefault(reason, []).append(path)
    told = [
        f"{paths[0]} {reason}" + (f" ({len(paths) - 1:,} more like it)" if len(paths) > 1 else "")
        for reason, paths in sorted(alike.items())
    ]
    lines = [f"not indexed: {', '.join(told)}"] if told else []
    if index.secrets:
        more = f" and {len(index.secrets) - 3:,} more" if len(index.secrets) > 3 else ""
        lines.append(f"not read, since they may hold secrets: {', '.join(index.secrets[:3])}{more}")
    if index.denied:
        lines.append(f"not read, since a rule keeps them out: {index.denied:,} file{'' if index.denied == 1 else 's'}")
    if built.plan.beyond:
        lines.append(f"not indexed, since there are so many: {built.plan.beyond:,} files further down")
    if built.moved:
        lines.append(
            f"{built.moved:,} file{'' if built.moved == 1 else 's'} changed meanwhile: run plugsky index again"
        )
    return lines


def lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.0f} h" if minutes < 2880 else f"{minutes / 1440:.0f} days"
