"""The rules behind "always": kept in the user's data folder, by workspace, never in the workspace itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plugsky_tui.permissions.store import JsonStore


class RememberedRules:
    """What was answered "always" in each folder."""

    def __init__(self, data_dir: Path) -> None:
        self._store = JsonStore(data_dir / "rules.json", _well_formed)

    @property
    def path(self) -> Path:
        return self._store.path

    def of(self, folder: str | os.PathLike[str]) -> list[str]:
        """The allow rules remembered for `folder`, oldest first. StoreError where they cannot be read."""
        rules: list[str] = self._store.read().get(os.path.realpath(folder), [])
        return list(rules)

    def add(self, folder: str | os.PathLike[str], rules: Sequence[str]) -> None:
        """StoreError where they cannot be kept."""
        key = os.path.realpath(folder)

        def change(entries: dict[str, Any]) -> None:
            kept = entries.setdefault(key, [])
            kept += [rule for rule in dict.fromkeys(rules) if rule not in kept]

        self._store.update(change)

    def remove(self, folder: str | os.PathLike[str], rule: str) -> bool:
        """Forget one rule; whether it was there."""
        key = os.path.realpath(folder)
        gone = False

        def change(entries: dict[str, Any]) -> None:
            nonlocal gone
            gone = rule in entries.get(key, [])
            if gone:
                entries[key].remove(rule)

        self._store.update(change)
        return gone


def _well_formed(entry: Any) -> bool:
    return isinstance(entry, list) and all(isinstance(rule, str) for rule in entry)
