"""The command palette: every command, and every key that is no command's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.frontends.tui.commands import COMMANDS, TOPICS, UNTYPED, Command
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS, KeyAction, Keys
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers

# What makes no sense out of a list: it closes, scrolls, or opens the list itself.
_NOT_HERE = frozenset(
    {"palette.open", "agent.interrupt", "app.copy_or_clear", "transcript.page_up", "transcript.page_down"}
)
_KEYS = "Keys"


@dataclass(slots=True)
class PaletteEntry:
    """One of the two is set: a command, or the action of a key."""

    command: Command | None = None
    action: str = ""


async def choose(layers: Layers, keys: Keys) -> PaletteEntry | None:
    """What the user wants done."""
    picker = Picker("Commands", picks(keys), hint="what do you want to do?", most_rows=44)
    return await layers.ask(picker)


def picks(keys: Keys) -> list[Pick[PaletteEntry]]:
    """By topic. Where something has a key, it is shown: the next time that is quicker."""
    every = (*COMMANDS, *UNTYPED)
    rows = [
        Pick(
            PaletteEntry(command),
            command.shown,
            command.description,
            end=keys.of(command.key) if command.key else "",
            section=command.topic,
            words=command.name,
        )
        for command in sorted(every, key=lambda one: TOPICS.index(one.topic))
    ]
    return rows + [
        Pick(
            PaletteEntry(action=f"app.{entry.action}"),
            keys.of(entry.name) or "(no key)",
            entry.text,
            section=_KEYS,
            words=entry.name,
        )
        for entry in KEY_ACTIONS
        if _has_no_command(entry)
    ]


def _has_no_command(entry: KeyAction) -> bool:
    a_command = entry.action.startswith("run_command") or any(entry.name == command.key for command in COMMANDS)
    return entry.where in ("app", "thread") and not a_command and entry.name not in _NOT_HERE
