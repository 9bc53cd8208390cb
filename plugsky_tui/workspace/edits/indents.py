"""Finding lines whose indentation differs from what was asked for by one rule for all of them.

A rule: the same blanks more or less in front of every line; tabs for so many spaces each, or spaces for tabs; steps of
another width. Nothing but the indentation may differ, and every new line is indented by the rule that was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from plugsky_tui.workspace.edits.places import SHOWN_PLACES, Place
from plugsky_tui.workspace.text import LINE_END

_WIDTHS = (2, 3, 4, 8)  # of a tab or a step, in spaces
_BLANK = " \t"
Rule = Callable[[str], str | None]  # the indentation asked for -> the one in the file; None: the rule has no answer
Look = Callable[[str], str]  # a line's content as it is compared


def find_reindented(text: str, old: str, new: str, look: Look = str) -> list[Place]:
    """Where the lines of `old` stand in `text` with another indentation, and how a new line is re-indented there.

    Whole lines only; blank lines match blank lines, space at line ends does not count. A place
    counts only where the same rule can also re-indent every line of `new`.
    """
    wanted = LINE_END.split(old)
    with_end = len(wanted) > 1 and not wanted[-1]
    if with_end:
        wanted.pop()
    if not any(line.strip(_BLANK) for line in wanted):
        return []
    replacement = re.split("\r\n|\n", new)
    return list(islice(_search(text, wanted, replacement, with_end, look), SHOWN_PLACES + 1))


def shifted(
    lines: list[str], wanted: list[str], replacement: list[str], look: Look = str
) -> Iterator[tuple[int, Callable[[str], str]]]:
    """Where the lines of `wanted` stand in `lines` (the first of them, from 0), and how new lines are re-indented there.

    Linear also where many lines are alike, as in tables and logs: what lines hold is looked for as one string, with a
    letter for each line, and a rule is looked for once for each pattern of indentations.
    """
    sought = [look(line.strip(_BLANK)) for line in wanted]
    if not any(sought):
        return
    letters = {content: chr(at) for at, content in enumerate(dict.fromkeys(sought), 1)}
    pattern = "".join([letters[content] for content in sought])
    contents = "".join([letters.get(look(line.strip(_BLANK)), "\0") for line in lines])
    first = contents.find(pattern)
    indents = [_indent(line) for line in lines] if first >= 0 else []
    asked = [(at, _indent(line)) for at, line in enumerate(wanted) if sought[at]]
    new = {_indent(line) for line in replacement if line.strip(_BLANK)}
    known: dict[tuple[str, ...], Rule | None] = {}
    while first >= 0:
        there = tuple(indents[first : first + len(wanted)])
        if there not in known:
            known[there] = _rule_for([(want, there[at]) for at, want in asked], new)
        rule = known[there]
        if rule is not None:
            yield first, _adapter(rule)
        first = contents.find(pattern, first + 1)


def _search(text: str, wanted: list[str], replacement: list[str], with_end: bool, look: Look) -> Iterator[Place]:
    lines = LINE_END.split(text)
    ends = [match.span() for match in LINE_END.finditer(text)]
    for first, adapt in shifted(lines, wanted, replacement, look):
        last = first + len(wanted) - 1
        start = ends[first - 1][1] if first else 0
        if with_end and last < len(ends):
            end = ends[last][1]
        elif with_end:
            continue  # a line end is asked for, and the file has none here
        else:
            end = ends[last][0] if last < len(ends) else len(text)
        yield Place(start, end, adapt)


def _adapter(rule: Rule) -> Callable[[str], str]:
    def adapt(line: str) -> str:
        if not line.strip(_BLANK):
            return ""
        indent = _indent(line)
        return (rule(indent) or "") + line[len(indent) :]

    return adapt


def _rule_for(indents: list[tuple[str, str]], new: set[str]) -> Rule | None:
    """The rule that turns each indentation asked for into the one in the file, and has an answer for all `new` ones."""
    rule = next((rule for rule in _rules(indents) if all(rule(want) == have for want, have in indents)), None)
    return None if rule is None or any(rule(indent) is None for indent in new) else rule


def _rules(indents: list[tuple[str, str]]) -> Iterator[Rule]:
    """Rules that could explain the first pair that differs: deeper, less deep, tabs for spaces or the other way round,
    wider or narrower steps. The first that explains all pairs counts: steps only where depth does not explain them."""
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
    for step in _WIDTHS:
        for other in _WIDTHS:
            if want and len(want) * other == len(have) * step and not set(want + have) - {" "}:
                yield _repeated(" " * step, " " * other)


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
    return line[: len(line) - len(line.lstrip(_BLANK))]
