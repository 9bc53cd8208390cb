"""Choosing the model: what is known at once, and the live list when it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.widgets.status import thousands
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.providers.catalogue import ModelInfo
    from plugsky_tui.session.session import Session


_FREE = ("free", "")  # tiers to be had without a key; "" are models of other providers
_NO_KEY = "Without a key, the free models only. plugsky auth login opens the others."


async def pick_model(
    session: Session, layers: Layers, know: Callable[[list[str]], None], has_key: Callable[[], bool]
) -> str | None:
    """The name of the chosen model. `know` is told the names as they come in."""
    picker: Picker[str] = Picker("Model", [], hint="type to filter", note="Reading the list…")
    reading = asyncio.create_task(_fill(picker, session, know, has_key()))
    try:
        return await layers.ask(picker)
    finally:
        reading.cancel()


async def _fill(picker: Picker[str], session: Session, know: Callable[[list[str]], None], has_key: bool) -> None:
    known: Sequence[ModelInfo] = ()
    try:
        known = _within_reach(await session.models(), has_key)
        picker.set_picks(_picks(known, session.model), "Asking the server for its list…")
        know([model.id for model in known])
        known = _within_reach(await session.models(refresh=True), has_key)
        picker.set_picks(_picks(known, session.model), "" if has_key else _NO_KEY)
        know([model.id for model in known])
    except PlugskyError as error:
        trouble = f"The server's list could not be had: {error.message}"
        picker.set_picks(_picks(known, session.model), trouble if has_key else f"{_NO_KEY} {trouble}")


def _within_reach(models: Sequence[ModelInfo], has_key: bool) -> Sequence[ModelInfo]:
    return models if has_key else [model for model in models if model.tier in _FREE]


def _picks(models: Sequence[ModelInfo], current: str) -> list[Pick[str]]:
    picks = [Pick(model.id, model.id, _detail(model), current=model.id == current) for model in models]
    if current and all(model.id != current for model in models):
        picks.insert(0, Pick(current, current, "in use, not on the list", current=True))
    return picks


def _detail(model: ModelInfo) -> str:
    facts = [f"{thousands(model.context_window)} context" if model.context_window else "", model.tier]
    facts += [" ".join(model.capabilities), model.note]
    return " · ".join(fact for fact in facts if fact)
