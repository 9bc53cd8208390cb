"""Long pastes, folded: the text area shows a chip, the model is sent the text behind it."""

from __future__ import annotations

import re

FOLD_LINES = 12  # more lines than this are folded: the composer shows ten at most
FOLD_CHARACTERS = 2000

_CHIP = re.compile(r"\[Pasted [\d,]+ (?:lines|characters) #\d+\]")


class Chips:
    """The pastes of one draft. Labels are unique within it, and only labels made here are ever expanded."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """What to put into the text area for a pasted `text`: itself, or the chip that stands for it."""
        lines = text.count("\n") + 1
        if lines <= FOLD_LINES and len(text) <= FOLD_CHARACTERS:
            return text
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        label = f"[Pasted {size} #{len(self._texts) + 1}]"
        self._texts[label] = text
        return label

    def expand(self, text: str) -> str:
        """`text` with every chip replaced by what was pasted."""
        return _CHIP.sub(lambda found: self._texts.get(found[0], found[0]), text)

    def ending(self, before: str) -> str:
        """The chip that `before` ends with, so that it can be deleted as one; "" where it does not."""
        if not before.endswith("]"):
            return ""
        label = before[before.rfind("[") :]
        return label if label in self._texts else ""

    def clear(self) -> None:
        self._texts.clear()
