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


@pytest.fixture(scope="session")
def plain_aimock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    """One without options of its own, for all tests of a process: a start takes a quarter of a second."""
    with aimock(
        [{"match": {"userMessage": "nothing yet"}, "response": {"content": "Nothing yet."}}],
        tmp_path_factory.mktemp("aimock"),
    ) as server:
        yield server


@pytest.fixture
def peer(tmp_path: Path, user: User, request: pytest.FixtureRequest) -> Iterator[Callable[..., Aimock]]:
    """`peer(fixture, …, options=[…])`: an aimock that the user's plugsky talks to, one at a time."""
    with ExitStack() as stack:

        def begin(*fixtures: dict[str, Any], options: tuple[str, ...] = ()) -> Aimock:
            if options:
                server = stack.enter_context(aimock(fixtures, tmp_path, *options))
            else:
                server = request.getfixturevalue("plain_aimock")
                server.play(fixtures)
            user.env["PLUGSKY_BASE_URL"] = server.url
            return server

        yield begin
