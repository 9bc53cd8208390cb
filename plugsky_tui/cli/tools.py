"""`plugsky tools list`: the tools there are, where each comes from, and which files are none and why."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_listing, folder_of, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.tooling.loading import LoadedTool
    from plugsky_tui.tooling.registry import Registry

SUMMARY = "list the tools that the model may call"

_STATES = {
    "ready": "",
    "inert": "not used, and not looked into: the folder is not trusted",
    "hidden": "not used: {hidden_by} has the name",
    "broken": "",
}


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="list")
    add_listing(commands.add_parser("list", help="every tool, the file it is in, and its state", allow_abbrev=False))


def run(args: argparse.Namespace) -> int:
    """0, also where files are broken: the listing says so."""
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.frontends.text import clean
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.tooling.loading import tool_files
    from plugsky_tui.tooling.registry import load_tools, project_tools_folder, user_tools_folder

    folder = folder_of(args)
    trusted = Trust(data_dir()).state(folder).trusted
    project = project_tools_folder(str(folder))
    registry = load_tools(user_folder=user_tools_folder(), project_folder=project if trusted else None)
    rows = _rows(registry, _offered(folder, args, registry))
    if not trusted:
        rows += [_row(_stem(path), "project", path, "inert") for path in tool_files(project)]
    if args.json:
        print_json(rows)
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        about = row["problem"] or row["description"] or row["path"]
        print(clean(f"{row['name']:{width}}  {row['origin']:8}  {row['state']:6}  {about}").rstrip())
        for note in (_STATES[row["state"]].format(**row), *_notes(row)):
            if note:
                print(clean(f"{'':{width}}  {note}"))
    if all(row["origin"] == "built-in" for row in rows):
        print(f"One of your own is a file {user_tools_folder()}/NAME.py, or .plugsky/tools/NAME.py.")
    return 0


def _notes(row: dict[str, Any]) -> list[str]:
    notes: list[str] = []
    if row["state"] == "ready" and row["origin"] != "built-in":
        notes.append(row["path"])
    if row["printed"]:
        notes.append(f"prints when it is loaded, which is not shown: {row['printed']}")
    if row["offered"] is False:
        notes.append("not offered to the model here, where it has no use")
    return notes


def _offered(folder: Path, args: argparse.Namespace, registry: Registry) -> set[str]:
    """The names of the tools that a session in `folder` would offer the model."""
    from plugsky_tui.cli.tool import tool_context
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.config.settings import load
    from plugsky_tui.permissions.build import build_gate
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.tooling.toolbox import ToolboxOf
    from plugsky_tui.workspace.jobs import Jobs

    loaded = load(folder)
    trust = Trust(data_dir()).state(folder)
    given = {"mode": args.mode, "allow": args.allow, "deny": args.deny}
    gate = build_gate(folder, loaded, **given, trusted=trust.trusted, keep=False)
    context = tool_context(folder, loaded.effective(trusted=trust.trusted), trust, gate, keys=[])
    context.jobs = Jobs()  # a session has them, a single call has not
    return {tool.name for tool in ToolboxOf(registry.instances(), context).tools}


def _rows(registry: Registry, offered: set[str]) -> list[dict[str, Any]]:
    rows = [_tool_row(each, "ready", offered=each.tool.name in offered) for each in registry.tools]
    rows += [_tool_row(each, "hidden", hidden_by=other) for each, other in registry.hidden]
    rows += [
        _row(_stem(each.path), each.origin, each.path, "broken", line=each.line or None, problem=str(each))
        for each in registry.problems
    ]
    order = ["built-in", "user", "project"]
    return sorted(rows, key=lambda row: (order.index(row["origin"]), row["name"], row["path"]))


def _tool_row(each: LoadedTool, state: str, **more: Any) -> dict[str, Any]:
    description = each.tool.description.strip().partition("\n")[0]
    printed = each.printed or None
    return _row(each.tool.name, each.origin, each.path, state, description=description, printed=printed, **more)


def _row(name: str, origin: str, path: str, state: str, **more: Any) -> dict[str, Any]:
    """`line` and `problem` of broken ones, `hidden_by` of hidden ones, `offered` of ready ones, `printed` of those that
    print when they are loaded; else null."""
    empty = {"description": "", "offered": None, "hidden_by": None, "line": None, "problem": None, "printed": None}
    return {"name": name, "origin": origin, "path": path, "state": state, **empty, **more}


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")
