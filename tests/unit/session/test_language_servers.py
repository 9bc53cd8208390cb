"""Language servers in a session: who asks them, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.scripted import OpenGate

from plugsky_tui.config.shape import build
from plugsky_tui.permissions.trust import TrustState
from plugsky_tui.session.language_servers import with_language_servers
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.paths import Root


@pytest.mark.parametrize("watched", [True, False])
def test_the_check_after_edits_can_be_switched_off_and_the_tool_stays(tmp_path: Path, watched: bool) -> None:
    settings = build({} if watched else {"edits": {"diagnostics": False}})
    context = with_language_servers(ToolContext(Root(tmp_path)), settings, TrustState(trusted=True), OpenGate())
    assert (context.edit_watch is not None) is watched
    assert "diagnostics" in [tool.name for tool in ToolboxOf(load_tools().instances(), context).tools]
