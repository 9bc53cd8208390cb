"""Files as a call would leave them: worked on in memory, by the paths they really have, before anything is written."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.needs import resolve, visible
from plugsky_tui.workspace.commits import Write
from plugsky_tui.workspace.files import Snapshot, snapshot
from plugsky_tui.workspace.paths import Resolved
from plugsky_tui.workspace.text import Encoding, NotText, check_new_text, decode, encode


@dataclass(slots=True)
class Rewritten:
    """What a tool makes of a file: its `text`, the pieces `replaced` (so that the same can be done again in a
    file that has changed; empty: it cannot), and `notes` for the model."""

    text: str
    replaced: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Rewrite = Callable[[str | None], Rewritten]  # the text now (None: no file) -> what it becomes. ToolError refuses.


@dataclass(slots=True)
class Target:
    """A file of a call. `people` is its name with, where it is a symlink, what it leads to."""

    given: str
    resolved: Resolved
    shown: str
    people: str

    @property
    def real(self) -> str:
        return self.resolved.real

    @property
    def is_link(self) -> bool:
        return os.path.islink(self.resolved.absolute)

    @classmethod
    def of(cls, file_path: str, context: ToolContext) -> Target:
        resolved = resolve(context.root, file_path)
        shown = visible(resolved.shown)
        leads_to = visible(context.root.shown(resolved.real))
        return cls(file_path, resolved, shown, shown if leads_to == shown else f"{shown} → {leads_to}")


@dataclass(slots=True)
class Draft:
    """One file: what it holds (`found`), and what it would (`data`; None: there is no file)."""

    target: Target
    found: Snapshot
    data: bytes | None
    encoding: Encoding | None = None  # None: not looked at yet, or no text
    mode: int | None = None
    source: Draft | None = None  # the file it is made of: moved, or copied
    replaced: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return self.data != self.found.data

    def text(self) -> str | None:
        """What it would hold, as text; None where there would be no file. ToolError where it is no text."""
        if self.data is None:
            return None
        try:
            text, self.encoding = decode(self.data) if self.data else ("", self.encoding or Encoding())
        except NotText as error:
            raise ToolError(
                f"{self.target.shown} is not valid text ({error}): it cannot be edited.",
                hint="Change binary files with a command or a program made for them.",
            ) from None
        return text

    def before(self) -> str | None:
        """What it holds now, as text; None where there is no file or no text."""
        return _as_text(self.found.data)

    def after(self) -> str | None:
        return _as_text(self.data)

    def texts(self) -> tuple[str, str]:
        """Before and after, both as they are written: of a file that is there before and after, and whose encoding is
        known."""
        assert self.encoding is not None and self.found.data is not None and self.data is not None
        return self.encoding.text_of(self.found.data), self.encoding.text_of(self.data)

    def write(self) -> Write:
        return Write(self.target.real, self.target.shown, self.found.data, self.data, self.mode)


class Drafts:
    """The files of one call. Each is looked at once, and must be what the model has read of it."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._drafts: dict[str, Draft] = {}

    def changed(self) -> list[Draft]:
        return [draft for draft in self._drafts.values() if draft.changed]

    def of(self, target: Target) -> Draft:
        draft = self._drafts.get(target.real)
        if draft is None:
            found = snapshot(target.real, target.shown)
            if self._context.reads is not None:
                self._context.reads.check(target.real, target.shown, found.digest, found.stamp)
            draft = self._drafts[target.real] = Draft(target, found, found.data)
        return draft

    def rewrite(self, target: Target, rewrite: Rewrite) -> None:
        """Make of the file what `rewrite` says: it keeps its encoding and mark."""
        draft = self.of(target)
        self._put(draft, draft.text(), rewrite)

    def delete(self, target: Target) -> None:
        draft = self.of(target)
        _no_link(target, "deleted")
        if draft.data is None:
            raise missing(target)
        with suppress(ToolError):  # binary: then there is no encoding to keep for a file that takes its place
            draft.text()
        draft.data = None

    def move(self, source: Target, target: Target, rewrite: Rewrite | None, *, keeps_source: bool = False) -> None:
        """Make at `target` a file of what is at `source`, rewritten; the source goes, unless it is kept."""
        old, new = self.of(source), self.of(target)
        if not keeps_source:
            _no_link(source, "moved")
        if old.data is None:
            raise missing(source)
        if new.data is not None:
            raise exists(target, "Move it to another name, or delete the file that is there first.")
        # With the last of the file's bits: an executable stays one. setuid is dropped, as in any change.
        if old.mode is None and old.found.data is not None:
            old.mode = os.stat(old.target.real).st_mode & 0o777
        new.mode = old.mode
        new.source, new.data, new.encoding = old, old.data, old.encoding
        if rewrite is not None:
            self._put(new, old.text(), rewrite, old.encoding)
        if not keeps_source:
            old.data = None

    def _put(self, draft: Draft, before: str | None, rewrite: Rewrite, encoding: Encoding | None = None) -> None:
        rewritten = rewrite(before)
        encoding = encoding or draft.encoding or Encoding()
        check_new_text(rewritten.text, encoding, before or "")
        draft.data = encode(rewritten.text, encoding)
        draft.encoding = encoding
        draft.replaced += rewritten.replaced
        draft.notes += rewritten.notes


def missing(target: Target) -> ToolError:
    return ToolError(f"{target.shown} does not exist.", hint="Look for its name with glob or list.")


def exists(target: Target, hint: str) -> ToolError:
    return ToolError(f"{target.shown} already exists: nothing was written.", hint=hint, code="exists")


def _no_link(target: Target, done: str) -> None:
    if target.is_link:
        raise ToolError(
            f"{target.people} is a symlink: it is neither followed nor {done} by a patch.",
            hint="Name the file it leads to, or use a command for the link itself.",
        )


def _as_text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return decode(data)[0]
    except NotText:
        return None
