"""The commands in the background: a list, what each has printed, and an end to it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from plugsky_tui.frontends.line.asking import Desk, Option
from plugsky_tui.frontends.line.words import one_line

if TYPE_CHECKING:
    from plugsky_tui.session.session import Session
    from plugsky_tui.workspace.jobs import Job

_LAST = 20_000  # characters of an output


async def show_jobs(desk: Desk, session: Session) -> None:
    """Let the user look at one of the jobs, and end it."""
    jobs = session.jobs()
    if not jobs:
        desk.paper.line("There are no jobs. A command that runs for long can go on in the background: /background.")
        return
    options = [Option(job, f"{job.job_id}, {job.describe()}: {one_line(job.command)}") for job in jobs]
    job = await desk.choose("Jobs in the background", options)
    if job is not None:
        await _show(desk, job)


async def _show(desk: Desk, job: Job) -> None:
    printed = await asyncio.to_thread(job.last, _LAST)
    desk.paper.line(printed.rstrip("\n") or "It has printed nothing.", "output")
    desk.paper.line(f"{job.job_id}, {job.describe()}.")
    if job.ended is None and (await desk.ask("End it? y ends it, Enter lets it run: ")).lower() in ("y", "yes", "1"):
        await job.kill()
        desk.paper.line(f"{job.job_id}, {job.describe()}.")


def move_to_background(session: Session | None) -> str:
    """Move the command that has run longest; what came of that, for the user."""
    waited_for = session.foreground() if session is not None else []
    if session is None or not waited_for or not session.background(waited_for[0].call_id):
        return "No command is running that could be moved to the background."
    return "It goes on in the background: /jobs shows it."
