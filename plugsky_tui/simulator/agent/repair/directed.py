"""Candidates that the evidence itself points to: a constant that makes the difference, a name that was meant."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from plugsky_tui.simulator.agent.repair.code import Code, Edit
from plugsky_tui.simulator.agent.repair.evidence import Evidence
from plugsky_tui.simulator.agent.repair.mutations import Candidate

LONGEST_SLIP = 6  # characters put in: a longer text would be the test's own answer, written into the code
CONTEXT = 4  # characters around a difference that are looked for in a constant

_PLAIN_TYPES = {
    "str": str,
    "list": list,
    "dict": dict,
    "set": set,
    "int": int,
    "float": float,
    "tuple": tuple,
    "bytes": bytes,
}


def constants(code: Code, node: ast.AST, evidence: Evidence) -> Iterator[Candidate]:
    """Constants inside `node` that, changed, would turn what came into what was expected."""
    if not evidence.both_known:
        return
    texts = list(_text_pairs(evidence.actual, evidence.expected))
    number = _numbers(evidence)
    described = {id(inner.value) for inner in ast.walk(node) if isinstance(inner, ast.Expr)}  # docstrings
    for inner in ast.walk(node):
        if id(inner) in described:
            continue
        match inner:
            case ast.Constant(value=str(value)) if texts and _is_plain_literal(code, inner):
                for was, becomes, weight in _text_changes(value, texts):
                    yield _literal(code, inner, was, becomes, weight)
            case ast.JoinedStr() if texts:
                for was, becomes, weight in _text_changes(code.segment(inner), texts):
                    yield _literal(code, inner, was, becomes, weight)
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as value) if number is not None:
                for other in _number_changes(value, *number):
                    start, end = code.span(inner)
                    edit = code.replaced(start, end, repr(other))
                    yield Candidate(edit, "constant", repr(value), repr(other), 2.0, inner.lineno)
            case _:
                pass


def _is_plain_literal(code: Code, node: ast.Constant) -> bool:
    """Whether the constant stands by itself: the parts of an f-string are changed as part of it."""
    return code.segment(node)[:1] in "\"'rRuUbB" and code.segment(node)[-1:] in "\"'"


def _literal(code: Code, node: ast.expr, was: str, becomes: str, weight: float) -> Candidate:
    start, end = code.span(node)
    written = code.segment(node)
    place = written.find(was)
    new = written[:place] + becomes + written[place + len(was) :] if place >= 0 else repr(becomes)
    return Candidate(code.replaced(start, end, new), "text", written, new, weight, node.lineno)


def _text_pairs(actual: Any, expected: Any) -> Iterator[tuple[str, str]]:
    """The texts in which two values differ."""
    match actual, expected:
        case str(), str():
            yield actual, expected
        case (list(), list()) | (tuple(), tuple()) if len(actual) == len(expected):
            for left, right in zip(actual, expected, strict=True):
                if left != right:
                    yield from _text_pairs(left, right)
        case dict(), dict():
            for key in actual.keys() & expected.keys():
                if actual[key] != expected[key]:
                    yield from _text_pairs(actual[key], expected[key])
            gone, new = actual.keys() - expected.keys(), expected.keys() - actual.keys()
            if len(gone) == len(new) == 1:
                yield from _text_pairs(next(iter(gone)), next(iter(new)))
        case _:
            pass


def _text_changes(written: str, pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str, float]]:
    """(part of `written`, its replacement, weight): what the differences between the pairs ask for."""
    from difflib import SequenceMatcher  # 8 ms, and only a repair needs it

    seen: set[tuple[str, str]] = set()
    for actual, expected in pairs[:4]:
        if len(actual) > 2000 or len(expected) > 2000:
            continue
        if written == actual and (actual, expected) not in seen:
            seen.add((actual, expected))
            yield actual, expected, 4.0
        for kind, i1, i2, j1, j2 in SequenceMatcher(None, actual, expected, autojunk=False).get_opcodes():
            if kind == "equal" or j2 - j1 > LONGEST_SLIP:
                continue
            for around in range(CONTEXT, -1, -1):
                before, after = min(around, i1, j1), min(around, len(actual) - i2, len(expected) - j2)
                was, becomes = actual[i1 - before : i2 + after], expected[j1 - before : j2 + after]
                if was and was in written and (was, becomes) not in seen:
                    seen.add((was, becomes))
                    yield was, becomes, (3.0 + around / 4) / (1 + max(0, j2 - j1 - 3) / 3)
                    break


def _numbers(evidence: Evidence) -> tuple[float, float] | None:
    actual, expected = evidence.actual, evidence.expected
    if isinstance(actual, bool) or isinstance(expected, bool):
        return None
    if isinstance(actual, int | float) and isinstance(expected, int | float) and actual != expected:
        return actual, expected
    return None


def _number_changes(value: float, actual: float, expected: float) -> list[float]:
    """What `value` would have to be if the result were it, a sum with it, or a multiple of it."""
    found: list[float] = []
    if value == actual:
        found.append(expected)
    found.append(value + expected - actual)
    if actual and value:
        scaled = value * expected / actual
        found += [scaled, value * actual / expected] if expected else [scaled]
    kind = type(value)
    neat = [kind(other) for other in found if abs(other) < 1e12 and (kind is float or float(other).is_integer())]
    return [other for other in dict.fromkeys(neat) if other != value and (value >= 0) == (other >= 0)]


# --- names --------------------------------------------------------------------------------------


def names(code: Code, line: int, evidence: Evidence) -> Iterator[Candidate]:
    """For a name that is not there (NameError, AttributeError, ImportError, KeyError, TypeError): what was meant."""
    if not evidence.absent or not 0 < line <= len(code.lines):
        return
    text = code.lines[line - 1]
    absent = evidence.absent.rsplit(".", 1)[-1]
    meant = [evidence.meant] if evidence.meant else []
    for rank, other in enumerate(dict.fromkeys(meant + _similar(code, absent, evidence))):
        fresh = re.sub(rf"(?<!\w){re.escape(absent)}(?!\w)", lambda _, new=other: new, text)  # type: ignore[misc]
        if fresh != text:
            yield Candidate(Edit(code.path, line - 1, line - 1, [fresh]), "name", absent, other, 6.0 - rank, line)


def _similar(code: Code, absent: str, evidence: Evidence) -> list[str]:
    from difflib import get_close_matches

    known: set[str] = set(re.findall(r"[A-Za-z_]\w*", code.text)) - {absent}
    if evidence.exception == "AttributeError":
        owner = re.search(r"'(\w+)' object", evidence.detail)
        known |= set(dir(_PLAIN_TYPES[owner[1]])) if owner and owner[1] in _PLAIN_TYPES else set()
    if evidence.exception == "NameError":
        import builtins

        known |= set(dir(builtins))
    return get_close_matches(absent, sorted(known), n=3, cutoff=0.7)


def misspelled_definition(code: Code, evidence: Evidence) -> Iterator[Candidate]:
    """For a name another module asks of this one in vain: the definition here that is nearly called so."""
    from difflib import get_close_matches

    if not evidence.absent or code.tree is None:
        return
    absent = evidence.absent.rsplit(".", 1)[-1]
    defined = {
        node.name: node
        for node in code.tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    for name in get_close_matches(absent, sorted(defined), n=2, cutoff=0.7):
        line = defined[name].lineno
        text = code.lines[line - 1]
        fresh = re.sub(rf"\b{re.escape(name)}\b", absent, text, count=1)
        yield Candidate(Edit(code.path, line - 1, line - 1, [fresh]), "name", name, absent, 4.0, line)


# --- exceptions and syntax ----------------------------------------------------------------------


def exceptions(code: Code, node: ast.AST, evidence: Evidence, wanted: str) -> Iterator[Candidate]:
    """The type of an exception raised or caught in `node`: `wanted` is the one the test asks for ("" for none)."""
    for inner in ast.walk(node):
        match inner:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name) as raised) | (ast.Name(id=name) as raised)) if (
                wanted and name != wanted
            ):
                start, end = code.span(raised)
                yield Candidate(code.replaced(start, end, wanted), "exception", name, wanted, 3.0, inner.lineno)
            case ast.ExceptHandler(type=ast.Name(id=name) as caught) if (
                evidence.exception and name != evidence.exception
            ):
                start, end = code.span(caught)
                yield Candidate(
                    code.replaced(start, end, evidence.exception),
                    "exception",
                    name,
                    evidence.exception,
                    2.0,
                    inner.lineno,
                )
            case _:
                pass


def syntax(code: Code, line: int, evidence: Evidence) -> Iterator[Candidate]:
    """Repairs of a line that does not parse, by what the parser says of it."""
    if not 0 < line <= len(code.lines):
        return
    text = code.lines[line - 1]
    said = evidence.detail
    fixes: list[str] = []
    if "expected ':'" in said:
        fixes.append(text.rstrip() + ":")
    if found := re.search(r"'([(\[{])' was never closed", said):
        fixes.append(text.rstrip() + {"(": ")", "[": "]", "{": "}"}[found[1]])
        if text.rstrip().endswith(":"):
            fixes.insert(0, text.rstrip()[:-1] + {"(": ")", "[": "]", "{": "}"}[found[1]] + ":")
    if found := re.search(r"unmatched '([)\]}])'", said):
        place = text.rfind(found[1])
        fixes.append(text[:place] + text[place + 1 :])
    if "Maybe you meant '=='" in said or "invalid syntax" in said:
        fixes.append(re.sub(r"(?<![=!<>:])=(?!=)", "==", text, count=1))
    if "unterminated string literal" in said:
        fixes += [text.rstrip() + quote for quote in "\"'"]
    for new in fixes:
        if new != text:
            yield Candidate(Edit(code.path, line - 1, line - 1, [new]), "syntax", text.strip(), new.strip(), 5.0, line)
