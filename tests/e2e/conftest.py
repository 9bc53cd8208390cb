from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.command import User, git_repository, simulator, user_environment

FILES = {
    "README.md": "# Sums\n\nA small library that adds numbers, and nothing else.\n",
    "src/sums.py": 'def add(a, b):\n    """The sum of two numbers."""\n    return a + b\n',
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return git_repository(tmp_path / "repo", FILES)


@pytest.fixture
def user(tmp_path: Path, repo: Path) -> User:
    return User(repo, user_environment(tmp_path / "home"))


@pytest.fixture
def scripted(tmp_path: Path, user: User) -> Iterator[Callable[..., User]]:
    """`scripted(reply, reply, …)`: the user, talking to a model that plays those replies."""
    with ExitStack() as stack:

        def begin(*replies: dict) -> User:
            url = stack.enter_context(simulator(replies, tmp_path, user.env))
            user.env["PLUGSKY_BASE_URL"] = url
            return user

        yield begin
