"""shell: a command line, run with bash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Plan, Progress, RunCommand, Tool, ToolContext, ToolError, ToolResult

LONGEST_S = 3600.0


@dataclass
class Params:
    command: Annotated[str, "The command line, for bash."]
    timeout_s: Annotated[float, "Seconds after which it is stopped (at most 3600)."] = 120
    description: Annotated[str, "What it does, in a few words, for the user."] = ""


class Shell(Tool[Params]):
    name = "shell"
    description = """Runs a command line with bash in the workspace folder and returns what it prints (stdout and stderr) and its exit code.
Each call is a new shell: cd and variables do not last, so use paths, or cd DIR && ... There is no terminal and no input: pass what a program would ask for as options (-y, -m). Processes left in the background are stopped when the command ends.
Prefer read, grep, glob, list, edit and write to cat, grep, find, ls and sed. Quote paths with spaces."""
    main_parameter = "command"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        command = params.command
        if not command.strip():
            raise ToolError("The command is empty.", hint="Send a command line for bash.")
        if not 0 < params.timeout_s <= LONGEST_S:
            raise ToolError(
                f"timeout_s is {params.timeout_s:g}: it counts seconds, more than 0 and at most {LONGEST_S:.0f}."
            )
        folder = context.root.folder

        async def act(progress: Progress) -> ToolResult:
            return await _run(params, folder, context, progress)

        return Plan(f"Run {command.strip()}", act, [RunCommand(command, folder)], [TextBlock(command, "bash")])


async def _run(params: Params, folder: str, context: ToolContext, progress: Progress) -> ToolResult:
    from plugsky_tui.workspace.processes import run_command

    ended = await run_command(
        params.command,
        cwd=folder,
        environment=context.environment,
        spill=context.spill,
        progress=progress,
        timeout_s=params.timeout_s,
    )
    lines = [ended.output.rstrip("\n")] if ended.output.strip() else ["(no output)"]
    if ended.timed_out:
        lines.append(
            f"(stopped: it took longer than {params.timeout_s:g} s; a larger timeout_s would give it more time)"
        )
    elif ended.signal:
        lines.append(f"(ended by the signal {ended.signal})")
    else:
        lines.append(f"(exit code {ended.exit_code})")
    if ended.stopped:
        lines.append(f"(left running in the background, and stopped: {', '.join(ended.stopped)})")
    if ended.running:
        lines.append(f"(still running, in a session of its own: {', '.join(ended.running)})")
    display = TextBlock(ended.output.rstrip("\n"), "console")
    return ToolResult("\n".join(lines), ok=ended.exit_code == 0, display=[display])
