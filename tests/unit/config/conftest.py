"""A user with folders of their own, and a project."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from plugsky_tui.config.settings import Loaded, load


@dataclass
class World:
    """`env` is all that is known of the machine."""

    root: Path
    project: Path
    env: dict[str, str] = field(default_factory=dict)

    def user_says(self, text: str) -> Path:
        path = self.root / "config" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def project_says(self, text: str) -> Path:
        path = self.project / ".plugsky" / "config.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def load(self, **options: Any) -> Loaded:
        return load(self.project, options=options, env=self.env)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    project = tmp_path / "project"
    project.mkdir()
    env = {f"PLUGSKY_{name.upper()}_DIR": str(tmp_path / name) for name in ("config", "data", "cache")}
    for variable, value in env.items():
        monkeypatch.setenv(variable, value)
    for variable in ("PLUGSKY_API_KEY", "PLUGSKY_MODEL", "PLUGSKY_BASE_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(variable, raising=False)
    return World(tmp_path, project, dict(env))


@pytest.fixture
def command() -> Callable[..., int]:
    """Runs a subcommand's module with arguments."""

    def run(module: ModuleType, *arguments: str) -> int:
        parser = argparse.ArgumentParser(prog="plugsky")
        module.configure(parser)
        code: int = module.run(parser.parse_args(arguments))
        return code

    return run
