"""Colours code line by line, with Pygments' grammars.

Pygments colours whole texts. A streaming fence would be coloured again with every line, so this runs the state
machine of its `RegexLexer` one line at a time and keeps the state between lines. The few rules that match across
lines (block comments of many languages) are recognised and carried as a state of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

# (role, text) of one line: the roles are those of the palette.
Tokens = list[tuple[str, str]]
# The stack of the lexer, and the end of the block comment we are in ("" for none).
State = tuple[tuple[str, ...], str]

START: State = (("root",), "")

# A line longer than this is not worth the time.
_LONGEST_LINE = 600
_COMMENTS = (("/*", "*/"), ("<!--", "-->"), ("(*", "*)"), ("{-", "-}"), ("<#", "#>"))
_ALIASES = {
    "jsonc": "json",
    "json5": "json",
    "shell": "bash",
    "terminal": "console",
    "golang": "go",
    "plaintext": "text",
}
# The most telling token kinds first: a kind has the role of the nearest ancestor in this table.
_ROLES = {
    ("Comment",): "comment",
    ("Comment", "Preproc"): "keyword",
    ("Keyword",): "keyword",
    ("Keyword", "Type"): "type",
    ("Keyword", "Constant"): "number",
    ("Operator", "Word"): "keyword",
    ("Operator",): "operator",
    ("Punctuation",): "operator",
    ("Literal", "String"): "string",
    ("Literal", "String", "Interpol"): "number",
    ("Literal", "String", "Escape"): "number",
    ("Literal", "Number"): "number",
    ("Literal",): "number",
    ("Name", "Function"): "name",
    ("Name", "Class"): "type",
    ("Name", "Decorator"): "name",
    ("Name", "Tag"): "keyword",
    ("Name", "Attribute"): "name",
    ("Name", "Exception"): "type",
    ("Name", "Builtin"): "name",
    ("Name", "Variable"): "name",
    ("Generic", "Deleted"): "number",
    ("Generic", "Inserted"): "string",
    ("Generic", "Heading"): "keyword",
    ("Generic", "Subheading"): "keyword",
    ("Generic", "Prompt"): "keyword",
}


class LineLexer:
    """One language. Making one compiles its grammar (10 to 40 ms)."""

    def __init__(self, lexer: Any) -> None:
        from pygments.lexer import ExtendedRegexLexer, RegexLexer

        self._lexer = lexer
        # Grammars whose callbacks rewrite the state of the machine, and lexers that are none, go line by line.
        steps = isinstance(lexer, RegexLexer) and not isinstance(lexer, ExtendedRegexLexer)
        self._rules: dict[str, Any] | None = lexer._tokens if steps else None
        self._comment_starts: dict[str, tuple[tuple[str, str], ...]] = {}

    def lex(self, line: str, state: State = START) -> tuple[Tokens, State]:
        """The tokens of `line` (which ends in no newline), and the state the next line begins in."""
        if len(line) > _LONGEST_LINE:
            return [("text", line)], state
        if self._rules is None:
            found = self._lexer.get_tokens_unprocessed(line + "\n")
            return _merge(((role_of(kind), text) for _, kind, text in found), len(line)), START
        stack, comment = list(state[0]), [state[1]]
        return _merge(self._steps(line + "\n", stack, comment), len(line)), (tuple(stack), comment[0])

    def _steps(self, text: str, stack: list[str], comment: list[str]) -> Iterator[tuple[str, str]]:
        rules = self._rules
        assert rules is not None
        place, length = 0, len(text)
        idle = 0  # matches in a row that moved nothing
        while place < length:
            if comment[0]:
                end = text.find(comment[0], place)
                if end < 0:
                    yield "comment", text[place:]
                    return
                end += len(comment[0])
                yield "comment", text[place:end]
                place, comment[0] = end, ""
                continue
            if closing := self._comment_at(text, place, stack[-1]):
                comment[0] = closing
                yield "comment", text[place : place + 1]
                place += 1
                continue
            for matches, action, new_state in rules[stack[-1]]:
                match = matches(text, place)
                if not match:
                    continue
                if action is not None:
                    if callable(action) and not isinstance(action, tuple):
                        for _, kind, value in action(self._lexer, match):
                            yield role_of(kind), value
                    else:
                        yield role_of(action), match[0]
                idle = idle + 1 if match.end() == place else 0
                place = match.end()
                _move(stack, new_state)
                break
            else:
                if text[place] == "\n":
                    stack[:] = ["root"]
                    yield "text", "\n"
                else:
                    yield "text", text[place]
                place += 1
            if idle > 50:  # a grammar that turns in circles
                yield "text", text[place:]
                return

    def _comment_at(self, text: str, place: int, state: str) -> str:
        """What ends the block comment that begins at `place`, where the grammar has one rule for all of it."""
        for opening, closing in self._comments(state):
            if text.startswith(opening, place):
                return closing
        return ""

    def _comments(self, state: str) -> tuple[tuple[str, str], ...]:
        known = self._comment_starts.get(state)
        if known is None:
            known = self._comment_starts[state] = tuple(pair for pair in _COMMENTS if self._crosses_lines(state, pair))
        return known

    def _crosses_lines(self, state: str, pair: tuple[str, str]) -> bool:
        assert self._rules is not None
        probe = f"{pair[0]} a\n a {pair[1]}"
        for matches, action, _ in self._rules[state]:
            if match := matches(probe, 0):
                return match.end() == len(probe) and (isinstance(action, tuple) and role_of(action) == "comment")
        return False


def _move(stack: list[str], new_state: Any) -> None:
    """Apply a state transition of a Pygments rule."""
    match new_state:
        case None:
            pass
        case tuple():
            for state in new_state:
                _step(stack, state)
        case int():
            _pop(stack, -new_state)
        case _:
            _step(stack, new_state)


def _step(stack: list[str], state: str) -> None:
    if state == "#push":
        stack.append(stack[-1])
    elif state.startswith("#pop"):
        _pop(stack, int(state[5:] or 1))
    elif len(stack) < 200:
        stack.append(state)


def _pop(stack: list[str], count: int) -> None:
    del stack[max(1, len(stack) - abs(count)) :]


def _merge(tokens: Iterator[tuple[str, str]] | Any, length: int) -> Tokens:
    """Neighbours of one role as one, without the newline at the end."""
    out: Tokens = []
    size = 0
    for role, text in tokens:
        if not text:
            continue
        if size + len(text) > length:
            text = text[: length - size]
            if not text:
                break
        size += len(text)
        if out and (out[-1][0] == role or text.isspace()):
            out[-1] = (out[-1][0], out[-1][1] + text)
        else:
            out.append((role, text))
    return out


@cache
def role_of(kind: tuple[str, ...]) -> str:
    """The role of a Pygments token kind."""
    for length in range(len(kind), 0, -1):
        role = _ROLES.get(tuple(kind[:length]))
        if role:
            return role
    return "text"


def find_lexer(language: str) -> LineLexer | None:
    """The lexer for the info word of a fence ("python") or a file name ("app.py"); None where none is known."""
    found = _lookup(language.lower())
    if found is None:
        return None
    from importlib import import_module

    module, name = found
    make: Callable[..., Any] = getattr(import_module(module), name)
    return LineLexer(make(stripnl=False, ensurenl=False))


@cache
def _lookup(word: str) -> tuple[str, str] | None:
    """Where Pygments keeps the lexer. Its own look-up would go through the entry points of all packages."""
    from pygments.lexers._mapping import LEXERS

    word = _ALIASES.get(word, word)
    if word in ("", "text", "txt", "plain"):
        return None
    dot = word.rfind(".")
    pattern = f"*{word[dot:]}" if dot >= 0 else f"*.{word}"
    by_pattern: tuple[str, str] | None = None
    for name, (module, _, aliases, patterns, _) in LEXERS.items():
        if dot < 0 and word in aliases:
            return module, name
        if by_pattern is None and pattern in patterns:
            by_pattern = module, name
    return by_pattern
