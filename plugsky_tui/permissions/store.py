"""Small JSON files of the user's own that several plugsky processes write: locked, whole or not at all, 0600.

A file that cannot be read as what it should be counts as empty, is told of, and is never overwritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from plugsky_tui.config.files import private_folder, read_regular, write_atomic
from plugsky_tui.kernel.errors import PlugskyError

VERSION = 1


class StoreError(PlugskyError):
    """The file cannot be used."""

    code = "store"


class JsonStore:
    """`path` holds `{"v": 1, "folders": {real path: entry}}`; `check` says whether an entry is well-formed."""

    def __init__(self, path: Path, check: Callable[[Any], bool]) -> None:
        self.path = path
        self._check = check

    def read(self) -> dict[str, Any]:
        """The entries by folder. StoreError where the file is damaged or cannot be read."""
        try:
            found = read_regular(self.path)
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be read: {error.strerror or error}.", hint="Nothing in it counts."
            ) from None
        if found is None:
            return {}
        try:
            data = json.loads(found[0])
            if data["v"] != VERSION:
                raise ValueError("its version is not known")
            folders = data["folders"]
            if not all(isinstance(key, str) and self._check(entry) for key, entry in folders.items()):
                raise ValueError("an entry is not understood")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise StoreError(
                f"{self.path} is damaged: nothing in it counts.", hint="Delete it to start anew, or mend it by hand."
            ) from None
        return dict(folders)

    def update(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Read, change and write the entries while no other process does. StoreError as for `read`, or for what keeps
        it from being written."""
        try:
            with self._locked():
                entries = self.read()
                change(entries)
                write_atomic(self.path, json.dumps({"v": VERSION, "folders": entries}, ensure_ascii=True, indent=1))
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror or error}.") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl

        private_folder(self.path.parent)
        descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
