"""The tools a conversation offers, and the agent's calls put into their terms.

The agent thinks in plugsky's own tools. Another client's `read` may take a `path` where ours takes
a `file_path`, know no `offset`, or there may be no `list` but a `shell`. A tool without a schema is
taken to be like ours.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from plugsky_tui.simulator.agent.steps import Call, ToolMissing
from plugsky_tui.simulator.conversation import ToolSpec
from plugsky_tui.simulator.filling import fill

_FILE = ("path", "file", "filename", "filepath", "targetfile", "absolutepath")
_FOLDER = ("directory", "dir", "folder", "dirpath", "directorypath", "root", "targetdirectory")
_OTHER_NAMES = {
    "file_path": _FILE,
    "path": _FOLDER,
    "pattern": ("query", "regex", "search", "searchterm", "glob", "globpattern", "text"),
    "command": ("cmd", "script", "shellcommand", "bashcommand"),
    "old_string": ("oldstr", "oldtext", "oldcontent", "old", "search", "find"),
    "new_string": ("newstr", "newtext", "newcontent", "new", "replace", "replacement"),
    "content": ("contents", "text", "filetext", "newcontent", "data"),
    "ignore_case": ("caseinsensitive", "insensitive"),
    "replace_all": ("all", "everywhere"),
}
"""What other clients call an argument: in lower case, without _ and -."""

_DISPENSABLE = {"description", "offset", "limit", "depth", "path", "ignore_case", "glob"}
"""Left out where a tool does not know them: its result holds more, or other spellings, and serves as well."""

_NO_FOLDERS = "-not -path '*/.*/*' -not -path '*/node_modules/*' -not -path '*/__pycache__*'"


class OtherArguments(ToolMissing):
    """The tool is there, but takes nothing that one of our arguments could go into."""

    def __init__(self, name: str, argument: str) -> None:
        super().__init__(name)
        self.message = (
            f"For this I need a tool `{name}` that takes `{argument}`, and the one in this conversation does not. "
            f"Its schema is in the request."
        )


class Offer:
    """The tools on offer; `names` are theirs."""

    def __init__(self, tools: Sequence[ToolSpec]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.names = set(self._tools)

    def fitted(self, call: Call) -> Call:
        """`call` as a call of the tools there are. Raises ToolMissing where it can be none."""
        tool = self._tools.get(call.name)
        if tool is not None and call.verbatim:
            return call
        if tool is None:
            other = None if call.verbatim else _in_its_place(call, self.names)
            if other is None:
                raise ToolMissing(call.name)
            return self.fitted(other)
        return Call(call.name, _arguments(call, tool.parameters))

    def read_back(self, call: Call, output: str) -> str:
        """The `output` of the fitted call as `call` itself would have it: of a shell that looked around, the paths."""
        if call.verbatim or call.name in self.names or "shell" not in self.names:
            return output
        found = [line[2:] for line in output.split("\n") if line.startswith("./")]
        return "\n".join(found) if found else output  # else what it said instead, such as a refusal


def _in_its_place(call: Call, offered: set[str]) -> Call | None:
    """Another tool's call that finds out the same."""
    if call.name == "list" and "glob" in offered:
        return Call("glob", {"pattern": "**/*"})
    if "shell" not in offered:
        return None
    command = _command(call.name, call.arguments)
    return Call("shell", {"command": command, "description": "Look around"}) if command else None


def _command(name: str, arguments: dict[str, Any]) -> str | None:
    """The shell command that stands for a tool that only looks; None where there is none."""
    match name, arguments:
        case "list", {"path": str(path), "depth": int(depth)}:
            return f"find {shlex.quote(path)} -mindepth 1 -maxdepth {depth} -not -name .git {_NO_FOLDERS} | sort"
        case "glob", {"pattern": str(pattern)}:
            return f"find . -name {shlex.quote(pattern.rsplit('/', 1)[-1])} {_NO_FOLDERS} | sort"
        case "grep", {"pattern": str(pattern)} if "(?" not in pattern.replace("(?:", ""):
            pattern = pattern.replace("(?:", "(")  # grep -E knows the plain group alone
            case = "i" if arguments.get("ignore_case") else ""
            skipped = "--exclude-dir=.git --exclude-dir=node_modules --exclude-dir=__pycache__"
            return f"grep -rnIE{case} {skipped} -e {shlex.quote(pattern)} . | head -n 200"
        case _:
            return None


def _arguments(call: Call, schema: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `call` under the names that `schema` has for them, and what it demands besides."""
    known = schema.get("properties")
    if not isinstance(known, dict) or not known:
        return call.arguments
    plain = {_plain(name): name for name in known}
    fitted: dict[str, Any] = {}
    for name, value in call.arguments.items():
        place = name if name in known else _place(name, plain, taken=fitted)
        if place is not None:
            fitted[place] = value
        elif name not in _DISPENSABLE:
            raise OtherArguments(call.name, name)
    if "offset" in call.arguments and not {"offset", "limit"} <= fitted.keys():
        fitted.pop("limit", None)  # half a range would be another one
    return {**fitted, **_demanded(schema, fitted)}


def _place(name: str, plain: dict[str, str], *, taken: dict[str, Any]) -> str | None:
    """The property that means the argument `name`."""
    for spelling in (_plain(name), *_OTHER_NAMES.get(name, ())):
        if spelling in plain and plain[spelling] not in taken:
            return plain[spelling]
    return None


def _demanded(schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Values for what `schema` requires and the agent has nothing for."""
    required = schema.get("required")
    missing = [name for name in required if name not in given] if isinstance(required, list) else []
    if not missing:
        return {}
    filled = fill({**schema, "required": missing}, "")
    values = filled if isinstance(filled, dict) else {}
    return {name: "." if _plain(name) in ("path", *_FOLDER) else values.get(name) for name in missing}


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
