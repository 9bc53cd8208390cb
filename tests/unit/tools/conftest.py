"""The built-in tools, loaded as a session loads them, in a workspace of the test's own."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Prepared, ToolResult
from plugsky_tui.tooling import ToolContext, ToolError
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.spill import Spill

TOOLS = load_tools().instances()


@dataclass
class Workspace:
    """Call the tools by name: `await ws("read", file_path="a.py")`."""

    path: Path
    context: ToolContext
    toolbox: ToolboxOf
    live: list[str] = field(default_factory=list)

    async def prepare(self, name: str, /, **arguments: Any) -> Prepared:
        return await self.toolbox.prepare(ToolCall("call_1", name, arguments))

    async def __call__(self, name: str, /, **arguments: Any) -> ToolResult:
        prepared = await self.prepare(name, **arguments)
        return await prepared.act(self.live.append)

    async def fails(self, name: str, /, **arguments: Any) -> str:
        """Message and hint of the error a call ends with."""
        with pytest.raises(ToolError) as caught:
            await self(name, **arguments)
        return f"{caught.value.message}\n{caught.value.hint}"

    def put(self, name: str, content: str | bytes = "") -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    folder = tmp_path / "workspace"
    folder.mkdir()
    context = ToolContext(
        Root(folder, own=(str(tmp_path / "own"),)),
        spill=Spill(str(tmp_path / "outputs")),
        environment=child_environment(
            {**os.environ, "PLUGSKY_API_KEY": "psk_test_0123456789", "COPY": "psk_test_0123456789"}
        ),
    )
    return Workspace(folder, context, ToolboxOf(TOOLS, context))
