"""Every key of the UI, each bound to a named action that `[keys]` in config.toml can move elsewhere.

The table is the only place that knows keys: bindings, help and hints are made from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from textual.binding import BindingType

Where = Literal["app", "thread", "composer", "transcript", "changes", "models", "jobs"]

PLACES: dict[Where, str] = {
    "app": "Everywhere",
    "thread": "In the thread, from anywhere but an open list or dialog",
    "composer": "In the composer",
    "transcript": "In the transcript, once it has the focus (Tab)",
    "changes": "In the list of changes",
    "models": "In the list of models",
    "jobs": "In the list of jobs",
}


@dataclass(slots=True)
class KeyAction:
    """`name` is what users write in `[keys]`; `action` the Textual action behind it."""

    name: str
    keys: tuple[str, ...]
    action: str
    text: str
    where: Where = "app"


KEY_ACTIONS: tuple[KeyAction, ...] = (
    KeyAction("message.send", ("enter",), "send", "send; while the agent works: queue", "composer"),
    KeyAction("message.steer", ("ctrl+enter", "alt+s"), "steer", "steer: heard at the agent's next step", "composer"),
    KeyAction(
        "message.newline", ("shift+enter", "alt+enter", "ctrl+j"), "newline", r"new line (or \ then Enter)", "composer"
    ),
    KeyAction("image.paste", ("ctrl+v", "alt+v"), "paste_image", "attach the image on the clipboard", "composer"),
    KeyAction("paste.show", ("alt+o",), "show_paste", "see what was pasted (or click on it)", "composer"),
    KeyAction("editor.open", ("ctrl+g",), "open_editor", "write the prompt in $VISUAL or $EDITOR", "composer"),
    KeyAction("history.previous", ("up",), "history_previous", "earlier prompt (on the first line)", "composer"),
    KeyAction("history.next", ("down",), "history_next", "later prompt (on the last line)", "composer"),
    KeyAction("history.search", ("ctrl+r",), "search_history", "search earlier prompts"),
    KeyAction("agent.interrupt", ("escape",), "escape", "close what is open, then interrupt the agent"),
    KeyAction("app.copy_or_clear", ("ctrl+c",), "copy_or_clear", "copy the selection, else clear; twice quits"),
    KeyAction("mode.next", ("shift+tab",), "next_mode", "next mode: plan, ask, edit, auto"),
    KeyAction("model.pick", ("f2",), "run_command('model')", "choose the model"),
    KeyAction(
        "model.favourite", ("ctrl+f",), "toggle_favourite", "in the list of models: a favourite, or not", "models"
    ),
    KeyAction("palette.open", ("ctrl+p",), "palette", "all commands"),
    KeyAction("threads.pick", ("ctrl+t",), "run_command('threads')", "threads of this folder"),
    KeyAction(
        "transcript.focus", ("tab",), "focus_transcript", "into the transcript and back: ↑↓, Enter opens, c copies"
    ),
    KeyAction("transcript.search", ("ctrl+f",), "search_transcript", "search in this thread", "thread"),
    KeyAction("prompt.previous", ("alt+up", "ctrl+up"), "jump_prompt(-1)", "to your prompt before", "thread"),
    KeyAction("prompt.next", ("alt+down", "ctrl+down"), "jump_prompt(1)", "to your next prompt", "thread"),
    KeyAction("tools.toggle", ("ctrl+o",), "toggle_tools", "open or fold all tool output and reasoning"),
    KeyAction("job.background", ("ctrl+b",), "run_command('background')", "move the running command to the background"),
    KeyAction("job.end", ("ctrl+x",), "end_job", "in the list of jobs, or in one's output: end it", "jobs"),
    KeyAction("help.show", ("f1",), "run_command('help')", "help"),
    KeyAction("transcript.page_up", ("pageup",), "page_up", "scroll up"),
    KeyAction("transcript.page_down", ("pagedown",), "page_down", "scroll down"),
    KeyAction("transcript.end", ("ctrl+end",), "jump_to_end", "follow the end again"),
    KeyAction("block.previous", ("up", "k"), "cursor(-1)", "to the block before", "transcript"),
    KeyAction("block.next", ("down", "j"), "cursor(1)", "to the next block", "transcript"),
    KeyAction("block.open", ("enter",), "open_block", "open or fold it", "transcript"),
    KeyAction("block.copy", ("c", "y"), "copy_block", "copy it, or what is selected, as it was written", "transcript"),
    KeyAction("message.copy", ("C",), "copy_message", "copy the whole message", "transcript"),
    KeyAction("block.select_up", ("shift+up", "K"), "extend(-1)", "select, block by block: upwards", "transcript"),
    KeyAction("block.select_down", ("shift+down", "J"), "extend(1)", "the same downwards", "transcript"),
    KeyAction("transcript.first", ("home", "g"), "scroll_home", "to the beginning", "transcript"),
    KeyAction("transcript.last", ("end", "G"), "jump_to_end", "to the end", "transcript"),
    KeyAction("transcript.on", ("space",), "page_down", "a page down", "transcript"),
    KeyAction("found.next", ("n",), "found(1)", "to the next place that was searched for", "transcript"),
    KeyAction("found.previous", ("N",), "found(-1)", "to the place before", "transcript"),
    KeyAction("changes.next", ("right",), "file(1)", "the next file", "changes"),
    KeyAction("changes.previous", ("left",), "file(-1)", "the file before", "changes"),
    KeyAction("changes.copy", ("ctrl+y",), "copy_path", "copy the path of the file", "changes"),
)

_NAMES = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "Space",
}


def bindings(where: Where) -> list[BindingType]:
    """Textual's bindings for one place. They have priority: no widget swallows them first."""
    from textual.binding import Binding

    return [
        Binding(",".join(entry.keys), entry.action, entry.text, show=False, priority=True, id=entry.name)
        for entry in KEY_ACTIONS
        if entry.where == where
    ]


