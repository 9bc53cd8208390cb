"""Blocks of Markdown for the ear: no signs, but words for what signs would show; each block is one line."""

from __future__ import annotations

from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.markdown.inline import join_lines, parse
from plugsky_tui.frontends.markdown.leaves import Code, Heading, Item, Leaf, Paragraph, Quote, Rule, Table


def say(paper: Paper, leaf: Leaf) -> None:
    """Print `leaf` as lines that make sense one by one."""
    lead = _lead(leaf)
    match leaf:
        case Paragraph():
            paper.line(lead + _plain(join_lines(leaf.lines)))
        case Heading():
            paper.line(f"{lead}Heading, level {leaf.level}: {_plain(leaf.text)}")
        case Rule():
            pass  # it is only something to look at
        case Code():
            _code(paper, leaf, lead)
        case Table():
            _table(paper, leaf, lead)
        case _:
            pass


def _lead(leaf: Leaf) -> str:
    words = ""
    for depth, edge in enumerate(leaf.edges):
        if depth >= leaf.shared:
            words += "Quote: " if isinstance(edge, Quote) else _item(edge)
    return words


def _item(item: Item) -> str:
    sign = "- " if item.number is None else f"{item.number}. "
    if item.task is None:
        return sign
    return f"{sign}{'Done' if item.task else 'To do'}: "


def _code(paper: Paper, leaf: Code, lead: str) -> None:
    if leaf.before is None:
        paper.line(f"{lead}Code{f', {leaf.language}' if leaf.language else ''}:")
    for line in leaf.lines:
        paper.line(line)


def _table(paper: Paper, leaf: Table, lead: str) -> None:
    names = [_plain(cell) for cell in leaf.header]
    if leaf.head is None:
        paper.line(f"{lead}Table, columns: {', '.join(names)}.")
    for row in leaf.rows:
        cells = (f"{name}: {_plain(cell)}" for name, cell in zip(names, row, strict=False))
        paper.line(f"Row: {'; '.join(cells)}.")


def _plain(text: str) -> str:
    return "".join(run.text for run in parse(text))
