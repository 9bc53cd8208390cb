"""From the bytes of a source file to its tags. Runs in a worker process: grammars are C, and files are anyone's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    from tree_sitter import QueryCursor

    root = parser_of(language).parse(data).root_node
    captures = QueryCursor(_query(language)).captures(root)
    return FileTags(
        _definitions(captures, data),
        _counted(captures.get("reference", ()), data),
        _counted(captures.get("member", ()), data),
        generated=source.is_generated(data),
        errors=root.has_error,
    )


@cache
def _grammar(language: Language) -> tree_sitter.Language:
    from tree_sitter import Language as Grammar

    return Grammar(getattr(import_module(language.module), language.function)())


@cache
def _query(language: Language) -> tree_sitter.Query:
    """All that is looked for, as one query: the tree is walked once."""
    from tree_sitter import Query

    text = query_text("definitions", language.definitions) + "\n" + query_text("references", language.references)
    return Query(_grammar(language), text)


def _counted(nodes: Iterable[tree_sitter.Node], data: bytes) -> dict[str, int]:
    counted = Counter([data[node.start_byte : node.end_byte] for node in nodes])
    kept = sorted(
        (name, count) for name, count in counted.items() if len(name) <= _NAME_LIMIT
    )  # captures have no order
    return {name.decode("utf-8", "replace"): count for name, count in kept}


@dataclass(slots=True)
class _Found:
    """A node that defines something, with what was captured inside it."""

    start: int
    end: int
    kind: str
    node: tree_sitter.Node
    names: list[tree_sitter.Node] = field(default_factory=list)
    body: tree_sitter.Node | None = None
    scope: tree_sitter.Node | None = None


def _definitions(captures: Mapping[str, list[tree_sitter.Node]], data: bytes) -> list[Definition]:
    definitions: list[Definition] = []
    around: list[tuple[_Found, int]] = []  # those we are inside of, with their places
    for found in _with_captures(captures):
        while around and around[-1][0].end <= found.start:
            around.pop()
        parent = around[-1][1] if around else NO_PARENT
        kind, outer = found.kind, definitions[parent].kind if parent != NO_PARENT else ""
        if kind in _LOCAL and outer in FUNCTIONS:
            continue
        if kind == "function" and (outer in TYPES or outer == "impl"):
            kind = "method"
        signature = ""
        end = found.node.end_point
        last = end.row + (end.column > 0)  # at the start of a line: it ended with the one before
        for each in sorted({node.start_byte: node for node in map(_declared, found.names)}.items()):
            name_node = each[1]
            name, above = _parts(data[each[0] : name_node.end_byte].decode("utf-8", "replace"))
            if not name or len(name) > _NAME_LIMIT or name_node.is_missing:
                continue
            if found.scope is not None:
                above = data[found.scope.start_byte : found.scope.end_byte].decode("utf-8", "replace")
            line = name_node.start_point[0] + 1
            signature = signature or _signature(found.node, found.body, data)
            if not around or around[-1][0] is not found:
                around.append((found, len(definitions)))
            definitions.append(Definition(name, kind, line, max(line, last), parent, signature, above))
    return definitions


def _with_captures(captures: Mapping[str, list[tree_sitter.Node]]) -> list[_Found]:
    """The defining nodes in the order of the file. A name, a body, a scope is that of the innermost one around it."""
    by_range: dict[tuple[int, int], _Found] = {}
    inside: list[tuple[int, str, tree_sitter.Node]] = []
    for key, nodes in captures.items():
        if key.startswith("definition."):
            kind = key[len("definition.") :]
            for node in nodes:
                place = (node.start_byte, -node.end_byte)
                known = by_range.get(place)
                if known is None:
                    by_range[place] = _Found(node.start_byte, node.end_byte, kind, node)
                elif _RANK.get(known.kind, _KIND_RANK) < _RANK.get(kind, _KIND_RANK):
                    known.kind = kind
        elif key in ("name", "body", "scope"):
            inside += [(node.start_byte, key, node) for node in nodes]
    inside.sort(key=lambda each: each[0])
    found = [by_range[place] for place in sorted(by_range)]
    around: list[_Found] = []
    at = 0
    for start, key, node in inside:
        while at < len(found) and found[at].start <= start:
            around.append(found[at])
            at += 1
        end = node.end_byte
        while around and around[-1].end <= start:
            around.pop()
        owner = next((each for each in reversed(around) if each.end >= end), None)
        match key:
            case _ if owner is None:
                continue
            case "name":
                owner.names.append(node)
            case "body":
                owner.body = node
            case "scope":
                owner.scope = node
    return found


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
