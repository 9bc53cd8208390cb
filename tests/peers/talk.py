"""What a peer is told to say, and what is looked at of the run that heard it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from support.command import User

Happening = dict[str, Any]


def of(events: Sequence[Happening], kind: str) -> list[Happening]:
    return [event for event in events if event["type"] == kind]


def said(events: Sequence[Happening], kind: str = "text.delta") -> str:
    return "".join(event["text"] for event in of(events, kind))


def configure(user: User, text: str) -> None:
    """The user's own config.toml."""
    file = user.folder.parent / "home/.config/plugsky/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)


def turn(index: int, **response: Any) -> dict[str, Any]:
    """What aimock answers to a conversation with `index` answers in it."""
    return {"match": {"turnIndex": index, "endpoint": "chat"}, "response": response}


def attempt(number: int, how: dict[str, Any] | None = None, **response: Any) -> dict[str, Any]:
    """What aimock answers to the `number`th try of "hello"."""
    return {"match": {"userMessage": "hello", "sequenceIndex": number}, "response": response, **(how or {})}


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def refusal(status: int, message: str, **more: Any) -> dict[str, Any]:
    """A response that is an error; `type`, `code` and `param` go into its body, the rest beside it."""
    details = {name: more.pop(name) for name in ("type", "code", "param", "metadata") if name in more}
    return {"error": {"message": message, **details}, "status": status, **more}


HELLO = {"content": "Hello to you."}
LOOK = {
    "reasoning": "Two things can be looked at side by side.",
    "content": "Let me look.",
    "toolCalls": [call("read", file_path="README.md"), call("list", path="src")],
}
