"""Units as rows."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.tui.transcript.context import MARGIN, MEASURE, TAB, Context
from plugsky_tui.frontends.tui.transcript.flow import Styled, flow
from plugsky_tui.frontends.tui.transcript.leaf_layout import gap_row, leaf_rows
from plugsky_tui.frontends.tui.transcript.rows import Row, blank_row
from plugsky_tui.frontends.tui.transcript.tool_layout import has_body, tool_rows
from plugsky_tui.frontends.tui.transcript.units import (
    FOLD_CHARACTERS,
    FOLD_LINES,
    Note,
    Piece,
    Prompt,
    Thought,
    Tool,
    Unit,
    is_long,
)
from plugsky_tui.frontends.tui.transcript.words import duration


def unit_rows(unit: Unit, before: Unit | None, context: Context) -> list[Row]:
    """The rows of `unit`, with the blank line before it; `before` is the unit above."""
    match unit:
        case Piece():
            rows = leaf_rows(unit.leaf, context, growing=unit.growing)
            if unit.leaf.gap and not unit.first:
                return [gap_row(unit.leaf, context, rows), *rows]
        case Prompt():
            rows = _prompt(unit, context)
        case Thought():
            rows = _thought(unit, context)
        case Tool():
            rows = tool_rows(unit, context)
        case Note():
            rows = _note(unit, context)
    return [blank_row(), *rows] if _is_apart(unit, before) else rows


def _is_apart(unit: Unit, before: Unit | None) -> bool:
    """Whether a blank line goes between two units."""
    if before is None or (isinstance(unit, Piece) and not unit.first):
        return False
    match before:
        case Thought():
            return before.open or isinstance(unit, Prompt | Note)  # a folded thought leads to what came of it
        case Tool():
            return has_body(before) or not isinstance(unit, Tool | Thought)
        case Note():
            return not isinstance(unit, Note)
        case _:
            return True


def estimate(unit: Unit, width: int) -> int:
    """About how many rows `unit` takes, at next to no cost."""
    room = max(width - 2 * MARGIN, 20)
    match unit:
        case Piece():
            size = unit.leaf.end - unit.leaf.start
            lines = getattr(unit.leaf, "lines", None) or getattr(unit.leaf, "rows", None) or ()
            return 1 + max(1, len(lines), size // room)
        case Prompt():
            lines_of_text = unit.text.count("\n") + 1 + len(unit.text) // room
            return 1 + min(lines_of_text, FOLD_LINES) + len(unit.attached)
        case Tool():
            return 2
        case Note():
            return 2 + unit.text.count("\n")
        case Thought():
            return 2


def _prompt(unit: Prompt, context: Context) -> list[Row]:
    palette = context.palette
    text, more = (unit.text, "") if unit.open or not is_long(unit) else _beginning(unit.text)
    gutter = [Segment("▌", palette.prompt_bar), Segment(" ", palette.prompt)]
    width = min(context.width - len(gutter) - MARGIN, MEASURE)
    runs = [Styled(text.expandtabs(TAB), palette.prompt)]
    rows = flow(runs, width, first=gutter, rest=gutter, fill=palette.prompt)
    if more:
        words = Segment(more, palette.prompt_dim)
        rows.append(Row([*gutter, words], 2 + len(more), fill=palette.prompt, bare=True, action=True))
    for line in unit.attached:
        rows += flow([Styled(f"▣ {line}", palette.prompt_dim)], width, first=gutter, rest=gutter, fill=palette.prompt)
    return rows


def _beginning(text: str) -> tuple[str, str]:
    """What is shown of a long prompt, and how much is not."""
    lines = text.split("\n")
    shown = "\n".join(lines[: FOLD_LINES - 4])
    if len(shown) > FOLD_CHARACTERS:
        shown = shown[:FOLD_CHARACTERS]
        return shown, f"… {len(text) - len(shown):,} more characters"
    return shown, f"… {len(lines) - FOLD_LINES + 4:,} more lines"


def _thought(unit: Thought, context: Context) -> list[Row]:
    palette = context.palette
    arrow = "▾" if unit.open else "▸"
    words = "Thinking…"
    if unit.seconds is not None:
        # A thread that is shown again has no times, and fractions of a second are not worth telling.
        words = f"Thought for {duration(unit.seconds)}" if unit.seconds >= 1 else "Thought"
    head = [Segment(" " * MARGIN, palette.base), Segment(f"{words} {arrow}", palette.dim + Style(italic=True))]
    rows = [Row(head, MARGIN + len(head[1].text), bare=True, action=True)]
    if unit.open:
        rows += _thought_body(unit, context)
    return rows


def _thought_body(unit: Thought, context: Context) -> list[Row]:
    palette = context.palette
    gutter = [Segment(" " * MARGIN, palette.base), Segment("│ ", palette.rule)]
    width = min(context.width - 2 * MARGIN - 2, MEASURE)
    rows: list[Row] = []

    def lay_out(line: str) -> list[Row]:
        return flow([Styled(line.expandtabs(TAB), palette.dim)], width, first=gutter, rest=gutter)

    known = context.thoughts.setdefault(unit, [])
    # All lines but the last are complete: they are laid out once.
    for line in unit.lines[len(known) : -1]:
        known.append(lay_out(line))
    for line_rows in known:
        rows += line_rows
    return rows + lay_out(unit.lines[-1]) if unit.lines[-1] else rows


_NOTE_SIGNS = {"info": "·", "warning": "!", "error": "✗"}


def _note(unit: Note, context: Context) -> list[Row]:
    palette = context.palette
    style: Style = getattr(palette, unit.kind)
    sign = [Segment(" " * MARGIN, palette.base), Segment(f"{_NOTE_SIGNS[unit.kind]} ", style + Style(bold=True))]
    blank = [Segment(" " * MARGIN, palette.base), Segment("  ", palette.base)]
    first_line, separator, rest = unit.text.expandtabs(TAB).partition("\n")
    # The first line says what is the matter, those below it what to do about it.
    runs = [Styled(first_line, style), Styled(separator + rest, palette.dim)] if rest else [Styled(first_line, style)]
    width = min(context.width - 2 * MARGIN - 2, MEASURE)
    return flow(runs, width, first=sign, rest=blank, mirrored=True)
