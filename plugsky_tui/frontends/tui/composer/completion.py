"""What could be meant by what is being typed: commands, their arguments, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.fuzzy import ranked

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.commands import Command
    from plugsky_tui.frontends.tui.composer.files import FileNames

MOST = 50


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
    """Finds suggestions. `choices` gives the known arguments of a command, `files` knows names of files."""

    def __init__(
        self,
        *,
        commands: Sequence[Command],
        choices: Callable[[Command], Sequence[str]],
        files: FileNames,
    ) -> None:
        self._commands = commands
        self._choices = choices
        self._files = files

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
        found = self._files.find(query)
        if query in found.paths[:1] and not query.endswith("/"):
            return None
        suggestions = [
            Suggestion(path, f"@{path}" + ("" if path.endswith("/") else " ")) for path in found.paths[:MOST]
        ]
        if query.endswith("/") and any(path.startswith(query) for path in found.paths):
            # Who has typed a folder may mean it: choosing it ends it, typing on names what is in it.
            suggestions.insert(0, Suggestion(query, f"@{query} ", "this folder"))
        return Completion(at, suggestions, before[at:], found.note)


def _suggest_command(command: Command) -> Suggestion:
    takes = bool(command.arguments)
    label = f"/{command.name} {command.arguments}".rstrip()
    return Suggestion(label, f"/{command.name}{' ' if takes else ''}", command.description, submit=not takes)
