"""What a line of Markdown does to the blocks that are open: the block structure of CommonMark 0.31, as flat leaves.

With GitHub's tables and task lists, and three liberties: HTML is text, reference definitions are text, and a list
marker indented by two columns nests (models write that often).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeVar

from plugsky_tui.frontends.markdown.leaves import Code, Container, Heading, Item, Leaf, Paragraph, Quote, Rule, Table
from plugsky_tui.frontends.markdown.lines import (
    LONGEST,
    SPECIAL,
    Patterns,
    aligns_of,
    cells_of,
    expand_indent,
    indent_of,
    patterns,
)

# Lines of code, and rows of a table, per leaf.
CODE_LINES = 32
TABLE_ROWS = 48
# Containers deeper than this are shown as text.
DEEPEST = 24


LeafType = TypeVar("LeafType", bound=Leaf)


@dataclass(slots=True)
class State:
    """Where the parser stands between two lines."""

    edges: tuple[Container, ...] = ()
    open: Leaf | None = None
    fence: str = ""  # what closes the open code: "```", or " " for indented code
    fence_indent: int = 0
    blank: bool = False  # the last line was blank
    hollow: int = 0  # blank lines in indented code that may turn out to be its end
    size: int = 0  # characters in the open paragraph
    mid: bool = False  # the last line was cut: what comes now goes on with it


class BlockParser:
    """Takes lines and makes `leaves`. Only the last of them ever changes.

    While `trying`, a line that goes on with the open leaf becomes its `partial` line.
    """

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.state = State()
        self.trying = False
        self._lines: Patterns = patterns()

    def line(self, line: str, start: int, end: int) -> None:
        """Take the line at `start` to `end` of the text."""
        state = self.state
        if state.mid:
            self._go_on(line, start, end)
            return
        if not state.edges:
            if state.fence and state.fence != " ":
                self._in_fence(line, start, end)
                return
            if line and line[0] not in SPECIAL and not isinstance(state.open, Table):
                if state.fence:
                    self._close()
                self._text(line, start, end)
                return
        self._in_containers(expand_indent(line), start, end)

    def _go_on(self, line: str, start: int, end: int) -> None:
        """`line` is the rest of one that was cut."""
        state = self.state
        if state.fence:
            self._add_code(line, start, end)
            return
        if not isinstance(state.open, Paragraph):
            state.open = None
        self._text(line, start, end)

    def _in_containers(self, line: str, start: int, end: int) -> None:
        state = self.state
        rest, matched = self._descend(line)
        if matched < len(state.edges):
            if self._is_lazy(rest):
                self._text(rest.lstrip(), start, end)
                return
            self._close()
            state.edges = state.edges[:matched]
        if state.fence and state.fence != " ":
            self._in_fence(rest, start, end)
            return
        rest, entered = self._enter(rest)
        if not rest or rest.isspace():
            self._blank(entered, start, end)
            return
        self._block(rest, start, end)

    def _descend(self, line: str) -> tuple[str, int]:
        """What is left of `line` inside the open containers, and how many of them it is in."""
        state = self.state
        blank = not line.strip()
        for depth, container in enumerate(state.edges):
            if isinstance(container, Quote):
                match = self._lines.quote.match(line)
                if not match:
                    return line, depth
                line = line[match.end() :]
            elif blank:
                continue
            else:
                indent = indent_of(line)
                if indent >= container.indent:
                    line = line[container.indent :]
                elif indent >= container.margin + 2 and not state.fence and self._lines.item.match(line):
                    line = line[indent:]
                else:
                    return line, depth
            blank = not line.strip()
        return line, len(state.edges)

    def _is_lazy(self, rest: str) -> bool:
        """Whether text outside its containers goes on with the open paragraph (CommonMark 5.1, laziness)."""
        return (
            isinstance(self.state.open, Paragraph)
            and bool(rest.strip())
            and not self._lines.quote.match(rest)
            and not self._starts_item(rest)
            and not self._lines.fence.match(rest)
            and not self._lines.heading.match(rest)
            and not self._lines.rule.match(rest)
        )

    def _starts_item(self, rest: str) -> re.Match[str] | None:
        match = self._lines.item.match(rest)
        if not match or len(match[1]) > 3 or self._lines.rule.match(rest):
            return None
        return match

    def _interrupts(self, item: re.Match[str]) -> bool:
        """Whether `item` may begin here: into a paragraph, only one that has content, and counts from 1 (CommonMark 5.2)."""
        return not isinstance(self.state.open, Paragraph) or (item[5] is not None and item[3] in (None, "1"))

    def _enter(self, rest: str) -> tuple[str, bool]:
        """Open the containers that begin here. What is left of the line, and whether the innermost is a new item."""
        state = self.state
        entered = False
        while len(state.edges) < DEEPEST:
            if match := self._lines.quote.match(rest):
                self._close()
                state.edges = (*state.edges, Quote())
                rest, entered = rest[match.end() :], False
            elif (match := self._starts_item(rest)) and (entered or self._interrupts(match)):
                self._close()
                spaces = len(match[5] or "")
                marker = match.end() - spaces if spaces else len(match[0].rstrip())
                indent = marker + (spaces if 0 < spaces < 5 else 1)
                state.edges = (*state.edges, self._item(match[2] or match[4], match[3], len(match[1]), indent))
                rest, entered = rest[indent:] if spaces else "", True
            else:
                break
        return rest, entered

    def _item(self, kind: str, number: str | None, margin: int, indent: int) -> Item:
        if number is None:
            return Item(kind, None, margin, indent)
        depth = len(self.state.edges)
        before = self._sibling(depth)
        if before is not None and before.kind == kind and before.number is not None:
            return Item(kind, before.number + 1, margin, indent)
        return Item(kind, int(number), margin, indent)

    def _sibling(self, depth: int) -> Item | None:
        """The item at `depth` that the last leaf is in, in the same containers as what comes now."""
        if not self.leaves:
            return None
        edges = self.leaves[-1].edges
        if len(edges) <= depth or any(a is not b for a, b in zip(edges, self.state.edges[:depth], strict=False)):
            return None
        sibling = edges[depth]
        return sibling if isinstance(sibling, Item) else None

    # --- Blocks ----------------------------------------------------------------------------------------------

    def _close(self) -> None:
        state = self.state
        state.open, state.fence, state.hollow = None, "", 0

    def _blank(self, entered: bool, start: int, end: int) -> None:
        state = self.state
        if entered:
            self._text("", start, end)  # an item that is only a marker; its text may follow
            return
        state.blank = True
        if state.fence:
            state.hollow += 1
            return
        if isinstance(state.open, Paragraph) and state.open.lines == [""]:
            state.edges = state.edges[:-1]  # an empty item does not go on behind a blank line
        self._close()

    def _block(self, rest: str, start: int, end: int) -> None:
        state, lines = self.state, self._lines
        paragraph = state.open if isinstance(state.open, Paragraph) else None
        if rest.startswith("    ") and paragraph is None:
            self._indented(rest[4:], start, end)
            return
        if state.fence:
            self._close()
        if isinstance(state.open, Table):
            if not (lines.fence.match(rest) or lines.heading.match(rest) or lines.rule.match(rest)):
                self._row(cells_of(rest), start, end)
                return
            self._close()
        if match := lines.fence.match(rest):
            self._close()
            state.fence, state.fence_indent = match[1] or match[3], indent_of(rest)
            words = (match[2] or match[4] or "").split()
            state.open = self._new(Code, start, end, language=words[0] if words else "")
        elif match := lines.heading.match(rest):
            self._close()
            self._new(Heading, start, end, level=len(match[1]), text=_without_closing_hashes(match[2] or ""))
        elif paragraph and paragraph.lines and paragraph.lines[-1] and (match := lines.setext.match(rest)):
            self._underline(paragraph, 1 if match[1][0] == "=" else 2, end)
        elif lines.rule.match(rest):
            self._close()
            self._new(Rule, start, end)
        elif (
            paragraph
            and paragraph.lines
            and "|" in rest
            and lines.delimiter.match(rest)
            and self._table(paragraph, rest, end)
        ):
            pass
        else:
            self._text(rest.lstrip(), start, end)

    def _text(self, text: str, start: int, end: int) -> None:
        """A line of a paragraph: the open one, or a new one."""
        state = self.state
        paragraph = state.open
        if not isinstance(paragraph, Paragraph):
            text = self._task(text)
            paragraph = self._new(Paragraph, start, end)
            state.open, state.size = paragraph, 0
        elif state.size + len(text) > LONGEST:
            going_on = Paragraph(paragraph.edges, len(paragraph.edges), False, paragraph.block, start, end)
            self.leaves.append(going_on)
            state.open, state.size, paragraph = going_on, 0, going_on
        state.blank = False
        state.size += len(text)
        paragraph.end = end
        if self.trying:
            paragraph.partial = text
        elif paragraph.lines == [""]:
            paragraph.lines[0] = text
        else:
            paragraph.lines.append(text)

    def _task(self, text: str) -> str:
        """`text` without the check box it begins with, which goes to its item."""
        edges = self.state.edges
        if not text.startswith("[") or not edges or not isinstance(edges[-1], Item):
            return text
        if self.leaves and edges[-1] in self.leaves[-1].edges:
            return text
        match = self._lines.task.match(text)
        if not match:
            return text
        edges[-1].task = match[1] != " "
        return text[match.end() :]

    def _underline(self, paragraph: Paragraph, level: int, end: int) -> None:
        """The open paragraph turns out to be a heading (CommonMark 4.3)."""
        self.leaves[-1] = Heading(
            paragraph.edges,
            paragraph.shared,
            paragraph.gap,
            paragraph.block,
            paragraph.start,
            end,
            level,
            " ".join(paragraph.lines),
        )
        self._close()
        self.state.blank = False

    def _table(self, paragraph: Paragraph, rest: str, end: int) -> bool:
        """Whether the last line of the open paragraph, with the delimiter row `rest` below it, begins a table."""
        header, aligns = cells_of(paragraph.lines[-1]), aligns_of(rest)
        if len(header) != len(aligns) or "|" not in paragraph.lines[-1]:
            return False
        state = self.state
        if len(paragraph.lines) == 1:
            self.leaves.pop()
            table = Table(
                paragraph.edges, paragraph.shared, paragraph.gap, paragraph.block, paragraph.start, end, header, aligns
            )
            self.leaves.append(table)
        else:
            start = paragraph.end - len(paragraph.lines.pop())
            paragraph.end = start - 1
            self._close()
            table = self._new(Table, start, end, header=header, aligns=aligns)
        state.open, state.blank = table, False
        return True

    def _row(self, cells: list[str], start: int, end: int) -> None:
        table = self.state.open
        assert isinstance(table, Table)
        width = len(table.header)
        cells = (cells + [""] * width)[:width]
        if len(table.rows) >= TABLE_ROWS:
            head = table.head or table
            table = Table(
                table.edges, len(table.edges), False, table.block, start, end, table.header, table.aligns, head=head
            )
            self.leaves.append(table)
            self.state.open = table
        table.end = end
        if self.trying:
            table.partial = cells
        else:
            table.rows.append(cells)

    # --- Code ------------------------------------------------------------------------------------------------

    def _in_fence(self, line: str, start: int, end: int) -> None:
        state = self.state
        stripped = line.strip()
        if stripped.startswith(state.fence) and not stripped.strip(state.fence[0]) and indent_of(line) < 4:
            if state.open:
                state.open.end = end
            self._close()
            state.blank = False
            return
        if state.fence_indent:
            line = line[min(state.fence_indent, indent_of(line)) :]
        self._add_code(line, start, end)

    def _indented(self, line: str, start: int, end: int) -> None:
        state = self.state
        if state.fence != " ":
            self._close()
            state.fence = " "
            state.open = self._new(Code, start, end)
        for _ in range(state.hollow):
            self._add_code("", start, start)
        state.hollow = 0
        self._add_code(line, start, end)

    def _add_code(self, line: str, start: int, end: int) -> None:
        state = self.state
        code = state.open
        assert isinstance(code, Code)
        if len(code.lines) >= CODE_LINES:
            code = Code(code.edges, len(code.edges), False, code.block, start, end, language=code.language, before=code)
            self.leaves.append(code)
            state.open = code
        state.blank = False
        code.end = end
        if self.trying:
            code.partial = line
        else:
            code.lines.append(line)

    # --- Leaves ----------------------------------------------------------------------------------------------

    def _new(self, kind: type[LeafType], start: int, end: int, **fields: Any) -> LeafType:
        state = self.state
        shared, gap, block = self._place()
        leaf = kind(state.edges, shared, gap, block, start, end, **fields)
        self.leaves.append(leaf)
        state.blank = False
        return leaf

    def _place(self) -> tuple[int, bool, int]:
        """How many containers the next leaf shares with the last one, whether a gap goes between, and its block."""
        if not self.leaves:
            return 0, False, 0
        last, edges = self.leaves[-1], self.state.edges
        shared = 0
        for ours, theirs in zip(edges, last.edges, strict=False):
            if ours is not theirs:
                break
            shared += 1
        if shared or (edges and self._continues_list(last.edges, edges[0])):
            return shared, self.state.blank, last.block
        return 0, True, last.block + 1

    def _continues_list(self, before: tuple[Container, ...], container: Container) -> bool:
        if not before or not isinstance(container, Item):
            return False
        sibling = before[0]
        return isinstance(sibling, Item) and sibling.kind == container.kind


def _without_closing_hashes(text: str) -> str:
    text = text.strip()
    bare = text.rstrip("#")
    if bare != text and (not bare or bare[-1] in " \t"):
        return bare.rstrip()
    return text
