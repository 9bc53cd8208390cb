"""Images and the models that cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import AssistantMessage, Message, ToolMessage, UserMessage


def has_images(messages: Sequence[Message]) -> bool:
    return any(not isinstance(message, AssistantMessage) and message.images for message in messages)


def without_images(messages: Sequence[Message]) -> tuple[list[Message], int]:
    """`messages` for a model that cannot see, and how many images were left out. What was sent says which they were."""
    out: list[Message] = []
    count = 0
    for message in messages:
        if isinstance(message, AssistantMessage) or not message.images:
            out.append(message)
            continue
        count += len(message.images)
        names = ", ".join(image.name or image.media_type for image in message.images)
        left_out = f"[not shown to you, as you cannot see images: {names}]"
        match message:
            case UserMessage():
                out.append(replace(message, text=f"{message.text}\n\n{left_out}".lstrip(), images=[]))
            case ToolMessage():
                out.append(replace(message, output=f"{message.output}\n{left_out}", images=[]))
    return out, count


def cannot_see(model: str, seeing: Sequence[str]) -> UsageError:
    """The error for a prompt with images to `model`, which cannot see; `seeing` are models that can."""
    others = ", ".join(seeing[:4])
    return UsageError(
        f"{model} cannot see images.",
        hint=f"Models that can: {others} (-m NAME, or /model)." if others else "Choose a model with vision.",
        code="no_vision",
    )
