"""What goes along with a draft: the images attached, and the images, files and threads that it names with `@`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.composer.drafts import Draft, mentioned
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.messages import Image
from plugsky_tui.session.sight import cannot_see

if TYPE_CHECKING:
    from plugsky_tui.session.session import Session


@dataclass(slots=True)
class Along:
    """`prompt` is the text to send, `lines` say for people what is in it beside the words; `remarks` why something is not."""

    prompt: str
    images: list[Image]
    lines: list[str]
    remarks: list[str]


async def along_with(draft: Draft, session: Session, folder: Path) -> Along:
    """Look up what `draft` names. PlugskyError ("no_vision") as `images_of` has it."""
    from plugsky_tui.frontends.attachments import SUFFIXES

    images, remarks = await images_of(draft, session, folder)
    if session.beside is None or "@" not in draft.text:
        return Along(draft.prompt, images, [], remarks)
    from plugsky_tui.session.enclosures import enclose

    looked = await session.beside.look(draft.prompt, SUFFIXES)
    lines = [one.line for one in looked.enclosures]
    return Along(enclose(draft.prompt, looked.enclosures), images, lines, remarks + looked.remarks)


async def images_of(draft: Draft, session: Session, folder: Path) -> tuple[list[Image], list[str]]:
    """The images to send with `draft`, and remarks on those that it names and that are not sent.

    PlugskyError ("no_vision") for images that were attached to a prompt for a model that cannot see. A file that is
    only named stays a name then: the prompt may be about the file, not about what is on it.
    """
    named = mentioned(draft.text)
    images, remarks = await asyncio.to_thread(_load, named, folder)
    if not (draft.images or images):
        return [], remarks
    if session.sees(session.model) is False:
        blind = cannot_see(session.model, [info.id for info in await session.models() if info.sees])
        if draft.images:
            raise blind
        names = ", ".join(image.name for image in images)
        return [], [f"{names}: named, but not attached. {blind.message}\n{blind.hint}"]
    return [one.image for one in draft.images] + images, remarks


def _load(named: list[str], folder: Path) -> tuple[list[Image], list[str]]:
    from plugsky_tui.frontends.attachments import load_file

    images: list[Image] = []
    remarks: list[str] = []
    for name in named:
        try:
            found = load_file(name, folder)
        except PlugskyError as error:
            if (folder / name).is_file():  # else it is no file at all, but a word with an @ before it
                remarks.append(f"Not attached: {error.message}")
            continue
        if isinstance(found, Image):
            images.append(found)
    return images, remarks
