"""Writes docs/commands.md: every command and every key, from the tables that the UI itself is made of.

python docs/commands.py                 # after a change of a table; a test says when it is due
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from plugsky_tui.frontends.modes import MODES  # noqa: E402  # of this checkout
from plugsky_tui.frontends.tui.commands import COMMANDS, TOPICS, UNTYPED, Command  # noqa: E402
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS, PLACES, KeyAction, doubt, shown  # noqa: E402

INTRODUCTION = """\
<!-- Written by docs/commands.py from the tables of commands and keys: change those, then run it. -->

# Commands and keys

Slash commands are typed into the composer; Tab completes them and their arguments. {palette} lists all of them, and `/help`
says what to do with them. "Busy" is what may be run while the agent works; "chat" what `plugsky chat` has, too.
"""
KEYS = """\
`/keys` gives an action another key: it is pressed, what has it now is said, and it is kept in `config.toml`, where it can
also be written:

```toml
[keys]
"model.pick" = "f7, ctrl+l"
```
"""


def document() -> str:
    """The whole page."""
    palette = next(shown(entry.keys[0]) for entry in KEY_ACTIONS if entry.name == "palette.open")
    parts = [INTRODUCTION.format(palette=palette)]
    for topic in TOPICS:
        rows = [_command(one) for one in (*COMMANDS, *UNTYPED) if one.topic == topic]
        parts.append(f"## {topic}\n\n{_table(('Command', '', 'Key', 'Busy', 'chat'), rows)}")
    parts.append(f"## Modes\n\n{_table(('Mode', 'The agent'), [(f'`{name}`', text) for name, text in MODES])}")
    parts.append(f"## Keys\n\n{KEYS}")
    for place in PLACES:
        rows = [_key(entry) for entry in KEY_ACTIONS if entry.where == place]
        parts.append(f"### {PLACES[place]}\n\n{_table(('Key', '', 'Action'), rows)}")
    notes = dict.fromkeys(note for entry in KEY_ACTIONS for key in entry.keys if (note := doubt(key)))
    parts.append("".join(f"{_mark(note, list(notes))} {note}\n" for note in notes))
    return "\n".join(parts)


def _command(command: Command) -> tuple[str, ...]:
    name = f"{command.shown} {command.arguments}".rstrip()
    key = next((shown(entry.keys[0]) for entry in KEY_ACTIONS if entry.name == command.key), "")
    return (
        command.title or f"`{name}`",
        command.description + (" (palette only)" if command.title else ""),
        key,
        "yes" if command.while_busy else "no",
        "no" if command.screen else "yes",
    )


def _key(entry: KeyAction) -> tuple[str, ...]:
    notes = list(dict.fromkeys(note for other in KEY_ACTIONS for key in other.keys if (note := doubt(key))))
    keys = " · ".join(shown(key) + (_mark(doubt(key), notes) if doubt(key) else "") for key in entry.keys)
    return (keys, entry.text, f"`{entry.name}`")


def _mark(note: str, notes: Sequence[str]) -> str:
    return "¹²³⁴"[notes.index(note)]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([*_lines([header, ["---"] * len(header), *rows]), ""])


def _lines(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    (HERE / "commands.md").write_text(document(), encoding="utf-8")
