"""A workspace with a language server of the test's own for *.x files, in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.config.shape import LanguageServer
from plugsky_tui.workspace.lsp.servers import LanguageServers, Leave

FAKE = Path(__file__).with_name("fake_server.py")


class Bench:
    """`folder` is the workspace; `begin(*faults)` makes the servers of a session in it."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = Path(os.path.realpath(tmp_path)) / "w s"
        self.folder.mkdir()
        self.log = tmp_path / "log"
        self.sessions: list[LanguageServers] = []

    def begin(self, *faults: str, leave: Leave | None = None) -> LanguageServers:
        entry = LanguageServer([sys.executable, str(FAKE), str(self.log), *faults], ["*.x"])
        servers = LanguageServers(
            str(self.folder), dict(os.environ), {"x": entry}, leave or Leave(True, False, lambda command: False)
        )
        self.sessions.append(servers)
        return servers

    def put(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def received(self, method: str = "") -> list[Any]:
        """The messages the server has received, or the parameters of those of one method."""
        messages = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [each["params"] for each in messages if each.get("method") == method] if method else messages


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    for servers in made.sessions:
        await servers.close()


@pytest.fixture
def shown() -> Callable[[Any], list[str]]:
    return lambda report: [each.shown("a.x") for each in report.found]
