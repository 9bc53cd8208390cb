from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.command import User, copied_repository, user_environment
from support.simulated import simulated

FILES = {
    "README.md": "# Sums\n\nA small library that adds numbers, and nothing else.\n",
    "src/sums.py": 'def add(a, b):\n    """The sum of two numbers."""\n    return a + b\n',
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return copied_repository(tmp_path / "repo", FILES)


@pytest.fixture
def user(tmp_path: Path, repo: Path) -> User:
    return User(repo, user_environment(tmp_path / "home"))


@pytest.fixture
def scripted(user: User) -> Iterator[Callable[..., User]]:
    """`scripted(reply, reply, …)`: the user, talking to a model that plays those replies.

    It serves from this process: what matters is that plugsky is another one, and a start costs 0.1 s.
    """
    with ExitStack() as stack:

        def begin(*replies: dict) -> User:
            user.env["PLUGSKY_BASE_URL"] = stack.enter_context(simulated(replies))
            return user

        yield begin
