"""A simulator and a plain client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from support.simulated import Client, simulated

Started = Callable[..., Client]


@pytest.fixture
def start() -> Iterator[Started]:
    with ExitStack() as stack:
        yield lambda script=None, **options: Client(stack.enter_context(simulated(script, **options)))


@pytest.fixture
def client(start: Any) -> Client:
    return start()
