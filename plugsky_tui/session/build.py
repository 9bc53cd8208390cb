"""Puts one session together: the only place that knows all the parts."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugsky_tui.config.credentials import find_key, keys_in_use
from plugsky_tui.config.paths import config_dir, data_dir
from plugsky_tui.config.settings import Settings, default_model, load
from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.permissions.build import build_gate
from plugsky_tui.permissions.trust import Trust
from plugsky_tui.providers.pacers import Pacers
from plugsky_tui.session.agents import Agent, find_agent, mode_under, rules_of, unknown_tools
from plugsky_tui.session.beside import Beside
from plugsky_tui.session.endpoints import Endpoints
from plugsky_tui.session.instructions import Instructions
from plugsky_tui.session.instructions import find as find_instructions
from plugsky_tui.session.language_servers import close_language_servers, with_language_servers
from plugsky_tui.session.offline import go_offline, offline_key
from plugsky_tui.session.prompt import system_prompt
from plugsky_tui.session.reading import may_read
from plugsky_tui.session.secrets import Discreet
from plugsky_tui.session.semantic import SemanticSearch
from plugsky_tui.session.session import Session
from plugsky_tui.session.skills import SkillSet, list_skills
from plugsky_tui.session.subagents import OfferedAgents, SessionSubagents, Shared
from plugsky_tui.session.traffic import Traffic
from plugsky_tui.session.web import web_fetcher
from plugsky_tui.threads.store import ThreadStore
from plugsky_tui.threads.thread import Ephemeral, Thread
from plugsky_tui.tooling.context import AskUser, ToolContext
from plugsky_tui.tooling.registry import load_tools, project_tools_folder, user_tools_folder
from plugsky_tui.tooling.tool import Tool
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.jobs import Jobs
from plugsky_tui.workspace.repository import branch_of
from plugsky_tui.workspace.spill import Spill

if TYPE_CHECKING:
    from plugsky_tui.kernel.loop import Review, Run
    from plugsky_tui.kernel.ports import Gate
    from plugsky_tui.permissions.ask import Asker
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.schemas import Schema

CLEAN_AFTER_S = 5.0
GATHER_S = 0.02  # under a frame: nobody sees it


async def open_session(options: Options, *, asker: Asker | None = None, questioner: AskUser | None = None) -> Session:
    """A session as `options` and configuration want it. `asker` None: there is no one to ask.

    Raises PlugskyError (configuration, an unknown thread, a key that cannot be used).
    """
    trust = Trust(data_dir()).state(options.folder)
    loaded = load(options.folder, options={"model": options.model, "mode": options.mode})
    settings = loaded.effective(trusted=trust.trusted)
    warnings = list(loaded.warnings)
    agent = _agent(options, trust.trusted, warnings)
    mode, refused = mode_under(agent, settings.mode, options.mode)
    settings = replace(settings, mode=mode)
    warnings += [refused] if refused else []
    schema = _schema(options)
    traffic = Traffic(options)
    chosen = options.model or traffic.model or (agent.model if agent else None)
    if trust.brings and not trust.trusted:
        warnings.append(f"{options.folder} is not trusted, so this of it is not used: {'; '.join(trust.brings)}")

    close_offline: Callable[[], Awaitable[None]] | None = None
    key: Callable[[], str | None] = _key_if_any if traffic.replayed else find_key
    if options.offline:
        settings, close_offline = await go_offline(settings, options.folder, watched=asker is not None)
        key = offline_key
    try:
        thread = _thread(options, settings, warnings, key, chosen)
        model = chosen or thread.model
        pacers = Pacers() if options.offline or traffic.replayed else options.pacers
        endpoints = Endpoints(
            settings,
            key,
            gather_s=GATHER_S if asker is not None else 0.0,
            pacers=pacers,
            connect=traffic.connect,
            waits=not traffic.replayed,
        )
        endpoints.check(model)
        traffic.begin(model, endpoints.keys)
        gate = build_gate(
            options.folder,
            loaded,
            mode=settings.mode,
            allow=options.allow,
            deny=options.deny,
            asker=asker,
            trusted=trust.trusted,
        )
        gate.rules.add(rules_of(agent) if agent is not None else ())
    except BaseException:
        traffic.close()
        if close_offline is not None:
            await close_offline()
        raise

    warnings += [*gate.warnings, *traffic.warnings]
    every_tool = _tools(options.folder, trust.trusted, warnings)
    jobs = Jobs()
    context = ToolContext(
        root=gate.root,
        environment=child_environment(os.environ, keys_in_use(settings, key())),
        git_allowed=trust.trusted,
        may_read=may_read(gate),
        ask_user=questioner,
        jobs=jobs,
        skills=_skills(options.folder, trust.trusted, warnings),
        fetcher=web_fetcher(gate, settings.api.ca_bundle),
        semantic=SemanticSearch(
            gate.root.real, settings, lambda: nullcontext(endpoints), may_read(gate), offline=options.offline
        ),
    )
    instructions = find_instructions(options.folder, config_dir())
    prompt_of = partial(
        system_prompt,
        folder=options.folder,
        branch=branch_of(options.folder),
        instructions=instructions,
    )
    context.subagents = SessionSubagents(
        OfferedAgents(
            options.folder,
            config_dir(),
            trusted=trust.trusted,
            still_trusted=lambda: Trust(data_dir()).state(options.folder).trusted,
        ),
        Shared(
            gate,
            with_language_servers(context, settings, trust, gate),
            every_tool,
            endpoints,
            thread,
            fetcher=lambda its_gate: web_fetcher(its_gate, settings.api.ca_bundle),
            system=lambda its_agent, its_mode: prompt_of(mode=its_mode, agent=its_agent, subagent=True),
            model=lambda: session.model,
        ),
    )
    toolbox = ToolboxOf(_tools_of(agent, every_tool, warnings), context)
    cleaning = asyncio.create_task(_clean_later(context.spill))

    async def close() -> None:
        cleaning.cancel()
        session.left_running, _ = await asyncio.gather(jobs.close(), close_language_servers(context))
        await endpoints.close()
        traffic.close()
        if close_offline is not None:
            await close_offline()

    session = Session(
        folder=options.folder,
        model=model,
        thread=thread,
        gate=gate,
        toolbox=Discreet(toolbox, endpoints.keys),
        provider=endpoints,
        system=prompt_of(mode=lambda: gate.mode, agent=agent),
        models=endpoints.models,
        sees=endpoints.sees,
        rate=endpoints.rate,
        region=endpoints.region,
        keys=endpoints.keys,
        jobs=jobs,
        close=close,
        max_turns=options.max_turns,
        warnings=warnings,
        parameters=agent.parameters if agent else None,
        schema=schema,
        last_words=traffic.last_words,
        reviews=_reviews(settings, toolbox, gate, endpoints),
    )
    return _completed(
        session, context, lambda: find_instructions(options.folder, config_dir()), instructions, endpoints
    )


def _completed(
    session: Session,
    context: ToolContext,
    read: Callable[[], list[Instructions]],
    instructions: list[Instructions],
    endpoints: Endpoints,
) -> Session:
    """What needs the session itself. `read` gives the instructions as they are in the files now."""
    context.sees = lambda: session.sees(session.model)

    def read_again() -> None:
        instructions[:] = read()

    session.beside = Beside(
        folder=session.folder,
        data_dir=data_dir(),
        context=context,
        toolbox=session.toolbox,
        gate=session.gate,
        keys=endpoints.keys,
        noted=read_again,
    )
    return session


def _tools(folder: Path, trusted: bool, warnings: list[str]) -> list[Tool[Any]]:
    registry = load_tools(
        user_folder=user_tools_folder(), project_folder=project_tools_folder(str(folder)) if trusted else None
    )
    warnings += [*map(str, registry.problems), *registry.notes]
    return registry.instances()


def _tools_of(agent: Agent | None, tools: list[Tool[Any]], warnings: list[str]) -> list[Tool[Any]]:
    """The tools on offer: all there are, or those of the agent."""
    if agent is None:
        return tools
    warnings += unknown_tools(agent, [tool.name for tool in tools])
    return [tool for tool in tools if agent.offers(tool.name)]


def _reviews(settings: Settings, toolbox: ToolboxOf, gate: Gate, endpoints: Endpoints) -> Callable[[Run], list[Review]]:
    """What looks at an answer before it ends a run: the checks of the configuration."""
    if not settings.checks:
        return lambda run: []
    from plugsky_tui.session.checks import Checks  # only where there are any

    return Checks(settings.checks, toolbox=toolbox, gate=gate, keys=endpoints.keys).reviews


def _skills(folder: Path, trusted: bool, warnings: list[str]) -> SkillSet:
    listed = list_skills(folder, config_dir(), trusted=trusted)
    warnings += [one.problem for one in listed if one.state == "broken" and (trusted or one.origin == "user")]
    return SkillSet(listed, folder, lambda: Trust(data_dir()).state(folder).trusted)


def _agent(options: Options, trusted: bool, warnings: list[str]) -> Agent | None:
    if options.agent is None:
        return None
    agent = find_agent(options.agent, options.folder, config_dir(), trusted=trusted)
    warnings += agent.warnings
    return agent


def _schema(options: Options) -> Schema | None:
    if options.json_schema is None:
        return None
    from plugsky_tui.session.schemas import read_schema  # with jsonschema: 90 ms

    path = options.folder / os.path.expanduser(options.json_schema)  # noqa: PTH111  # as with --file
    return read_schema(path, str(options.json_schema))


def _thread(
    options: Options, settings: Settings, warnings: list[str], key: Callable[[], str | None], chosen: str | None
) -> Thread:
    """The thread that is wanted: a new one, one taken up again, or a copy of one. `chosen`: the model for it, where
    this start names one."""
    store = ThreadStore(data_dir())
    wanted = options.resume
    if options.continue_newest:
        wanted = store.newest(options.folder)
        if wanted is None:
            warnings.append("There is no earlier thread of this folder: a new one begins.")
    if wanted is None:
        model = chosen or settings.model or default_model(key() is not None)
        if options.ephemeral:
            return Ephemeral(str(options.folder), model, settings.mode)
        return store.create(options.folder, model, settings.mode)
    thread = store.fork(wanted) if options.fork else store.open(wanted)
    warnings += thread.damage
    if not thread.writable:
        warnings.append("This thread is open in another plugsky: what is said here is not kept. Use --fork for a copy.")
    if Path(thread.folder) != options.folder.resolve():
        warnings.append(f"This thread was begun in {thread.folder}.")
    if chosen and chosen != thread.model:
        thread.setting("model", chosen)
    return thread


async def _clean_later(spill: Spill) -> None:
    """Long results of weeks ago go, once the session has settled: a short run has no time for it."""
    await asyncio.sleep(CLEAN_AFTER_S)
    await asyncio.to_thread(spill.clean)


def _key_if_any() -> str | None:
    """For a replay, which needs none: one that is there is kept out of what tools say, as ever."""
    try:
        return find_key()
    except ConfigError:
        return None
