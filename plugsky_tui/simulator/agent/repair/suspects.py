"""Where a fault may be: the frames of the traceback, what the failing tests call, and what that calls in turn."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

from plugsky_tui.simulator.agent.look import escaped, is_test
from plugsky_tui.simulator.agent.reading import Unreadable, read_file, search_hits
from plugsky_tui.simulator.agent.repair.code import Code, FunctionNode
from plugsky_tui.simulator.agent.repair.evidence import Evidence, read_evidence
from plugsky_tui.simulator.agent.steps import Act, Call, Results, checked
from plugsky_tui.simulator.agent.test_output import Failure, Frame

MAX_FAILURES = 8  # looked at; more of them say the same
MAX_NAMES = 24
MAX_PLAIN = 3  # names searched for one by one, where a search for all together found nothing
MAX_FILES = 10
DECAYS = (0.6, 0.7, 0.7, 0.7)  # by how much less suspect what a suspect calls is, step by step
SEARCHES = 2  # how many of these steps also look in other files

_FOREIGN = re.compile(r"site-packages|dist-packages|/lib/python|^<|^\.\./|/importlib/|/unittest/|_pytest")
_IMPORTED_FROM = re.compile(r"cannot import name '\w+' from '[\w.]+' \(([^()]+\.py)\)")
_COMMON = {
    "assert_", "isinstance", "len", "list", "dict", "set", "tuple", "str", "int", "float", "range", "sorted", "print", "type", "repr",
    "sum", "min", "max", "any", "all", "map", "filter", "zip", "enumerate", "iter", "next", "getattr", "setattr", "hasattr", "super",
    "raises", "assertEqual", "assertTrue", "assertFalse", "assertRaises", "assertIn", "assertIs", "assertIsNone", "parametrize", "fixture",
    "self", "cls", "join", "format", "append", "items", "keys", "values", "get", "split", "strip", "bool", "bytes", "object", "open", "fail", "skip",
}  # fmt: skip


@dataclass(slots=True)
class Suspect:
    """A function, or an assignment at module level, and how suspect it is. `lines` stand in a traceback."""

    code: Code
    node: ast.stmt
    weight: float
    lines: set[int] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, int]:
        return self.code.path, self.node.lineno


@dataclass(slots=True)
class Case:
    """One failure with what its test says: the evidence, the exception the test asks for ("" for none), its numbers."""

    failure: Failure
    evidence: Evidence
    wanted_exception: str = ""
    numbers: set[str] = field(default_factory=set)


class Suspecting(Protocol):
    """Note that `node` is suspect by `weight`; of several notes the strongest counts."""

    def __call__(self, code: Code, node: ast.stmt, weight: float, line: int | None = None) -> None: ...


class Library:
    """The files read so far. Reading one again costs no call.

    A runner may name the same file in two ways, relative and absolute: the first one seen stands for both.
    """

    def __init__(self) -> None:
        self._files: dict[str, Code | None] = {}

    def get(self, path: str) -> Generator[Act, Results, Code | None]:
        """The file at `path`; None where it cannot be read whole."""
        path = self._known_as(path)
        if path not in self._files:
            if len(self._files) >= MAX_FILES * 2:
                return None
            try:
                code = Code((yield from read_file(path)))
                self._files[path] = code if code.complete else None
            except Unreadable:
                self._files[path] = None
        return self._files[path]

    def seen(self, path: str) -> Code | None:
        """The file at `path`, if it has been read."""
        return self._files.get(self._known_as(path))

    def all(self) -> list[Code]:
        return [code for code in self._files.values() if code is not None]

    def _known_as(self, path: str) -> str:
        for known in self._files:
            longer, shorter = (path, known) if path.startswith("/") else (known, path)
            if longer.startswith("/") and not shorter.startswith("/") and longer.endswith("/" + shorter):
                return known
        return path


@dataclass(slots=True)
class Scene:
    """All that is known before the trying begins."""

    library: Library
    suspects: list[Suspect] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


def survey(failures: list[Failure], library: Library) -> Generator[Act, Results, Scene]:
    """Read the tests and the code they reach. The suspects come with the most suspect first."""
    scene = Scene(library)
    found: dict[tuple[str, int], Suspect] = {}
    called: dict[str, float] = {}

    def suspect(code: Code, node: ast.stmt, weight: float, line: int | None = None) -> None:
        entry = found.setdefault((code.path, node.lineno), Suspect(code, node, 0.0))
        entry.weight = max(entry.weight, weight)
        if line is not None:
            entry.lines.add(line)

    for failure in _relative(failures)[:MAX_FAILURES]:
        own = [frame for frame in failure.frames if not _FOREIGN.search(frame.path)]
        test_frame = next((frame for frame in own if is_test(frame.path)), None)
        scene.cases.append((yield from _case(failure, test_frame, library, called)))
        if imported := _IMPORTED_FROM.search(failure.summary):
            yield from library.get(imported[1])
        source_frames = [frame for frame in own if not is_test(frame.path)]
        for distance, frame in enumerate(reversed(source_frames)):
            code = yield from library.get(frame.path)
            node = code.function_at(frame.line) if code else None
            if code and node:
                suspect(code, node, 3.0 if distance == 0 else 2.0 / distance, frame.line)

    yield from _defined(called, library, suspect)
    yield from _reached(list(found.values()), library, suspect)
    scene.suspects = sorted(found.values(), key=lambda entry: -entry.weight)
    return scene


def _relative(failures: list[Failure]) -> list[Failure]:
    """pytest names the files of doctests absolutely, and all others from the folder: all by the shorter way."""
    root = ""
    for failure in failures:
        named = failure.test.partition("::")[0]
        for frame in failure.frames:
            if named and frame.path.startswith("/") and frame.path.endswith("/" + named):
                root = frame.path.removesuffix(named)
    if not root:
        return failures
    return [
        replace(failure, frames=[replace(frame, path=frame.path.removeprefix(root)) for frame in failure.frames])
        for failure in failures
    ]


def _case(
    failure: Failure, frame: Frame | None, library: Library, called: dict[str, float]
) -> Generator[Act, Results, Case]:
    """Read the test of `failure`: what it calls goes to `called`."""
    code = (yield from library.get(frame.path)) if frame else None
    function = code.function_at(frame.line) if code and frame else None
    if not code or not frame or function is None:
        return Case(failure, read_evidence(failure))
    statement = _statement_at(function, frame.line)
    weights = dict.fromkeys(_called(function), 1.0)
    helpers = {node.name: node for node, owner in code.functions}
    for name in list(weights):
        if name in helpers and helpers[name] is not function:
            weights |= {inner: 0.6 for inner in _called(helpers[name]) if inner not in weights}
    expected_first = False
    if statement is not None:
        for name in _called(statement):
            weights[name] = 2.0
        expected_first = _expected_first(statement)
    total = _calls_in_tests(code)
    for name, weight in weights.items():
        # A name that many tests use, and few of them fail, is less suspect than one only this test uses.
        share = 0.5 + 0.5 / total[name] if total[name] else 1.0
        called[name] = called.get(name, 0.0) + weight * share
    written = failure.test.partition("[")[2] + (code.segment(statement) if statement is not None else "")
    return Case(
        failure,
        read_evidence(failure, expected_first=expected_first),
        _wanted_exception(function, frame.line),
        {number for number in re.findall(r"\d+", written) if len(number) > 1 or number > "2"},
    )


def _statement_at(function: FunctionNode, line: int) -> ast.stmt | None:
    around = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt)
        and node is not function
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _called(node: ast.AST) -> list[str]:
    """The names of what is called in `node`, and of attributes read there (a property is a call too)."""
    names: list[str] = []
    for inner in ast.walk(node):
        match inner:
            case ast.Call(func=ast.Name(id=name)) | ast.Attribute(attr=name):
                names.append(name)
            case ast.Name(id=name) if isinstance(inner.ctx, ast.Load):
                names.append(name)  # passed on to something that calls it
            case _:
                pass
    return [name for name in dict.fromkeys(names) if name not in _COMMON]


def _calls_in_tests(code: Code) -> Counter[str]:
    return Counter(name for node, _ in code.functions if node.name.startswith("test") for name in _called(node))


def _expected_first(statement: ast.stmt) -> bool:
    """Whether an assertion has the call on its right side only: `assert expected == f(x)`."""
    match statement:
        case ast.Assert(test=ast.Compare(left=left, comparators=[right])):
            pass
        case ast.Expr(value=ast.Call(args=[left, right, *_])):
            pass
        case _:
            return False

    def calls(node: ast.expr) -> bool:
        return any(isinstance(inner, ast.Call) for inner in ast.walk(node))

    return calls(right) and not calls(left)


def _wanted_exception(function: FunctionNode, line: int) -> str:
    """The type a `pytest.raises` or `assertRaises` around `line` names."""
    for node in ast.walk(function):
        if isinstance(node, ast.With) and node.lineno <= line <= (node.end_lineno or node.lineno):
            for item in node.items:
                match item.context_expr:
                    case ast.Call(func=ast.Attribute(attr="raises" | "assertRaises"), args=[ast.Name(id=name), *_]):
                        return name
                    case ast.Call(func=ast.Name(id="raises"), args=[ast.Name(id=name), *_]):
                        return name
                    case _:
                        pass
    return ""


def _defined(called: dict[str, float], library: Library, suspect: Suspecting) -> Generator[Act, Results, None]:
    """Look up where the names the tests call are defined, and suspect those places."""
    names = [name for name in _likeliest(called) if re.fullmatch(r"[A-Za-z_]\w*", name)]
    for path, name in (yield from _definitions(names, "I look for what the failing tests call.")):
        code = yield from library.get(path)
        if code is None:
            continue
        for node, owner in code.functions:
            if node.name == name:
                suspect(code, node, called[name])
            elif owner == name and node.name in ("__init__", "__call__", "__new__", "__post_init__"):
                suspect(code, node, called[name] * 0.8)
        if name in (assigned := code.named_assignments()):
            suspect(code, assigned[name], called[name] * 0.6)


def _likeliest(weights: dict[str, float]) -> list[str]:
    return sorted(weights, key=lambda name: -weights[name])[:MAX_NAMES]


def _definitions(names: Iterable[str], say: str) -> Generator[Act, Results, list[tuple[str, str]]]:
    """(file, name) of each definition outside the tests."""
    wanted = [name for name in names if name]
    if not wanted:
        return []
    either = "|".join(escaped(name) for name in wanted)
    pattern = rf"^\s*((async\s+)?def|class)\s+({either})\b|^({either})\s*[:=]"
    [result] = yield Act([Call("grep", {"pattern": pattern, "glob": "*.py"})], say)
    hits = search_hits(checked(result).output)
    if not hits:  # a client's own search may know no groups, as grep's basic expressions: then in plain words
        plain = [Call("grep", {"pattern": f"def {escaped(name)}", "glob": "*.py"}) for name in wanted[:MAX_PLAIN]]
        results = yield Act(plain)
        hits = [hit for each in results for hit in search_hits(checked(each).output)]
    places: list[tuple[str, str]] = []
    for hit in hits:
        found = re.match(r"(?:(?:async\s+)?def|class)?\s*(\w+)", hit.text)
        if found and not is_test(hit.path) and not _FOREIGN.search(hit.path) and found[1] in wanted:
            places.append((hit.path, found[1]))
    files = list(dict.fromkeys(path for path, _ in places))[:MAX_FILES]
    return [(path, name) for path, name in dict.fromkeys(places) if path in files]


def _reached(first: list[Suspect], library: Library, suspect: Suspecting) -> Generator[Act, Results, None]:
    """What the suspects call, and what that calls: in their own file at once, elsewhere by another search."""
    seen: set[tuple[str, int]] = set()
    layer = first
    for depth, decay in enumerate(DECAYS):
        elsewhere: dict[str, float] = {}
        following: list[Suspect] = []
        for entry in layer:
            if entry.key in seen:
                continue
            seen.add(entry.key)
            names = _called(entry.node)
            local = {node.name: node for node, _ in entry.code.functions}
            assigned = entry.code.named_assignments()
            for name in names:
                node: ast.stmt | None = local.get(name) or assigned.get(name)
                if node is not None and node is not entry.node:
                    suspect(entry.code, node, entry.weight * decay)
                    following.append(Suspect(entry.code, node, entry.weight * decay))
                elif node is None:
                    elsewhere[name] = max(elsewhere.get(name, 0.0), entry.weight * decay)
        known = _likeliest(elsewhere)
        for path, name in (
            (yield from _definitions(known, "And for what that calls in turn.")) if depth < SEARCHES else []
        ):
            code = yield from library.get(path)
            if code is None:
                continue
            for node in [function for function, _ in code.functions if function.name == name]:
                suspect(code, node, elsewhere[name])
                following.append(Suspect(code, node, elsewhere[name]))
        layer = following