def shown(keys: str) -> str:
    """A key as people read it: "ctrl+o" -> "Ctrl+O"."""
    return "+".join(_NAMES.get(part) or _name(part) for part in keys.split("+"))


def _name(part: str) -> str:
    if len(part) != 1:
        upper = part.removeprefix("upper_")  # as Textual calls capital letters
        return f"Shift+{upper.upper()}" if upper != part else part.replace("_", " ").capitalize()
    return f"Shift+{part}" if part.isupper() else part.upper()


class Keys:
    """The keys in force: the table, with the user's own laid over it.

    `problems` are sentences for the user: unknown actions, and keys that two actions claim
    (the user's own wish then wins over a default).
    """

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        self.take(own or {})

    def take(self, own: Mapping[str, str]) -> None:
        """The user's own keys, instead of those before."""
        self.problems: list[str] = []
        self._keys = {entry.name: entry.keys for entry in KEY_ACTIONS}
        self.keymap: dict[str, str] = {}
        wished: list[tuple[str, str]] = []  # keys, and who is given them
        for name, text in own.items():
            keys = tuple(part.strip() for part in text.split(",") if part.strip())
            if name not in self._keys:
                self.problems.append(f"[keys] {name!r} is no action.{_nearest(name, self._keys)}")
                continue
            if not keys:
                self.problems.append(f"[keys] {name!r} names no key: its default stays.")
                continue
            for key in keys:
                if rival := _taken(key, name, wished):
                    self.problems.append(f"[keys] {key!r} is given to both {rival!r} and {name!r}.")
                wished.append((key, name))
            self._keys[name] = keys
            self.keymap[name] = ",".join(keys)
        for entry in KEY_ACTIONS:
            if entry.name in self.keymap:
                continue
            lost = [key for key in entry.keys if _taken(key, entry.name, wished)]
            if not lost:
                continue
            left = tuple(key for key in entry.keys if key not in lost)
            self._keys[entry.name] = left
            # Textual has no way to say "no key": one that no terminal sends stands for it.
            self.keymap[entry.name] = ",".join(left) or "f24"
            if not left:
                now = _taken(lost[0], entry.name, wished)
                self.problems.append(f"[keys] {shown(lost[0])} now means {now!r}: {entry.name!r} has no key any more.")

    def of(self, name: str) -> str:
        """The first key of an action, as people read it; "" where it has none."""
        keys = self._keys[name]
        return shown(keys[0]) if keys else ""

    def sure(self, name: str) -> str:
        """The first key of an action that every terminal sends, where it has one; else as `of`."""
        keys = [key for key in self._keys[name] if not few_send(key)]
        return shown(keys[0]) if keys else self.of(name)

    def all_of(self, name: str) -> tuple[str, ...]:
        """All keys of an action, as Textual names them."""
        return self._keys[name]

    def holder(self, key: str, name: str) -> KeyAction | None:
        """Whoever else has `key` where the action `name` would have it; None where nobody does."""
        where = _where(name)
        return next(
            (
                entry
                for entry in KEY_ACTIONS
                if entry.name != name and key in self._keys[entry.name] and _meet(where, entry.where)
            ),
            None,
        )

    def table(self) -> list[tuple[str, str, str]]:
        """(keys, what they do, action name) of every action, for help."""
        return [(" · ".join(shown(key) for key in self._keys[e.name]), e.text, e.name) for e in KEY_ACTIONS]


