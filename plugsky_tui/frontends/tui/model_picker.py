"""Choosing the model: what is known at once, and the live list when it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.config.model_choices import Choices
from plugsky_tui.frontends.tui.keys import bindings
from plugsky_tui.frontends.tui.layers.picker import Picker
from plugsky_tui.frontends.tui.model_rows import Table
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.config.model_choices import ModelChoices
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.providers.catalogue import ModelInfo
    from plugsky_tui.session.models import ModelList
    from plugsky_tui.session.session import Session

_NO_KEY = "Without a key: the free tier. Choosing another model asks for a key."
_ROWS = 34


@dataclass(slots=True)
class Chooser:
    """What the picker needs beside the session. `know` is told the names of models as they come in, `has_key` is
    asked once, `favourite_key` is the key as people read it."""

    layers: Layers
    choices: ModelChoices
    know: Callable[[list[str]], None]
    has_key: bool
    favourite_key: str


async def pick_model(session: Session, chooser: Chooser) -> str | None:
    """The name of the chosen model; it may need a key that is not there."""
    picker = ModelPicker(session.model, chooser)
    reading = asyncio.create_task(picker.fill(session))
    try:
        return await chooser.layers.ask(picker)
    finally:
        reading.cancel()


class ModelPicker(Picker[str]):
    """Favourites, those chosen last, then all by tier; ends with a name."""

    BINDINGS = bindings("models")

    def __init__(self, current: str, chooser: Chooser) -> None:
        favourite = f"Enter · {chooser.favourite_key} favourite · Esc" if chooser.favourite_key else "↑↓ Enter · Esc"
        super().__init__(
            "Model",
            [],
            hint="type to filter: a name, or what it can do",
            note="Reading the list…",
            most_rows=_ROWS,
            keys=favourite,
        )
        self._current = current
        self._chooser = chooser
        self._models: Sequence[ModelInfo] = ()
        self._choices = Choices()

    async def fill(self, session: Session) -> None:
        """The list that is known, then what the server says."""
        self._choices = await asyncio.to_thread(self._chooser.choices.read)
        known = await session.models()
        self._take(known, f"{_worth(known)} Asking the server…")
        try:
            live = await session.models(refresh=True)
        except PlugskyError as error:
            self._take(known, f"{_worth(known)} The server was not reached: {error.message}")
            return
        troubles = [f"{name or 'The server'} was not reached: {error.message}" for name, error in live.troubles.items()]
        self._take(live, " ".join([_worth(live), *troubles]) if troubles else "")

    def _take(self, models: ModelList, note: str) -> None:
        self._models = [model for model in models if model.chats]
        self._chooser.know([model.id for model in self._models])
        self._redraw(note if self._chooser.has_key else f"{_NO_KEY} {note}".rstrip())

    def _redraw(self, note: str) -> None:
        table = Table(self._models, self._choices, current=self._current, has_key=self._chooser.has_key)
        self.set_picks(table.picks(), note)

    async def action_toggle_favourite(self) -> None:
        pick = self.marked
        if pick is None:
            return
        await asyncio.to_thread(self._chooser.choices.toggle_favourite, pick.value)
        self._choices = self._chooser.choices.read()
        self._redraw(self.note)


def _worth(models: ModelList) -> str:
    """How old what is shown is."""
    if models.age_s is None:
        return "This is the list that came with plugsky."
    return "" if models.age_s < 60 else f"This is the list of {_age(models.age_s)} ago."


def _age(seconds: float) -> str:
    for unit, size in (("days", 86_400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size or unit == "min":
            return f"{seconds // size:.0f} {unit}"
    return ""
