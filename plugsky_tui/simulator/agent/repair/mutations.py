"""Candidate repairs of a stretch of Python: each one small, each one what a slip of the hand undoes.

A candidate's `weight` is how likely such a slip is, before any evidence; what kinds there are,
and which evidence speaks for which, is in `ranking.py`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from plugsky_tui.simulator.agent.repair.code import SIGNS, Code, Edit, FunctionNode


@dataclass(slots=True)
class Candidate:
    """One edit to try. `kind` is the sort of slip it undoes; `was` and `becomes` describe it to people.

    `signs` are the operator or name taken out and the one put in, where there is one of each.
    """

    edit: Edit
    kind: str
    was: str
    becomes: str
    weight: float
    line: int  # 1-based
    signs: tuple[str, str] | None = None


_COMPARISONS: dict[str, list[tuple[str, str, float]]] = {
    "<": [("<=", "boundary", 1.0), (">", "direction", 0.8), (">=", "direction", 0.6)],
    "<=": [("<", "boundary", 1.0), (">=", "direction", 0.8), (">", "direction", 0.6)],
    ">": [(">=", "boundary", 1.0), ("<", "direction", 0.8), ("<=", "direction", 0.6)],
    ">=": [(">", "boundary", 1.0), ("<=", "direction", 0.8), ("<", "direction", 0.6)],
    "==": [("!=", "inversion", 0.8)],
    "!=": [("==", "inversion", 0.8)],
    "is": [("is not", "inversion", 0.8)],
    "is not": [("is", "inversion", 0.8)],
    "in": [("not in", "inversion", 0.7)],
    "not in": [("in", "inversion", 0.7)],
}
_OPERATORS: dict[str, list[tuple[str, float]]] = {
    "+": [("-", 1.0), ("*", 0.4)],
    "-": [("+", 1.0)],
    "*": [("/", 0.7), ("//", 0.5), ("+", 0.5), ("**", 0.4)],
    "/": [("//", 0.8), ("*", 0.8)],
    "//": [("/", 0.8), ("%", 0.7), ("*", 0.4)],
    "%": [("//", 0.7), ("/", 0.3)],
    "**": [("*", 0.7)],
    "&": [("|", 0.8)],
    "|": [("&", 0.8)],
    "<<": [(">>", 0.8)],
    ">>": [("<<", 0.8)],
}
# Names easily taken for one another: each with the others of its row.
_MISTAKEN = [
    ["min", "max"], ["any", "all"], ["floor", "ceil"], ["lower", "upper"], ["islower", "isupper"], ["strip", "lstrip", "rstrip"],
    ["startswith", "endswith"], ["append", "extend"], ["keys", "values", "items"], ["find", "rfind"], ["index", "rindex"],
    ["split", "rsplit"], ["partition", "rpartition"], ["add", "discard"], ["pop", "popleft"], ["appendleft", "append"],
    ["isdigit", "isalpha", "isalnum"], ["ljust", "rjust"], ["union", "intersection"], ["removeprefix", "removesuffix"],
    ["bisect_left", "bisect_right"], ["match", "search", "fullmatch"], ["title", "capitalize"], ["takewhile", "dropwhile"],
    ["sum", "len"], ["issubset", "issuperset"], ["first", "last"], ["sorted", "reversed"], ["year", "month", "day"],
    ["hours", "minutes", "seconds"], ["int", "float", "str"], ["list", "tuple", "set"],
]  # fmt: skip
_SELDOM_MISTAKEN = {"int", "float", "str", "list", "tuple", "set"}
_SCALES = {60: (3600, 24), 24: (60,), 3600: (60,), 1000: (1024,), 1024: (1000,), 7: (12,), 12: (24,), 365: (366,)}


def candidates(code: Code, node: ast.stmt) -> Iterator[Candidate]:
    """Every candidate inside `node` (a function, or an assignment at module level)."""
    body: list[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _returns(code, node)
        yield from _names(code, node)
        body = [
            *node.body,
            *(default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None),
        ]
    for part in body:
        if _is_docstring(part):
            continue
        for inner in ast.walk(part):
            yield from _of_node(code, inner)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _of_node(code: Code, node: ast.AST) -> Iterator[Candidate]:
    match node:
        case ast.Compare():
            yield from _comparison(code, node)
        case ast.BoolOp():
            yield from _bool_op(code, node)
        case ast.BinOp():
            yield from _bin_op(code, node)
        case ast.AugAssign():
            yield from _augmented(code, node)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _swap(code, node, code.segment(operand), "inversion", 0.8)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            yield _swap(code, node, str(1 - value), "off-by-one", 0.8)
            yield _swap(code, node, str(-1 - value), "off-by-one", 0.7)
            yield _swap(code, node, str(value), "sign", 0.7)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield _swap(code, node, code.segment(operand), "sign", 0.7)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not isinstance(test, ast.Compare) and not (
                isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
            ):
                yield _swap(code, test, _negated(code, test), "inversion", 0.7)
        case ast.Constant(value=bool(value)):
            yield _swap(code, node, str(not value), "flag", 0.7)
        case ast.Constant(value=int(value)):
            yield from _integer(code, node, value)
        case ast.Call():
            yield from _call(code, node)
        case ast.Attribute(attr=name):
            yield from _mistaken_attribute(code, node, name)
        case ast.Subscript(slice=ast.Slice() as cut):
            yield from _slice(code, node, cut)
        case ast.Break():
            yield _swap(code, node, "continue", "flow", 0.5)
        case ast.Continue():
            yield _swap(code, node, "break", "flow", 0.5)
        case ast.For(body=[*_, ast.Return() as last]) | ast.While(body=[*_, ast.Return() as last]):
            yield from _dedented(code, node, last)
        case _:
            pass


def _swap(code: Code, node: ast.expr | ast.stmt, new: str, kind: str, weight: float) -> Candidate:
    start, end = code.span(node)
    return Candidate(code.replaced(start, end, new), kind, code.segment(node), new, weight, node.lineno)


def _operator(
    code: Code, operands: tuple[ast.expr, ast.expr], signs: tuple[str, str], kind: str, weight: float
) -> Iterator[Candidate]:
    """The first of `signs`, between the operands, becomes the second; the tree does not say where it stands."""
    (left, right), (sign, new) = operands, signs
    start, end = code.span(left)[1], code.span(right)[0]
    between = code.between(start, end)
    written = re.sub(r"#.*", lambda comment: " " * len(comment[0]), between)  # as long as the original
    pattern = rf"\b{sign}\b".replace(" ", r"\s+") if sign[0].isalpha() else re.escape(sign)
    if found := re.search(pattern, written):
        changed = between[: found.start()] + new + between[found.end() :]
        was = f"{code.segment(left)} {sign} {code.segment(right)}"
        becomes = f"{code.segment(left)} {new} {code.segment(right)}"
        yield Candidate(code.replaced(start, end, changed), kind, was, becomes, weight, right.lineno, signs)


def _comparison(code: Code, node: ast.Compare) -> Iterator[Candidate]:
    left = node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        sign = SIGNS[type(op)]
        for new, kind, weight in _COMPARISONS[sign]:
            yield from _operator(code, (left, right), (sign, new), kind, weight)
        left = right


def _bool_op(code: Code, node: ast.BoolOp) -> Iterator[Candidate]:
    sign, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in pairwise(node.values):
        yield from _operator(code, (left, right), (sign, new), "connective", 0.8)


def _bin_op(code: Code, node: ast.BinOp) -> Iterator[Candidate]:
    sign = SIGNS.get(type(node.op), "")
    if sign not in _OPERATORS or _is_text(node.left) or _is_text(node.right):
        return  # text is joined by + and formatted by %, and there is no other sign for either
    for new, weight in _OPERATORS[sign]:
        yield from _operator(code, (node.left, node.right), (sign, new), "arithmetic", weight)
    if sign in "+-" and isinstance(node.right, ast.Constant) and node.right.value == 1:
        yield _swap(code, node, code.segment(node.left), "off-by-one", 0.7)
    if sign in ("-", "/", "//", "%", "**"):
        yield _swap(code, node, f"{code.segment(node.right)} {sign} {code.segment(node.left)}", "order", 0.5)


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.JoinedStr() | ast.Constant(value=str()) | ast.Call(func=ast.Attribute(attr="join" | "format")):
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_text(left) or _is_text(right)
        case _:
            return False


def _augmented(code: Code, node: ast.AugAssign) -> Iterator[Candidate]:
    sign = SIGNS.get(type(node.op), "")
    if sign not in _OPERATORS or _is_text(node.value):
        return
    operands = (node.target, node.value)
    for new, weight in _OPERATORS[sign][:2]:
        yield from _operator(code, operands, (sign + "=", new + "="), "arithmetic", weight * 0.8)
    yield from _operator(code, operands, (sign + "=", "="), "arithmetic", 0.3)


def _negated(code: Code, test: ast.expr) -> str:
    simple = isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
    return f"not {code.segment(test)}" if simple else f"not ({code.segment(test)})"


def _integer(code: Code, node: ast.Constant, value: int) -> Iterator[Candidate]:
    yield _swap(code, node, str(value + 1), "off-by-one", 0.8)
    yield _swap(code, node, str(value - 1), "off-by-one", 0.8 if value > 1 else 0.7)
    for other in _SCALES.get(value, ()):
        yield _swap(code, node, str(other), "scale", 0.8)
    if value >= 10:
        yield _swap(code, node, str(value * 10), "scale", 0.4)
        if value % 10 == 0:
            yield _swap(code, node, str(value // 10), "scale", 0.4)


def _call(code: Code, node: ast.Call) -> Iterator[Candidate]:
    if isinstance(node.func, ast.Name):
        for new in _mistaken(node.func.id):
            yield _swap(code, node.func, new, "mistaken-name", 0.4 if new in _SELDOM_MISTAKEN else 0.8)
        if node.func.id == "range":
            yield from _range(code, node)
    plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    for left, right in pairwise(plain):
        start, end = code.span(left)[0], code.span(right)[1]
        middle = code.between(code.span(left)[1], code.span(right)[0])
        new = code.segment(right) + middle + code.segment(left)
        if code.segment(left) != code.segment(right):
            yield Candidate(code.replaced(start, end, new), "order", code.between(start, end), new, 0.5, left.lineno)


def _range(code: Code, node: ast.Call) -> Iterator[Candidate]:
    if not node.args:
        return
    end = node.args[0] if len(node.args) == 1 else node.args[1]
    if isinstance(end, ast.Constant):
        return  # its neighbours are tried as a number
    for sign in "+-":
        yield _swap(code, end, f"{code.segment(end)} {sign} 1", "off-by-one", 0.7)
    if len(node.args) == 1:
        yield _swap(code, end, f"1, {code.segment(end)}", "off-by-one", 0.5)


def _mistaken(name: str) -> list[str]:
    return [other for row in _MISTAKEN if name in row for other in row if other != name]


def _mistaken_attribute(code: Code, node: ast.Attribute, name: str) -> Iterator[Candidate]:
    start, end = code.span(node.value)[1], code.span(node)[1]
    between = code.between(start, end)
    for new in _mistaken(name):
        changed = between[: len(between) - len(name)] + new
        line = node.end_lineno or node.lineno
        edit = code.replaced(start, end, changed)
        yield Candidate(edit, "mistaken-name", f".{name}", f".{new}", 0.8, line, (name, new))


def _slice(code: Code, node: ast.Subscript, cut: ast.Slice) -> Iterator[Candidate]:
    low, high = (code.segment(part) if part is not None else "" for part in (cut.lower, cut.upper))
    start, end = code.span(node.value)[1], code.span(node)[1]
    whole = code.segment(node.value)
    others: list[tuple[str, float]] = []
    if cut.step is not None:
        others.append((f"[{low}:{high}]", 0.4))
    elif low and not high:
        others += [(f"[:{low}]", 0.7)]
    elif high and not low:
        others += [(f"[{high}:]", 0.7)]
    for bound, sign in ((cut.lower, "+"), (cut.lower, "-"), (cut.upper, "+"), (cut.upper, "-")):
        if bound is not None and not isinstance(bound, ast.Constant):
            changed = f"{code.segment(bound)} {sign} 1"
            others.append((f"[{changed}:{high}]" if bound is cut.lower else f"[{low}:{changed}]", 0.5))
    for new, weight in others:
        yield Candidate(code.replaced(start, end, new), "slice", code.segment(node), whole + new, weight, node.lineno)


def _dedented(code: Code, loop: ast.For | ast.While, last: ast.Return) -> Iterator[Candidate]:
    """A return that ends a loop at its first round, moved behind it."""
    (first_line, _), (last_line, _) = code.span(last)
    deep = " " * loop.col_offset
    moved = [deep + line.lstrip() if line.strip() else line for line in code.lines[first_line : last_line + 1]]
    if len(loop.body) > 1:
        yield Candidate(
            Edit(code.path, first_line, last_line, moved),
            "flow",
            "return inside the loop",
            "return after it",
            0.5,
            last.lineno,
        )


def _returns(code: Code, node: FunctionNode) -> Iterator[Candidate]:
    """What a function may have forgotten to return, and returns that may be inverted or of the wrong name."""
    found = [inner for inner in ast.walk(node) if isinstance(inner, ast.Return)]
    last = node.body[-1]
    if not found and isinstance(last, ast.Expr) and not _is_docstring(last):
        yield _swap(code, last, f"return {code.segment(last)}", "missing-return", 0.6)
    if not found and isinstance(last, ast.Assign | ast.AugAssign | ast.For | ast.While | ast.If):
        for name in _assigned(node)[-2:]:
            line = (last.end_lineno or last.lineno) - 1
            new = [code.lines[line], " " * last.col_offset + f"return {name}"]
            yield Candidate(
                Edit(code.path, line, line, new), "missing-return", "(no return)", f"return {name}", 0.5, line + 1
            )
    for inner in found:
        if inner.value is None:
            continue
        if isinstance(inner.value, ast.Call | ast.Name) and _says_yes_or_no(node.name):
            yield _swap(code, inner.value, f"not {code.segment(inner.value)}", "inversion", 0.5)


def _says_yes_or_no(name: str) -> bool:
    return name.startswith(("is_", "has_", "can_", "should_", "is", "contains", "all_", "any_"))


def _assigned(node: FunctionNode) -> list[str]:
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)]
    return list(dict.fromkeys(names))


def _names(code: Code, node: FunctionNode) -> Iterator[Candidate]:
    """One local name used where another was meant. There are many of these: each is unlikely by itself."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    local = list(
        dict.fromkeys([argument.arg for argument in arguments if argument.arg not in ("self", "cls")] + _assigned(node))
    )
    if not 1 < len(local) <= 12:
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id in local:
            for other in local:
                if other != inner.id:
                    yield _swap(code, inner, other, "wrong-name", 0.2)
