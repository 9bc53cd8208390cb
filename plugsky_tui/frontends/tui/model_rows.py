"""The rows of the list of models: sections, and columns that stand under each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from plugsky_tui.frontends.model_facts import needs_key, window
from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.layers.picker import Pick
from plugsky_tui.frontends.tui.widgets.cells import fit

if TYPE_CHECKING:
    from plugsky_tui.config.model_choices import Choices
    from plugsky_tui.providers.catalogue import ModelInfo

FAVOURITES, RECENT = "★ Favourites", "Recent"
_SECTIONS = {
    "free": "Free tier: no key needed",
    "default": "Paid",
    "paid": "Paid",
    "reasoning": "Reasoning",
    "specialized": "Specialized",
}
_ROUTING, _OTHER = "Routing", "Also on this server"
_SHORT = {"long-context": "long", "reasoning": "reason", "function_calling": "tools", "tool_use": "tools"}
_NO_CAPABILITIES = 3  # words at most, so that one chatty server does not push the notes out
_WIDEST = 21  # cells of the capabilities


class Table:
    """Makes the rows of `models` for a picker: favourites and recents first, then all by tier, then by endpoint."""

    def __init__(self, models: Sequence[ModelInfo], choices: Choices, *, current: str, has_key: bool) -> None:
        self._models = {model.id: model for model in models}
        self._choices = choices
        self._current = current
        self._has_key = has_key
        self._some_live = any(model.live for model in models if "/" not in model.id)
        self._abilities = min(max((cell_len(_abilities(model)) for model in models), default=0), _WIDEST)

    def picks(self) -> list[Pick[str]]:
        favourites = [name for name in self._choices.favourites if name in self._models]
        recents = [name for name in self._choices.recents if name in self._models and name not in favourites]
        picks = [self._pick(self._models[name], FAVOURITES) for name in favourites]
        picks += [self._pick(self._models[name], RECENT) for name in recents]
        for section, models in _by_section(self._models.values()).items():
            picks += [self._pick(model, section) for model in models]
        if self._current and self._current not in self._models:
            picks.insert(0, Pick(self._current, self._current, "in use, not on the list", current=True))
        return picks

    def _pick(self, model: ModelInfo, section: str) -> Pick[str]:
        locked = not self._has_key and needs_key(model.id)
        chosen = section in (FAVOURITES, RECENT)
        gone = self._some_live and not model.live and not locked and "/" not in model.id
        remarks = [
            "needs a key" if locked else "",
            "not listed by the server now" if gone else "",
            clean(model.tier) if chosen or model.tier == "default" or model.tier not in _SECTIONS else "",
            clean(model.note),
        ]
        columns = [
            f"{window(model.context_window):>4}",
            fit(_abilities(model), self._abilities),
            " · ".join(remark for remark in remarks if remark),
        ]
        return Pick(
            model.id,
            model.id,
            "  ".join(columns).rstrip(),
            current=model.id == self._current,
            section=section,
            words=" ".join((model.tier, section, *model.capabilities)),
            faint=locked,
        )


def _by_section(models: Iterable[ModelInfo]) -> dict[str, list[ModelInfo]]:
    """In the order of the list, other endpoints last."""
    sections: dict[str, list[ModelInfo]] = {name: [] for name in (*_SECTIONS.values(), _ROUTING, _OTHER)}
    for model in models:
        sections.setdefault(_section(model), []).append(model)
    return {name: members for name, members in sections.items() if members}


def _section(model: ModelInfo) -> str:
    endpoint, slash, _ = model.id.partition("/")
    if slash:
        return endpoint
    if "routing" in model.capabilities:
        return _ROUTING
    return _SECTIONS.get(model.tier, _OTHER)


def _abilities(model: ModelInfo) -> str:
    words = dict.fromkeys(_SHORT.get(word, word) for word in model.capabilities)
    return clean(" ".join(list(words)[:_NO_CAPABILITIES])).replace("\n", " ")
