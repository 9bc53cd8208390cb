"""Finding lines whose indentation differs from what was asked for by one rule for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from plugsky_tui.workspace.text import LINE_END

_WIDTHS = (2, 3, 4, 8)  # of a tab, in spaces
Rule = Callable[[str], str | None]  # the indentation asked for -> the one in the file; None: the rule has no answer
Found = tuple[int, int, Callable[[str], str]]


def find_reindented(text: str, old: str, new: str, at_most: int = 20) -> list[Found]:
    """Where the lines of `old` stand in `text` with another indentation: start, end, how to re-indent a new line.

    Whole lines only; blank lines match blank lines, space at line ends does not count. A place
    counts only where the same rule can also re-indent every line of `new`.
    """
    wanted = LINE_END.split(old)
    with_end = len(wanted) > 1 and not wanted[-1]
    if with_end:
        wanted.pop()
    anchor = max(range(len(wanted)), key=lambda at: len(wanted[at].strip()))
    if not wanted[anchor].strip():
        return []
    replacement = [line for line in re.split("\r\n|\n", new) if line.strip()]
    return list(islice(_search(text, wanted, anchor, replacement, with_end), at_most + 1))


def _search(text: str, wanted: list[str], anchor: int, replacement: list[str], with_end: bool) -> Iterator[Found]:
    lines = LINE_END.split(text)
    ends = [match.span() for match in LINE_END.finditer(text)]
    sought = wanted[anchor].strip()
    for at, line in enumerate(lines):
        first = at - anchor
        if line.strip() != sought or first < 0 or first + len(wanted) > len(lines):
            continue
        rule = _rule_for(lines[first : first + len(wanted)], wanted)
        if rule is None or any(rule(_indent(each)) is None for each in replacement):
            continue
        last = first + len(wanted) - 1
        start = ends[first - 1][1] if first else 0
        if with_end and last < len(ends):
            end = ends[last][1]
        elif with_end:
            continue  # a line end is asked for, and the file has none here
        else:
            end = ends[last][0] if last < len(ends) else len(text)
        yield start, end, _adapter(rule)


def _adapter(rule: Rule) -> Callable[[str], str]:
    def adapt(line: str) -> str:
        if not line.strip():
            return ""
        indent = _indent(line)
        return (rule(indent) or "") + line[len(indent) :]

    return adapt


def _rule_for(lines: list[str], wanted: list[str]) -> Rule | None:
    """The rule that turns each wanted line's indentation into the line's; None where contents or rules differ."""
    indents: list[tuple[str, str]] = []
    for line, want in zip(lines, wanted, strict=True):
        if line.strip() != want.strip():
            return None
        if want.strip():
            indents.append((_indent(want), _indent(line)))
    return next((rule for rule in _rules(indents) if all(rule(want) == have for want, have in indents)), None)


def _rules(indents: list[tuple[str, str]]) -> Iterator[Rule]:
    """Rules that could explain the first pair that differs: deeper, less deep, tabs for spaces, spaces for tabs."""
    want, have = next(((want, have) for want, have in indents if want != have), ("", ""))
    if have.endswith(want):
        yield _deeper(have[: len(have) - len(want)])
    if want.endswith(have):
        yield _less_deep(want[: len(want) - len(have)])
    for width in _WIDTHS:
        if want.startswith(" "):
            yield _repeated(" " * width, "\t")
        if want.startswith("\t"):
            yield _repeated("\t", " " * width)


def _deeper(more: str) -> Rule:
    return lambda indent: more + indent


def _less_deep(less: str) -> Rule:
    return lambda indent: indent.removeprefix(less) if indent.startswith(less) else None


def _repeated(unit: str, other: str) -> Rule:
    """Every `unit` becomes `other`; an indentation of anything else has no answer."""

    def rule(indent: str) -> str | None:
        times = len(indent) // len(unit)
        return other * times if indent == unit * times else None

    return rule


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
