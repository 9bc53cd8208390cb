"""Tables as rows: columns as wide as they need where there is room, else wrapped; thin rules, no frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.bidi.classes import has_rtl
from plugsky_tui.frontends.markdown.inline import ADDRESS, CODE, STRONG, parse
from plugsky_tui.frontends.markdown.leaves import Align, Table
from plugsky_tui.frontends.tui.transcript.flow import Styled, flow
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row

# What stands between columns, and where that crosses the rule below the header.
BETWEEN, CROSSING = " │ ", "─┼─"


class ColumnNeeds:
    """How wide the columns of tables would like to be: cells are measured once, as rows come in."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Table, tuple[int, list[int]]] = WeakKeyDictionary()

    def of(self, head: Table, *, plain: bool = False) -> list[int]:
        """The widest cell of each column, in the header and the rows of a table's first leaf."""
        count, needs = self._known.get(head) or (0, _measure(head.header, [1] * len(head.header), plain))
        for row in head.rows[count:]:
            needs = _measure(row, needs, plain)
        self._known[head] = len(head.rows), needs
        return needs if head.partial is None else _measure(head.partial, needs, plain)


def _measure(row: Sequence[str], needs: Sequence[int], plain: bool) -> list[int]:
    return [max(need, cell_len(cell if plain else _visible(cell))) for need, cell in zip(needs, row, strict=True)]


def column_widths(needs: Sequence[int], room: int) -> list[int]:
    """The width of each column in `room` cells. Columns that need less than their share leave the rest of it to the others."""
    room = max(room - len(BETWEEN) * (len(needs) - 1), len(needs))
    if sum(needs) <= room:
        return list(needs)
    widths = [0] * len(needs)
    narrow_first = sorted(range(len(needs)), key=lambda column: needs[column])
    for place, column in enumerate(narrow_first):
        share = room // (len(needs) - place)
        widths[column] = max(min(needs[column], share), 1)
        room -= widths[column]
    return widths


def _visible(cell: str) -> str:
    return "".join(run.text for run in parse(cell))


def goes_left(header: Sequence[str]) -> bool:
    """Whether the first column is at the right: the first letter of the header decides, as in a paragraph."""
    text = " ".join(header)
    if text.isascii() or not has_rtl(text):
        return False
    from plugsky_tui.frontends.bidi.paragraph import Paragraphs

    return Paragraphs(text).base_at(0) == 1


@dataclass(slots=True)
class TableLook:
    """How the rows of one table look. `plain` cells are no Markdown.

    A table that goes `leftwards` has its first column at the right, and stands at the right end of `room` cells.
    """

    widths: list[int]
    aligns: Sequence[Align]
    palette: Palette
    plain: bool = False
    room: int = 0
    leftwards: bool = False

    def header(self, cells: Sequence[str], first: Sequence[Segment], rest: Sequence[Segment]) -> list[Row]:
        """The header and the rule below it. `first` and `rest` are the gutter of its first row, and of the others."""
        rows = self._rows(cells, self.palette.inline(STRONG, self.palette.base), first, rest)
        rule = Segment(CROSSING.join("─" * size for size in self.widths), self.palette.rule)
        row = Row([*rest, rule], sum(len(segment.text) for segment in rest) + len(rule.text), bare=True)
        if self.leftwards:
            from plugsky_tui.frontends.tui.transcript.table_turn import turn_of_crossings

            row.turn = turn_of_crossings(self.widths, rest, self._free())
        return [*rows, row]

    def row(self, cells: Sequence[str], first: Sequence[Segment], rest: Sequence[Segment]) -> list[Row]:
        return self._rows(cells, self.palette.base, first, rest)

    def _rows(self, cells: Sequence[str], base: Style, first: Sequence[Segment], rest: Sequence[Segment]) -> list[Row]:
        """One row of the table: as many rows as its highest cell."""
        columns = [flow(self._runs(cell, base), width) for cell, width in zip(cells, self.widths, strict=True)]
        height = max(map(len, columns))
        return [self._compose(columns, number, base, first if number == 0 else rest) for number in range(height)]

    def _runs(self, cell: str, base: Style) -> list[Styled]:
        if self.plain:
            return [Styled(cell, base)]
        runs = [
            Styled(run.text, self.palette.inline(run.flags, base), run.url, lone=run.flags & (CODE | ADDRESS) != 0)
            for run in parse(cell)
        ]
        return runs or [Styled("", base)]

    def _compose(self, columns: Sequence[list[Row]], number: int, base: Style, lead: Sequence[Segment]) -> Row:
        """Row `number` of all columns side by side."""
        segments = list(lead)
        links: list[tuple[int, int, str]] = []
        bars: list[int] = []  # where the bar before each column is, and where its text begins
        starts: list[int] = []
        place = 0  # characters behind the gutter
        for column, (lines, size, align) in enumerate(zip(columns, self.widths, self.aligns, strict=True)):
            bars.append(place)
            if column:
                segments.append(Segment(BETWEEN, self.palette.rule))
                place += len(BETWEEN)
            row = lines[number] if number < len(lines) else Row([])
            before, after = _padding(size - sum(part.cell_length for part in row.segments), align)
            if before:
                segments.append(Segment(" " * before, base))
            place += before
            links += [(place + start, place + end, url) for start, end, url in row.links]
            segments += row.segments
            starts.append(place)
            place += sum(len(part.text) for part in row.segments)
            if after and column < len(self.widths) - 1:
                segments.append(Segment(" " * after, base))
                place += after
        gutter = sum(len(segment.text) for segment in lead)
        composed = Row(segments, gutter, links=tuple(links))
        rows = [lines[number] if number < len(lines) else Row([]) for lines in columns]
        if self.leftwards or any(row.turn is not None for row in rows):
            from plugsky_tui.frontends.tui.transcript.table_turn import Cell, turn_of_cells  # for right-to-left text

            cells = [
                Cell(row.turn, row.text, gutter + bars[column], gutter + starts[column], size, align)
                for column, (row, size, align) in enumerate(zip(rows, self.widths, self.aligns, strict=True))
            ]
            composed.turn = turn_of_cells(cells, lead, self._free(), leftwards=self.leftwards)
        return composed

    def _free(self) -> int:
        """Cells beside the table, where it stands at the right."""
        used = sum(self.widths) + len(BETWEEN) * (len(self.widths) - 1)
        return max(self.room - used, 0) if self.leftwards else 0


def _padding(free: int, align: Align) -> tuple[int, int]:
    free = max(free, 0)
    match align:
        case "right":
            return free, 0
        case "center":
            return free // 2, free - free // 2
        case _:
            return 0, free
