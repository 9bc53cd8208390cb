"""A simulator, and a client that asks as Anthropic's SDK does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from support.simulated import KEY, Answer, Client, simulated


@dataclass
class Messages(Client):
    """`ask` sends one user message, or the `messages` given."""

    def ask(self, text: str = "hello", **more: Any) -> Answer:
        body = {"model": "plugsky-pro", "max_tokens": 2048, "messages": [{"role": "user", "content": text}], **more}
        return self.request("POST", "/messages", {name: value for name, value in body.items() if value is not None})

    def refused(self, text: str = "hello", **more: Any) -> str:
        """What a request that is a 400 is told."""
        answer = self.ask(text, **more)
        assert answer.status == 400, answer.body
        assert answer.json["type"] == "error" and answer.error["type"] == "invalid_request_error"
        assert answer.json["request_id"] == answer.headers["request-id"]
        message: str = answer.error["message"]
        return message


Started = Callable[..., Messages]


@pytest.fixture
def start() -> Iterator[Started]:
    with ExitStack() as stack:

        def make(script: Any = None, **options: Any) -> Messages:
            url = stack.enter_context(simulated(script, **options))
            return Messages(url, {"x-api-key": KEY, "anthropic-version": "2023-06-01"})

        yield make


@pytest.fixture
def client(start: Started) -> Messages:
    return start()
