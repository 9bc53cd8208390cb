"""All tools of a session: the built-in ones, the user's own, and those of a project the user trusts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.tooling.loading import LoadedTool, Origin, Problem, builtin_folder, load_folder
from plugsky_tui.tooling.tool import Tool


@dataclass(slots=True)
class Registry:
    """`tools` have unique names; `problems` are files that could not be loaded, `notes` say who stands in for whom.
    `hidden` are tools that are not used because another has their name, each with the path of that."""

    tools: list[LoadedTool] = field(default_factory=list)
    hidden: list[tuple[LoadedTool, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def instances(self) -> list[Tool[Any]]:
        return [each.tool for each in self.tools]


def load_tools(*, user_folder: str | None = None, project_folder: str | None = None) -> Registry:
    """Every tool there is. `user_folder` is the user's `tools` folder, `project_folder` that of a trusted project.

    Of two with one name the nearer one counts (project, user, built-in), but a project cannot stand in for a
    built-in tool: what `shell` or `edit` does is not the repository's to say.
    """
    registry = Registry()
    sources: list[tuple[str | None, Origin]] = [
        (builtin_folder(), "built-in"),
        (user_folder, "user"),
        (project_folder, "project"),
    ]
    chosen: dict[str, LoadedTool] = {}
    builtin: set[str] = set()
    for folder, origin in sources:
        if folder is None:
            continue
        loaded = load_folder(folder, origin)
        registry.problems += loaded.problems
        for each in loaded.tools:
            if each.printed:
                registry.notes.append(f"{each.path} prints when it is loaded, which is not shown: {each.printed}")
            name = each.tool.name
            other = chosen.get(name)
            if origin == "project" and name in builtin:
                registry.notes.append(f"{each.path} is not used: a project cannot replace the built-in tool {name}.")
                registry.hidden.append((each, chosen[name].path))
                continue
            if other is not None and other.origin == origin:
                registry.notes.append(f"{each.path} is not used: {other.path} has the tool {name} already.")
                registry.hidden.append((each, other.path))
                continue
            if other is not None:
                registry.hidden.append((other, each.path))
                registry.notes.append(f"The tool {name} is the {origin}'s ({each.path}), not the {other.origin} one.")
            chosen[name] = each
            if origin == "built-in":
                builtin.add(name)
    registry.tools = list(chosen.values())
    return registry


def user_tools_folder() -> str:
    """The folder for the user's own tools."""
    from plugsky_tui.config.paths import config_dir  # platformdirs: 6 ms

    return str(config_dir() / "tools")


def project_tools_folder(folder: str) -> str:
    """The folder for a project's tools. They are code: load them only where the user trusts the project."""
    return os.path.join(folder, ".plugsky", "tools")
