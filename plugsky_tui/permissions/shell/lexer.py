"""A second reading of a command line, strict and small: only what it is sure of.

tree-sitter's grammar is lenient: it was made to colour text, and makes the best of what bash would
read otherwise (`a\\<newline>b` is two words to it, `ls;;` no error). A line passes, or is
remembered, only where this reader finds exactly the same words and operators at the same places.
Works on bytes shown as latin-1, so that its places are tree-sitter's.
"""

from __future__ import annotations

from plugsky_tui.permissions.shell.words import read_word

_META = frozenset(" \t\n|&;()<>")
_OPERATORS = ("&>>", "<<<", "<<-", "&&", "||", "|&", ">>", "<<", ">&", "<&", ">|", "<>", "&>", "|", ";", "&", "<", ">")
_JOINS = frozenset(("&&", "||", "|", "|&"))
_ENDS = frozenset((";", "&", "\n"))
_RESERVED = frozenset("if then elif else fi for while until do done case esac select function { } [[ ]] coproc".split())


class Unsure(Exception):
    """This is not in the part of the shell's language that is read here."""


def tokens(source: str) -> list[tuple[int, int]]:
    """The places (start, end) of each word and operator, in order. Unsure where anything is out of the ordinary."""
    found: list[tuple[int, int]] = []
    shape: list[str] = []  # "w" for a word, "r" for a redirection and its target, else the operator
    heredocs: list[str] = []
    i, end = 0, len(source)
    while i < end:
        char = source[i]
        if char in " \t":
            i += 1
        elif char == "\n":
            shape.append("\n")
            i = _skip_heredocs(source, i + 1, heredocs)
        elif char == "#":
            newline = source.find("\n", i)
            i = end if newline < 0 else newline
        elif (operator := _operator(source, i)) is not None:
            stop = i + len(operator)
            if (
                operator in (">&", "<&")
                and source[stop : stop + 1] == "-"
                and (stop + 1 == end or source[stop + 1] in _META)
            ):
                found.append((i, stop + 1))
                shape.append("r")
                i = stop + 1
                continue
            found.append((i, stop))
            i = stop
            if operator in _JOINS or operator in _ENDS:
                shape.append(operator)
                continue
            while i < end and source[i] in " \t":
                i += 1
            stop = _word_end(source, i)
            found.append((i, stop))
            shape.append("r")
            if operator in ("<<", "<<-"):
                heredocs.append(read_word(source[i:stop]).text)
            i = stop
        else:
            stop = _word_end(source, i)
            found.append((i, stop))
            raw = source[i:stop]
            if raw.isdigit() and source[stop : stop + 1] in ("<", ">"):
                i = stop
                continue
            at_start = not shape or shape[-1] not in ("w", "r")
            if at_start and raw in _RESERVED:
                raise Unsure(raw)
            if not (at_start and raw == "!"):
                shape.append("w")
            i = stop
    if heredocs:
        raise Unsure("a here-document without an end")
    _check(shape)
    return found


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
