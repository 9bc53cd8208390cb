"""shell_output: what a background job has printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult

LONGEST_S = 60.0


@dataclass
class Params:
    job_id: Annotated[str, "The job, such as job_1.", Also("id", "shell_id", "bash_id", "task_id")]
    wait_s: Annotated[
        float, "Seconds to wait for new output, or for its end, where there is none yet (at most 60)."
    ] = 5


class ShellOutput(Tool[Params]):
    name = "shell_output"
    description = """Shows what a background job of shell has printed since you looked last, and whether it still runs, or its exit code.
It waits a little for something new. Rather than look again and again, give a longer wait_s, or do something else meanwhile: you are told when a job has ended."""
    reads_only = True
    main_parameter = "job_id"
    absent = "There are no background jobs here: they belong to a session.\nRun the command with shell, and wait for its end."

    def offered(self, context: ToolContext) -> bool:
        return context.jobs is not None

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if not 0 <= params.wait_s <= LONGEST_S:
            raise ToolError(
                f"wait_s is {params.wait_s:g}: it counts seconds, at least 0 and at most {LONGEST_S:.0f}.",
                hint="Leave it out for 5; call again to wait longer.",
            )
        assert context.jobs is not None
        job = context.jobs.get(params.job_id)

        async def act(progress: Progress) -> ToolResult:
            from plugsky_tui.workspace.process_table import named

            await job.wait(params.wait_s)
            output = job.look().strip("\n")
            job.told = job.ended is not None
            lines = [output or "(nothing new)", f"({job.job_id}: {job.describe()})"]
            if job.ended is not None and job.ended.stopped:
                lines.append(f"(left running by it, and stopped: {named(job.ended.stopped)})")
            if job.ended is not None and job.ended.running:
                lines.append(f"(still running, in a session of its own: {named(job.ended.running)})")
            return ToolResult("\n".join(lines), display=[TextBlock(output, "console")])

        return Plan(f"Output of {job.job_id}", act)
