"""Chips: the text area shows a few words in brackets, the model is sent the long paste or the image behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.frontends.text import clean

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.composer.drafts import Attachment
    from plugsky_tui.kernel.messages import Image

FOLD_LINES = 12  # more lines than this are folded: the composer shows ten at most
FOLD_CHARACTERS = 2000
_LONGEST_NAME = 40

_CHIP = re.compile(r"\[Pasted [\d,]+ (?:lines|characters) #\d+\]")


class Chips:
    """The pastes and images of one draft. Labels are unique within it, and only labels made here stand for anything."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._images: dict[str, Attachment] = {}
        self._names: dict[str, int] = {}  # of images, ever: two drafts that become one keep their images apart

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

    def fold_again(self, text: str) -> str:
        """`text` with the chips for what was pasted before, as far as that is still in it."""
        for label, pasted in self._texts.items():
            text = text.replace(pasted, label, 1)
        return text

    def nearest(self, text: str, at: int) -> str:
        """The chip of a paste in `text` at the place `at`, or the last before it, or the first; "" where there is none."""
        found = [match for match in _CHIP.finditer(text) if match[0] in self._texts]
        before = [match for match in found if match.start() <= at]
        return (before[-1] if before else found[0])[0] if found else ""

    def attach(self, image: Image, path: Path | None = None) -> str:
        """Take `image` on board; the chip that stands for it. `path` is where it came from."""
        from plugsky_tui.frontends.attachments import size_of, size_text
        from plugsky_tui.frontends.tui.composer.drafts import Attachment

        name = "".join(letter for letter in clean(image.name) if letter.isprintable() and letter not in "[]") or "image"
        if len(name) > _LONGEST_NAME:
            name = f"{name[: _LONGEST_NAME // 2]}…{name[1 - _LONGEST_NAME // 2 :]}"
        self._names[name] = count = self._names.get(name, 0) + 1
        if count > 1:
            name = f"{name} #{count}"
        label = f"[image {name} {size_text(size_of(image))}]"
        self._images[label] = Attachment(label, name, image, path)
        return label

    def take_back(self, images: Iterable[Attachment]) -> None:
        """Images of a draft that comes back, under the labels its text has for them."""
        self._images.update((one.label, one) for one in images)

    def images_in(self, text: str) -> list[Attachment]:
        """The images whose chips are in `text`, in its order."""
        places = ((text.find(label), one) for label, one in self._images.items())
        return [one for place, one in sorted(places, key=lambda pair: pair[0]) if place >= 0]

    def ending(self, before: str) -> str:
        """The chip that `before` ends with, so that it can be deleted as one; "" where it does not."""
        if not before.endswith("]"):
            return ""
        label = before[before.rfind("[") :]
        return label if label in self._texts or label in self._images else ""

    def clear(self) -> None:
        self._texts.clear()
        self._images.clear()
