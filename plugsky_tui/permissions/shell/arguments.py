"""The words of a simple command as the command gets them: tildes and globs resolved, wrappers taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plugsky_tui.permissions.shell.globbing import expand
from plugsky_tui.permissions.shell.programs import what_it_runs, without_wrappers
from plugsky_tui.permissions.shell.syntax import Simple, Word

# Where a command may be named by its full path: folders only the system's administrator writes to.
SYSTEM_FOLDERS = frozenset(
    "/bin /usr/bin /sbin /usr/sbin /usr/local/bin /usr/local/sbin /opt/homebrew/bin /run/current-system/sw/bin".split()
)


def plain_name(name: str) -> str:
    """`/usr/bin/git` is `git`; a program anywhere else keeps its path."""
    folder, _, last = name.rpartition("/")
    return last if folder in SYSTEM_FOLDERS and last else name


def values_of(words: Sequence[Word], home: str, cwd: str) -> list[str]:
    """What the command gets for these exact words when it runs in `cwd`. A literal `~` is written `./~`, so that no
    one takes it for home. globbing.TooMany where a glob matches more than can be looked at."""
    values: list[str] = []
    for word in words:
        if word.pattern is not None:
            values += expand(home + word.pattern[1:] if word.tilde else word.pattern, cwd) or [word.text]
        elif word.tilde:
            values.append(home + word.text[1:])
        else:
            values.append("./" + word.text if word.text.startswith("~") else word.text)
    return values


def home_expanded(text: str, home: str, cwd: str) -> str:
    """`text` with a leading `$HOME`, `$PWD` or `~` put in: what is known of a word that is not exact."""
    for known, value in (("${HOME}", home), ("$HOME", home), ("${PWD}", cwd), ("$PWD", cwd), ("~", home)):
        if text == known or text.startswith(known + "/"):
            return value + text[len(known) :]
    return text


def spellings(simple: Simple) -> tuple[list[list[str]], list[list[str]]]:
    """The words rules are held against: the command's own (as written, by its plain name, without harmless wrappers),
    and those of the commands that run inside it, with git's also without what stands before its subcommand."""
    written = [word.text for word in simple.words]
    plain = [plain_name(written[0]), *written[1:]]
    own = [plain]
    if plain != written:
        own.append(written)
    unwrapped = without_wrappers(plain)
    if unwrapped is not None and unwrapped != plain:
        own.append([plain_name(unwrapped[0]), *unwrapped[1:]])
    hidden = [inside.words for words in own for inside in inside_of(words)]
    hidden += [_without_git_options(words) for words in [*own, *hidden] if words[0] == "git"]
    return own, hidden


@dataclass(slots=True)
class InsideCommand:
    """A command that another runs. `guessed`: read from a text that a shell is given, roughly."""

    words: list[str]
    guessed: bool


def inside_of(words: list[str], depth: int = 3) -> list[InsideCommand]:
    """The commands that run inside `words`, by their plain names, `depth` levels down."""
    if depth == 0:
        return []
    inside = what_it_runs(words)
    given = [InsideCommand(command, guessed=False) for command in inside.commands]
    for script in inside.scripts:
        pieces = [piece.replace("'", " ").replace('"', " ").split() for piece in re.split(r"[;&|\n]+", script)]
        given += [InsideCommand(piece, guessed=True) for piece in pieces if piece]
    found: list[InsideCommand] = []
    for command in given:
        named = [plain_name(command.words[0]), *command.words[1:]]
        found.append(InsideCommand(named, command.guessed))
        found += [
            InsideCommand(deeper.words, deeper.guessed or command.guessed) for deeper in inside_of(named, depth - 1)
        ]
    return found


def _without_git_options(words: list[str]) -> list[str]:
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-C", "-c", "--git-dir", "--work-tree", "--namespace") else rest[1:]
    return ["git", *rest]


def path_like(word: str) -> list[str]:
    """What in a word of an unknown command could be the name of a file: itself, the value behind `=`, `@` or an
    option's letter."""
    if "://" in word or not word:
        return []
    found = [word] if not word.startswith("-") else []
    if "=" in word:
        found.append(word.partition("=")[2])
    if word.startswith("@"):
        found.append(word[1:])
    if word.startswith("-") and "/" in word and "=" not in word:
        found.append(word[word.index("/") :])
    return [name for name in found if name and "\0" not in name and all(len(part) < 256 for part in name.split("/"))]
