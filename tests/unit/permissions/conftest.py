"""A small workspace with everything in it that a command could stumble over, and gates for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import FetchUrl, Judgement, Need, Prepared, ReadPath, RunCommand, WritePath
from plugsky_tui.permissions.gate import PermissionGate
from plugsky_tui.permissions.rules import Rules, parse_rule
from plugsky_tui.workspace.paths import Root

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def workspace(home: Path) -> Path:
    folder = home / "app"
    for name in ("src", "sub"):
        (folder / name).mkdir(parents=True)
    for name in ("a", "b", "x.py", "README.md", "src/x.js", ".env", "sub/id_ed25519", "server.pem", "m.o"):
        (folder / name).write_text("x\n")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "out").symlink_to("/etc")
    return folder


@pytest.fixture
def git_workspace(workspace: Path) -> Path:
    subprocess.run(
        ["git", "init", "-q", str(workspace)], check=True, env={**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
    )
    return workspace


def prepared(tool: str, *needs: Need) -> Prepared:
    async def nothing(_: Any) -> Any:
        raise AssertionError("nothing is run in these tests")

    return Prepared(ToolCall("c1", tool, {}), tool, needs, nothing)


class Judge:
    """A gate with short ways to ask it."""

    def __init__(self, gate: PermissionGate) -> None:
        self.gate = gate

    def shell(self, command: str, cwd: str | None = None) -> Judgement:
        return self.gate.judge(prepared("shell", RunCommand(command, cwd or self.gate.root.folder)))

    def read(self, path: str, tool: str = "read") -> Judgement:
        return self.gate.judge(prepared(tool, ReadPath(self.gate.root.absolute(path))))

    def write(self, path: str, tool: str = "edit") -> Judgement:
        return self.gate.judge(prepared(tool, WritePath(self.gate.root.absolute(path))))

    def fetch(self, url: str) -> Judgement:
        return self.gate.judge(prepared("web_fetch", FetchUrl(url)))

    def tool(self, name: str) -> Judgement:
        return self.gate.judge(prepared(name))


@pytest.fixture
def judge_of(workspace: Path, home: Path) -> Callable[..., Judge]:
    def make(
        mode: str = "ask",
        allow: tuple[str, ...] = (),
        ask: tuple[str, ...] = (),
        deny: tuple[str, ...] = (),
        trusted: Any = True,
        folder: Path | None = None,
        env: dict[str, str] | None = None,
        source: Any = "user",
        **more: Any,
    ) -> Judge:
        rules = [parse_rule(text, "allow", source) for text in allow]
        rules += [parse_rule(text, "ask", "user") for text in ask] + [parse_rule(text, "deny", "user") for text in deny]
        root = Root(folder or workspace, home=str(home), own=[str(home / "own-config")])
        gate = PermissionGate(
            root=root, mode=mode, rules=Rules(rules), trusted=trusted, env=env or {"PATH": SYSTEM_PATH}, **more
        )
        return Judge(gate)

    return make
