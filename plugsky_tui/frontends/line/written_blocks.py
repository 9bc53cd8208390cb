"""Blocks of Markdown for the eye: emphasis and colours, broken at the width of now, nothing in boxes."""

from __future__ import annotations

from functools import cache

from rich.cells import cell_len
from rich.console import Console
from rich.style import Style
from rich.text import Text

from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.markdown.inline import CODE, EMPHASIS, LINK, STRIKE, STRONG, join_lines, parse
from plugsky_tui.frontends.markdown.leaves import Code, Heading, Item, Leaf, Paragraph, Quote, Rule, Table
from plugsky_tui.frontends.text import clean

_NARROWEST = 12  # columns for text, however deep the list
_RULE = 24


def draw(paper: Paper, leaf: Leaf) -> None:
    """Print `leaf`, with a blank line before it where one belongs there."""
    if leaf.gap and not (isinstance(leaf, Code) and leaf.before is not None):
        paper.line()
    first, rest = _leads(leaf)
    width = max(paper.width - cell_len(rest), _NARROWEST)
    for number, line in enumerate(_lines(paper, leaf, width)):
        lead = rest if number else first
        paper.styled(Text.assemble((lead, "dim"), line) if lead else line)


def _leads(leaf: Leaf) -> tuple[str, str]:
    """What stands before its first line, and before the others."""
    first = rest = ""
    for depth, edge in enumerate(leaf.edges):
        if isinstance(edge, Quote):
            first, rest = f"{first}> ", f"{rest}> "
            continue
        sign = _sign(edge)
        first += sign if depth >= leaf.shared else " " * len(sign)
        rest += " " * len(sign)
    return first, rest


def _sign(item: Item) -> str:
    sign = "- " if item.number is None else f"{item.number}{item.kind} "
    return sign if item.task is None else f"{sign}[{'x' if item.task else ' '}] "


def _lines(paper: Paper, leaf: Leaf, width: int) -> list[Text]:
    match leaf:
        case Paragraph():
            return _wrapped(inline(join_lines(leaf.lines)), width)
        case Heading():
            return _wrapped(Text.assemble(("#" * leaf.level + " ", "dim"), inline(leaf.text, "bold")), width)
        case Rule():
            return [Text("-" * min(width, _RULE), "dim")]
        case Code():
            return _code(leaf)
        case Table():
            return _table(leaf, width)
        case _:
            return []


def inline(text: str, base: str = "") -> Text:
    """Markdown within a block, as styled text."""
    found = Text(style=base)
    for run in parse(text):
        style = Style(
            bold=True if run.flags & STRONG else None,
            italic=True if run.flags & EMPHASIS else None,
            strike=True if run.flags & STRIKE else None,
            underline=True if run.flags & LINK else None,
            color="cyan" if run.flags & CODE else None,
        )
        found.append(clean(run.text), style)
    return found


@cache
def _measure() -> Console:
    """Breaking lines needs one, though nothing is printed on it."""
    return Console(markup=False, emoji=False, highlight=False)


def _wrapped(text: Text, width: int) -> list[Text]:
    lines = list(text.wrap(_measure(), width)) or [Text()]
    for line in lines:
        line.rstrip()
    return lines


def _code(leaf: Code) -> list[Text]:
    """Not broken: what is copied from here should be the code."""
    from rich.syntax import Syntax  # with Pygments: only for code

    source = "\n".join(leaf.lines).expandtabs(4)
    colours = Syntax("", leaf.language or "text", theme="ansi_dark", background_color="default")
    return [Text.assemble("    ", line) for line in colours.highlight(source).split("\n", allow_blank=True)][
        : len(leaf.lines)
    ]


def _table(leaf: Table, width: int) -> list[Text]:
    header = [inline(cell, "bold") for cell in leaf.header]
    rows = [[inline(cell) for cell in row] for row in leaf.rows]
    head = leaf.head is None
    if sum(_widths([header, *rows])) + 2 * (len(header) - 1) > width:
        return _entries(leaf.header, rows, width)
    widths = _widths([header, *rows])
    lines = [_row(header, widths), _row([Text("-" * size, "dim") for size in widths], widths)] if head else []
    return [*lines, *[_row(row, widths) for row in rows]]


def _widths(rows: list[list[Text]]) -> list[int]:
    columns = max(len(row) for row in rows)
    return [max((row[place].cell_len for row in rows if place < len(row)), default=0) for place in range(columns)]


def _row(cells: list[Text], widths: list[int]) -> Text:
    line = Text()
    for place, (cell, width) in enumerate(zip(cells, widths, strict=False)):
        line.append_text(cell)
        if place + 1 < len(cells):
            line.append(" " * (width - cell.cell_len + 2))
    return line


def _entries(header: list[str], rows: list[list[Text]], width: int) -> list[Text]:
    """A table that is too wide: each row as its cells, one under the other."""
    lines: list[Text] = []
    for row in rows:
        for place, cell in enumerate(row):
            name = inline(header[place], "bold") if place < len(header) else Text()
            text = _wrapped(Text.assemble(name, ": ", cell), width - 2)
            lines += [Text.assemble("  " if place or number else "- ", line) for number, line in enumerate(text)]
    return lines
