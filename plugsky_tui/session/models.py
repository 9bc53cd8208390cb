"""The models on offer: what each endpoint lists now, or listed last, over the catalogue that is bundled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.config.settings import ModelSettings
    from plugsky_tui.providers.catalogue import ModelInfo
    from plugsky_tui.providers.client import Client


class ModelList(list["ModelInfo"]):
    """Models, and how much the list is worth.

    `age_s` is the age of the oldest list in it, in seconds; None where there is nothing but the bundled catalogue.
    `troubles` says, by the name of an endpoint ("" is Plugsky), why it did not answer just now.
    """

    age_s: float | None = None
    troubles: Mapping[str, PlugskyError] = {}

    @property
    def fresh(self) -> bool:
        from plugsky_tui.providers.model_cache import FRESH_S

        return self.age_s is not None and 0 <= self.age_s < FRESH_S


@dataclass(slots=True)
class Source:
    """One endpoint. `address` is what its list is kept under: all that the list depends on."""

    address: str
    client: Callable[[], Client]


class Models:
    """The lists of all endpoints. `sources` are made by name, "" first; nothing is read or asked before it is wanted."""

    def __init__(
        self,
        sources: Callable[[], Mapping[str, Source]],
        cache: Path,
        configured: Mapping[str, ModelSettings] | None = None,
    ) -> None:
        """`configured` is what the user says of models, which counts more than what any list says."""
        self._sources = sources
        self._configured = configured or {}
        self._cache = cache
        self._described: dict[str, ModelInfo] | None = None

    def known(self) -> ModelList:
        """Without asking anyone."""
        from plugsky_tui.providers import model_cache

        now = time.time()
        kept = {name: model_cache.load(self._cache, source.address, now) for name, source in self._sources().items()}
        ages = [one.age_s for one in kept.values() if one is not None]
        return self._merged({name: one.models if one else [] for name, one in kept.items()}, max(ages, default=None))

    async def refreshed(self) -> ModelList:
        """Asks every endpoint, side by side. One that does not answer counts with its last list, and is named.

        Raises ProviderError (Plugsky's) where none answers.
        """
        from plugsky_tui.providers import model_cache

        sources = self._sources()
        answers = await asyncio.gather(*(_ask(source) for source in sources.values()))
        lists: dict[str, list[ModelInfo]] = {}
        troubles: dict[str, PlugskyError] = {}
        ages = [0.0]
        now = time.time()
        for (name, source), answer in zip(sources.items(), answers, strict=True):
            if isinstance(answer, list):
                model_cache.save(self._cache, source.address, answer, now)
                lists[name] = answer
                continue
            troubles[name] = answer
            kept = model_cache.load(self._cache, source.address, now)
            lists[name] = kept.models if kept else []
            ages.append(kept.age_s if kept else 0.0)
        if len(troubles) == len(sources):
            raise troubles[""]
        merged = self._merged(lists, max(ages))
        merged.troubles = troubles
        return merged

    def describe(self, name: str) -> ModelInfo | None:
        """What is known about a model, without asking anyone."""
        if self._described is None:
            self._described = {info.id: info for info in self.known()}
        return self._described.get(name)

    def _merged(self, lists: Mapping[str, list[ModelInfo]], age_s: float | None) -> ModelList:
        from plugsky_tui.providers.catalogue import merge

        merged = ModelList(merge(lists.get("", [])))
        for name, models in lists.items():
            if name:
                merged += [replace(info, id=f"{name}/{info.id}") for info in models]
        _configure(merged, self._configured)
        merged.age_s = age_s
        self._described = {info.id: info for info in merged}
        return merged


def _configure(models: ModelList, configured: Mapping[str, ModelSettings]) -> None:
    """Put in what the user says of context windows and capabilities, also of models that nobody lists."""
    from plugsky_tui.providers.catalogue import ModelInfo

    places = {info.id: at for at, info in enumerate(models)}
    for name, said in configured.items():
        if said.context_window is None and not said.capabilities:
            continue
        known = models[places[name]] if name in places else ModelInfo(name)
        told = replace(
            known,
            context_window=said.context_window or known.context_window,
            capabilities=tuple(said.capabilities) or known.capabilities,
        )
        if name in places:
            models[places[name]] = told
        else:
            models.append(told)


async def _ask(source: Source) -> list[ModelInfo] | PlugskyError:
    try:
        return await source.client().models()
    except PlugskyError as error:
        return error
