"""skill: instructions for one kind of work, loaded when they are wanted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import visible
from plugsky_tui.tooling.skills import Skill, Skills

LONGEST = 50_000  # characters of a SKILL.md
_MOST_FILES = 100
_LOOKED_AT = 5_000  # folders and files, of a folder that holds more than a skill
_LISTING = 16_000  # characters of all names and descriptions: they go with every request
_SHORT = 120  # characters of each description, where they are too many
_LEFT_OUT = {"__pycache__", "node_modules", "venv"}


@dataclass
class Params:
    name: Annotated[str, "The name of the skill.", Also("skill", "skill_name", "command")]


class LoadSkill(Tool[Params]):
    name = "skill"
    description = """Loads a skill: instructions for one kind of work, with files that belong to them. When a task is what a skill is for, load it before you begin."""
    reads_only = True
    main_parameter = "name"
    absent = "There are no skills here.\nGo on without: read, glob and grep find what the project has written down. plugsky skills list tells the user how to make one."

    def offered(self, context: ToolContext) -> bool:
        return context.skills is not None and bool(context.skills.offered)

    def describe(self, context: ToolContext) -> str:
        assert context.skills is not None
        return f"{self.description} There are:\n{_listing(context.skills.offered)}"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        assert context.skills is not None
        skills = context.skills
        skill = _found(params.name, skills.offered)

        async def act(progress: Progress) -> ToolResult:
            return await asyncio.to_thread(_load, skill, skills)

        return Plan(f"Load the skill {skill.name}", act)


def _listing(skills: Sequence[Skill]) -> str:
    lines = [f"- {skill.name}: {skill.description}" for skill in skills]
    if sum(map(len, lines)) > _LISTING:
        lines = [line if len(line) <= _SHORT else line[: _SHORT - 1] + "…" for line in lines]
    if sum(map(len, lines)) > _LISTING:
        lines = [", ".join(skill.name for skill in skills)]
    return "\n".join(lines)


def _found(name: str, skills: Sequence[Skill]) -> Skill:
    wanted = name.strip().lstrip("/").lower()
    for skill in skills:
        if skill.name == wanted:
            return skill
    from difflib import get_close_matches  # only on the way to an error

    names = [skill.name for skill in skills]
    close = get_close_matches(wanted, names, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(close)}? " if close else ""
    raise ToolError(f"There is no skill {name!r}.", hint=f"{meant}The skills are: {', '.join(names)}.")


def _load(skill: Skill, skills: Skills) -> ToolResult:
    text = skills.load(skill)
    folder = visible(skill.folder)
    parts = [f"The skill {skill.name}. Paths in it are relative to its folder, {folder}", text or "(it says nothing)"]
    if len(text) > LONGEST:
        start = text[:LONGEST]
        parts[1] = start[: start.rfind("\n", LONGEST // 2) + 1] or start
        parts.append(f"(the first {len(parts[1]):,} of {len(text):,} characters; read goes on in {folder}/SKILL.md)")
    files, more = _files(skill.folder)
    if files:
        parts.append("Its files:\n" + "\n".join(visible(path) for path in files) + ("\n… and more" if more else ""))
    return ToolResult("\n\n".join(parts), display=[TextBlock(parts[1], "markdown")])


def _files(folder: str) -> tuple[list[str], bool]:
    """Absolute paths of the files beside SKILL.md, and whether there are more."""
    found: list[str] = []
    seen = 0
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
        seen += len(folders) + len(names)
        found += [
            os.path.join(path, name)
            for name in sorted(names)
            if not name.startswith(".") and not (path == folder and name == "SKILL.md")
        ]
        if len(found) > _MOST_FILES or seen > _LOOKED_AT:
            return found[:_MOST_FILES], True
    return found, False
