"""The words of a simple command as the command gets them: tildes and globs resolved, wrappers taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    """The words rules are held against: the command's own (as written, by its plain name, without harmless wrappers,
    git without what stands before its subcommand), and those of the commands that run inside it."""
    written = [word.text for word in simple.words]
    plain = [plain_name(written[0]), *written[1:]]
    own = [plain]
    if plain != written:
        own.append(written)
    unwrapped = without_wrappers(plain)
    if unwrapped is not None and unwrapped != plain:
        own.append([plain_name(unwrapped[0]), *unwrapped[1:]])
    hidden = [_without_git_options(words) for words in own if words[0] == "git"]
    for words in own:
        hidden += inside_of(words, 3)
    return own, hidden


def inside_of(words: list[str], depth: int) -> list[list[str]]:
    """The commands that run inside `words`, by their plain names, `depth` levels down."""
    if depth == 0:
        return []
    found: list[list[str]] = []
    inside = what_it_runs(words)
    scripts = [re.split(r"[;&|\n]+", script) for script in inside.scripts]
    simple = [piece.replace("'", " ").replace('"', " ").split() for pieces in scripts for piece in pieces]
    for command in [*inside.commands, *(words for words in simple if words)]:
        named = [plain_name(command[0]), *command[1:]]
        found.append(named)
        if named[0] == "git":
            found.append(_without_git_options(named))
        found += inside_of(named, depth - 1)
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
    return [name for name in found if name and len(name) < 1024 and "\0" not in name and "\n" not in name]
