"""What the user does beside prompting, in the same session: commands of their own, lines for AGENTS.md, and what their
prompts name with `@`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui.kernel.events import Event, ToolCalled, ToolOutput, ToolResulted
from plugsky_tui.kernel.redaction import StreamRedactor, redact
from plugsky_tui.session.enclosures import Ran

if TYPE_CHECKING:
    from plugsky_tui.kernel.display import DiffBlock
    from plugsky_tui.kernel.ports import Gate, Toolbox
    from plugsky_tui.session.mentions import Looked
    from plugsky_tui.tooling.context import ToolContext
    from plugsky_tui.workspace.processes import Ended

USERS_CALL = "user_"  # how ids of the user's own commands begin
_KEPT = 30_000  # characters of the output of a command that is stopped


class Beside:
    """`context` is that of the agent's tools: the same folder, environment and jobs. `keys` are kept out of all that
    is shown or told. `noted` is called when the instructions have changed."""

    def __init__(
        self,
        *,
        folder: Path,
        data_dir: Path,
        context: ToolContext,
        toolbox: Toolbox,
        gate: Gate,
        keys: Callable[[], Sequence[str]],
        noted: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._data_dir = data_dir
        self._context = context
        self._toolbox = toolbox
        self._gate = gate
        self._keys = keys
        self._noted = noted
        self._count = 0

    async def run(self, command: str, show: Callable[[Event], None]) -> Ran:
        """Run `command` with bash in the folder. The user typed it: nothing is asked, and it has no time limit.

        `show` is given the call, its output as it comes, and its result. Cancelling stops the command; what it printed is
        returned all the same. ToolError where it cannot be started.
        """
        self._count += 1
        call_id = f"{USERS_CALL}{self._count}"
        show(ToolCalled(call_id, "shell", {"command": redact(command, self._keys())}))
        live = StreamRedactor(self._keys())
        seen = ""

        def progress(piece: str) -> None:
            nonlocal seen
            if piece := live.feed(piece):
                seen = (seen + piece)[-_KEPT:]
                show(ToolOutput(call_id, piece))

        began = monotonic()
        try:
            ran = await self._ran(command, call_id, progress)
        except asyncio.CancelledError:
            ran = Ran(command, seen + live.end(), "stopped by the user")
        except BaseException:
            show(ToolResulted(call_id, False, "It could not be run.", monotonic() - began))
            raise
        ran = Ran(redact(ran.command, self._keys()), redact(ran.output, self._keys()), ran.end)
        show(result_event(call_id, ran, monotonic() - began))
        return ran

    async def _ran(self, command: str, call_id: str, progress: Callable[[str], None]) -> Ran:
        from plugsky_tui.workspace.jobs import Job, Jobs

        context = self._context
        outcome = await (context.jobs or Jobs()).run(
            command,
            call_id=call_id,
            cwd=context.root.folder,
            environment=context.environment,
            spill=context.spill,
            progress=progress,
            timeout_s=None,
            description="the user's own",
        )
        if isinstance(outcome, Job):
            return Ran(command, outcome.look().strip("\n"), f"it goes on in the background as {outcome.job_id}")
        return Ran(command, outcome.output.strip("\n"), _end_of(outcome))

    async def note(self, text: str) -> DiffBlock:
        """Add a line to the instructions; what changed. The next prompt is sent with it. PlugskyError where it cannot be."""
        from plugsky_tui.session.memory import add_note

        block = await asyncio.to_thread(add_note, self._folder, redact(text, self._keys()))
        self._noted()
        return block

    async def look(self, prompt: str, passed: tuple[str, ...] = ()) -> Looked:
        """The files and threads that `prompt` names; files whose names end in one of `passed` are left out."""
        from plugsky_tui.session.mentions import MentionReader

        return await MentionReader(self._folder, self._data_dir, self._toolbox, self._gate).look(prompt, passed)


def result_event(call_id: str, ran: Ran, seconds: float) -> ToolResulted:
    """How a command of the user's is shown when it has ended."""
    from plugsky_tui.kernel.display import TextBlock

    lines = [ran.output] if ran.output.strip() else []
    if not ran.ok or not lines:
        lines.append(f"({ran.end})")
    text = "\n".join(lines)
    return ToolResulted(call_id, ran.ok or "background" in ran.end, text, seconds, [TextBlock(text, "console")])


def _end_of(ended: Ended) -> str:
    from plugsky_tui.workspace.process_table import named

    end = f"ended by the signal {ended.signal}" if ended.signal else f"exit code {ended.exit_code}"
    if ended.stopped:
        end += f"; left running in the background, and stopped: {named(ended.stopped)}"
    if ended.running:
        end += f"; still running, in a session of its own: {named(ended.running)}"
    return end
