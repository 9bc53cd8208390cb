"""What is being written, images included: from the composer to the agent and, where it was not sent, back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.record import record

if TYPE_CHECKING:
    from plugsky_tui.kernel.messages import Image

_MENTION = r'(?<!\S)@(?:"([^"\n]+)"|(\S+))'


@record
class Attachment:
    """An image that is on board. `label` stands for it in the text of its draft, `name` in what is sent;
    `path` is where it came from, None for the clipboard."""

    label: str
    name: str
    image: Image
    path: Path | None = None


@record
class Draft:
    """`text` as it stands in the composer, pastes unfolded; only `images` whose label is in it are part of it."""

    text: str
    images: list[Attachment] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        """The text that is sent."""
        text = self.text
        for one in self.images:
            text = text.replace(one.label, f"[image {one.name}]")
        return text

    @property
    def remembered(self) -> str:
        """The text for the history: an image is there by its path, so that it comes along again."""
        text = self.text
        for one in self.images:
            text = text.replace(one.label, _mention(one.path) if one.path else "")
        return text.strip() if self.images else text


def joined(drafts: Sequence[Draft]) -> Draft:
    """Several as one, in their order."""
    texts = [draft.text for draft in drafts if draft.text.strip()]
    return Draft("\n\n".join(texts), [image for draft in drafts for image in draft.images])


def mentioned(text: str) -> list[str]:
    """The paths that `@` names in `text` and that look like images, each once; `@"…"` holds spaces."""
    if "@" not in text:
        return []
    from plugsky_tui.frontends.attachments import SUFFIXES

    paths = (quoted or plain.rstrip(",;:!?)") for quoted, plain in re.findall(_MENTION, text))
    return list(dict.fromkeys(path for path in paths if path.rstrip(".").lower().endswith(SUFFIXES)))


def _mention(path: Path) -> str:
    text = str(path)
    return f'@"{text}"' if any(letter.isspace() for letter in text) else f"@{text}"
