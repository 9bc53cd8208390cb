"""Tool calls and their results in plain words, for servers that know no tools: a thread begun elsewhere stays usable."""

from __future__ import annotations

import json

from plugsky_tui.kernel.messages import Image, ToolCall, ToolMessage


def call_in_words(call: ToolCall) -> str:
    arguments = call.raw if call.arguments is None else json.dumps(call.arguments, ensure_ascii=False)
    return f"[called the tool {call.name} with {arguments}]"


def result_in_words(message: ToolMessage) -> str:
    said = "returned" if message.ok else "failed"
    return f"[the tool {message.name} {said}]\n{message.output}"


def image_in_words(image: Image) -> str:
    return f"[an image, not shown here: {image.name or image.media_type}]"
