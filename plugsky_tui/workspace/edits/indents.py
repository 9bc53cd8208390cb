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


def reindented(
    lines: list[str], wanted: list[str], replacement: list[str], look: Look = str
) -> Callable[[str], str] | None:
    """How new lines are re-indented where `lines` were asked for as `wanted`; None where no one rule explains them."""
    rule = _rule_for(lines, wanted, look)
    if rule is None or any(rule(_indent(each)) is None for each in replacement if each.strip(_BLANK)):
        return None
    return _adapter(rule)


def _search(text: str, wanted: list[str], replacement: list[str], with_end: bool, look: Look) -> Iterator[Place]:
    lines = LINE_END.split(text)
    ends = [match.span() for match in LINE_END.finditer(text)]
    anchor = max(range(len(wanted)), key=lambda at: len(wanted[at].strip(_BLANK)))
    sought = look(wanted[anchor].strip(_BLANK))
    for at, line in enumerate(lines):
        first = at - anchor
        if look(line.strip(_BLANK)) != sought or first < 0 or first + len(wanted) > len(lines):
            continue
        adapt = reindented(lines[first : first + len(wanted)], wanted, replacement, look)
        if adapt is None:
            continue
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


def _rule_for(lines: list[str], wanted: list[str], look: Look) -> Rule | None:
    """The rule that turns each wanted line's indentation into the line's; None where contents or rules differ."""
    indents: list[tuple[str, str]] = []
    for line, want in zip(lines, wanted, strict=True):
        have, sought = line.strip(_BLANK), want.strip(_BLANK)
        if have != sought and look(have) != look(sought):
            return None
        if sought:
            indents.append((_indent(want), _indent(line)))
    return next((rule for rule in _rules(indents) if all(rule(want) == have for want, have in indents)), None)


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
