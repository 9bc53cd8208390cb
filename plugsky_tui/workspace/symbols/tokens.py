"""How many tokens a text takes, without a tokenizer: an estimate that is rather too high.

English prose has about 4 characters a token, a map of source code about 3.6 with the tokenizers of today.
"""

from __future__ import annotations

import math

_PER_TOKEN = 3.3


def estimate(text: str) -> int:
    if text.isascii():
        return math.ceil(len(text) / _PER_TOKEN)
    plain = sum(letter.isascii() for letter in text)
    return math.ceil(plain / _PER_TOKEN + (len(text) - plain))
