"""A table of a page: as Markdown where it is one, as paragraphs where it only arranges the page."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_COLUMNS = 60


@dataclass(slots=True)
class Table:
    """`cell` is that of the row being read, None between cells. `layout`: it holds other tables, so it arranges."""

    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    layout: bool = False

    def row(self) -> None:
        self.end_cell()
        if not self.rows or self.rows[-1]:
            self.rows.append([])

    def begin_cell(self) -> None:
        self.end_cell()
        if not self.rows:
            self.rows.append([])
        self.cell = []

    def end_cell(self) -> None:
        if self.cell is not None and len(self.rows[-1]) < _MOST_COLUMNS:
            self.rows[-1].append(" ".join("".join(self.cell).replace("\0", " ").split()))
        self.cell = None

    def lines(self) -> list[str]:
        """As Markdown, its first row as head; [] where it is no more than a column or a row."""
        rows = [row for row in self.rows if any(row)]
        width = max((len(row) for row in rows), default=0)
        if width < 2 or len(rows) < 2:
            return []
        lines = [_line(row, width) for row in rows]
        return [lines[0], "|" + " --- |" * width, *lines[1:]]

    def texts(self) -> list[str]:
        """As paragraphs, one for each row."""
        return [" ".join(filter(None, row)) for row in self.rows if any(row)]


def _line(row: list[str], width: int) -> str:
    cells = [cell.replace("|", "\\|") for cell in row] + [""] * (width - len(row))
    return "| " + " | ".join(cells) + " |"
