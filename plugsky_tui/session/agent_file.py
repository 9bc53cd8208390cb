"""Reading one agent: YAML front matter between two `---` lines, then its prompt in Markdown.

The file may be somebody else's: it is bounded, YAML is read without tags that make objects and without anchors
(a few lines of aliases can stand for gigabytes), and characters nobody would see are made visible.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args

import yaml

from plugsky_tui.config.files import NotRegular, read_regular
from plugsky_tui.config.parameter_checks import parameter_problems
from plugsky_tui.config.settings import Mode
from plugsky_tui.config.spelling import nearest
from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.session.agents import LIMIT, Agent, Origin
from plugsky_tui.session.instructions import visible
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.sensitive import secret

KEYS = ("name", "description", "model", "mode", "tools", "ask", "deny", "parameters")
_FENCE = "---"
_HINT = "docs/configuration.md describes the front matter of agents."

Key = tuple[str, ...]


@dataclass(slots=True)
class _Front:
    """The front matter: plain values, and the line of the file that each key stands on."""

    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)

    def wrong(self, key: Key, what: str) -> ConfigError:
        line = next((self.lines[key[:end]] for end in range(len(key), 0, -1) if key[:end] in self.lines), 1)
        return ConfigError(f"{self.path}:{line}: {'.'.join(key)} {what}", hint=_HINT)


def read_agent(path: Path, origin: Origin, *, within: Path | None = None) -> Agent:
    """The agent in the file at `path`. `within`: the folder that a project's file must really lie in: what it says
    is sent to the model.

    Raises ConfigError naming file, line and key.
    """
    lines = _text(path, within).replace("\r\n", "\n").split("\n")
    front, body = _Front(path), lines
    if lines[0].rstrip() == _FENCE:
        end = next((at for at, line in enumerate(lines) if at and line.rstrip() in (_FENCE, "...")), None)
        if end is None:
            raise ConfigError(f"{path}:1: the front matter has no end: a second line of ---", hint=_HINT)
        front, body = _front(path, "\n".join(lines[1:end])), lines[end + 1 :]
    agent = _agent(front, path, origin)
    agent.prompt = visible("\n".join(body)).strip()
    return agent


def _text(path: Path, within: Path | None) -> str:
    try:
        real = os.path.realpath(path)
        if within is not None and (not Root(within).contains(real) or secret(real)):
            raise ConfigError(
                f"{path}: it is a link out of the project, or to a secret", hint="Put the file itself there."
            )
        found = read_regular(Path(real), LIMIT)
    except NotRegular as error:
        raise ConfigError(
            f"{path}: {error.strerror}", hint=f"An agent is a text of at most {LIMIT:,} bytes."
        ) from error
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="Make it a readable file, or remove it.") from error
    if found is None:
        raise ConfigError(f"{path}: it is gone")
    try:
        return found[0].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found[0].count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not valid UTF-8", hint="Save the file as UTF-8.") from error


# --- YAML -------------------------------------------------------------------------------------


def _front(path: Path, text: str) -> _Front:
    front = _Front(path)
    try:
        for event in yaml.parse(text, yaml.SafeLoader):
            if getattr(event, "anchor", None) is not None:  # of an alias too
                line = event.start_mark.line + 2 if event.start_mark else 2
                raise ConfigError(f"{path}:{line}: anchors and aliases are not read", hint=_HINT)
        node = yaml.compose(text, yaml.SafeLoader)
        if node is None:
            return front
        if not isinstance(node, yaml.MappingNode):
            raise ConfigError(f"{path}:2: the front matter must be keys and values", hint=_HINT)
        _places(front, node, ())
        front.values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "this is not YAML"
        raise ConfigError(f"{path}:{mark.line + 2 if mark else 2}: {what}", hint=_HINT) from error
    except RecursionError:
        raise ConfigError(f"{path}:2: the front matter is nested too deeply", hint=_HINT) from None
    except ValueError as error:  # a date or a number that Python does not have
        raise ConfigError(f"{path}:2: {error}", hint=_HINT) from error
    return front


def _places(front: _Front, node: yaml.MappingNode, above: Key) -> None:
    """Note the line of each key, in the file (the text begins below the first ---)."""
    for name, value in node.value:
        line = name.start_mark.line + 2
        if not isinstance(name, yaml.ScalarNode) or name.tag != "tag:yaml.org,2002:str":
            raise ConfigError(f"{front.path}:{line}: a key must be a word", hint=_HINT)
        key = (*above, name.value)
        if key in front.lines:
            raise ConfigError(f"{front.path}:{line}: {'.'.join(key)} is there twice", hint=_HINT)
        front.lines[key] = line
        if isinstance(value, yaml.MappingNode):
            _places(front, value, key)


# --- what it means ----------------------------------------------------------------------------


def _agent(front: _Front, path: Path, origin: Origin) -> Agent:
    values = front.values
    agent = Agent(path.stem, path, origin)
    agent.warnings = [_unknown(front, (key,), KEYS) for key in values if key not in KEYS]
    if values.get("name") not in (None, path.stem):
        agent.warnings.append(f"{path}:{front.lines[('name',)]}: the agent is called {path.stem}, after its file")
    agent.description = visible(_word(front, "description") or "")
    agent.model = _word(front, "model")
    mode = _word(front, "mode")
    if mode is not None and mode not in get_args(Mode):
        raise front.wrong(("mode",), f"must be one of {', '.join(get_args(Mode))}")
    agent.mode = mode  # type: ignore[assignment]  # one of them
    agent.tools = _words(front, "tools")
    agent.ask, agent.deny = _rules(front, "ask"), _rules(front, "deny")
    agent.parameters = _parameters(front, agent.warnings)
    return agent


def _unknown(front: _Front, key: Key, known: Iterable[str]) -> str:
    near = nearest(key[-1], known)
    place = f"{front.path}:{front.lines[key]}: unknown key {'.'.join(key)}"
    return place + (f" (did you mean {near}?)" if near else "")


def _word(front: _Front, key: str) -> str | None:
    value = front.values.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise front.wrong((key,), "must be a text")
    return value.strip() if value is not None else None


def _words(front: _Front, key: str) -> list[str] | None:
    """A list of words, also as one text with commas."""
    value = front.values.get(key)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is None and key not in front.values:
        return None
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise front.wrong((key,), "must be a list of names")
    return value


def _rules(front: _Front, key: str) -> list[str]:
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


def _parameters(front: _Front, warnings: list[str]) -> Parameters:
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
