"""A diff as rows: two columns where it is wide enough, else one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.diffing import DiffLine
from plugsky_tui.frontends.tui.transcript.context import TAB, Context
from plugsky_tui.frontends.tui.transcript.diff_view import DiffView
from plugsky_tui.frontends.tui.transcript.leaf_layout import code_rows
from plugsky_tui.frontends.tui.transcript.lexing import Tokens
from plugsky_tui.frontends.tui.transcript.rows import Row, overlay

SPLIT_FROM = 120
_SIGNS = {"same": " ", "removed": "-", "added": "+"}


def diff_rows(view: DiffView, context: Context, gutter: Sequence[Segment], limit: int) -> list[Row]:
    """The rows of the first `limit` lines of `view`, behind `gutter`."""
    lines = view.diff.lines[:limit]
    shown = _Colouring(view, context, lines)
    room = context.width - sum(segment.cell_length for segment in gutter)
    digits = max((len(str(line.new or line.old or 0)) for line in lines), default=1)
    layout = _Layout(context, list(gutter), digits)
    if room >= SPLIT_FROM - 8 and view.old.lines and view.new.lines:
        return layout.split(shown.lines, room)
    return layout.unified(shown.lines, room)


@dataclass(slots=True)
class _Line:
    line: DiffLine
    tokens: Tokens | None


class _Colouring:
    """The lines of a diff with their tokens, as far as they are coloured."""

    def __init__(self, view: DiffView, context: Context, lines: Sequence[DiffLine]) -> None:
        old, old_complete = context.colours.of(view.old, sum(line.old is not None for line in lines))
        new, new_complete = context.colours.of(view.new, sum(line.new is not None for line in lines))
        if not (old_complete and new_complete):
            context.pale = True
        self.lines: list[_Line] = []
        a = b = 0
        for line in lines:
            tokens: Tokens | None = None
            if line.kind == "removed":
                tokens = old[a] if a < len(old) else None
            elif line.kind != "skip":
                tokens = new[b] if b < len(new) else None
            a += line.kind in ("same", "removed")
            b += line.kind in ("same", "added")
            self.lines.append(_Line(line, tokens))


@dataclass(slots=True)
class _Layout:
    context: Context
    gutter: list[Segment]
    digits: int

    def unified(self, lines: Sequence[_Line], room: int) -> list[Row]:
        rows: list[Row] = []
        for line in lines:
            rows += (
                [self._skip()] if line.line.kind == "skip" else self._cell(line, room - self.digits - 4, self.gutter)
            )
        return rows

    def split(self, lines: Sequence[_Line], room: int) -> list[Row]:
        """What was on the left, what is on the right."""
        half = (room - 1) // 2
        rows: list[Row] = []
        removed: list[_Line] = []
        added: list[_Line] = []
        for line in [*lines, None]:
            if line is not None and line.line.kind == "removed":
                removed.append(line)
                continue
            if line is not None and line.line.kind == "added":
                added.append(line)
                continue
            for number in range(max(len(removed), len(added))):
                left = removed[number] if number < len(removed) else None
                right = added[number] if number < len(added) else None
                rows += self._pair(left, right, half)
            removed, added = [], []
            if line is not None:
                rows += [self._skip()] if line.line.kind == "skip" else self._pair(line, line, half)
        return rows

    def _pair(self, left: _Line | None, right: _Line | None, half: int) -> list[Row]:
        palette = self.context.palette
        width = half - self.digits - 4
        columns = [
            self._cell(left, width, [], side="old") if left else [],
            self._cell(right, width, [], side="new") if right else [],
        ]
        rows: list[Row] = []
        for number in range(max(map(len, columns))):
            segments = list(self.gutter)
            for place, column in enumerate(columns):
                row = column[number] if number < len(column) else Row([])
                ground = row.fill or palette.base
                segments += row.segments
                if place == 0:
                    used = sum(segment.cell_length for segment in row.segments)
                    segments.append(Segment(" " * max(half - used, 0), ground))
                    segments.append(Segment("│", palette.rule))
            fill = columns[1][number].fill if number < len(columns[1]) else None
            gutter = sum(len(segment.text) for segment in self.gutter)
            rows.append(Row(segments, gutter, fill=fill))
        return rows

    def _cell(self, line: _Line, width: int, gutter: Sequence[Segment], side: str = "") -> list[Row]:
        """One line of the diff: number, sign, code. `width` is what is left for the code."""
        palette = self.context.palette
        kind = line.line.kind
        ground, sign = palette.base, palette.dim
        if kind == "added":
            ground, sign = palette.added, palette.added_sign
        elif kind == "removed":
            ground, sign = palette.removed, palette.removed_sign
        number = line.line.old if side == "old" or kind == "removed" else line.line.new
        head = f"{number or '':>{self.digits}} {_SIGNS[kind]} "
        blank = Segment(" " * len(head), ground)
        rows = code_rows(
            line.line.text.expandtabs(TAB),
            line.tokens,
            width,
            palette=palette,
            ground=ground,
            first=[*gutter, Segment(head, sign)],
            rest=[*gutter, blank],
        )
        word = palette.added_word if kind == "added" else palette.removed_word
        for span in line.line.changed:
            start, end = (len(line.line.text[:place].expandtabs(TAB)) for place in span)
            _highlight(rows, start, end, word)
        return rows

    def _skip(self) -> Row:
        text = f"{'⋯':>{self.digits}}"
        return Row([*self.gutter, Segment(text, self.context.palette.faint)], 10_000, bare=True)


def _highlight(rows: Sequence[Row], start: int, end: int, word: Style) -> None:
    """Put the background of `word` behind the characters from `start` to `end` of the line that `rows` show."""
    style = Style(bgcolor=word.bgcolor, bold=word.bold)
    place = 0
    for row in rows:
        length = len(row.text)
        a, b = max(start - place, 0), min(end - place, length)
        if a < b:
            row.segments = overlay(row.segments, a + row.gutter, b + row.gutter, style)
        place += length
