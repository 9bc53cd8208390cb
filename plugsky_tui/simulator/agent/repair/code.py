"""A Python file with its syntax tree, and edits of it by position."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from plugsky_tui.simulator.agent.reading import Source

SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
    ast.In: "in", ast.NotIn: "not in", ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%",
    ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.LShift: "<<", ast.RShift: ">>", ast.And: "and", ast.Or: "or",
}  # fmt: skip
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Edit:
    """Lines `first` to `last` (0-based, inclusive) of `path` become `new`."""

    path: str
    first: int
    last: int
    new: list[str]


class Code:
    """`tree` is None where the file does not parse."""

    def __init__(self, source: Source) -> None:
        self.path = source.path
        self.lines = source.lines
        self.complete = source.complete
        self.text = source.text

    @cached_property
    def tree(self) -> ast.Module | None:
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def functions(self) -> list[tuple[FunctionNode, str]]:
        """Every function and method, with the name of the class it stands in ("" for none)."""
        found: list[tuple[FunctionNode, str]] = []

        def visit(node: ast.AST, owner: str) -> None:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                    found.append((child, owner))
                visit(child, child.name if isinstance(child, ast.ClassDef) else owner)

        if self.tree is not None:
            visit(self.tree, "")
        return found

    def function_at(self, line: int) -> FunctionNode | None:
        """The innermost function that line (1-based) stands in."""
        around = [node for node, _ in self.functions if node.lineno <= line <= (node.end_lineno or node.lineno)]
        return max(around, key=lambda node: node.lineno, default=None)

    @cached_property
    def usage(self) -> Counter[str]:
        """How often each operator and each name of a function or method stands in the file."""
        counts: Counter[str] = Counter()
        for node in ast.walk(self.tree) if self.tree is not None else ():
            match node:
                case ast.Compare(ops=ops):
                    counts.update(SIGNS[type(op)] for op in ops)
                case ast.BinOp(op=op) | ast.BoolOp(op=op):
                    counts[SIGNS.get(type(op), "")] += 1
                case ast.AugAssign(op=op):
                    counts[SIGNS.get(type(op), "") + "="] += 1
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    counts[name] += 1
                case _:
                    pass
        return counts

    def named_assignments(self) -> dict[str, ast.stmt]:
        """What is assigned at module and class level, by name."""
        found: dict[str, ast.stmt] = {}
        for node in self._level(self.tree):
            match node:
                case ast.Assign(targets=targets):
                    found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
                case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
                    found[name] = node
                case _:
                    pass
        return found

    def _level(self, node: ast.AST | None) -> list[ast.stmt]:
        if not isinstance(node, ast.Module | ast.ClassDef):
            return []
        below = [inner for child in node.body if isinstance(child, ast.ClassDef) for inner in self._level(child)]
        return [*node.body, *below]

    # --- positions --------------------------------------------------------------------------

    def span(self, node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
        """Start and end as (0-based line, column in characters); ast counts columns in UTF-8 bytes."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._position(node.lineno, node.col_offset), self._position(end_line, end_column)

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        if start[0] == end[0]:
            return self.lines[start[0]][start[1] : end[1]]
        middle = self.lines[start[0] + 1 : end[0]]
        return "\n".join([self.lines[start[0]][start[1] :], *middle, self.lines[end[0]][: end[1]]])

    def segment(self, node: ast.expr | ast.stmt) -> str:
        return self.between(*self.span(node))

    def replaced(self, start: tuple[int, int], end: tuple[int, int], new: str) -> Edit:
        """The edit that puts `new` between two positions."""
        text = self.lines[start[0]][: start[1]] + new + self.lines[end[0]][end[1] :]
        return Edit(self.path, start[0], end[0], text.split("\n"))

    def with_edit(self, edit: Edit) -> str:
        """The whole text after `edit`."""
        return "\n".join([*self.lines[: edit.first], *edit.new, *self.lines[edit.last + 1 :]]) + "\n"

    def parses_with(self, edit: Edit) -> bool:
        """Whether the file would parse after `edit`; only the definition around it is looked at, where there is one."""
        text = self.with_edit(edit)
        for node in self.tree.body if self.tree else []:
            if node.lineno - 1 <= edit.first and edit.last < (node.end_lineno or node.lineno):
                end = (node.end_lineno or node.lineno) + len(edit.new) - (edit.last - edit.first + 1)
                text = "\n".join(text.split("\n")[node.lineno - 1 : end]) + "\n"
                break
        try:
            ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True

    def trimmed(self, edit: Edit) -> Edit | None:
        """`edit` without the lines it leaves as they are; None where it changes nothing."""
        first, last, new = edit.first, edit.last, list(edit.new)
        while new and first <= last and new[0] == self.lines[first]:
            first, new = first + 1, new[1:]
        while new and first <= last and new[-1] == self.lines[last]:
            last, new = last - 1, new[:-1]
        return None if not new and first > last else Edit(edit.path, first, last, new)

    def _position(self, line: int, column: int) -> tuple[int, int]:
        text = self.lines[line - 1]
        if text.isascii():
            return line - 1, column
        return line - 1, len(text.encode()[:column].decode("utf-8", "ignore"))
