"""`plugsky agents list`: the agents there are, and where each comes from."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_listing, folder_of, print_json

if TYPE_CHECKING:
    from plugsky_tui.session.agents import Listed

SUMMARY = "list the agents that --agent takes, and that do tasks as subagents"

_HIDDEN = {
    "user": "not used: the project has one of this name",
    "project": "not used: a project cannot replace a built-in agent",
    "built-in": "not used: you have one of this name",
}


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="list")
    add_listing(commands.add_parser("list", help="every agent, the file it is in, and its state", allow_abbrev=False))


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.paths import config_dir, data_dir
    from plugsky_tui.frontends.text import clean
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.session.agents import list_agents

    folder = folder_of(args)
    trusted = Trust(data_dir()).state(folder).trusted
    listed = list_agents(folder, config_dir(), trusted=trusted)
    if args.json:
        print_json([_row(one) for one in listed])
        return 0
    width = max(len(one.name) for one in listed)
    for one in listed:
        about = one.agent.description if one.agent else one.problem
        print(clean(f"{one.name:{width}}  {one.origin:8}  {one.state:6}  {about or one.path}").rstrip())
        if note := _note(one):
            print(f"{'':{width}}  {note}")
        for warning in one.agent.warnings if one.agent else []:
            print(clean(f"{'':{width}}  {warning}"))
    if all(one.origin == "built-in" for one in listed):
        print(f"One of your own is a file {config_dir() / 'agents'}/NAME.md, or .plugsky/agents/NAME.md.")
    return 0


def _note(one: Listed) -> str:
    match one.state:
        case "inert":
            return "not used: the folder is not trusted"
        case "hidden":
            return _HIDDEN[one.origin]
        case _:
            return ""


def _row(one: Listed) -> dict[str, Any]:
    agent = one.agent
    return {
        "name": one.name,
        "description": agent.description if agent else "",
        "origin": one.origin,
        "path": None if one.path is None else str(one.path),
        "state": one.state,
        "problem": one.problem or None,
        "model": agent.model if agent else None,
        "mode": agent.mode if agent else None,
        "tools": agent.tools if agent else None,
        "parameters": agent.parameters.given() if agent else {},
        "warnings": agent.warnings if agent else [],
    }
