"""Tool calls as rows: one line each; what they changed below it; input and output when opened."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from plugsky_tui.frontends.markdown.leaves import Table
from plugsky_tui.frontends.tui.transcript.context import MARGIN, TAB, Context
from plugsky_tui.frontends.tui.transcript.diff_layout import diff_rows
from plugsky_tui.frontends.tui.transcript.flow import Styled, flow
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.table_layout import TableLook, column_widths
from plugsky_tui.frontends.tui.transcript.units import Step, Tool
from plugsky_tui.frontends.tui.transcript.words import duration, fit, one_line
from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock, TodoItem

# Lines of a diff that are shown before it is opened, and of anything when it is.
DIFF_LINES = 16
OUTPUT_LINES = 400
# Characters of a line of output.
_LONGEST_LINE = 2000
# Lines of output under a call that failed.
FAILURE_LINES = 3
# Steps of a subagent that are shown while it works: several may work at once.
STEP_LINES = 4

_ICONS = {"running": "●", "ok": "✓", "failed": "✗"}
_STEP_SIGNS = {**_ICONS, "waiting": "…"}
_TODO_SIGNS = {"pending": "☐", "in_progress": "▸", "completed": "☑"}


def has_body(tool: Tool) -> bool:
    """Whether anything is shown below the line of the call."""
    if tool.open or tool.tail or (tool.steps and tool.state == "running") or (tool.state == "failed" and tool.output):
        return True
    return any(isinstance(block, DiffBlock | TodoBlock) for block in tool.display)


def tool_rows(tool: Tool, context: Context) -> list[Row]:
    rows = [_head(tool, context)]
    body = Body(context)
    if tool.open:
        body.opened(tool)
    elif tool.state == "failed":
        output = tool.output.strip("\n")
        if any(isinstance(block, TextBlock) and block.language == "console" for block in tool.display):
            body.ending(output, context.palette.dim, FAILURE_LINES)  # what commands say last tells most
        else:
            body.lines(output, context.palette.dim, FAILURE_LINES)
    elif tool.steps:
        body.steps(tool.steps[-STEP_LINES:])
    elif tool.tail:
        body.lines("\n".join(tool.tail).rstrip("\n"), context.palette.dim)
    else:
        for block in tool.display:
            if isinstance(block, DiffBlock | TodoBlock):
                body.block(block, folded=True)
    return rows + body.rows


def _head(tool: Tool, context: Context) -> Row:
    palette = context.palette
    icon = {"running": palette.running, "ok": palette.success, "failed": palette.error}[tool.state]
    # What took no time worth naming does not name it.
    end = duration(tool.seconds) if tool.state != "running" and tool.seconds >= 0.1 else ""
    counts = _counts(tool, context)
    room = context.width - 2 * MARGIN - 2 - len(end) - sum(len(segment.text) for segment in counts) - 2
    name = fit(one_line(tool.name), max(room // 2, 4))
    summary = fit(one_line(tool.summary), max(room - cell_len(name) - 1, 1))
    segments = [
        Segment(" " * MARGIN, palette.base),
        Segment(f"{_ICONS[tool.state]} ", icon),
        Segment(name, palette.dim + Style(bold=True)),
        Segment(f" {summary}" if summary else "", palette.dim),
        *counts,
    ]
    used = sum(segment.cell_length for segment in segments)
    if end:
        segments.append(Segment(" " * max(context.width - used - len(end) - MARGIN, 1), palette.base))
        segments.append(Segment(end, palette.faint))
    return Row([segment for segment in segments if segment.text], MARGIN + 2, action=True)


def _counts(tool: Tool, context: Context) -> list[Segment]:
    """How many lines an edit added and removed, how many calls a subagent made."""
    palette = context.palette
    views = [context.diffs.of(block) for block in tool.display if isinstance(block, DiffBlock)]
    added, removed = sum(view.diff.added for view in views), sum(view.diff.removed for view in views)
    out = []
    if tool.inner_calls:
        out.append(Segment(f"  {tool.inner_calls} call{'s' * (tool.inner_calls > 1)}", palette.faint))
    if added:
        out.append(Segment(f"  +{added}", palette.success))
    if removed:
        out.append(Segment(f"  -{removed}", palette.error))
    return out


class Body:
    """What stands below the line of a call, behind a thin bar."""

    def __init__(self, context: Context) -> None:
        self.rows: list[Row] = []
        self._context = context
        self._palette = context.palette
        self._gutter = [Segment(" " * MARGIN, self._palette.base), Segment("│ ", self._palette.rule)]
        self._room = context.width - 2 * MARGIN - 2

    def opened(self, tool: Tool) -> None:
        """Input, then what the call shows, or its output."""
        if tool.input:
            self.lines(tool.input, self._palette.base)
        if tool.input and (tool.display or tool.output or tool.tail):
            self.rows.append(Row(list(self._gutter), MARGIN + 2))
        for number, block in enumerate(tool.display):
            if number and isinstance(block, TextBlock):
                self.rows.append(Row(list(self._gutter), MARGIN + 2))
            self.block(block, folded=False)
        self.steps(tool.steps)
        if not tool.display:
            self.lines((tool.output or "\n".join(tool.tail)).rstrip("\n"), self._palette.dim)

    def steps(self, steps: Sequence[Step]) -> None:
        """One row each, whatever its length."""
        palette = self._palette
        signs = {"running": palette.running, "ok": palette.success, "failed": palette.error, "waiting": palette.faint}
        for step in steps[-OUTPUT_LINES:]:
            text = fit(one_line(step.text), self._room - 2)
            segments = [Segment(f"{_STEP_SIGNS[step.state]} ", signs[step.state]), Segment(text, palette.dim)]
            self.rows.append(Row([*self._gutter, *segments], MARGIN + 2))

    def lines(self, text: str, style: Style, limit: int = OUTPUT_LINES) -> None:
        """Text as it is, wrapped: its first `limit` lines."""
        if not text:
            return
        count = text.count("\n") + 1
        if count <= limit + 1:
            limit = count
        for line in text.split("\n", limit)[:limit]:
            if len(line) > _LONGEST_LINE:
                line = f"{line[:_LONGEST_LINE]}…"
            self.rows += flow([Styled(line.expandtabs(TAB), style)], self._room, first=self._gutter, rest=self._gutter)
        self._more(count - limit)

    def ending(self, text: str, style: Style, limit: int) -> None:
        """Text as it is, wrapped: its last `limit` lines."""
        hidden = text.count("\n") + 1 - limit
        if hidden > 1:
            self._more(hidden, "earlier")
            text = "\n".join(text.rsplit("\n", limit)[1:])
        self.lines(text, style)

    def block(self, block: Display, *, folded: bool) -> None:
        match block:
            case DiffBlock():
                self._diff(block, folded)
            case TodoBlock():
                for item in block.items:
                    self._todo(item)
            case TextBlock():
                self.lines(block.text.rstrip("\n"), self._palette.dim)
            case TableBlock():
                self._table(block)

    def _diff(self, block: DiffBlock, folded: bool) -> None:
        view = self._context.diffs.of(block)
        count, limit = len(view.diff.lines), DIFF_LINES if folded else OUTPUT_LINES
        if count <= limit + 2:
            limit = count
        self.rows += diff_rows(view, self._context, self._gutter, limit)
        self._more(count - limit)

    def _todo(self, item: TodoItem) -> None:
        palette = self._palette
        sign, text = {
            "pending": (palette.dim, palette.base),
            "in_progress": (palette.running, palette.strong),
            "completed": (palette.success, palette.dim),
        }[item.status]
        first = [*self._gutter, Segment(f"{_TODO_SIGNS[item.status]} ", sign)]
        rest = [*self._gutter, Segment("  ", palette.base)]
        self.rows += flow([Styled(one_line(item.text), text)], self._room - 2, first=first, rest=rest)

    def _table(self, block: TableBlock) -> None:
        width = len(block.header)
        rows = [(row + [""] * width)[:width] for row in block.rows[:OUTPUT_LINES]]
        table = Table((), 0, False, 0, 0, 0, header=block.header, aligns=["left"] * width, rows=rows)
        look = TableLook(
            column_widths(self._context.columns.of(table, plain=True), self._room),
            table.aligns,
            self._palette,
            plain=True,
        )
        self.rows += look.header(block.header, self._gutter, self._gutter)
        for row in rows:
            self.rows += look.row(row, self._gutter, self._gutter)
        self._more(len(block.rows) - len(rows))

    def _more(self, hidden: int, which: str = "more") -> None:
        if hidden <= 0:
            return
        lines = "line" if hidden == 1 else "lines"
        text = Segment(f"… {hidden} {which} {lines}", self._palette.faint)
        self.rows.append(Row([*self._gutter, text], MARGIN + 2 + len(text.text), bare=True, action=True))
