"""What is copied: text as it was written, without what was drawn around it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Offset
from textual.selection import Selection

from plugsky_tui.frontends.markdown.leaves import Code
from plugsky_tui.frontends.tui.transcript.document import unit_source
from plugsky_tui.frontends.tui.transcript.sheet import Sheet
from plugsky_tui.frontends.tui.transcript.units import Piece, Unit, same_block

# A place in the text is (characters behind the gutter, unit and row in one number): it holds when other units change
# their height.
_ROWS = 1 << 20


def place_of(unit: int, row: int) -> int:
    return unit * _ROWS + row


def unit_of(place: int) -> int:
    return place // _ROWS


def block_of(units: Sequence[Unit], number: int) -> tuple[int, int]:
    """The first and the last unit of the block that unit `number` is part of."""
    first = last = number
    while first > 0 and same_block(units[first - 1], units[number]):
        first -= 1
    while last < len(units) - 1 and same_block(units[last + 1], units[number]):
        last += 1
    return first, last


def block_source(units: Sequence[Unit], number: int) -> str:
    """The source of the block that unit `number` is part of; of a fence, the code in it."""
    first, last = block_of(units, number)
    unit = units[first]
    if not isinstance(unit, Piece):
        return unit_source(unit)
    pieces = [piece for piece in units[first : last + 1] if isinstance(piece, Piece)]
    codes = [piece.leaf for piece in pieces if isinstance(piece.leaf, Code) and not piece.leaf.edges]
    if len(codes) == len(pieces):
        lines = [line for code in codes for line in code.lines]
        return "\n".join([*lines, codes[-1].partial] if codes[-1].partial is not None else lines)
    return unit.answer.text[pieces[0].leaf.start : pieces[-1].leaf.end]


def message_source(units: Sequence[Unit], number: int) -> str:
    """The source of all that was said at once, of which unit `number` is a part."""
    unit = units[number]
    return unit.answer.text.strip("\n") if isinstance(unit, Piece) else unit_source(unit)


def selected_text(units: Sequence[Unit], sheet: Sheet, selection: Selection) -> str:
    """The text in `selection`: blocks that are in it from end to end as their source, parts of others as they look."""
    if not units:
        return ""
    start = selection.start or Offset(0, 0)
    end = selection.end or Offset(1 << 30, place_of(len(units) - 1, _ROWS - 1))
    first, last = min(unit_of(start.y), len(units) - 1), min(unit_of(end.y), len(units) - 1)
    out = ""
    number = first
    while number <= last:
        block_first, block_last = block_of(units, number)
        whole = (number > first or (block_first == first and _begins(sheet, first, start))) and (
            block_last < last or (block_last == last and _ends(sheet, last, end))
        )
        if whole and first != last:
            text, number = block_source(units, number), block_last + 1
            out += ("\n\n" if out else "") + text.strip("\n")
            continue
        text = _rows_text(sheet, number, start if number == first else None, end if number == last else None)
        out += text if out else text.lstrip("\n")
        number += 1
    return out


def _begins(sheet: Sheet, unit: int, start: Offset) -> bool:
    """Whether nothing of the unit is before `start`."""
    rows = sheet.rows(unit)
    row = start.y % _ROWS
    return start.x <= 0 and all(before.bare or not before.text for before in rows[:row])


def _ends(sheet: Sheet, unit: int, end: Offset) -> bool:
    rows = sheet.rows(unit)
    row = min(end.y % _ROWS, len(rows) - 1)
    return end.x >= len(rows[row].text) and all(after.bare or not after.text for after in rows[row + 1 :])


def _rows_text(sheet: Sheet, unit: int, start: Offset | None, end: Offset | None) -> str:
    """The visible text of a unit from `start` to `end`, with the lines that were wrapped put together again."""
    rows = sheet.rows(unit)
    first = start.y % _ROWS if start else 0
    last = min(end.y % _ROWS, len(rows) - 1) if end else len(rows) - 1
    out = ""
    for number in range(first, last + 1):
        row = rows[number]
        if row.bare:
            continue
        text = row.text.replace("│", "|")
        upto = end.x if end and number == last and number == end.y % _ROWS else len(text)
        since = max(start.x, 0) if start and number == first else 0
        out += row.join + text[since : max(upto, 0)]
    return out


def span_in(selection: Selection, place: int, length: int) -> tuple[int, int] | None:
    """The characters of the row at `place` that are selected, of `length` behind the gutter."""
    span = selection.get_span(place)
    if span is None:
        return None
    start, end = span
    start, end = max(start, 0), length if end < 0 else min(end, length)
    return (start, end) if start < end else None
