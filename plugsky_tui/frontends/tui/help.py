"""The help: how to work with plugsky, then everything there is, by topic. Made from the tables of keys and commands, so that
it cannot be wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.tui.commands import TOPICS, Command
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS, PLACES, Keys, shown

_ASKED = (
    ("y", "yes, this once"),
    ("t", "yes, for the rest of this thread"),
    ("a", "always: shows the rule that is kept, to be changed first if you like"),
    ("n", "no, with a word to the model if you like; Esc is a plain no"),
)


@dataclass(slots=True)
class Section:
    """`rows` are pairs: what is pressed or typed, and what that does. Rows without the first are sentences."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def help_sections(commands: Sequence[Command], keys: Keys) -> list[Section]:
    """Everything there is to know, the first steps first."""
    sections = [Section("How to work with it", first_steps(keys))]
    sections.append(Section(f"Modes: {keys.of('mode.next') or '/mode'} goes to the next", list(MODES)))
    sections.append(Section("When it asks", list(_ASKED)))
    for topic in TOPICS:
        rows = [
            (f"{one.shown} {one.arguments}".rstrip(), _described(one, keys)) for one in commands if one.topic == topic
        ]
        sections.append(Section(f"Commands: {topic}", rows))
    for place in PLACES:
        rows = [
            (" · ".join(map(shown, keys.all_of(entry.name))), entry.text)
            for entry in KEY_ACTIONS
            if entry.where == place and keys.all_of(entry.name)
        ]
        sections.append(Section(f"Keys: {PLACES[place][:1].lower()}{PLACES[place][1:]}", rows))
    return sections


def first_steps(keys: Keys) -> list[tuple[str, str]]:
    """A few lines for whoever is here for the first time. What has lost its key is named by its command."""

    def key(name: str, otherwise: str = "") -> str:
        return keys.sure(name) or otherwise

    return [
        (key("message.send"), "sends what you want done in this folder, in your own words"),
        ("@", "names a file, a definition or an earlier thread, and takes it along"),
        ("!  #", "run a command of your own; add a line to AGENTS.md"),
        (key("mode.next", "/mode"), "how much it may do by itself; at first it asks before changes"),
        ("y  n", "answers when it asks; the whole command or diff is shown"),
        (key("agent.interrupt"), "stops it; what is done stays, and you say how to go on"),
        (key("message.steer", "Enter"), "says something while it works, heard at its next step"),
        (key("tools.toggle", "Enter"), "opens what its tools were given and what came of it"),
        ("/diff", "shows every change of this thread, file by file"),
        ("/threads", "finds earlier conversations; /new begins another"),
        (key("palette.open", "/"), "finds everything there is; type here to search this help"),
    ]


def found(sections: Sequence[Section], query: str) -> list[Section]:
    """The rows that have all words of `query`, under their titles."""
    words = query.casefold().split()
    kept = []
    for section in sections:
        rows = [
            row
            for row in section.rows
            if all(word in f"{section.title} {row[0]} {row[1]}".casefold() for word in words)
        ]
        if rows:
            kept.append(Section(section.title, rows))
    return kept


def _described(command: Command, keys: Keys) -> str:
    key = keys.of(command.key) if command.key else ""
    notes = [key] if key else []
    if not command.while_busy:
        notes.append("when idle")
    return f"{command.description} ({', '.join(notes)})" if notes else command.description
