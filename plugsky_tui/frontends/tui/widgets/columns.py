"""Tables of text: names on the left, numbers on the right, all rows one width."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit, wrapped_words

_GAP = 2


def table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, names: int = 1) -> list[Content]:
    """`header` and `rows` in at most `width` cells. The first `names` columns are text (the first of them is cut where it is
    narrow), the others numbers. Where even that is too wide, the last columns are left out."""
    cells = [[clean(cell).replace("\n", " ") for cell in row] for row in (header, *rows)]
    widths = [max(cell_len(row[at]) for row in cells) for at in range(len(header))]
    while len(widths) > names and sum(widths[1:]) + _GAP * (len(widths) - 1) > width - min(widths[0], 14):
        widths.pop()
    widths[0] = max(min(widths[0], width - sum(widths[1:]) - _GAP * (len(widths) - 1)), 1)
    lines = []
    for number, row in enumerate(cells):
        drawn = [
            fit(cell, size) if at < names else cell.rjust(size)
            for at, (cell, size) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append(Content.styled((" " * _GAP).join(drawn).rstrip(), "$text-muted" if not number else ""))
    return lines


def heading(text: str) -> Content:
    return Content.styled(clean(text).replace("\n", " "), "bold $text-primary")


def prose(text: str, width: int, style: str = "") -> list[Content]:
    """One paragraph, broken at spaces."""
    return [Content.styled(line, style) for line in wrapped_words(clean(text).replace("\n", " "), width)]


def item(sign: str, text: str, width: int, style: str = "", *, sign_style: str = "") -> list[Content]:
    """One paragraph behind a sign of one cell, all its rows under each other."""
    rows = wrapped_words(" ".join(clean(text).split()), max(width - 2, 8))
    return [
        Content.assemble((f"{' ' if number else sign} ", sign_style), (row, style)) for number, row in enumerate(rows)
    ]


def bar(parts: Sequence[tuple[int, str]], whole: int, width: int) -> Content:
    """How much of `whole` each of `parts` (an amount and its style) takes, in `width` cells: what is not nothing has one
    at least."""
    cells = [max(round(amount * width / whole), 1) if amount > 0 else 0 for amount, _ in parts] if whole > 0 else []
    while sum(cells) > width and max(cells) > 1:
        cells[cells.index(max(cells))] -= 1
    drawn = [("█" * size, style) for size, (_, style) in zip(cells, parts, strict=False)]
    return Content.assemble(*drawn, ("░" * max(width - sum(cells), 0), "$text-muted")).truncate(width)
