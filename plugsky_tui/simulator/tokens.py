"""A deterministic estimate of token counts: about 4 characters a token in English, 1.5 in Arabic.

Those two figures are the API documentation's (its glossary); other scripts are set between them.
"""

from __future__ import annotations

import math

from plugsky_tui.simulator.conversation import Message

_PER_MESSAGE = 4  # role and separators
_PER_IMAGE = 85  # what OpenAI counts for a picture in low detail


def of_text(text: str) -> int:
    if text.isascii():  # the common case, without a look at each character
        return math.ceil(len(text) / 4)
    weight = 0.0
    for character in text:
        point = ord(character)
        if point < 0x300:
            weight += 1 / 4
        elif 0x590 <= point < 0x900:  # Hebrew, Arabic and its neighbours
            weight += 1 / 1.5
        elif point < 0x2E80:
            weight += 1 / 2
        else:  # CJK, emoji
            weight += 1
    return math.ceil(weight)


def of_messages(messages: list[Message]) -> int:
    return sum(
        _PER_MESSAGE
        + of_text(message.text)
        + sum(of_text(call.name) + of_text(call.arguments) for call in message.calls)
        + message.images * _PER_IMAGE
        for message in messages
    )


def cut(text: str, limit: int) -> str:
    """The longest start of `text` that takes at most `limit` tokens."""
    if of_text(text) <= limit:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if of_text(text[:middle]) <= limit else (low, middle - 1)
    return text[:low]
