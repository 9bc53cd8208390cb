"""Subagents: the session's agents doing tasks that its own agent gives them, several side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.errors import PlugskyError, ToolError
from plugsky_tui.kernel.loop import Run
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Progress, ToolResult
from plugsky_tui.kernel.redaction import redact
from plugsky_tui.session.agents import Agent, find_agent, list_agents, rules_of
from plugsky_tui.session.reading import may_read
from plugsky_tui.session.secrets import Discreet
from plugsky_tui.tooling.context import CALL_ID, SUBAGENT, ToolContext
from plugsky_tui.tooling.ledger import ReadLedger
from plugsky_tui.tooling.subagents import Subagent
from plugsky_tui.tooling.tool import Tool
from plugsky_tui.tooling.toolbox import ToolboxOf

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.session.endpoints import Endpoints
    from plugsky_tui.threads.thread import Thread
    from plugsky_tui.workspace.web.fetched import Fetcher

MOST_AT_ONCE = 6

SystemOf = Callable[[Agent, Callable[[], str]], Callable[[], str]]  # an agent and its mode -> what makes its prompts


class OfferedAgents:
    """The agents there are for `folder`. Alone it runs none: for those who only list what models are offered."""

    def __init__(
        self, folder: Path, user_folder: Path, *, trusted: bool, still_trusted: Callable[[], bool] = lambda: True
    ) -> None:
        """`user_folder` is that of config.toml; `trusted`: whether the project's agents count, `still_trusted`: whether
        they do now, as their files may have changed."""
        self._folder = folder
        self._user_folder = user_folder
        self._trusted = trusted
        self._still_trusted = still_trusted

    @cached_property
    def offered(self) -> Sequence[Subagent]:
        listed = list_agents(self._folder, self._user_folder, trusted=self._trusted)
        agents = [one.agent for one in listed if one.state == "ready" and one.agent is not None]
        agents.sort(key=lambda agent: (agent.origin != "built-in", agent.name != "general"))
        return [Subagent(agent.name, agent.description, agent.mode == "plan") for agent in agents]

    def find(self, name: str) -> Agent:
        """ToolError where there is none of that name, or its file is broken."""
        try:
            agent = find_agent(name, self._folder, self._user_folder, trusted=self._trusted)
        except PlugskyError as error:
            raise ToolError(error.message, hint=error.hint) from error
        if agent.origin == "project" and not self._still_trusted():
            raise ToolError(
                f"The agent {name} is this project's, whose .plugsky folder has changed since the user trusted it.",
                hint="Use general, or tell the user: plugsky asks for trust again when it is opened here.",
            )
        return agent

    async def run(self, agent: str, prompt: str, progress: Progress) -> ToolResult:
        raise ToolError(
            "A subagent works within a session.", hint=f"For one task alone: plugsky run --agent {agent} 'PROMPT'"
        )


@dataclass(slots=True)
class Shared:
    """What all subagents of a session work with. `tools` are all there are, `context` is that of the session's own agent,
    `model` the one it uses now."""

    gate: PermissionGate
    context: ToolContext
    tools: Sequence[Tool[Any]]
    endpoints: Endpoints
    thread: Thread
    fetcher: Callable[[PermissionGate], Callable[[], Fetcher]]
    system: SystemOf
    model: Callable[[], str]


class SessionSubagents:
    """Implements tooling.subagents.Subagents. At most MOST_AT_ONCE work at once, the others wait."""

    def __init__(self, agents: OfferedAgents, shared: Shared) -> None:
        self._agents = agents
        self._shared = shared
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    @property
    def offered(self) -> Sequence[Subagent]:
        return self._agents.offered

    async def run(self, agent: str, prompt: str, progress: Progress) -> ToolResult:
        found = self._agents.find(agent)
        if self._places.locked():
            progress(f"… waits: {MOST_AT_ONCE} subagents are at work\n")
        async with self._places:
            SUBAGENT.set(found.name)  # a call acts in a task of its own, and so does all that comes of it
            return await self._do(found, prompt, progress)

    async def _do(self, agent: Agent, prompt: str, progress: Progress) -> ToolResult:
        from plugsky_tui.permissions.narrowed import NarrowedGate  # with what runs a task: for those who use them
        from plugsky_tui.session.subagent_run import MAX_TURNS, Parts, run_task

        shared = self._shared
        model = agent.model or shared.model()
        try:
            shared.endpoints.check(model)
        except PlugskyError as error:
            raise ToolError(f"The agent {agent.name} cannot be used: {error.message}", hint=error.hint) from error
        gate = NarrowedGate(shared.gate, mode=agent.mode, rules=rules_of(agent))
        keys = shared.endpoints.keys
        run = Run(
            model=model,
            conversation=[UserMessage(redact(prompt, keys()))],
            system=shared.system(agent, lambda: gate.mode),
            max_turns=MAX_TURNS,
            parameters=agent.parameters,
        )
        tools = _tools_of(agent, shared.tools)
        toolbox = Discreet(ToolboxOf(tools, self._context(gate, model)), keys)
        journal = shared.thread.within(CALL_ID.get(), model)
        return await run_task(agent.name, run, Parts(shared.endpoints, toolbox, gate, journal), progress)

    def _context(self, gate: PermissionGate, model: str) -> ToolContext:
        """What has been read and is to be done is each agent's own; files are locked, and jobs run, for all of them.
        Without `subagents`, so that none can give its task to another."""
        shared = self._shared
        return replace(
            shared.context,
            reads=ReadLedger(),
            todos=[],
            may_read=may_read(gate),
            fetcher=shared.fetcher(gate),
            sees=lambda: shared.endpoints.sees(model),
            subagents=None,
        )


def _tools_of(agent: Agent, tools: Iterable[Tool[Any]]) -> list[Tool[Any]]:
    return [tool for tool in tools if agent.offers(tool.name)]
