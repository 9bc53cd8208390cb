"""Skills: `skills/NAME/SKILL.md` in the user's folder and in a project's `.plugsky/`, in the Agent Skills format
(agentskills.io/specification): a name and a description in front matter, instructions below, files beside it.

The model is told names and descriptions; the rest is read when it loads a skill.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import field
from pathlib import Path
from typing import Literal

from plugsky_tui.config.paths import PROJECT_FOLDER
from plugsky_tui.kernel.errors import ConfigError, ToolError
from plugsky_tui.kernel.record import record
from plugsky_tui.tooling.skills import Skill

Origin = Literal["user", "project"]
State = Literal["ready", "inert", "hidden", "broken"]

LIMIT = 256 * 1024  # bytes of a SKILL.md
MOST = 200  # skills of one folder
NAME_LIMIT = 64
DESCRIPTION_LIMIT = 1024
_FILE = "SKILL.md"
_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
_HINT = "docs/skills.md describes SKILL.md."


@record
class Listed:
    """One folder of a skills folder; `path` is its SKILL.md. `inert`: its project is not trusted; `hidden`: a nearer one
    has its name; `broken`: `problem` says why, with file and line."""

    name: str
    path: Path
    origin: Origin
    state: State = "ready"
    description: str = ""
    problem: str = ""
    warnings: list[str] = field(default_factory=list)


def list_skills(folder: Path, user_folder: Path, *, trusted: bool) -> list[Listed]:
    """Every skill there is for `folder`, by name; what cannot be read is listed with its problem. `user_folder` is
    that of config.toml; `trusted`: whether the project's skills count."""
    listed: list[Listed] = []
    near: set[str] = set()
    for path, origin in _files(folder, user_folder):
        one = Listed(path.parent.name, path, origin)
        counts = origin == "user" or trusted
        try:
            _describe(one, folder)
        except ConfigError as error:
            one.state, one.problem = "broken", error.message
        else:
            one.state = "inert" if not counts else "hidden" if one.name in near else "ready"
        if counts:
            near.add(one.name)
        listed.append(one)
    return sorted(listed, key=lambda one: (one.name, one.origin))


class SkillSet:
    """Implements `tooling.skills.Skills`: the skills of a session that are ready.

    `trusted` says whether `folder` is trusted now: a project's skill that has changed since is not loaded.
    """

    def __init__(self, listed: Sequence[Listed], folder: Path, trusted: Callable[[], bool]) -> None:
        self._folder = folder
        self._trusted = trusted
        self._ready = {one.name: one for one in listed if one.state == "ready"}
        self._own = [os.path.realpath(one.path.parent) for one in self._ready.values() if one.origin == "user"]
        self.offered = [Skill(one.name, one.description, str(one.path.parent)) for one in self._ready.values()]

    def load(self, skill: Skill) -> str:
        one = self._ready[skill.name]
        if one.origin == "project" and not self._trusted():
            raise ToolError(
                f"The skill {one.name} is this project's, and something in the project has changed since the user trusted it.",
                hint="It can be loaded once the user has looked at the change and trusts it again, in a new session.",
            )
        try:
            return _describe(one, self._folder)
        except ConfigError as error:
            raise ToolError(f"The skill {one.name} cannot be read: {error.message}", hint=error.hint) from None

    def holds(self, real: str) -> bool:
        from plugsky_tui.workspace.sensitive import secret

        return any(real.startswith(own + os.sep) for own in self._own) and not secret(real)


def _describe(one: Listed, folder: Path) -> str:
    """Fill in what the front matter says; the text below it. ConfigError where the skill cannot be used."""
    from plugsky_tui.session.front_matter import read_front_matter  # with YAML: 15 ms, where there are skills
    from plugsky_tui.session.instructions import visible

    within = folder if one.origin == "project" else None
    front, body = read_front_matter(one.path, limit=LIMIT, hint=_HINT, within=within)
    if not re.fullmatch(_NAME, one.name) or len(one.name) > NAME_LIMIT:
        raise ConfigError(
            f"{one.path.parent}: a skill's folder is named with at most {NAME_LIMIT} of a-z, 0-9 and single hyphens",
            hint=_HINT,
        )
    one.warnings = []
    name = front.word("name")
    if name is None:
        one.warnings.append(f"{one.path}:1: name is missing: the skill is called {one.name}, after its folder")
    elif name != one.name:
        one.warnings.append(f"{one.path}:{front.lines[('name',)]}: the skill is called {one.name}, after its folder")
    description = front.word("description")
    if description is None:
        raise ConfigError(f"{one.path}:1: description is missing: the model would not know when to use it", hint=_HINT)
    description = " ".join(visible(description).split())
    if len(description) > DESCRIPTION_LIMIT:
        one.warnings.append(
            f"{one.path}:{front.lines[('description',)]}: description is cut: it has {len(description):,} characters, "
            f"{DESCRIPTION_LIMIT:,} count"
        )
        description = description[: DESCRIPTION_LIMIT - 1] + "…"
    one.description = description
    return visible(body).strip()


def _files(folder: Path, user_folder: Path) -> list[tuple[Path, Origin]]:
    """The nearer ones first."""
    places: list[tuple[Path, Origin]] = [
        (folder / PROJECT_FOLDER / "skills", "project"),
        (user_folder / "skills", "user"),
    ]
    if _same(*(place for place, _ in places)):
        places.pop(0)  # the user's own folder opened as a project
    return [(path, origin) for place, origin in places for path in _skills_in(place)]


def _skills_in(place: Path) -> list[Path]:
    try:
        with os.scandir(place) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return []
    return [place / name / _FILE for name in names[:MOST]]


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
