"""One task of a subagent: a run of the loop with a conversation of its own, and what its caller is told of it."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field

from plugsky_tui.kernel.display import Display, TextBlock
from plugsky_tui.kernel.events import (
    ErrorRaised,
    Event,
    Notice,
    ReasoningDelta,
    Status,
    TextDelta,
    ThoughtSealed,
    ThreadCompleted,
    ToolOutput,
    TurnStarted,
)
from plugsky_tui.kernel.loop import Run, close_open_calls, run_turns
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Gate, Progress, Provider, Toolbox, ToolResult
from plugsky_tui.session.subagent_steps import Steps
from plugsky_tui.threads.thread import Thread

MAX_TURNS = 60
_MOST_FILES = 50  # named in a result

# Of no use to whoever watches the caller; the journal has them.
_UNTOLD = (TextDelta, ReasoningDelta, ThoughtSealed, TurnStarted, ToolOutput, ThreadCompleted)


@dataclass(slots=True)
class Parts:
    """What one task is given."""

    provider: Provider
    toolbox: Toolbox
    gate: Gate
    journal: Thread


@dataclass(slots=True)
class Outcome:
    status: Status = "interrupted"
    error: ErrorRaised | None = None
    circles: str = ""  # what the loop guard said
    steps: Steps = field(default_factory=Steps)


async def run_task(name: str, run: Run, parts: Parts, progress: Progress) -> ToolResult:
    """The result of the task that `run`'s conversation begins with. A failure is a result too, not an error: it says
    what was done until then. A cancellation leaves the journal with all its calls closed."""
    outcome = Outcome()
    journal = parts.journal
    for message in run.conversation:
        if isinstance(message, UserMessage):
            journal.prompt(message)
    turns = run_turns(run, provider=parts.provider, toolbox=parts.toolbox, gate=parts.gate, journal=journal)
    try:
        async with aclosing(turns) as events:
            async for event in events:
                _tell(event, outcome, progress)
    except asyncio.CancelledError:
        for closed in close_open_calls(run.conversation):
            journal.event(closed)
        journal.event(run.completed("interrupted"))
        raise
    finally:
        journal.close()
    return _result(name, run, outcome)


def _tell(event: Event, outcome: Outcome, progress: Progress) -> None:
    if isinstance(event, ThreadCompleted):
        outcome.status = event.status
    elif isinstance(event, ErrorRaised):
        outcome.error = event
    elif isinstance(event, Notice) and event.code == "loop_guard":
        outcome.circles = event.text
    if isinstance(event, _UNTOLD):
        return
    progress(event)
    if line := outcome.steps.take(event):
        progress(line + "\n")


def _result(name: str, run: Run, outcome: Outcome) -> ToolResult:
    said = run.text.strip()
    match outcome.status:
        case "completed":
            parts = [said or f"The subagent {name} ended without a word: ask again, or do it yourself."]
        case "limited":
            why = outcome.circles or f"Stopped after {run.turns} requests."
            parts = [
                f"The subagent {name} was not done. {why} Give it less to do at once, or go on from what it has found.",
                *_last_words(said),
            ]
        case _:
            error = outcome.error
            why = f"{error.message}\n{error.hint}".strip() if error is not None else "it broke off."
            parts = [f"The subagent {name} failed: {why}", *_last_words(said)]
    display: list[Display] = [outcome.steps.listed(), TextBlock("\n\n".join(parts), "markdown")]
    parts += _facts(run)
    ok = outcome.status == "completed" and bool(said)
    return ToolResult("\n\n".join(parts), ok=ok, display=display, denied=list(run.denied))


def _last_words(said: str) -> list[str]:
    return [f"The last it said:\n{said}"] if said else []


def _facts(run: Run) -> list[str]:
    """What its caller must know, whatever it says itself."""
    facts: list[str] = []
    if changed := list(dict.fromkeys(run.changed)):
        more = f" and {len(changed) - _MOST_FILES} more" if len(changed) > _MOST_FILES else ""
        facts.append(f"(Files it changed: {', '.join(changed[:_MOST_FILES])}{more}.)")
    if run.denied:
        reasons = dict.fromkeys(f"{denial.name}: {denial.reason}" for denial in run.denied[:_MOST_FILES])
        facts.append(f"(It was not allowed: {' '.join(reasons)})")
    return facts
