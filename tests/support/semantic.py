"""A folder with a semantic index of its own, and a model that never leaves the process: the simulator's."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.simulator.embedding import embed
from plugsky_tui.workspace.semantic.build import Built, Plan, build
from plugsky_tui.workspace.semantic.search import Hits, search
from plugsky_tui.workspace.semantic.store import Store
from plugsky_tui.workspace.semantic.survey import Folder
from plugsky_tui.workspace.symbols.cache import SymbolCache

DIMENSIONS = 256


@dataclass
class Model:
    """`breaks_after` so many requests."""

    dimensions: int | None = None
    breaks_after: int | None = None
    asked: list[list[str]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for batch in self.asked for text in batch]

    async def embed(self, texts: Sequence[str]) -> list[array[float]]:
        if self.breaks_after is not None and len(self.asked) >= self.breaks_after:
            raise ProviderError("The connection broke.", code="disconnected")
        self.asked.append(list(texts))
        self.dimensions = DIMENSIONS
        return [embed(text, DIMENSIONS) for text in texts]


@dataclass
class Told:
    """What a watcher was told."""

    said: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    done: int = 0

    def say(self, text: str) -> None:
        self.said.append(text)

    def waiting(self, text: str, seconds: float | None) -> None:
        self.said.append(text)

    def planned(self, plan: Plan) -> None:
        self.plans.append(plan)

    def advanced(self, chunks: int) -> None:
        self.done += chunks


@dataclass
class Repo:
    """`await repo.build()`, then `repo.search("words")`."""

    path: Path
    store: Store
    symbols: SymbolCache
    model: Model = field(default_factory=Model)
    told: Told = field(default_factory=Told)
    clean: Callable[[str], str] = lambda text: text

    def put(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def folder(self) -> Folder:
        paths = sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())
        return Folder(str(self.path), paths, self.symbols, os.environ, self.clean)

    async def build(self, model: Model | None = None) -> Built:
        self.model = model or Model()
        return await build(self.folder(), self.store, self.model, self.told)

    def search(self, words: str, limit: int = 3, within: Sequence[str] = ()) -> Hits:
        return search(self.store, str(self.path), embed(words, DIMENSIONS), limit=limit, within=within)

    def best(self, words: str) -> str:
        return self.search(words).hits[0].path
