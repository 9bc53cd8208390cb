"""The pattern of a shell rule: whole words, compared with the words of a simple command.

`git log *` covers `git log` and `git log -3`, never `git logout`. A last `*` stands for any more
words, a `*` between words for one, a `*` in a word for any part of it. There are no operators in a
pattern: each simple command of a line is held against the rules on its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

_OPERATORS = frozenset("|&;<>()`\n\r")
# Options that mean the same in every command where they matter for a refusal.
_SYNONYMS = {"-f": "--force", "-r": "--recursive", "-R": "--recursive", "-d": "--delete", "-D": "--delete"}


@dataclass(slots=True)
class CommandPattern:
    """`words` without the last `*`, which is `open`."""

    words: tuple[str, ...]
    open: bool

    @property
    def everything(self) -> bool:
        """`shell(*)`: all commands, like `shell` alone."""
        return self.open and not self.words

    @property
    def wild(self) -> bool:
        return self.open or any("*" in word for word in self.words)

    def covers(self, words: Sequence[str]) -> bool:
        """Word by word, for allow rules."""
        if len(words) < len(self.words) or (len(words) > len(self.words) and not self.open):
            return False
        return all(_same(mine, word) for mine, word in zip(self.words, words, strict=False))

    def catches(self, words: Sequence[str]) -> bool:
        """For deny and ask rules: also with options in another order, clustered or spelled out.
        `rm -rf *` catches `rm -r x --force`, `git push --force *` catches `git push origin -f`."""
        words = [words[0].lower(), *words[1:]] if words and self.words and self.words[0].islower() else words
        if self.covers(words):
            return True
        if not self.words or not words or not _same(self.words[0], words[0]):
            return False
        mine, theirs = _sorted_out(self.words), _sorted_out(words)
        if not mine[1] and not self.open:
            return False  # a rule for just these words
        if not mine[1] <= theirs[1]:
            return False
        plain = CommandPattern(mine[0], self.open or bool(mine[1]))
        return plain.covers(theirs[0])


def parse_command_pattern(text: str) -> CommandPattern:
    """ValueError says what is wrong with `text`."""
    from plugsky_tui.permissions.shell.words import read_word  # not before there is a rule

    words: list[str] = []
    for raw in _split(text.strip(" \t")):
        word = read_word(raw)
        if not word.exact:
            raise ValueError(f"{raw} would be expanded by the shell, and rules hold plain words only")
        if not word.quoted and not _OPERATORS.isdisjoint(raw):
            raise ValueError(f"{raw} is an operator of the shell; each command of a line is judged on its own")
        words.append(word.text)
    if not words:
        raise ValueError("the pattern is empty")
    is_open = words[-1] == "*"
    return CommandPattern(tuple(words[:-1] if is_open else words), is_open)


def _split(text: str) -> list[str]:
    """`text` at blanks outside quotes, quotes kept."""
    words: list[str] = []
    current = ""
    quote = ""
    escaped = False
    for char in text:
        if escaped:
            escaped = False
        elif char == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in " \t":
            if current:
                words.append(current)
            current = ""
            continue
        current += char
    if quote:
        raise ValueError("a quote is not closed")
    return [*words, current] if current else words


def _same(mine: str, word: str) -> bool:
    if "*" not in mine:
        return mine == word
    return fnmatchcase(word, mine.replace("[", "[[]").replace("?", "[?]"))


def _sorted_out(words: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """The plain words in order, and the options as a set: clusters taken apart, synonyms made one."""
    plain: list[str] = []
    options: set[str] = set()
    ended = False
    for word in words:
        if ended or not word.startswith("-") or word == "-":
            plain.append(word)
        elif word == "--":
            ended = True
        elif word.startswith("--"):
            options.add(word.partition("=")[0])
        else:
            options |= {_SYNONYMS.get(f"-{letter}", f"-{letter}") for letter in word[1:]} if len(word) < 6 else {word}
    return tuple(plain), frozenset(options)


def quote(word: str) -> str:
    """`word` as it is written in a pattern. ValueError where it cannot be."""
    from plugsky_tui.permissions.shell.words import read_word

    if "*" in word or "\n" in word or "'" in word:
        raise ValueError(word)
    plain = read_word(word)
    if (
        word
        and plain.exact
        and not plain.quoted
        and plain.pattern is None
        and not plain.tilde
        and _OPERATORS.isdisjoint(word)
        and not (set(word) & set(" \t#"))
    ):
        return word
    return f"'{word}'"
