"""Agents: `agents/NAME.md` in the user's folder and in a project's `.plugsky/`, and the built-in ones.

The same agents do tasks as subagents. A file's body is added to the system prompt; its front matter names the model, the tools and the parameters, and
may narrow what the agent is allowed. It is read by `agent_file`, which knows YAML, only when an agent is wanted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from plugsky_tui.config.paths import PROJECT_FOLDER
from plugsky_tui.config.settings import Mode
from plugsky_tui.config.spelling import nearest
from plugsky_tui.kernel.errors import ConfigError, UsageError
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.record import record

if TYPE_CHECKING:
    from plugsky_tui.permissions.rules import Rule, Source

Origin = Literal["user", "project", "built-in"]
State = Literal["ready", "inert", "hidden", "broken"]

LIMIT = 64 * 1024  # bytes of one file
MOST = 200  # files of one folder
_NAME = r"[A-Za-z0-9][\w.-]{0,63}"
_NARROW_FIRST: tuple[Mode, ...] = ("plan", "ask", "edit", "auto")


@record
class Agent:
    """One agent. `tools` None: all there are; else names, or patterns such as "mcp__github__*". `ask` and `deny` are
    permission rules. `prompt` goes into the system prompt; `warnings` name file and line. Built-in ones have no `path`."""

    name: str
    path: Path | None
    origin: Origin
    prompt: str = ""
    description: str = ""
    model: str | None = None
    mode: Mode | None = None
    tools: list[str] | None = None
    ask: list[str] = field(default_factory=list)
    deny: list[str] = field(default_factory=list)
    parameters: Parameters = field(default_factory=Parameters)
    warnings: list[str] = field(default_factory=list)

    def offers(self, tool: str) -> bool:
        """Whether the agent may use the tool of that name."""
        from fnmatch import fnmatchcase

        return self.tools is None or any(fnmatchcase(tool, pattern) for pattern in self.tools)


_LOOKING = ["read", "grep", "glob", "list", "symbols", "diagnostics", "semantic_search", "web_fetch", "skill"]

BUILT_IN = {
    "general": Agent(
        "general",
        None,
        "built-in",
        description="Does any task of several steps: looks around, edits, runs commands, with all tools but task.",
    ),
    "explore": Agent(
        "explore",
        None,
        "built-in",
        description="Finds things out in the code and on the web, and changes nothing. Several may look for different "
        "things at once.",
        mode="plan",
        tools=_LOOKING,
        prompt="You find things out and change nothing. Search broadly first, then read what matters. Follow a name to "
        "where it is defined and to where it is used. Answer with what you found, each with its place as `path:line` "
        "and the lines that show it, and say what you looked for and did not find.",
    ),
}
"""Those that are always there; the user may have others of these names."""


@record
class Listed:
    """One agent, or a file of an agents folder that should be one. `inert`: its project is not trusted; `hidden`: another
    that goes before it has its name; `broken`: `problem` says why, with file and line, and there is no `agent`."""

    name: str
    path: Path | None
    origin: Origin
    state: State
    agent: Agent | None = None
    problem: str = ""


def list_agents(folder: Path, user_folder: Path, *, trusted: bool) -> list[Listed]:
    """Every agent there is for `folder`, by name; what cannot be read is listed with its problem. `user_folder` is
    that of config.toml; `trusted`: whether the project's agents count."""
    listed: list[Listed] = []
    near: set[str] = set()
    for path, origin in _files(folder, user_folder):
        one = Listed(path.stem, path, origin, "ready")
        counts = origin == "user" or trusted
        try:
            one.agent = _read(path, origin, folder)
        except ConfigError as error:
            one.state, one.problem = "broken", error.message
        else:
            replaces = origin == "project" and one.name in BUILT_IN
            one.state = "inert" if not counts else "hidden" if one.name in near or replaces else "ready"
        if counts and not (origin == "project" and one.name in BUILT_IN):
            near.add(one.name)
        listed.append(one)
    for name, agent in BUILT_IN.items():
        listed.append(Listed(name, None, "built-in", "hidden" if name in near else "ready", agent))
    return sorted(listed, key=lambda one: (one.name, one.origin))


