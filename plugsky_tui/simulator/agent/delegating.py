"""Tasks given to subagents, all at once."""

from __future__ import annotations

from collections.abc import Sequence

from plugsky_tui.simulator.agent.calling import MAX_SHOWN
from plugsky_tui.simulator.agent.steps import Ability, Act, Call, checked
from plugsky_tui.simulator.agent.talk import DISCLAIMER
from plugsky_tui.simulator.agent.tasks import Delegated


def delegate(tasks: Sequence[Delegated]) -> Ability:
    calls = [Call("task", {"agent": task.agent, "prompt": task.prompt}) for task in tasks]
    many = len(calls) > 1
    results = yield Act(calls, f"I give {len(calls)} tasks to subagents." if many else "I give this to a subagent.")
    answers = [(task.prompt, _plain(checked(result).output)) for task, result in zip(tasks, results, strict=True)]
    return "\n\n".join(f"**{prompt}**\n\n{output}" for prompt, output in answers)


def _plain(output: str) -> str:
    """What a subagent answered; that none of this comes from a language model is said by whoever quotes it."""
    text = output.replace(DISCLAIMER, "").strip()
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "\n…"
