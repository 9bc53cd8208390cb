"""task: a piece of work for a subagent, with a conversation of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.subagents import Subagent

_LISTING = 16_000  # characters of all names and descriptions: they go with every request
_SHORT = 120  # characters of each description, where they are too many


@dataclass
class Params:
    prompt: Annotated[
        str,
        "The whole task. The subagent sees nothing of this conversation: name files, say what is known, and what it is to answer.",
        Also("task", "instructions", "message", "question"),
    ]
    agent: Annotated[
        str, "The agent that does it.", Also("subagent_type", "subagent", "agent_type", "agent_name", "name", "type")
    ] = "general"


class Task(Tool[Params]):
    name = "task"
    description = """Gives a task to a subagent, which works on it with tools and a conversation of its own and returns one answer.
For look-ups that would fill this conversation with what it need not remember, and for independent pieces of work: several calls in one answer run side by side.
For one or two calls of your own it is too slow. The user sees what it does, not its answer: tell them what matters of it."""
    # Running one changes nothing by itself, so that several run side by side. Each call that a subagent makes passes the
    # gate on its own, and edits of one file wait for each other.
    reads_only = True
    main_parameter = "prompt"

    def offered(self, context: ToolContext) -> bool:
        return context.subagents is not None

    def describe(self, context: ToolContext) -> str:
        assert context.subagents is not None
        return f"{self.description}\nThe agents are:\n{_listing(context.subagents.offered)}"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        assert context.subagents is not None
        subagents = context.subagents
        agent = _found(params.agent, subagents.offered)
        prompt = params.prompt.strip()
        if not prompt:
            raise ToolError("The prompt is empty.", hint="Send the whole task as prompt.")

        async def act(progress: Progress) -> ToolResult:
            return await subagents.run(agent, prompt, progress)

        return Plan(f"{agent}: {' '.join(prompt.split())}", act)


def _listing(agents: Sequence[Subagent]) -> str:
    lines = [
        f"- {agent.name}: {agent.description or '(without a description)'}" + " (reads only)" * agent.reads_only
        for agent in agents
    ]
    if sum(map(len, lines)) > _LISTING:
        lines = [line if len(line) <= _SHORT else line[: _SHORT - 1] + "…" for line in lines]
    if sum(map(len, lines)) > _LISTING:
        lines = [", ".join(agent.name for agent in agents)]
    return "\n".join(lines)


def _found(wanted: str, agents: Sequence[Subagent]) -> str:
    plain = wanted.strip()
    names = [agent.name for agent in agents]
    if plain in names:
        return plain
    spelled = plain.lower().replace("_", "-").replace(" ", "-")
    for name in names:
        if name.lower() in (spelled, spelled.removesuffix("-purpose")):  # others call it "general-purpose"
            return name
    from difflib import get_close_matches  # only on the way to an error

    close = get_close_matches(plain.lower(), names, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    raise ToolError(f"There is no agent {wanted!r}.", hint=f"{meant}The agents are: {', '.join(names)}.")
