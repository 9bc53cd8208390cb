"""From the bytes of a source file to its tags. Runs in a worker process: grammars are C, and files are anyone's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from plugsky_tui.workspace.symbols import source
from plugsky_tui.workspace.symbols.languages import Language, query_text
from plugsky_tui.workspace.symbols.tags import FUNCTIONS, NO_PARENT, TYPES, Definition, FileTags

if TYPE_CHECKING:
    import tree_sitter

VERSION = 1  # of what is made here: raise it, and all is extracted anew
SIGNATURE_LIMIT = 160  # characters
_NAME_LIMIT = 200  # bytes; what is longer is no name
_LOCAL = frozenset(("variable", "constant", "prototype"))  # of these, those inside a function are passed over
_RANK = {"variable": 0, "constant": 0, "type": 1}  # of two kinds for one name the higher one counts
_KIND_RANK = 2


@cache
def parser_of(language: Language) -> tree_sitter.Parser:
    from tree_sitter import Parser

    return Parser(_grammar(language))


def extract(data: bytes, language: Language) -> FileTags:
    """The tags of a file. What cannot be parsed is passed over, the rest counts."""
    root = parser_of(language).parse(data).root_node
    return FileTags(
        _definitions(root, data, language),
        *_references(root, data, language),
        generated=source.is_generated(data),
        errors=root.has_error,
    )


@cache
def _grammar(language: Language) -> tree_sitter.Language:
    from tree_sitter import Language as Grammar

    return Grammar(getattr(import_module(language.module), language.function)())


@cache
def _query(language: Language, kind: str) -> tree_sitter.Query:
    from tree_sitter import Query

    names = language.definitions if kind == "definitions" else language.references
    return Query(_grammar(language), query_text(kind, names))


def _references(root: tree_sitter.Node, data: bytes, language: Language) -> tuple[dict[str, int], dict[str, int]]:
    """Plain names, and those after a dot, each with its count."""
    from tree_sitter import QueryCursor

    captures = QueryCursor(_query(language, "references")).captures(root)
    return _counted(captures.get("name", ()), data), _counted(captures.get("member", ()), data)


def _counted(nodes: Iterable[tree_sitter.Node], data: bytes) -> dict[str, int]:
    counted = Counter([data[node.start_byte : node.end_byte] for node in nodes])
    kept = sorted(
        (name, count) for name, count in counted.items() if len(name) <= _NAME_LIMIT
    )  # captures have no order
    return {name.decode("utf-8", "replace"): count for name, count in kept}


def _definitions(root: tree_sitter.Node, data: bytes, language: Language) -> list[Definition]:
    from tree_sitter import QueryCursor

    found: dict[int, tuple[int, int, str, str, str, int, str]] = {}  # by where the name is
    for _, captures in QueryCursor(_query(language, "definitions")).matches(root):
        names = body = node = scope = None
        kind = ""
        for key, nodes in captures.items():
            match key:
                case "name":
                    names = nodes
                case "body":
                    body = nodes[0]
                case "scope":
                    scope = nodes[0]
                case _:
                    kind, node = key[len("definition.") :], nodes[0]
        if node is None or not names:
            continue
        for each in names:
            name_node = _declared(each)
            at = name_node.start_byte
            known = found.get(at)
            if known is not None and _RANK.get(known[2], _KIND_RANK) >= _RANK.get(kind, _KIND_RANK):
                continue
            name, above = _parts(data[at : name_node.end_byte].decode("utf-8", "replace"))
            if not name or len(name) > _NAME_LIMIT or name_node.is_missing:
                continue
            if scope is not None:
                above = data[scope.start_byte : scope.end_byte].decode("utf-8", "replace")
            line = name_node.start_point[0] + 1
            found[at] = (node.start_byte, node.end_byte, kind, name, above, line, _signature(node, body, data))
    return _nested(list(found.values()), data)


def _declared(node: tree_sitter.Node) -> tree_sitter.Node:
    """The name inside a C declarator; any other node is the name itself."""
    while node.type.endswith("_declarator"):
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next((child for child in reversed(node.named_children) if child.type != "parameter_list"), None)
        if inner is None:
            break
        node = inner
    return node


def _parts(text: str) -> tuple[str, str]:
    """A name as written, and what stands before it: `Queue<T>::push` -> `push`, `Queue`."""
    if text.startswith("operator") or "(" in text:
        return " ".join(text.split())[:_NAME_LIMIT], ""
    for mark in ("::", "."):
        above, found, name = text.rpartition(mark)
        if found:
            return name.strip(), above.split("<")[0].strip().replace("::", ".")
    return text.strip(), ""


def _signature(node: tree_sitter.Node, body: tree_sitter.Node | None, data: bytes) -> str:
    """What stands before the body, on one line."""
    start = node.start_byte
    if body is None:
        body = node.child_by_field_name("body")
    end = node.end_byte
    if body is not None and body.start_byte > start:
        before = body.prev_sibling
        while before is not None and before.type == "comment":
            body, before = before, before.prev_sibling
        end = body.start_byte
    else:
        line_end = data.find(b"\n", start, end)
        end = line_end if line_end > 0 else end
    text = " ".join(data[start : min(end, start + 4 * SIGNATURE_LIMIT)].decode("utf-8", "replace").split())
    if text.endswith((" {", " =", " =>", ";")):
        text = text.rstrip("{=>;").rstrip()
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in text) if not text.isprintable() else text
    return text if len(text) <= SIGNATURE_LIMIT else text[: SIGNATURE_LIMIT - 1] + "…"


def _nested(found: list[tuple[int, int, str, str, str, int, str]], data: bytes) -> list[Definition]:
    """The definitions in the order of the file, each with the one around it."""
    found.sort(key=lambda each: (each[0], -each[1], each[5]))
    definitions: list[Definition] = []
    around: list[tuple[int, int, int]] = []  # start, end and place of those we are inside of
    lines = _LineNumbers(data)
    for start, end, kind, name, above, line, signature in found:
        while around and (around[-1][1] <= start or around[-1][:2] == (start, end)):
            around.pop()
        parent = around[-1][2] if around else NO_PARENT
        outer = definitions[parent].kind if parent != NO_PARENT else ""
        if kind in _LOCAL and outer in FUNCTIONS:
            continue
        if kind == "function" and (outer in TYPES or outer == "impl"):
            kind = "method"
        around.append((start, end, len(definitions)))
        definitions.append(Definition(name, kind, line, max(line, lines.of(end - 1)), parent, signature, above))
    return definitions


class _LineNumbers:
    """The line of a byte, counting from 1."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._starts: list[int] | None = None

    def of(self, at: int) -> int:
        from bisect import bisect_left

        if self._starts is None:
            self._starts = []
            place = self._data.find(b"\n")
            while place >= 0:
                self._starts.append(place)
                place = self._data.find(b"\n", place + 1)
        return bisect_left(self._starts, at) + 1
