"""Reading one agent: what its front matter means, then its prompt in Markdown.

The file may be somebody else's: characters nobody would see are made visible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import get_args

from plugsky_tui.config.parameter_checks import parameter_problems
from plugsky_tui.config.settings import Mode
from plugsky_tui.config.spelling import nearest
from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.session.agents import LIMIT, Agent, Origin
from plugsky_tui.session.front_matter import FrontMatter, Key, read_front_matter
from plugsky_tui.session.instructions import visible

KEYS = ("name", "description", "model", "mode", "tools", "ask", "deny", "parameters")
_HINT = "docs/configuration.md describes the front matter of agents."


def read_agent(path: Path, origin: Origin, *, within: Path | None = None) -> Agent:
    """The agent in the file at `path`. `within`: the folder that a project's file must really lie in: what it says
    is sent to the model.

    Raises ConfigError naming file, line and key.
    """
    front, body = read_front_matter(path, limit=LIMIT, hint=_HINT, within=within)
    agent = _agent(front, path, origin)
    agent.prompt = visible(body).strip()
    return agent


def _agent(front: FrontMatter, path: Path, origin: Origin) -> Agent:
    values = front.values
    agent = Agent(path.stem, path, origin)
    agent.warnings = [_unknown(front, (key,), KEYS) for key in values if key not in KEYS]
    if values.get("name") not in (None, path.stem):
        agent.warnings.append(f"{path}:{front.lines[('name',)]}: the agent is called {path.stem}, after its file")
    agent.description = visible(front.word("description") or "")
    agent.model = front.word("model")
    mode = front.word("mode")
    if mode is not None and mode not in get_args(Mode):
        raise front.wrong(("mode",), f"must be one of {', '.join(get_args(Mode))}")
    agent.mode = mode  # type: ignore[assignment]  # one of them
    agent.tools = _words(front, "tools")
    agent.ask, agent.deny = _rules(front, "ask"), _rules(front, "deny")
    agent.parameters = _parameters(front, agent.warnings)
    return agent


def _unknown(front: FrontMatter, key: Key, known: Iterable[str]) -> str:
    near = nearest(key[-1], known)
    place = f"{front.path}:{front.lines[key]}: unknown key {'.'.join(key)}"
    return place + (f" (did you mean {near}?)" if near else "")


def _words(front: FrontMatter, key: str) -> list[str] | None:
    """A list of words, also as one text with commas."""
    value = front.values.get(key)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is None and key not in front.values:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise front.wrong((key,), "must be a list of names")
    return value


def _rules(front: FrontMatter, key: str) -> list[str]:
    from plugsky_tui.permissions.rules import parse_rule

    value = front.values.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise front.wrong((key,), "must be a list of rules")
    for text in value:
        try:
            parse_rule(text, "deny", "user")
        except ConfigError as error:
            raise front.wrong((key,), f"holds a rule that is none: {error.message}") from error
    return value


def _parameters(front: FrontMatter, warnings: list[str]) -> Parameters:
    from pydantic import TypeAdapter, ValidationError

    given = front.values.get("parameters")
    if given is None:
        return Parameters()
    if not isinstance(given, dict):
        raise front.wrong(("parameters",), "must be names and values")
    known = [one.name for one in fields(Parameters)]
    warnings += [_unknown(front, ("parameters", name), known) for name in given if name not in known]
    given = {name: value for name, value in given.items() if name in known and value is not None}
    try:
        # strict, so that "1" is no number; as JSON, because only there tables may stand for dataclasses
        parameters = TypeAdapter(Parameters).validate_json(json.dumps(given, default=_no_json), strict=True)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = tuple(str(part) for part in problem["loc"][:1])
        raise front.wrong(("parameters", *place), problem["msg"].replace("Input should be", "must be")) from error
    for key, what in parameter_problems(given):
        raise front.wrong(("parameters", *key), what)
    return parameters


def _no_json(value: object) -> dict[str, str]:
    """Dates and sets, which no parameter takes: a table, so that the message is about the type."""
    return {"unsupported": type(value).__name__}
