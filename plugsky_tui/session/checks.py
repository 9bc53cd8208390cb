"""The checks of `[checks]`: run when the model would end its answer after changing files; what fails goes back to it.

At most three times in a run. What cannot be started or is denied by a rule is told to the user, once, and never to
the model, who could do nothing about it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.events import Event, Notice
from plugsky_tui.kernel.loop import Objection, Review, Run
from plugsky_tui.kernel.messages import AssistantMessage, ToolCall
from plugsky_tui.kernel.ports import Gate, Prepared, Progress, RunCommand, ToolResult
from plugsky_tui.kernel.redaction import redact
from plugsky_tui.permissions.gate import HARMLESS_TOOLS
from plugsky_tui.permissions.rules import EDITORS
from plugsky_tui.session.checks_commands import Check, checks_of, command_line
from plugsky_tui.session.checks_files import WatchedFiles
from plugsky_tui.session.checks_words import Failure, brief, excerpt, how_it_ended, objection

if TYPE_CHECKING:
    from plugsky_tui.tooling.toolbox import ToolboxOf
    from plugsky_tui.workspace.processes import Ended

MOST_OBJECTIONS = 3  # in one run
TIME_LIMIT_S = 300.0  # of one command
_NOT_STARTED = {126: "Its program cannot be run", 127: "Its program is not installed"}  # bash(1), EXIT STATUS
# Calls after which nothing is to be checked again: edits say what they changed, the others change nothing.
_TELLING = EDITORS | (HARMLESS_TOOLS - {"task"})


class Checks:
    """The checks of a session."""

    def __init__(
        self,
        configured: Mapping[str, str | list[str]],
        *,
        toolbox: ToolboxOf,
        gate: Gate,
        keys: Callable[[], Sequence[str]],
    ) -> None:
        """`configured` as in the settings; `keys` are kept out of all that is said."""
        self.checks, self._problems = checks_of(configured)
        self.context = toolbox.context
        self.reads_only = toolbox.reads_only
        self.keys = keys
        self._gate = gate
        self._told: set[str] = set()

    def reviews(self, run: Run) -> list[Review]:
        """For `Run.reviews`."""
        return [_RunReview(self, run).review]

    def problems(self) -> list[Notice]:
        """What is wrong with the configuration, told once."""
        problems, self._problems = self._problems, []
        return [Notice("checks_skipped", problem) for problem in problems]

    async def run(self, line: str) -> Ended:
        """ToolError where it cannot be started. Cancelling stops it."""
        from plugsky_tui.workspace.processes import run_command

        return await run_command(
            line,
            cwd=self.context.root.folder,
            environment=self.context.environment,
            spill=self.context.spill,
            progress=lambda text: None,
            timeout_s=TIME_LIMIT_S,
        )

    def refusal(self, line: str) -> str | None:
        """Why a rule, or what holds in every mode, does not let `line` run. Nobody is asked: the user wrote it down."""
        folder = self.context.root.folder
        call = ToolCall("", "shell", {"command": line})
        judgement = self._gate.judge(Prepared(call, line, [RunCommand(line, folder)], _nothing))
        return judgement.reason if judgement.verdict == "deny" else None

    def skipped(self, command: str, line: str, why: str) -> list[Notice]:
        """Told once in a session for each command of the configuration."""
        if command in self._told:
            return []
        self._told.add(command)
        return [Notice("checks_skipped", f"Check left out: {brief(line)}\n{why}")]


class _RunReview:
    """The checks of one run."""

    def __init__(self, checks: Checks, run: Run) -> None:
        self._checks = checks
        self._run = run
        self._failing: dict[str, list[str]] = {}  # command -> the files it found something in, or was run for
        self._failures: list[Failure] = []  # of the last time
        self._rewritten: dict[str, list[str]] = {}  # command line -> files it has changed, not told the model yet
        self._sent_back = 0
        self._heard = 0  # how long the conversation was when it was sent back last
        self._over = False

    async def review(self, text: str) -> AsyncIterator[Event | Objection]:
        changed = list(dict.fromkeys(self._run.changed))
        self._run.changed.clear()
        if self._over or not (changed or self._failing):
            return
        if not changed and not self._acted():
            yield self._given_up("The model changed nothing more.")
            return
        for problem in self._checks.problems():
            yield problem
        due = self._due(changed)
        if not due:
            return
        watched = WatchedFiles(self._checks.context.root, self._known(due))
        await watched.begin()
        self._failing, self._failures = {}, []
        for check, files in due:
            async for notice in self._one(check.command, files, watched):
                yield notice
        if not self._failures:
            return
        if self._sent_back == MOST_OBJECTIONS:
            yield self._given_up(f"The model was told of it {MOST_OBJECTIONS} times.")
            return
        self._sent_back += 1
        self._heard = len(self._run.conversation)
        spill = self._checks.context.spill
        words = objection(self._failures, self._rewritten, spill, time=self._sent_back, most=MOST_OBJECTIONS)
        self._rewritten = {}
        yield Objection(words, f"Sent back to the model ({self._sent_back} of {MOST_OBJECTIONS}).")

    def _due(self, changed: Sequence[str]) -> list[tuple[Check, list[str]]]:
        """The checks to run, in the order of the configuration, each with its files: what changed, and what failed."""
        due: list[tuple[Check, list[str]]] = []
        for check in self._checks.checks:
            files = [*self._failing.get(check.command, []), *filter(check.concerns, changed)]
            if files:
                due.append((check, list(dict.fromkeys(files))))
        return due

    def _acted(self) -> bool:
        """Whether the model has done something since that may have changed files without saying which."""
        since = self._run.conversation[self._heard :]
        calls = [call for message in since if isinstance(message, AssistantMessage) for call in message.calls]
        denied = {denial.call_id for denial in self._run.denied}
        names = {call.name for call in calls if call.call_id not in denied}
        return any(name not in _TELLING and not self._checks.reads_only(name) for name in names)

    def _known(self, due: Sequence[tuple[Check, list[str]]]) -> list[str]:
        """What the model knows the content of, and should be told of when a check changes it."""
        reads = self._checks.context.reads
        return [*(reads.paths() if reads is not None else []), *(file for _, files in due for file in files)]

    async def _one(self, command: str, files: list[str], watched: WatchedFiles) -> AsyncIterator[Notice]:
        checks = self._checks
        line = command_line(command, files, checks.context.root.folder)
        if line is None:
            return
        if why := checks.refusal(line):
            for notice in checks.skipped(command, line, why):
                yield notice
            return
        yield Notice("checks", f"Running {brief(line)} …")
        try:
            ended = await checks.run(line)
        except ToolError as error:
            for notice in checks.skipped(command, line, error.message):
                yield notice
            return
        rewritten = await watched.changed()
        if rewritten:
            self._rewritten[line] = rewritten
        also = f" (it changed {', '.join(rewritten)})" if rewritten else ""
        also += f" (still running, in a session of its own: {', '.join(ended.running)})" if ended.running else ""
        if ended.exit_code == 0:
            yield Notice("checks_passed", f"Check passed: {brief(line)}{also}")
            return
        output = redact(ended.output, checks.keys())
        if ended.exit_code in _NOT_STARTED:
            why = f"{_NOT_STARTED[ended.exit_code]} (exit code {ended.exit_code})\n{excerpt(output)}"
            for notice in checks.skipped(command, line, why.rstrip()):
                yield notice
            return
        how = how_it_ended(ended, TIME_LIMIT_S)
        self._failing[command] = files
        self._failures.append(Failure(line, how, output, ended.saved_in))
        shown = excerpt(output, whole=ended.saved_in is None)
        yield Notice("checks_failed", f"Check failed ({how}): {brief(line)}{also}\n{shown}".rstrip())

    def _given_up(self, why: str) -> Notice:
        self._over = True
        which = ", ".join(brief(failure.line) for failure in self._failures)
        return Notice("checks_given_up", f"The checks still fail: {which}\n{why}")


async def _nothing(progress: Progress) -> ToolResult:
    return ToolResult("")
