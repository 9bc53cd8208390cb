"""Markdown leaves as rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.markdown.inline import ADDRESS, CODE, join_lines, parse
from plugsky_tui.frontends.markdown.leaves import Code, Container, Heading, Item, Leaf, Paragraph, Quote, Rule, Table
from plugsky_tui.frontends.tui.transcript.context import MARGIN, MEASURE, TAB, Context, Memo
from plugsky_tui.frontends.tui.transcript.flow import Styled, flow
from plugsky_tui.frontends.tui.transcript.lexing import Tokens
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.table_layout import TableLook, column_widths, goes_left
from plugsky_tui.frontends.tui.transcript.wrap import chop

_BULLETS = "•◦▪"


def leaf_rows(leaf: Leaf, context: Context, *, growing: bool = False) -> list[Row]:
    """The rows of one leaf, without the gap before it."""
    first, rest = _edges(leaf, context)
    match leaf:
        case Paragraph():
            return _paragraph(leaf, context, first, rest, growing)
        case Heading():
            return _heading(leaf, context, first, rest)
        case Code():
            return _code(leaf, context, first, rest, context.memo if growing else Memo())
        case Table():
            return _table(leaf, context, first, rest, context.memo if growing else Memo())
        case Rule():
            width = context.width - MARGIN - _cells(first)
            return [Row([*first, Segment("─" * max(width, 1), context.palette.rule)], _chars(first))]
    return []


def gap_row(leaf: Leaf, context: Context, below: Sequence[Row]) -> Row:
    """The blank line before a leaf; the bars of quotations it shares with the leaf before run through it.

    `below` are the rows of the leaf: the bars are on their side.
    """
    segments = [Segment(" " * MARGIN, context.palette.base)]
    for container in leaf.edges[: leaf.shared]:
        match container:
            case Quote():
                segments.append(Segment("▎ ", context.palette.quote_bar))
            case Item():
                segments.append(Segment(" " * len(_marker(container, 0)), context.palette.base))
    row = Row(segments, _chars(segments))
    if below and (turn := below[0].turn) is not None and turn.base:
        from plugsky_tui.frontends.tui.transcript.turn import turn_of_gutter  # for right-to-left text

        row.turn = turn_of_gutter(segments, _room(context) - _cells(segments))
    return row


def _edges(leaf: Leaf, context: Context) -> tuple[list[Segment], list[Segment]]:
    """What stands before the first row of `leaf`, and before the others."""
    palette = context.palette
    first = [Segment(" " * MARGIN, palette.base)]
    if not leaf.edges:
        return first, first
    rest = [*first]
    bullets = 0
    room = max(context.width // 2, 4)
    for number, container in enumerate(leaf.edges):
        if _cells(rest) > room:  # nested too deeply for the screen
            break
        match container:
            case Quote():
                bar = Segment("▎ ", palette.quote_bar)
                first.append(bar)
                rest.append(bar)
            case Item():
                marker = _marker(container, bullets)
                bullets += container.number is None
                blank = Segment(" " * len(marker), palette.base)
                style = palette.success if container.task else palette.marker
                first.append(blank if number < leaf.shared else Segment(marker, style))
                rest.append(blank)
    return first, rest


def _marker(item: Item, depth: int) -> str:
    if item.task is not None:
        return "☑ " if item.task else "☐ "
    return f"{item.number}. " if item.number is not None else f"{_BULLETS[depth % len(_BULLETS)]} "


def _in_quote(edges: Sequence[Container]) -> bool:
    return any(isinstance(edge, Quote) for edge in edges)


def _cells(segments: Sequence[Segment]) -> int:
    return sum(segment.cell_length for segment in segments)


def _chars(segments: Sequence[Segment]) -> int:
    return sum(len(segment.text) for segment in segments)


def styled(text: str, palette: Palette, base: Style, *, growing: bool = False) -> list[Styled]:
    """Inline Markdown as runs."""
    return [
        Styled(run.text, palette.inline(run.flags, base), run.url, lone=run.flags & (CODE | ADDRESS) != 0)
        for run in parse(text, growing=growing)
    ] or [Styled("", base)]


def _room(context: Context) -> int:
    """Where lines of prose end, in cells from the left."""
    return min(context.width - MARGIN, MEASURE)


def _paragraph(
    leaf: Paragraph, context: Context, first: list[Segment], rest: list[Segment], growing: bool
) -> list[Row]:
    lines = leaf.lines if leaf.partial is None else [*leaf.lines, leaf.partial]
    text = join_lines(lines)
    if "\t" in text:
        text = text.replace("\t", " " * TAB)
    palette = context.palette
    base = palette.quote if leaf.edges and _in_quote(leaf.edges) else palette.base
    if leaf.edges and isinstance(leaf.edges[-1], Item) and leaf.edges[-1].task:
        base = palette.dim
    width = _room(context) - _cells(rest)
    return flow(styled(text, palette, base, growing=growing), width, first=first, rest=rest, mirrored=True)


def _heading(leaf: Heading, context: Context, first: list[Segment], rest: list[Segment]) -> list[Row]:
    palette = context.palette
    base = palette.heading if leaf.level <= 2 else palette.subheading
    width = _room(context) - _cells(rest)
    rows = flow(styled(leaf.text, palette, base), width, first=first, rest=rest, mirrored=True)
    if leaf.level == 1:
        length = max(sum(segment.cell_length for segment in row.segments) for row in rows) - _cells(rest)
        line = Segment("━" * max(length, 1), palette.rule)
        rows.append(Row([*rest, line], _chars(rest) + len(line.text), bare=True))
        if (turn := rows[0].turn) is not None and turn.base:
            from plugsky_tui.frontends.tui.transcript.turn import turn_of_rule

            rows[-1].turn = turn_of_rule(line.text, rest, width)
    return rows


def _table(leaf: Table, context: Context, first: list[Segment], rest: list[Segment], memo: Memo) -> list[Row]:
    look = TableLook(
        column_widths(context.columns.of(leaf.head or leaf), context.width - MARGIN - _cells(rest)),
        leaf.aligns,
        context.palette,
        room=_room(context) - _cells(rest),
        leftwards=goes_left((leaf.head or leaf).header),
    )
    rows: list[Row] = []
    if leaf.head is None:
        rows = look.header(leaf.header, first, rest)
        first = rest
    for number, cells in enumerate(leaf.rows):
        lead = first if number == 0 else rest
        rows += memo.line(leaf, number, look.widths, partial(look.row, cells, lead, rest))
    if leaf.partial is not None:
        rows += look.row(leaf.partial, rest if leaf.rows else first, rest)
    return rows


# --- Code ----------------------------------------------------------------------------------------------------


def _code(leaf: Code, context: Context, first: list[Segment], rest: list[Segment], memo: Memo) -> list[Row]:
    palette = context.palette
    tokens, complete = context.colours.of(leaf)
    if not complete:
        context.pale = True
    rows: list[Row] = []
    pad = Segment(" ", palette.block)
    if leaf.before is None and leaf.language:
        label = Segment(f"{leaf.language} ", palette.block_dim)
        rows.append(Row([*first, pad, label], _chars(first) + 1 + len(label.text), fill=palette.block, bare=True))
        first = rest
    width = context.width - _cells(rest) - 2  # a column of its ground on each side

    def lay_out(number: int, line: str) -> list[Row]:
        coloured = tokens[number] if number < len(tokens) else None
        lead = first if number == 0 else rest
        return code_rows(
            line.expandtabs(TAB),
            coloured,
            width,
            palette=palette,
            ground=palette.block,
            first=[*lead, pad],
            rest=[*rest, pad],
        )

    for number, line in enumerate(leaf.lines):
        source = tokens[number] if number < len(tokens) else None
        rows += memo.line(leaf, number, source, partial(lay_out, number, line))
    if leaf.partial is not None:
        rows += lay_out(len(leaf.lines), leaf.partial)
    return rows


def code_rows(
    line: str,
    tokens: Tokens | None,
    width: int,
    *,
    palette: Palette,
    ground: Style,
    first: Sequence[Segment],
    rest: Sequence[Segment],
) -> list[Row]:
    """One line of code on the background of `ground`. What does not fit goes on below, behind a mark."""
    if tokens is None:
        runs = [Segment(line, ground)]
    else:
        runs = [Segment(text, palette.token(role, ground)) for role, text in tokens]
    if len(line) <= width and line.isascii():
        return [Row([*first, *runs], _chars(first), fill=ground)]
    mark = Segment("↳ ", palette.token("comment", ground))
    head = chop(line, width)[0][1]
    rows = [Row([*first, *_part(runs, 0, head)], _chars(first), fill=ground)]
    if head < len(line):
        lead = [*rest, mark]
        rows += [
            Row([*lead, *_part(runs, head + start, head + end)], _chars(lead), "", ground)
            for start, end in chop(line[head:], width - 2)
        ]
    return rows


def _part(runs: Sequence[Segment], start: int, end: int) -> list[Segment]:
    """The characters from `start` to `end` of `runs`."""
    out: list[Segment] = []
    place = 0
    for run in runs:
        a, b = max(start - place, 0), min(end - place, len(run.text))
        if a < b:
            out.append(Segment(run.text[a:b], run.style))
        place += len(run.text)
    return out
