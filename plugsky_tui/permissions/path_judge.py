"""Findings about paths: what reading or changing them would touch, by where they really lead."""

from __future__ import annotations

import os
from collections.abc import Iterator
from time import monotonic
from typing import Literal

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.permissions.finding import Effect, Finding
from plugsky_tui.permissions.globs import escape
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.rules import Rule, Rules
from plugsky_tui.workspace.paths import Resolved, Root
from plugsky_tui.workspace.sensitive import guarded, runs_later, secret, special, system_folder

_SEARCH_LIMIT = 4000  # entries looked at for other names and for secrets, or
_SEARCH_SECONDS = 0.02
_SKIPPED = frozenset({".git", "node_modules", ".venv", "venv", "__pycache__", ".tox", "target"})


class PathJudge:
    """Judges paths for every tool, the shell's included."""

    def __init__(self, root: Root, rules: Rules) -> None:
        self.root = root
        self.rules = rules

    def read(self, given: str, *, tool: str, base: str | None = None, names_only: bool = False) -> Finding:
        """To read the file or list the folder `given`. With `names_only` no content is shown (`ls`, `test -f`)."""
        resolved = self._resolve(given, base)
        if isinstance(resolved, str):
            return self._unjudged(given, tool, resolved)
        shown = resolved.shown
        if why := special(resolved.absolute, resolved.real):
            return self._unjudged(shown, tool, f"{shown} {why}.")
        effect: Effect = "read"
        needs = Power.ANY
        reason = f"It reads {'the workspace folder' if shown == '.' else shown}."
        kept = "" if names_only else self._secret(resolved)
        if not resolved.inside:
            effect, needs = "look", Power.REACH
            reason = f"{self._led(resolved)} lies outside the workspace."
        if kept:
            effect, needs = "look", Power.SPELLED
            reason = f"{self._led(resolved)} {kept}{'' if resolved.inside else ' and lies outside the workspace'}."
        rule = self.rules.for_path("read", tool, resolved, self.root, needs=needs, rememberable=effect == "read")
        twin = None if rule is not None and rule.verdict == "deny" else self._denied_twin("read", tool, resolved)
        return Finding(shown, effect, reason, None, needs, twin or rule)

    def write(self, given: str, *, tool: str, base: str | None = None) -> Finding:
        """To create, change or delete the file `given`."""
        resolved = self._resolve(given, base)
        if isinstance(resolved, str):
            return self._unjudged(given, tool, resolved)
        shown = resolved.shown
        if why := special(resolved.absolute, resolved.real):
            return self._unjudged(shown, tool, f"{shown} {why}.")
        effect: Effect = "guarded"
        needs = Power.ANY
        suggestion = None
        if why := guarded(self.root, resolved.absolute, resolved.real):
            needs, reason = Power.NOTHING, f"{self._led(resolved)} {why}: writing there is always asked."
        elif not resolved.inside:
            needs, reason = Power.REACH, f"{self._led(resolved)} lies outside the workspace."
            if system_folder(os.path.dirname(resolved.real)):
                reason = f"{self._led(resolved)} lies in a system folder, outside the workspace."
        elif kept := self._secret(resolved):
            needs, reason = Power.SPELLED, f"{self._led(resolved)} {kept}."
        elif runs_later(self.root.relative(resolved.real) or resolved.real):
            needs, reason = Power.SPELLED, f"{shown} runs or is obeyed later, without being asked for again."
        else:
            effect, reason = "edit", f"It changes {self._led(resolved)}."
            suggestion = self._rule_for(resolved)
        rule = self.rules.for_path("edit", tool, resolved, self.root, needs=needs, rememberable=suggestion is not None)
        twin = None if rule is not None and rule.verdict == "deny" else self._denied_twin("edit", tool, resolved)
        return Finding(shown, effect, reason, suggestion, needs, twin or rule)

    def refused_below(self, given: str, *, tool: str, base: str) -> Rule | None:
        """The deny or ask rule about changing some file in the folder `given`, which would go with it."""
        about = [rule for rule in self.rules.rules if rule.verdict != "allow" and rule.glob is not None]
        resolved = self._resolve(given, base)
        if not about or isinstance(resolved, str) or not os.path.isdir(resolved.real):
            return None
        for path in _files(resolved.real):
            if path is None:
                return None
            other = Resolved(path, path, path, self.root.contains(path))
            rule = self.rules.for_path("edit", tool, other, self.root, needs=Power.NOTHING, rememberable=False)
            if rule is not None:
                return rule
        return None

    def kept_in_folder(self, folder: str, *, tool: str, secrets: bool, follows: bool) -> str | None:
        """What somewhere in `folder` (a real path) is kept from being read, for people; None where nothing is: a file
        that a rule is about, with `secrets` one that may hold keys, with `follows` a symlink that leads elsewhere."""
        kept = [rule for rule in self.rules.rules if rule.verdict != "allow" and rule.glob is not None]
        if not kept and not secrets and not follows:
            return None
        for path in _files(folder):
            if path is None:
                return "files there are too many of to be looked at" if kept else None
            shown = self.root.shown(path)
            if secrets and secret(path):
                return f"{shown}, which may hold keys or passwords"
            if follows and os.path.islink(path) and not self.root.contains(os.path.realpath(path)):
                return f"{shown}, which leads out of the workspace"
            if kept:
                resolved = Resolved(shown, path, path, self.root.contains(path))
                rule = self.rules.for_path("read", tool, resolved, self.root, needs=Power.NOTHING, rememberable=False)
                if rule is not None:
                    return f"{shown}, which the rule {rule.text} is about"
        return None

    def _resolve(self, given: str, base: str | None) -> Resolved | str:
        try:
            return self.root.resolve(given, base)
        except ToolError as error:
            return error.message

    def _unjudged(self, shown: str, tool: str, reason: str) -> Finding:
        """What no tool opens; a command asks, since what it makes of such a name is its own affair."""
        return Finding(shown, "guarded" if tool == "shell" else "forbidden", reason, None, Power.NOTHING)

    def _led(self, path: Resolved) -> str:
        """The path, and where it leads if it is a symlink's doing."""
        led = self.root.shown(path.real)
        return (
            path.shown
            if led == path.shown or os.path.normpath(path.absolute) == path.real
            else f"{path.shown} (really {led})"
        )

    def _secret(self, path: Resolved) -> str:
        if secret(path.real) or secret(os.path.normpath(path.absolute)):
            return "may hold keys or passwords"
        for twin in self._twins(path.real):
            if twin is not None and secret(twin):
                return f"is another name of {self.root.shown(twin)}, which may hold keys or passwords"
        return ""

    def _denied_twin(self, action: Literal["read", "edit"], tool: str, path: Resolved) -> Rule | None:
        """The deny or ask rule about another hard link of the same file."""
        about = [rule for rule in self.rules.rules if rule.verdict != "allow" and rule.glob is not None]
        if not about:
            return None
        for twin in self._twins(path.real):
            if twin is None:
                return None
            other = Resolved(twin, twin, twin, inside=True)
            rule = self.rules.for_path(action, tool, other, self.root, needs=Power.NOTHING, rememberable=False)
            if rule is not None:
                return rule
        return None

    def _twins(self, real: str) -> Iterator[str | None]:
        """The other names of a file with several hard links, as far as the workspace can be looked through."""
        try:
            status = os.lstat(real)
        except (OSError, ValueError):
            return
        if status.st_nlink < 2 or not os.path.isfile(real):
            return
        for path in _files(self.root.real):
            if path is None:
                yield None
                return
            if path == real:
                continue
            try:
                other = os.lstat(path)
            except OSError:
                continue
            if (other.st_ino, other.st_dev) == (status.st_ino, status.st_dev):
                yield path

    def _rule_for(self, path: Resolved) -> str | None:
        relative = self.root.relative(path.real)
        if relative in (None, ".") or not relative.isprintable() or set("()") & set(relative):
            return None
        # A name without a slash would be meant at any depth: this one file is meant.
        return f"edit({'' if '/' in relative else '/'}{escape(relative)})"


def _files(folder: str) -> Iterator[str | None]:
    """The files below `folder`, breadth first; None, last, where there are too many to look at all."""
    until = monotonic() + _SEARCH_SECONDS
    seen = 0
    waiting = [folder]
    while waiting:
        current = waiting.pop(0)
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    seen += 1
                    if seen > _SEARCH_LIMIT or monotonic() > until:
                        yield None
                        return
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in _SKIPPED:
                            waiting.append(entry.path)
                    else:
                        yield entry.path
        except OSError:
            continue
