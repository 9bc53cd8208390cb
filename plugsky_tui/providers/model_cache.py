"""The last live list of each endpoint, kept on disk: listing the models again needs no network for a while."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from plugsky_tui.providers.catalogue import ModelInfo

FRESH_S = 3600.0
_VERSION = 2


@dataclass(slots=True)
class CachedList:
    models: list[ModelInfo]
    age_s: float

    @property
    def fresh(self) -> bool:
        return 0 <= self.age_s < FRESH_S


def load(folder: Path, endpoint: str, now: float) -> CachedList | None:
    """What `save` kept for `endpoint`; None where there is nothing, or nothing that can be read."""
    from plugsky_tui.config.files import read_regular

    try:
        found = read_regular(_path(folder, endpoint))
        if found is None:
            return None
        kept = json.loads(found[0])
        if kept["v"] != _VERSION or kept["endpoint"] != endpoint:
            return None
        models = [ModelInfo(**{**row, "capabilities": tuple(row["capabilities"])}) for row in kept["models"]]
        return CachedList(models, now - float(kept["time"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, endpoint: str, models: Sequence[ModelInfo], now: float) -> None:
    """Keep what `endpoint` (its address, and whatever else its list depends on) listed. A cache that cannot be
    written is no error."""
    from plugsky_tui.config.files import write_atomic

    kept = {"v": _VERSION, "endpoint": endpoint, "time": now, "models": [asdict(model) for model in models]}
    try:
        write_atomic(_path(folder, endpoint), json.dumps(kept))
    except OSError:
        pass


def _path(folder: Path, endpoint: str) -> Path:
    return folder / f"models-{sha256(endpoint.encode()).hexdigest()[:16]}.json"
