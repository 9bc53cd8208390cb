"""Models as lines to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from plugsky_tui.frontends.line.asking import Option
from plugsky_tui.frontends.model_facts import window
from plugsky_tui.providers.catalogue import ModelInfo


def model_options(models: Iterable[ModelInfo]) -> list[Option[str]]:
    """Those that chat, in the order of the list."""
    return [
        Option(model.id, _line(model), " ".join((model.tier, *model.capabilities))) for model in models if model.chats
    ]


def _line(model: ModelInfo) -> str:
    size = window(model.context_window)
    facts = [model.tier, f"{size} context" if size else "", model.note]
    return ": ".join(part for part in (model.id, ", ".join(fact for fact in facts if fact)) if part)
