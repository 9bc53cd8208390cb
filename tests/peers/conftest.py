from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from peers.servers import Aimock, aimock
from support.command import User, copied_repository, user_environment

FILES = {
    "README.md": "# Sums\n\nA small library that adds numbers.\n",
    "src/sums.py": "def add(a, b):\n    return a + b\n",
}


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(copied_repository(tmp_path / "repo", FILES), user_environment(tmp_path / "home"))


@pytest.fixture
def peer(tmp_path: Path, user: User) -> Iterator[Callable[..., Aimock]]:
    """`peer(fixture, …, options=[…])`: an aimock that the user's plugsky talks to."""
    with ExitStack() as stack:

        def begin(*fixtures: dict[str, Any], options: tuple[str, ...] = ()) -> Aimock:
            server = stack.enter_context(aimock(fixtures, tmp_path, *options))
            user.env["PLUGSKY_BASE_URL"] = server.url
            return server

        yield begin
