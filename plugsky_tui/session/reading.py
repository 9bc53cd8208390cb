"""What searches may show: files that the gate would let be read without asking anyone."""

from __future__ import annotations

from collections.abc import Callable

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Gate, Prepared, Progress, ReadPath, ToolResult


def may_read(gate: Gate) -> Callable[[str], bool]:
    """For `ToolContext.may_read`: whether the file at an absolute path may be read as things stand."""

    def allowed(path: str) -> bool:
        prepared = Prepared(ToolCall("", "read", {}), f"Read {path}", [ReadPath(path)], _nothing)
        return gate.judge(prepared).verdict == "allow"

    return allowed


async def _nothing(progress: Progress) -> ToolResult:
    return ToolResult("")
