"""What could be meant by what is being typed: commands, their arguments, files, symbols, threads."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.frontends.thread_facts import detail
from plugsky_tui.frontends.tui.fuzzy import ranked

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.commands import Command
    from plugsky_tui.frontends.tui.composer.files import FileNames
    from plugsky_tui.frontends.tui.composer.symbols import SymbolNames
    from plugsky_tui.frontends.tui.composer.threads import ThreadNames

MOST = 50
FILES_FIRST = 5  # before the symbols of that name; the other files come after them
_SYMBOL = re.compile(r"[^\W\d]\w+")
_THREAD = "thread:"


@dataclass(slots=True)
class Suggestion:
    """`insert` takes the place of what was typed. `submit`: choosing it with Enter also sends the line."""

    label: str
    insert: str
    detail: str = ""
    submit: bool = False


@dataclass(slots=True)
class Completion:
    """Suggestions for `typed`, the characters of the current line from column `start` to the cursor.

    `note` says what may be missing among them; there may be nothing but that.
    """

    start: int
    suggestions: list[Suggestion]
    typed: str = ""
    note: str = ""


class Completer:
    """Finds suggestions. `choices` gives the known arguments of a command; `files`, `symbols` and `threads` know names."""

    def __init__(
        self,
        *,
        commands: Sequence[Command],
        choices: Callable[[Command], Sequence[str]],
        files: FileNames,
        symbols: SymbolNames | None = None,
        threads: ThreadNames | None = None,
    ) -> None:
        self._commands = commands
        self._choices = choices
        self._files = files
        self._symbols = symbols
        self._threads = threads

    def complete(self, row: int, before: str) -> Completion | None:
        """Suggestions at the end of `before`, the current line up to the cursor; None where there are none."""
        if row == 0 and before.startswith("/"):
            found = self._complete_command(before)
        else:
            found = self._complete_file(before)
        return found if found and (found.suggestions or found.note) else None

    def _complete_command(self, before: str) -> Completion | None:
        name, space, argument = before[1:].partition(" ")
        if not space:
            matching = [c for c in self._commands if c.name.startswith(name)]
            matching += [c for c in ranked(name, self._commands, lambda c: c.name) if c not in matching]
            return Completion(0, [_suggest_command(command) for command in matching], before)
        command = next((c for c in self._commands if c.name == name), None)
        if command is None or not command.arguments:
            return None
        choices = ranked(argument, self._choices(command), str)
        if argument in choices:
            return None
        start = len(before) - len(argument)
        return Completion(start, [Suggestion(text, text, submit=True) for text in choices[:MOST]], before[start:])

    def _complete_file(self, before: str) -> Completion | None:
        self._files.heed(before)
        at = before.rfind("@")
        if at < 0 or (at and not before[at - 1].isspace()):
            return None
        query = before[at + 1 :]
        if any(letter.isspace() for letter in query):
            return None
        if query.startswith(_THREAD) and self._threads is not None:
            return self._complete_thread(at, query, before[at:], self._threads)
        found = self._files.find(query)
        if query in found.paths[:1] and not query.endswith("/"):
            return None
        suggestions = [
            Suggestion(path, f"@{path}" + ("" if path.endswith("/") else " ")) for path in found.paths[:MOST]
        ]
        if query.endswith("/") and any(path.startswith(query) for path in found.paths):
            # Who has typed a folder may mean it: choosing it ends it, typing on names what is in it.
            suggestions.insert(0, Suggestion(query, f"@{query} ", "this folder"))
        if self._threads is not None and query and _THREAD.startswith(query):
            suggestions.append(Suggestion(_THREAD, f"@{_THREAD}", "what was answered in an earlier thread"))
        suggestions[FILES_FIRST:FILES_FIRST] = self._symbols_of(query)
        return Completion(at, suggestions, before[at:], found.note)

    def _symbols_of(self, query: str) -> list[Suggestion]:
        if self._symbols is None or not _SYMBOL.fullmatch(query):
            return []
        return [
            Suggestion(one.name, f"{one.name} (@{_named(one.place)}) ", f"{one.kind} · {one.path}:{one.first}")
            for one in self._symbols.find(query)
        ]

    def _complete_thread(self, at: int, query: str, typed: str, threads: ThreadNames) -> Completion | None:
        wanted = query.removeprefix(_THREAD)
        known = threads.find()
        if any(short == wanted for short, _ in known):
            return None
        matching = [pair for pair in known if wanted and pair[0].startswith(wanted)]
        matching += [pair for pair in ranked(wanted, known, lambda pair: pair[1].title) if pair not in matching]
        suggestions = [
            Suggestion(info.title or "(no title)", f"@{_THREAD}{short} ", detail(info))
            for short, info in matching[:MOST]
        ]
        return Completion(at, suggestions, typed, "" if suggestions else "no earlier thread of this folder")


def _named(path: str) -> str:
    return f'"{path}"' if " " in path else path


def _suggest_command(command: Command) -> Suggestion:
    takes = bool(command.arguments)
    label = f"/{command.name} {command.arguments}".rstrip()
    return Suggestion(label, f"/{command.name}{' ' if takes else ''}", command.description, submit=not takes)
