"""The `tools` and `tool_choice` of a Messages request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.simulator import messages_checks as checks
from plugsky_tui.simulator.conversation import ToolChoice, ToolSpec
from plugsky_tui.simulator.errors import invalid

MAX_CACHE_MARKS = 4

_NAME = "[a-zA-Z0-9_-]{1,128}"
_TOOL_FIELDS = (
    "type", "name", "description", "input_schema", "cache_control", "strict", "input_examples",
    "eager_input_streaming", "defer_loading", "allowed_callers",
)  # fmt: skip


@dataclass(slots=True)
class Tools:
    """`one_call`: at most one call an answer (`disable_parallel_tool_use`)."""

    specs: list[ToolSpec] = field(default_factory=list)
    choice: ToolChoice = field(default_factory=ToolChoice)
    one_call: bool = False

    @property
    def forced(self) -> bool:
        return self.choice.mode in ("required", "named")


def parse_tools(body: Mapping[str, Any]) -> Tools:
    """ApiError 400 for a tool or a choice that the API would refuse."""
    given = body.get("tools") or []
    specs = [_tool(item, f"tools.{place}") for place, item in enumerate(checks.array(given, "tools"))]
    names = {spec.name for spec in specs}
    if len(names) != len(specs):
        raise checks.wrong("tools", "Tool names must be unique.")
    tools = Tools(specs)
    if body.get("tool_choice") is not None:
        _take_choice(tools, checks.mapping(body["tool_choice"], "tool_choice"), names)
    return tools


def check_cache_marks(*parts: Any) -> None:
    """ApiError 400 where more blocks are marked for the cache than the API allows."""
    found = sum(_marks(part) for part in parts)
    if found > MAX_CACHE_MARKS:
        raise invalid(
            f"A maximum of {MAX_CACHE_MARKS} blocks with cache_control may be provided. Found {found}.", "cache_control"
        )


def _marks(value: Any) -> int:
    if isinstance(value, list):
        return sum(_marks(item) for item in value)
    if not isinstance(value, dict):
        return 0
    # A tool's arguments and schema are the user's own: what they call cache_control is none.
    inner = sum(_marks(value[name]) for name in ("content", "source") if name in value)
    return inner + (value.get("cache_control") is not None)


def _tool(value: Any, at: str) -> ToolSpec:
    tool = checks.mapping(value, at)
    if tool.get("type") is not None:
        checks.tag(tool, at, ("custom",))
    here = f"{at}.custom"
    name = checks.matching(checks.required(tool, "name", here), f"{here}.name", _NAME)
    schema = checks.mapping(checks.required(tool, "input_schema", here), f"{here}.input_schema")
    kind = checks.required(schema, "type", f"{here}.input_schema")
    checks.one_of(kind, f"{here}.input_schema.type", ("object",))
    checks.no_extras(tool, _TOOL_FIELDS, here)
    checks.cache_control(tool, here)
    about = tool.get("description")
    return ToolSpec(name, checks.text(about, f"{here}.description") if about is not None else "", schema)


def _take_choice(tools: Tools, choice: dict[str, Any], names: set[str]) -> None:
    kind = checks.tag(choice, "tool_choice", ("auto", "any", "tool", "none"))
    at = f"tool_choice.{kind}"
    known = {"auto": "disable_parallel_tool_use", "any": "disable_parallel_tool_use", "none": ""}
    extra = ("name", "disable_parallel_tool_use") if kind == "tool" else (known[kind],)
    checks.no_extras(choice, ("type", *extra), at)
    tools.one_call = checks.boolean(choice, "disable_parallel_tool_use", at)
    if not tools.specs and kind != "none":
        raise checks.wrong("tool_choice", "tool_choice may only be specified while providing tools.")
    match kind:
        case "any":
            tools.choice = ToolChoice("required")
        case "none":
            tools.choice = ToolChoice("none")
        case "tool":
            name = checks.text(checks.required(choice, "name", at), f"{at}.name")
            if name not in names:
                raise checks.wrong("tool_choice", f"Tool '{name}' not found in provided tools")
            tools.choice = ToolChoice("named", name)