def find_agent(name: str, folder: Path, user_folder: Path, *, trusted: bool) -> Agent:
    """The agent called `name`; a trusted project's before the user's, the user's before a built-in one. A project cannot
    stand in for a built-in agent: what those may do is not the repository's to say.

    Raises UsageError naming the nearest where there is none, ConfigError with file and line where it is broken.
    """
    files = [(path, origin) for path, origin in _files(folder, user_folder) if _may_have_its_name(path, origin)]
    for path, origin in files:
        if path.stem == name and (origin == "user" or trusted):
            return _read(path, origin, folder)
    if name in BUILT_IN:
        return BUILT_IN[name]
    if any(path.stem == name for path, _ in files):
        raise UsageError(
            f"The agent {name} is this project's, and the folder is not trusted.",
            hint="Open it with plugsky, which asks whether you trust it; or put the file into your own agents folder.",
        )
    names = sorted({*BUILT_IN, *(path.stem for path, origin in files if origin == "user" or trusted)})
    raise UsageError(f"There is no agent {name!r}.", hint=_meant(name, names, user_folder))


def mode_under(agent: Agent | None, chosen: Mode, option: str | None) -> tuple[Mode, str]:
    """The mode a session begins in, and a warning, where the agent's own is not used.

    `chosen` is what configuration and options say, `option` that of the command line, which has the last word. The user's own
    agent may have any mode; a project's can only narrow what the user chose.
    """
    if option is not None or agent is None or agent.mode is None or agent.mode == chosen:
        return chosen, ""
    if agent.origin == "user" or _NARROW_FIRST.index(agent.mode) < _NARROW_FIRST.index(chosen):
        return agent.mode, ""
    return chosen, (
        f"The agent {agent.name} wants the mode {agent.mode}, but a project's agent cannot widen yours, {chosen}: "
        f"give --mode {agent.mode} if you want it."
    )


def rules_of(agent: Agent) -> list[Rule]:
    """The agent's permission rules: they only make things stricter."""
    from plugsky_tui.permissions.rules import parse_rule

    source: Source = "user" if agent.origin == "user" else "project"
    return [
        *(parse_rule(text, "deny", source) for text in agent.deny),
        *(parse_rule(text, "ask", source) for text in agent.ask),
    ]


def unknown_tools(agent: Agent, names: Sequence[str]) -> list[str]:
    """Warnings about tools the agent names that are not among `names`."""
    from fnmatch import filter as matching

    warnings: list[str] = []
    for pattern in agent.tools or []:
        if agent.origin == "built-in":
            continue  # it names tools that may have no use here
        if not matching(names, pattern) and not pattern.startswith("mcp__"):
            near = nearest(pattern.lower(), names)
            warnings.append(
                f"{agent.path}: there is no tool {pattern!r}" + (f" (did you mean {near}?)" if near else "")
            )
    return warnings


def _files(folder: Path, user_folder: Path) -> list[tuple[Path, Origin]]:
    """The nearer ones first."""
    places: list[tuple[Path, Origin]] = [
        (folder / PROJECT_FOLDER / "agents", "project"),
        (user_folder / "agents", "user"),
    ]
    if _same(*(place for place, _ in places)):
        places.pop(0)  # the user's own folder opened as a project
    return [(path, origin) for place, origin in places for path in _names_in(place)]


def _may_have_its_name(path: Path, origin: Origin) -> bool:
    return origin != "project" or path.stem not in BUILT_IN


def _names_in(place: Path) -> list[Path]:
    try:
        names = sorted(name for name in os.listdir(place) if name.endswith(".md"))[:MOST]  # noqa: PTH208
    except OSError:
        return []
    return [place / name for name in names if re.fullmatch(_NAME, name[:-3])]


def _read(path: Path, origin: Origin, folder: Path) -> Agent:
    from plugsky_tui.session.agent_file import read_agent  # with YAML, 30 ms that only a wanted agent costs

    return read_agent(path, origin, within=folder if origin == "project" else None)


def _meant(name: str, names: Sequence[str], user_folder: Path) -> str:
    from difflib import get_close_matches  # only on the way to an error

    if near := get_close_matches(name, names, 3, 0.5):
        return f"Did you mean {' or '.join(near)}? plugsky agents list shows them all."
    own = user_folder / "agents" / f"{name}.md"
    return f"There are: {', '.join(names[:20])}. One of your own is a file such as {own} (docs/configuration.md)."


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
