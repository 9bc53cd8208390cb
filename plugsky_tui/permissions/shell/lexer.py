"""A second reading of a command line, strict and small: only what it is sure of.

tree-sitter's grammar is lenient: it was made to colour text, and makes the best of what bash would
read otherwise (`a\\<newline>b` is two words to it, `ls;;` no error). A line passes, or is
remembered, only where this reader finds exactly the same words and operators at the same places.
Works on bytes shown as latin-1, so that its places are tree-sitter's.
"""

from __future__ import annotations

from plugsky_tui.permissions.shell.words import read_word

_META = frozenset(" \t\n|&;()<>")
_AFTER_DASH = _META | {""}
_OPERATORS = ("&>>", "<<<", "<<-", "&&", "||", "|&", ">>", "<<", ">&", "<&", ">|", "<>", "&>", "|", ";", "&", "<", ">")
_JOINS = frozenset(("&&", "||", "|", "|&"))
_ENDS = frozenset((";", "&", "\n"))
_RESERVED = frozenset("if then elif else fi for while until do done case esac select function { } [[ ]] coproc".split())


class Unsure(Exception):
    """This is not in the part of the shell's language that is read here."""


Token = tuple[int, int, bool]
"""Where a word or operator begins and ends, and whether it is the number of a stream before a redirection."""


def tokens(source: str) -> list[Token]:
    """Each word and operator, in order. Unsure where anything is out of the ordinary."""
    return _Lexer(source).read()


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[Token] = []
        self.shape: list[str] = []  # "w" for a word, "r" for a redirection with its target, else the operator
        self.timed = False
        self.heredocs: list[str] = []  # delimiters of bodies that are still to come

    def read(self) -> list[Token]:
        source, i = self.source, 0
        while i < len(source):
            char = source[i]
            if char in " \t":
                i += 1
            elif char == "\n":
                if self.timed:
                    raise Unsure("time without a command")
                self.shape.append("\n")
                i = _skip_heredocs(source, i + 1, self.heredocs)
            elif char == "#":
                newline = source.find("\n", i)
                i = len(source) if newline < 0 else newline
            elif (operator := _operator(source, i)) is not None:
                i = self._operator(operator, i)
            else:
                i = self._word(i)
        if self.heredocs:
            raise Unsure("a here-document without an end")
        _check(self.shape)
        return self.found

    def _operator(self, operator: str, i: int) -> int:
        if self.timed:
            raise Unsure("time without a command")
        source, stop = self.source, i + len(operator)
        if operator in (">&", "<&") and source[stop : stop + 1] == "-" and source[stop + 1 : stop + 2] in _AFTER_DASH:
            stop += 1  # `2>&-` closes
            self.found.append((i, stop, False))
            self.shape.append("r")
            return stop
        self.found.append((i, stop, False))
        if operator in _JOINS or operator in _ENDS:
            self.shape.append(operator)
            return stop
        while source[stop : stop + 1] in (" ", "\t"):
            stop += 1
        end = _word_end(source, stop)
        if source[stop:end].isdigit() and source[end : end + 1] in ("<", ">"):
            raise Unsure("a number between two redirections")  # bash takes it for the second one's stream
        if operator in (">&", "<&") and end - stop > 1 and "-" in (source[stop], source[end - 1]):
            raise Unsure("a stream that is closed or moved")  # `>& -x` closes, and x is a word
        self.found.append((stop, end, False))
        self.shape.append("r")
        if operator in ("<<", "<<-"):
            self.heredocs.append(read_word(source[stop:end]).text)
        return end

    def _word(self, i: int) -> int:
        stop = _word_end(self.source, i)
        raw = self.source[i:stop]
        is_stream = raw.isdigit() and self.source[stop : stop + 1] in ("<", ">")
        self.found.append((i, stop, is_stream))
        if is_stream:
            return stop
        at_start = not self.shape or self.shape[-1] not in ("w", "r")
        if (at_start or self.timed) and raw in _RESERVED:
            raise Unsure(raw)
        if raw in ("time", "!") and next((item for item in reversed(self.shape) if item != "\n"), "") in ("|", "|&"):
            raise Unsure(raw)
        # `time` is followed by a command, not by an argument; so is `!`, which is no command by itself.
        self.timed = (at_start and raw == "time") or (self.timed and raw in ("-p", "--", "!", "time"))
        if not (at_start and raw == "!"):
            self.shape.append("w")
        return stop


def _operator(source: str, i: int) -> str | None:
    if source[i] in "()":
        raise Unsure("parentheses")
    if source[i] not in "|&;<>":
        return None
    if source.startswith((";;", ";&", "<(", ">("), i):
        raise Unsure(source[i : i + 2])
    return next(operator for operator in _OPERATORS if source.startswith(operator, i))


def _word_end(source: str, i: int) -> int:
    """Where the word that begins at `i` ends."""
    begin, end = i, len(source)
    while i < end and source[i] not in _META:
        char = source[i]
        if char == "\\":
            if i + 1 >= end or source[i + 1] == "\n":
                raise Unsure("a joined line")
            i += 2
        elif char == "'":
            i = source.find("'", i + 1) + 1
            if i == 0:
                raise Unsure("an open quote")
        elif char == '"':
            i += 1
            while i < end and source[i] != '"':
                i += 2 if source[i] == "\\" else 1
            if i >= end:
                raise Unsure("an open quote")
            i += 1
        else:
            i += 1
    if i == begin:
        raise Unsure("a missing word")
    return i


def _skip_heredocs(source: str, i: int, waiting: list[str]) -> int:
    """The place after the bodies of the here-documents begun on the line before."""
    while waiting:
        delimiter = waiting[0]
        stop = source.find("\n", i)
        line = source[i:] if stop < 0 else source[i:stop]
        if line.lstrip("\t") == delimiter:
            waiting.pop(0)
        elif stop < 0:
            raise Unsure("a here-document without an end")
        i = len(source) if stop < 0 else stop + 1
    return i


def _check(shape: list[str]) -> None:
    """Between two operators stands a command; a line may end with `;`, `&` or newlines."""
    full = False  # a command stands before this place
    joined = False  # an operator waits for its right side
    for item in shape:
        if item in ("w", "r"):
            full, joined = True, False
        elif item == "\n":
            full = full and joined  # after `&&` or `|` the line may go on below
        elif not full:
            raise Unsure("an empty command")
        else:
            full, joined = False, item in _JOINS
    if joined:
        raise Unsure("an empty command")