# Without one of these the UI could not be used, or not be left.
NEEDED = ("message.send", "agent.interrupt", "app.copy_or_clear")
_KITTY_ONLY = re.compile(
    r"(super|hyper|meta)\+.*|(.*\+)?ctrl\+(.*\+)?(enter|tab|backspace|escape|space|\d|comma|full_stop|semicolon|"
    r"apostrophe|minus|equals_sign|slash)|.*ctrl\+shift\+[a-z]|.*shift\+ctrl\+[a-z]|shift\+(enter|backspace|escape|space)"
)


def written(key: str) -> str:
    """A key that was pressed, as it is written in the table and in `[keys]`: capital letters as themselves."""
    upper = key.removeprefix("upper_")
    return upper.upper() if upper != key and len(upper) == 1 else key


def refusal(key: str, character: str | None, where: Where) -> str:
    """Why an action that is heard at `where` cannot have `key`, which types `character`; "" where it can."""
    if where == "transcript":
        return ""  # nobody writes there
    alone = "+" not in key.removeprefix("shift+")  # with Alt, too, a terminal names the character
    if alone and character is not None and character.isprintable():
        return f"{shown(key)} is needed for typing. Take it with Ctrl or Alt, or a function key."
    return ""


def few_send(key: str) -> bool:
    """Whether many terminals have no way to send `key`."""
    return bool(_KITTY_ONLY.fullmatch(key))


def doubt(key: str) -> str:
    """What may keep `key` from working elsewhere; "" where every terminal sends it."""
    if few_send(key):
        return "Only terminals with the kitty keyboard protocol send this key."
    if key.startswith("alt+"):
        return "On a Mac the terminal must be set to send Option as Alt (Meta)."
    return ""


# What has its place beside or within an open layer is heard there alone.
_BEHIND_LAYERS = ("thread", "composer", "transcript")


def _meet(one: Where, other: Where) -> bool:
    """Whether the same key cannot mean two things in both places: what is for the whole app is heard in all, what is for
    the thread wherever no layer is open."""
    if one == other or "app" in (one, other):
        return True
    return "thread" in (one, other) and one in _BEHIND_LAYERS and other in _BEHIND_LAYERS


def _where(name: str) -> Where:
    return next(entry.where for entry in KEY_ACTIONS if entry.name == name)


def _taken(key: str, name: str, wished: Sequence[tuple[str, str]]) -> str:
    """Whoever was given `key` where the action `name` would have it; "" where nobody was."""
    return next((one for given, one in wished if given == key and _meet(_where(one), _where(name))), "")


def _nearest(name: str, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches  # only on this rare path

    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
