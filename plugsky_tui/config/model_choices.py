"""The models a user comes back to: favourites, and those chosen last. A small file in the data folder.

It is worth no error: where it is damaged it counts as empty, where it cannot be written the choice holds for this
process. Several processes may write it; each change is made to what the file says then.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugsky_tui.config.files import private_folder, read_regular, write_atomic

FILE = "models.json"
MOST_FAVOURITES = 100
MOST_RECENTS = 5
_LONGEST_NAME = 200
_VERSION = 1
_PATIENCE_S = 0.5  # for another process that writes: one that hangs must not hang us


@dataclass(slots=True)
class Choices:
    """Names of models: `favourites` in the order they were marked, `recents` with the last one first."""

    favourites: list[str] = field(default_factory=list)
    recents: list[str] = field(default_factory=list)


class ModelChoices:
    """The file `models.json` in `data_dir`; with None nothing is kept beyond this process."""

    def __init__(self, data_dir: Path | None) -> None:
        self._path = data_dir / FILE if data_dir is not None else None
        self._known = Choices()
        self._unsaved = False  # what is known could not be written: it counts more than the file

    def read(self) -> Choices:
        """What the file says now."""
        if self._path is not None and not self._unsaved:
            try:
                self._known = _parse(read_regular(self._path))
            except OSError:
                pass  # what was known stays
        return self._known

    def toggle_favourite(self, name: str) -> bool:
        """Mark `name`, or take the mark away; whether it is marked now."""

        def change(choices: Choices) -> None:
            if name in choices.favourites:
                choices.favourites.remove(name)
            else:
                choices.favourites.append(name)

        return name in self._change(change).favourites

    def used(self, name: str) -> None:
        """`name` was chosen just now."""

        def change(choices: Choices) -> None:
            choices.recents = [name, *(other for other in choices.recents if other != name)]

        self._change(change)

    def _change(self, change: Callable[[Choices], None]) -> Choices:
        """Change what the file says now; where that cannot be kept, what is known."""
        try:
            with _locked(self._path):
                choices = self.read()
                change(choices)
                choices.favourites = _names(choices.favourites, MOST_FAVOURITES)
                choices.recents = _names(choices.recents, MOST_RECENTS)
                if self._path is not None:
                    kept = {"v": _VERSION, "favourites": choices.favourites, "recents": choices.recents}
                    write_atomic(self._path, json.dumps(kept, indent=1) + "\n")
        except OSError:
            self._unsaved = True
        return self._known


@contextmanager
def _locked(path: Path | None) -> Iterator[None]:
    """Only one process at a time; one that does not let go is not waited for (its change, or ours, is then lost).
    Where there can be no lock, there is none: the change itself is then tried all the same."""
    import fcntl  # at the first change only

    try:
        if path is None:
            raise FileNotFoundError
        private_folder(path.parent)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    break
                time.sleep(0.01)
        yield
    finally:
        os.close(descriptor)


def _parse(found: tuple[bytes, Any] | None) -> Choices:
    if found is None:
        return Choices()
    try:
        kept = json.loads(found[0])
    except (ValueError, RecursionError):
        return Choices()
    if not isinstance(kept, dict):
        return Choices()
    return Choices(
        _names(kept.get("favourites"), MOST_FAVOURITES),
        _names(kept.get("recents"), MOST_RECENTS),
    )


def _names(given: Iterable[Any] | Any, most: int) -> list[str]:
    """The names among what is given, each once, `most` at most."""
    if not isinstance(given, list):
        return []
    names = (item for item in given if isinstance(item, str) and 0 < len(item) <= _LONGEST_NAME)
    return list(dict.fromkeys(names))[:most]
