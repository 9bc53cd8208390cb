"""The help: made from the tables of keys and commands, so that it cannot be wrong."""

from __future__ import annotations

from collections.abc import Sequence

from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.tui.commands import Command
from plugsky_tui.frontends.tui.keys import Keys
from plugsky_tui.frontends.tui.widgets.blocks import Part

_ASKED = (
    ("y", "yes, this once"),
    ("t", "yes, for the rest of this thread"),
    ("a", "always: shows the rule that is kept, to be changed first if you like"),
    ("n", "no, with a word to the model if you like; Esc is a plain no"),
)


def help_parts(commands: Sequence[Command], keys: Keys) -> list[Part]:
    """Everything there is to know, to be shown in the reader."""
    parts: list[Part] = [
        (
            "prose",
            "Say what you want done in this folder. The agent reads, proposes changes as diffs, and asks"
            " before it does what its mode does not let through.",
        ),
    ]
    parts += _table("Commands", [(f"/{c.name} {c.arguments}".rstrip(), _described(c, keys)) for c in commands])
    parts += _table("Keys", [(shown, text) for shown, text, _ in keys.table() if shown])
    parts += _table(f"Modes ({keys.of('mode.next')} goes to the next)", list(MODES))
    parts += _table("When it asks", list(_ASKED))
    return parts


def _described(command: Command, keys: Keys) -> str:
    key = keys.of(command.key) if command.key else ""
    notes = [key] if key else []
    if not command.while_busy:
        notes.append("when idle")
    return f"{command.description} ({', '.join(notes)})" if notes else command.description


def _table(title: str, rows: Sequence[tuple[str, str]]) -> list[Part]:
    width = max(len(name) for name, _ in rows)
    return [("text", ""), ("title", title), *(("prose", f"  {name:{width}}  {text}") for name, text in rows)]
