"""The tools of this session: what each is for, where it is from, and whether it asks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.content import Content

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.layers.sheet import SheetLayer
from plugsky_tui.frontends.tui.look import short_folder
from plugsky_tui.frontends.tui.widgets.columns import heading, prose
from plugsky_tui.permissions.checking import call_to_check
from plugsky_tui.permissions.rules import FETCHERS
from plugsky_tui.session.offered import Offered, offered

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.session.session import Session

_SECTIONS = {"built-in": "Built in", "user": "Yours", "project": "This project's", "": "From elsewhere"}
_VERDICTS = {"allow": "free", "ask": "asks", "deny": "refused"}


async def show_tools(session: Session, layers: Layers) -> None:
    """Until the user closes the list."""
    tools = offered(session.toolbox)
    verdicts = await asyncio.to_thread(lambda: {tool.name: verdict_on(session.gate, tool.name) for tool in tools})
    marked: str | None = None
    while True:
        picker = Picker(
            f"Tools · {len(tools)} · mode {session.mode}",
            [_pick(tool, verdicts[tool.name]) for tool in _sorted(tools)],
            hint="type to filter: a name, or what it does",
            note="" if tools else "This session has no tools.",
            most_rows=34,
            marked=marked,
            keys="Enter: all of it · Esc" if tools else "Esc",
        )
        marked = await layers.ask(picker)
        tool = next((one for one in tools if one.name == marked), None)
        if tool is None:
            return
        await layers.ask(SheetLayer(tool.name, _sheet(tool, verdicts[tool.name], session.mode)))


def verdict_on(gate: PermissionGate, name: str) -> str:
    """Whether an ordinary call of the tool goes through now: "free", "asks" or "refused". For a command that is one that
    does more than read, for a file one of the folder, for a page one of the web at large."""
    subject = "make" if name == "shell" else "https://example.org/" if name in FETCHERS else "some_file.txt"
    return _VERDICTS[gate.judge(call_to_check(name, subject, Path(gate.root.real), gate)).verdict]


def _sorted(tools: list[Offered]) -> list[Offered]:
    order = list(_SECTIONS)
    return sorted(tools, key=lambda tool: (order.index(_section(tool)), tool.name))


def _section(tool: Offered) -> str:
    return tool.origin if tool.origin in _SECTIONS else ""


def _pick(tool: Offered, verdict: str) -> Pick[str]:
    first = tool.description.strip().partition("\n")[0]
    return Pick(
        tool.name,
        tool.name,
        f"{verdict:7}  {first}",
        section=_SECTIONS[_section(tool)],
        words=tool.description,
        faint=verdict == "refused",
    )


_IN_MODE = {
    "free": "An ordinary call goes through without a question.",
    "asks": "You are asked before each call that does more than read, unless a rule allows it.",
    "refused": "An ordinary call is refused.",
}


def _sheet(tool: Offered, verdict: str, mode: str) -> Any:
    def draw(width: int) -> list[Content]:
        lines = [*prose(f"In the mode {mode}: {_IN_MODE[verdict]}", width, "$text-muted")]
        if tool.path and tool.origin != "built-in":
            lines += prose(f"From {short_folder(Path(tool.path))}", width, "$text-muted")
        lines += [Content(""), heading("What the model is told")]
        for paragraph in clean(tool.description).strip().split("\n"):
            lines += prose(paragraph, width)
        required = tool.parameters.get("required", [])
        lines += [Content(""), heading("Parameters" if tool.parameters.get("properties") else "It takes no parameters")]
        for name, schema in tool.parameters.get("properties", {}).items():
            lines += _parameter(name, schema, name in required, width)
        return lines

    return draw


def _parameter(name: str, schema: dict[str, Any], required: bool, width: int) -> list[Content]:
    facts = [_type(schema)]
    if required:
        facts.append("required")
    elif schema.get("default") not in (None, "", [], {}):
        facts.append(f"else {schema['default']}")
    head = Content.assemble(
        (clean(name), "bold"), (f"  {clean(', '.join(fact for fact in facts if fact))}", "$text-muted")
    )
    about = prose(f"  {schema['description']}", width) if schema.get("description") else []
    return [head.truncate(width, ellipsis=True), *about]


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind for one in schema["anyOf"] if (kind := _type(one)) != "null"))
    kind = str(schema.get("type", ""))
    return f"list of {_type(schema['items'])}" if kind == "array" and schema.get("items") else kind
