"""shell_kill: end a background job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolResult


@dataclass
class Params:
    job_id: Annotated[str, "The job, such as job_1.", Also("id", "shell_id", "bash_id", "task_id")]


class ShellKill(Tool[Params]):
    name = "shell_kill"
    description = "Ends a background job of shell, with all processes it has started, and shows its last output."
    main_parameter = "job_id"
    absent = "There are no background jobs here: they belong to a session.\nRun the command with shell, and wait for its end."

    def offered(self, context: ToolContext) -> bool:
        return context.jobs is not None

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        assert context.jobs is not None
        job = context.jobs.get(params.job_id)

        async def act(progress: Progress) -> ToolResult:
            from plugsky_tui.workspace.process_table import named

            before = ", before this call" if job.ended is not None else ""
            ended = await job.kill()
            output = job.look().strip("\n")
            job.told = True
            lines = [output] if output else []
            lines.append(f"({job.job_id}{before}: {job.describe()})")
            if ended.running:
                lines.append(f"(still running, in a session of its own: {named(ended.running)})")
            return ToolResult("\n".join(lines), display=[TextBlock(output, "console")])

        return Plan(f"End {job.job_id} ({' '.join(job.command.split())})", act)
