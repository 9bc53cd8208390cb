"""The tools of a session, for people: what the model is told of each, and where each is from."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from plugsky_tui.kernel.ports import Toolbox
from plugsky_tui.session.secrets import Discreet
from plugsky_tui.tooling.toolbox import ToolboxOf


@dataclass(slots=True)
class Offered:
    """`origin` is "built-in", "user", "project", or "" where that is not known; `path` the file it is in. `description` and
    `parameters` (a JSON Schema) are what the model is sent."""

    name: str
    origin: str
    path: str
    description: str
    parameters: dict[str, Any]
    reads_only: bool


def offered(toolbox: Toolbox) -> list[Offered]:
    """All of them, in the order the model has them."""
    within = toolbox.within if isinstance(toolbox, Discreet) else toolbox
    modules = {tool.name: type(tool).__module__ for tool in within.tools} if isinstance(within, ToolboxOf) else {}
    return [
        Offered(
            one.name,
            _origin(modules.get(one.name, "")),
            _path(modules.get(one.name, "")),
            one.description,
            one.parameters,
            toolbox.reads_only(one.name),
        )
        for one in toolbox.definitions()
    ]


def _origin(module: str) -> str:
    """Tool files are modules named after where they are from: see `tooling.modules`."""
    root, _, rest = module.partition(".")
    return rest.partition(".")[0] if root == "plugsky_tools" else ""


def _path(module: str) -> str:
    return str(getattr(sys.modules.get(module), "__file__", None) or "") if module else ""
