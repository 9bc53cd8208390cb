"""The last live list of models, kept on disk: listing them again needs no network for a while."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from plugsky_tui.providers.catalogue import ModelInfo

FRESH_S = 3600.0
_VERSION = 1


@dataclass(slots=True)
class CachedList:
    models: list[ModelInfo]
    age_s: float

    @property
    def fresh(self) -> bool:
        return 0 <= self.age_s < FRESH_S


def load(folder: Path, endpoints: Sequence[str], now: float) -> CachedList | None:
    """What `save` kept for these endpoints; None where there is nothing, or nothing that can be read."""
    from plugsky_tui.config.files import read_regular

    try:
        found = read_regular(_path(folder, endpoints))
        if found is None:
            return None
        kept = json.loads(found[0])
        if kept["v"] != _VERSION or kept["endpoints"] != list(endpoints):
            return None
        models = [ModelInfo(**{**row, "capabilities": tuple(row["capabilities"])}) for row in kept["models"]]
        return CachedList(models, now - float(kept["time"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, endpoints: Sequence[str], models: Sequence[ModelInfo], now: float) -> None:
    """Keep the list; `endpoints` are the addresses it came from. A cache that cannot be written is no error."""
    from plugsky_tui.config.files import write_atomic

    kept = {"v": _VERSION, "endpoints": list(endpoints), "time": now, "models": [asdict(model) for model in models]}
    try:
        write_atomic(_path(folder, endpoints), json.dumps(kept))
    except OSError:
        pass


def _path(folder: Path, endpoints: Sequence[str]) -> Path:
    digest = sha256("\n".join(endpoints).encode()).hexdigest()[:16]
    return folder / f"models-{digest}.json"
