"""The background jobs: a list of them, and each one's output as it comes. A key ends the one that is marked or shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.events import Mount

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.jobs import running
from plugsky_tui.frontends.tui.keys import Keys, bindings
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.layers.reader import ReaderLayer
from plugsky_tui.frontends.tui.widgets.activity import duration
from plugsky_tui.frontends.tui.widgets.blocks import Part, safe

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.jobs import Workplace
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.workspace.jobs import Job

_LIST_S = 1.0
_OUTPUT_S = 0.5
_LAST = 50_000  # characters shown of an output


class JobsPanel:
    """`show` is the list and what is opened from it. `say` tells the user something in passing."""

    def __init__(self, workplace: Workplace, layers: Layers, keys: Keys, say: Callable[[str], None]) -> None:
        self._workplace = workplace
        self._layers = layers
        self._keys = keys
        self._say = say
        self._ending: dict[str, asyncio.Task[None]] = {}  # by job id

    async def show(self) -> None:
        """Until the user closes the list. What is being ended then is waited for."""
        marked: str | None = None
        while True:
            marked = await self._layers.ask(JobPicker(self, marked))
            job = self.find(marked)
            if job is None:
                break
            await self._layers.ask(JobReader(self, job))
        await asyncio.gather(*self._ending.values())

    def find(self, job_id: str | None) -> Job | None:
        return next((job for job in self._workplace.jobs() if job.job_id == job_id), None)

    def picks(self) -> list[Pick[str]]:
        """Those that run first, the newest on top."""
        jobs = self._workplace.jobs()[::-1]
        jobs.sort(key=lambda job: job.ended is not None)
        return [
            Pick(
                job.job_id,
                job.job_id,
                f"{self.state(job)} · {_line(job.command)}",
                current=job.ended is None,
                words=job.description,
                faint=job.ended is not None,
            )
            for job in jobs
        ]

    def note(self) -> str:
        jobs, waited_for = self._workplace.jobs(), self._workplace.foreground()
        if waited_for:
            key = self._keys.of("job.background") or "/background"
            return f"Not in the background: {_line(waited_for[0].command)[:60]} ({key} moves it here)"
        if not jobs:
            return (
                "There are no jobs. A command that runs for long can go on in the background, and is then listed here."
            )
        return "" if running(jobs) else "None of them runs any more. Enter shows what they printed."

    def keys(self, begin: str) -> str:
        key = self._keys.of("job.end")
        return " · ".join(part for part in (begin, f"{key} end it" if key else "", "Esc") if part)

    def state(self, job: Job) -> str:
        """In a few words: "running 2m 05s", "exit code 1 after 12s"."""
        seconds = duration(job.seconds)
        if job.ended is None:
            return f"ending {seconds}" if job.job_id in self._ending else f"running {seconds}"
        if job.state == "killed":
            return f"ended by request after {seconds}"
        if job.ended.signal:
            return f"{job.ended.signal} after {seconds}"
        return f"exit code {job.ended.exit_code} after {seconds}"

    def end(self, job: Job) -> None:
        """Begin to end `job`: it has two seconds to do so in order."""
        if job.ended is not None:
            self._say(f"{job.job_id} has ended already: {self.state(job)}.")
        elif job.job_id not in self._ending:
            self._ending[job.job_id] = asyncio.create_task(self._end(job))
            self._say(f"{job.job_id} is being ended…")

    async def _end(self, job: Job) -> None:
        try:
            await job.kill()
        finally:
            del self._ending[job.job_id]
        self._say(f"{job.job_id}: {self.state(job)}.")


class JobPicker(Picker[str]):
    """Ends with the id of the job to look at. `marked` is the one looked at before."""

    BINDINGS = bindings("jobs")

    def __init__(self, panel: JobsPanel, marked: str | None) -> None:
        super().__init__(
            "Jobs in the background",
            picks := panel.picks(),
            note=panel.note(),
            keys=panel.keys("Enter output") if picks else "Esc",
        )
        self._panel = panel
        self._marked = marked

    def on_mount(self, event: Mount) -> None:
        self.set_interval(_LIST_S, self._look)
        self.call_after_refresh(self._mark)

    def _mark(self) -> None:
        """Back from an output, the mark is where it was."""
        ids = [pick.value for pick in self._panel.picks()]
        if self._marked in ids:
            self._list.highlighted = ids.index(self._marked)

    def _look(self) -> None:
        self.set_picks(self._panel.picks(), self._panel.note())

    def action_end_job(self) -> None:
        job = self._panel.find(self.marked.value if self.marked is not None else None)
        if job is not None:
            self._panel.end(job)
            self._look()


class JobReader(ReaderLayer):
    """The command, how it stands, and the end of its output; follows what comes as long as its end is in sight."""

    BINDINGS = bindings("jobs")

    def __init__(self, panel: JobsPanel, job: Job) -> None:
        super().__init__(f"{job.job_id} · {panel.state(job)}", [*_head(job), ("faint", "…")])
        self._panel = panel
        self._job = job
        self._looking: asyncio.Task[None] | None = None
        self._done = False

    def on_mount(self, event: Mount) -> None:
        self.set_interval(_OUTPUT_S, self._look)
        self._look()

    def action_end_job(self) -> None:
        self._panel.end(self._job)
        self._look()

    def _look(self) -> None:
        if not self._done and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        self._done = self._job.ended is not None  # what is read from now on is all of it
        text = await asyncio.to_thread(self._job.last, _LAST)
        if not self.is_mounted:
            return
        self.border_subtitle = Content(self._panel.keys("↑↓ PgUp PgDn"))
        self.border_title = Content(f"{self._job.job_id} · {self._panel.state(self._job)}")
        output: list[Part] = [("text", line) for line in safe(text.rstrip("\n")).split("\n")] if text.strip() else []
        following = self._view.scroll_offset.y >= self._view.max_scroll_y
        self._view.set_parts(
            [*_head(self._job), *(output or [("faint", "No output yet." if not self._done else "No output.")])]
        )
        if following:
            self.call_after_refresh(self._view.scroll_end, animate=False)


def _head(job: Job) -> list[Part]:
    about: list[Part] = [("faint", safe(job.description))] if job.description else []
    where: list[Part] = [("faint", f"All it prints is in {safe(job.path)}")] if job.path else []
    return [*(("command", line) for line in safe(job.command).split("\n")), *about, *where, ("text", "")]


def _line(command: str) -> str:
    return " ".join(clean(command).split())
