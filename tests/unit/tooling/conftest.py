"""A context in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugsky_tui.tooling import ToolContext
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.spill import Spill


@pytest.fixture
def context(tmp_path: Path) -> ToolContext:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return ToolContext(
        Root(workspace, own=(str(tmp_path / "own"),)),
        spill=Spill(str(tmp_path / "outputs")),
        environment={"PATH": "/usr/bin:/bin"},
    )
