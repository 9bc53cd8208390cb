"""shell: a command line, run with bash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Plan, Progress, RunCommand, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.context import CALL_ID

if TYPE_CHECKING:
    from plugsky_tui.workspace.jobs import Job
    from plugsky_tui.workspace.processes import Ended

LONGEST_S = 3600.0
_FIRST_LOOK_S = 0.5  # what fails at once is told at once


@dataclass
class Params:
    command: Annotated[str, "The command line, for bash."]
    timeout_s: Annotated[float, "Seconds after which it is stopped (at most 3600; none in the background)."] = 120
    background: Annotated[bool, "Return at once with a job_id, and let it go on: servers, watchers, long builds."] = (
        False
    )
    description: Annotated[str, "What it does, in a few words, for the user."] = ""


class Shell(Tool[Params]):
    name = "shell"
    description = """Runs a command line with bash in the workspace folder and returns what it prints (stdout and stderr) and its exit code.
Each call is a new shell: cd and variables do not last, so use paths, or cd DIR && ... There is no terminal and no input: pass what a program would ask for as options (-y, -m). Processes left in the background with & are stopped when the command ends; for what must go on (a server), set background, and use shell_output and shell_kill.
Prefer read, grep, glob, list, edit and write to cat, grep, find, ls and sed. Quote paths with spaces."""
    main_parameter = "command"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        command = params.command
        if not command.strip():
            raise ToolError("The command is empty.", hint="Send a command line for bash.")
        if not 0 < params.timeout_s <= LONGEST_S:
            raise ToolError(
                f"timeout_s is {params.timeout_s:g}: it counts seconds, more than 0 and at most {LONGEST_S:.0f}.",
                hint="Leave it out for 120, or set background for what is to go on.",
            )
        if params.background and context.jobs is None:
            raise ToolError(
                "There are no background jobs here: they end with their session, and this is a single call.",
                hint="Leave background out.",
            )
        folder = context.root.folder
        run = _start if params.background else _run

        async def act(progress: Progress) -> ToolResult:
            return await run(params, folder, context, progress)

        title = f"Run {command.strip()}{' in the background' if params.background else ''}"
        return Plan(title, act, [RunCommand(command, folder)], [TextBlock(command, "bash")])


async def _run(params: Params, folder: str, context: ToolContext, progress: Progress) -> ToolResult:
    from plugsky_tui.workspace.jobs import Job, Jobs

    outcome = await (context.jobs or Jobs()).run(
        params.command,
        call_id=CALL_ID.get(),
        cwd=folder,
        environment=context.environment,
        spill=context.spill,
        progress=progress,
        timeout_s=params.timeout_s,
        description=params.description,
    )
    if isinstance(outcome, Job):
        return _in_background(outcome, "The user moved it to the background, where it goes on", context)
    return _ended(outcome, params, context)


def _ended(ended: Ended, params: Params, context: ToolContext) -> ToolResult:
    from plugsky_tui.workspace.process_table import named

    lines = [ended.output.rstrip("\n")] if ended.output.strip() else ["(no output)"]
    if ended.timed_out:
        more = " or background" if context.jobs is not None else ""
        lines.append(
            f"(stopped: it took longer than {params.timeout_s:g} s; a larger timeout_s{more} would give it more time)"
        )
    elif ended.signal:
        lines.append(f"(ended by the signal {ended.signal})")
    else:
        lines.append(f"(exit code {ended.exit_code})")
    if ended.stopped:
        lines.append(f"(left running in the background, and stopped: {named(ended.stopped)})")
    if ended.running:
        lines.append(f"(still running, in a session of its own: {named(ended.running)})")
    lines += _news(context)
    display = TextBlock(ended.output.rstrip("\n"), "console")
    return ToolResult("\n".join(lines), ok=ended.exit_code == 0, display=[display])


async def _start(params: Params, folder: str, context: ToolContext, progress: Progress) -> ToolResult:
    assert context.jobs is not None
    job = await context.jobs.start(
        params.command,
        cwd=folder,
        environment=context.environment,
        spill=context.spill,
        description=params.description,
    )
    await job.wait_ended(_FIRST_LOOK_S)
    return _in_background(job, "Started in the background", context)


def _in_background(job: Job, how: str, context: ToolContext) -> ToolResult:
    output = job.look().strip("\n")
    job.told = job.ended is not None
    lines = [f"{how}: job_id {job.job_id}.", output or "(no output yet)", f"({job.job_id}: {job.describe()})"]
    if job.ended is None:
        saved = f" All it prints is also in {job.path}." if job.path else ""
        lines.append(
            f"(shell_output shows what it prints, shell_kill ends it; at the latest it ends with this session.{saved})"
        )
    lines += _news(context)
    failed = job.ended is not None and job.ended.exit_code != 0
    return ToolResult("\n".join(lines), ok=not failed, display=[TextBlock(output, "console")])


def _news(context: ToolContext) -> list[str]:
    """Of jobs that have ended meanwhile: who waits for one should not have to ask again and again."""
    ended = context.jobs.news() if context.jobs is not None else []
    return [f"({job.job_id}{_how(job)}; shell_output has its output)" for job in ended]


def _how(job: Job) -> str:
    return ": the user has ended it" if job.state == "killed" else f" has {job.describe()}"
