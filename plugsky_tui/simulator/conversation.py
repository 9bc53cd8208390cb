"""A conversation as the simulator's "model" is given it, whatever endpoint it came through, and its reply."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(slots=True)
class FunctionCall:
    """`arguments` is JSON text exactly as it travelled: what a model wrote need not be valid."""

    name: str
    arguments: str
    call_id: str = ""


@dataclass(slots=True)
class Message:
    """`text` is all text parts joined; `images` counts the pictures; `call_id` is that of a tool result."""

    role: Role
    text: str = ""
    calls: list[FunctionCall] = field(default_factory=list)
    call_id: str = ""
    images: int = 0


@dataclass(slots=True)
class ToolSpec:
    """A function on offer; `parameters` is its JSON Schema (empty: it takes nothing)."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ToolChoice:
    """`mode` "named" demands the function `name`; "required" any of them."""

    mode: Literal["auto", "none", "required", "named"] = "auto"
    name: str = ""


@dataclass(slots=True)
class Conversation:
    """What a reply is made from. The messages are in a valid order (the endpoint has checked it)."""

    messages: list[Message]
    tools: list[ToolSpec] = field(default_factory=list)
    choice: ToolChoice = field(default_factory=ToolChoice)

    def last_user_text(self) -> str:
        return next((message.text for message in reversed(self.messages) if message.role == "user"), "")


@dataclass(slots=True)
class Reply:
    """What the "model" says next. `finish_reason` None: what follows from the rest."""

    text: str = ""
    reasoning: str = ""
    calls: list[FunctionCall] = field(default_factory=list)
    finish_reason: str | None = None

    @property
    def finished_as(self) -> str:
        return self.finish_reason or ("tool_calls" if self.calls else "stop")
