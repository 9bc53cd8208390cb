"""A call as its tool would prepare it, with nothing to run: to see what would become of it."""

from __future__ import annotations

import os
from pathlib import Path

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import FetchUrl, Need, Prepared, Progress, ReadPath, RunCommand, ToolResult, WritePath
from plugsky_tui.permissions.gate import PermissionGate
from plugsky_tui.permissions.rules import EDITORS, FETCHERS, READERS


def call_to_check(tool: str, subject: str | None, folder: Path, gate: PermissionGate) -> Prepared:
    """`subject` is the command, the path or the URL the tool would be called with. UsageError where it is missing, or
    `tool` cannot be the name of one."""

    async def nothing(_: Progress) -> ToolResult:
        raise RuntimeError("a check runs nothing")

    def given() -> str:
        if subject is None:
            raise UsageError(
                f"--tool {tool} needs what it is called with.", hint="Give the command, the path or the URL."
            )
        return subject

    needs: list[Need] = []
    if tool == "shell":
        needs = [RunCommand(given(), os.fspath(folder))]
    elif tool in EDITORS:
        needs = [WritePath(gate.root.resolve(given()).absolute)]
    elif tool in READERS:
        needs = [ReadPath(gate.root.resolve(given()).absolute)]
    elif tool in FETCHERS:
        needs = [FetchUrl(given())]
    elif not tool.replace("_", "").replace("-", "").isalnum():
        raise UsageError(f"{tool} is not the name of a tool.", hint="plugsky tool --list names them.")
    return Prepared(ToolCall("check", tool, {}), tool, needs, nothing)
