"""What a folder brings that could act on its own, and whether the user has trusted just that.

A folder brings whatever lies in its `.plugsky/` and whatever in its git configuration names
programs. Trust is kept in the user's data folder, by the real path of the folder and the git root
found anew each time, together with a hash of each thing: what has changed since is not trusted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from plugsky_tui.permissions.git_config import Repository, programs_named, repositories, submodules_in
from plugsky_tui.permissions.git_index import Unreadable
from plugsky_tui.permissions.store import JsonStore, StoreError
from plugsky_tui.workspace.paths import regular_start

_FILE_LIMIT = 1024 * 1024  # bytes of one file that are hashed; a longer one never equals what was trusted
_FILES_LIMIT = 500
_KEPT_TEXT = 16 * 1024  # of what was trusted, so that a later change can be shown


@dataclass(slots=True)
class TrustState:
    """`brings`: each thing, for people (untrusted text). `trusted`: the user said yes to just these, or there are none.

    `decided`: yes or no was said to just these. `changed`: it was said, but to something else; `changes` are then
    sentences on what is different, `diff` the lines. `problem`: why the user's answers could not be read.
    """

    brings: list[str] = field(default_factory=list)
    trusted: bool = False
    decided: bool = False
    changed: bool = False
    changes: list[str] = field(default_factory=list)
    diff: str = ""
    problem: str = ""

    def to_ask(self) -> list[str]:
        """What the user must be asked about: what the folder brings, or what has changed of it since they were asked."""
        if self.decided:
            return []
        return [*self.changes, *self.diff.splitlines()] if self.changed else self.brings


class Trust:
    def __init__(self, data_dir: Path) -> None:
        self._store = JsonStore(data_dir / "trust.json", _well_formed)

    @property
    def path(self) -> Path:
        return self._store.path

    def state(self, folder: str | os.PathLike[str]) -> TrustState:
        """Whether `folder`, as it is now, is trusted. Starts nothing, writes nothing, raises nothing."""
        real = os.path.realpath(folder)
        things = _brought(real)
        state = TrustState([f"{_shown(name, real)}: {_first_line(text)}" for name, text in things.items()])
        if not things:
            state.trusted = state.decided = True
            return state
        try:
            entries = self._store.read()
        except StoreError as error:
            state.problem = error.message
            return state
        entry = _most_specific(entries, real)
        if entry is None:
            return state
        before = entry["items"]
        differing = [name for name, text in things.items() if before.get(name, {}).get("hash") != _hash(text)]
        if not differing:
            state.decided, state.trusted = True, entry["trusted"]
            return state
        if entry["trusted"] or any(name in before for name in differing):
            state.changed = True
            state.changes = [
                f"{_shown(name, real)} {'has changed' if name in before else 'is new'}." for name in differing
            ]
            state.diff = "".join(
                _diff(name, before.get(name, {}).get("text", ""), things[name], real) for name in differing
            )
        return state

    def grant(self, folder: str | os.PathLike[str]) -> None:
        """Trust `folder` with what it brings now. StoreError where that cannot be kept."""
        self._decide(folder, trusted=True)

    def refuse(self, folder: str | os.PathLike[str]) -> None:
        """Keep that the user does not trust `folder`, so as not to ask again until it changes."""
        self._decide(folder, trusted=False)

    def _decide(self, folder: str | os.PathLike[str], *, trusted: bool) -> None:
        real = os.path.realpath(folder)
        items: dict[str, dict[str, str]] = {}
        for name, text in _brought(real).items():
            items[name] = {"hash": _hash(text)}
            if len(text) <= _KEPT_TEXT:
                items[name]["text"] = text.decode("utf-8", "backslashreplace")
        self._store.update(lambda entries: entries.update({real: {"trusted": trusted, "items": items}}))


def _most_specific(entries: dict[str, Any], real: str) -> Any:
    """The answer given for `real`, or for the nearest folder above it that has one."""
    place = real
    while True:
        if place in entries:
            return entries[place]
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent


def _brought(real: str) -> dict[str, bytes]:
    """Name -> content of all that could act. Names hold real paths, so that a trusted thing is trusted where it is."""
    found: dict[str, bytes] = {}
    places = [real]
    for repository in repositories(real):
        inner: list[Repository] = []
        try:
            inner = submodules_in(repository)
        except Unreadable as error:
            found[f"git index in {repository.root} ({repository.git_folder})"] = f"cannot be checked: {error}".encode()
        for each in (repository, *inner):
            for name, value in programs_named(each.git_folder).items():
                found[f"{name} in {each.root} ({each.git_folder})"] = value.encode("utf-8", "surrogateescape")
        if repository.root not in places:
            places.append(repository.root)
    for place in places:
        found.update(_files_in(os.path.join(place, ".plugsky")))
    return found


def _files_in(folder: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    if not os.path.isdir(folder):
        return {folder: b"(not a folder)"} if os.path.lexists(folder) else {}
    for path, folders, files in os.walk(folder, followlinks=True):  # into circles too, which the limit ends
        folders.sort()
        for name in sorted([*files, *(entry for entry in folders if os.path.islink(os.path.join(path, entry)))]):
            if len(found) >= _FILES_LIMIT:
                # No hash is made of this name: so many files are never the ones that were trusted.
                found[f"{folder} (more than {_FILES_LIMIT} files)"] = os.urandom(16)
                return found
            found[os.path.join(path, name)] = _content(os.path.join(path, name))
    return found


def _content(path: str) -> bytes:
    target = os.readlink(path) if os.path.islink(path) else ""
    mark = f"-> {target}\n".encode("utf-8", "surrogateescape") if target else b""
    try:
        content = regular_start(path, _FILE_LIMIT + 1)
    except OSError:
        return mark + b"(cannot be read)"
    if content is None:
        return mark + b"(not a file)"
    return mark + content if len(content) <= _FILE_LIMIT else os.urandom(16)


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=20).hexdigest()


def _shown(name: str, real: str) -> str:
    """A name for people: relative to the folder where it can be."""
    what, sep, where = name.partition(" in ")
    if sep and what.startswith("git "):
        root = where.rpartition(" (")[0]
        return f"{what} in {os.path.relpath(root, real)}" if root.startswith(real + "/") else what
    return os.path.relpath(name, real) if name.startswith("/") else name


def _first_line(content: bytes) -> str:
    lines = content.decode("utf-8", "backslashreplace").strip().splitlines()
    first = lines[0][:80] if lines else "(empty)"
    return first if len(lines) < 2 else f"{first} … ({len(lines)} lines)"


def _diff(name: str, before: str, after: bytes, real: str) -> str:
    import difflib  # only when something has changed

    shown = _shown(name, real)
    new = after[:_KEPT_TEXT].decode("utf-8", "backslashreplace")
    lines = difflib.unified_diff(
        before.splitlines(), new.splitlines(), f"{shown} (trusted)", f"{shown} (now)", lineterm=""
    )
    return "".join(line + "\n" for line in lines)


def _well_formed(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("trusted"), bool)
        and isinstance(entry.get("items"), dict)
        and all(isinstance(item, dict) and isinstance(item.get("hash"), str) for item in entry["items"].values())
    )
