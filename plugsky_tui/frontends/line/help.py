"""The help, made from the table of commands."""

from __future__ import annotations

from collections.abc import Sequence

from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Line
from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.tui.commands import Command

_KEYS = (
    ("Enter", "send; while the agent works: queue"),
    (r"Alt+Enter, Ctrl+J, or \ then Enter", "new line"),
    ("Esc or Ctrl+C while the agent works", "interrupt"),
    ("Ctrl+C", "give up the line; twice ends"),
    ("Ctrl+D", "end"),
    ("Up, Down, Ctrl+R", "earlier prompts"),
    ("Tab", "complete a command or a file after @"),
    ("Shift+Tab, F2, Ctrl+T, F1", "next mode, /model, /threads, /help"),
)
_PLAIN_KEYS = (
    ("Enter", "send; while the agent works: queue"),
    (r"\ then Enter", "new line"),
    ("Ctrl+C", "interrupt while the agent works; else twice ends"),
    ("Ctrl+D", "end"),
)
_ASKED = (
    ("1 or y", "yes, this once"),
    ("2 or t", "yes, for the rest of this thread"),
    ("3 or a", "always: shows the rule that is kept, to be changed first if you like"),
    ("4 or n, Enter, Esc", "no"),
    ("5", "no, with a word to the model"),
)


def help_lines(commands: Sequence[Command], manner: Manner) -> list[Line]:
    lines: list[Line] = [
        (
            "",
            "Say what you want done in this folder. The agent asks before it does what its mode does not let through.",
        ),
        ("", "@ names a file that is sent along. !COMMAND runs a command of yours; the model hears of it."),
        ("", "# TEXT adds a line to AGENTS.md. Each tool call has a number: /open NUMBER prints all of it."),
    ]
    tables = (
        ("Commands", [(f"/{one.name} {one.arguments}".rstrip(), one.description) for one in commands]),
        ("Keys", _PLAIN_KEYS if manner.plain else _KEYS),
        ("Modes", MODES),
        ("When it asks", _ASKED),
    )
    for title, rows in tables:
        lines.append(("title", f"{title}:"))
        lines += [("", f"{'' if manner.spoken else '  '}{name}: {text}") for name, text in rows]
    return lines
