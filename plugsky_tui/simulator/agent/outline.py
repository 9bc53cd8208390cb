"""The outline of a source file: what it imports and defines, with the first line of each description.

Python is parsed (`ast`, nothing is run); other languages are read by patterns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

_FENCES = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "tsx", ".jsx": "jsx", ".go": "go", ".rs": "rust",
    ".java": "java", ".c": "c", ".h": "c", ".cpp": "cpp", ".rb": "ruby", ".sh": "bash", ".toml": "toml", ".json": "json",
    ".yaml": "yaml", ".yml": "yaml", ".md": "markdown", ".html": "html", ".css": "css", ".sql": "sql",
}  # fmt: skip

_PATTERNS: dict[str, list[tuple[str, str]]] = {
    "javascript": [
        ("class", r"^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+(\w+)"),
        ("function", r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\*?\s+(\w+)"),
        ("function", r"^(?:export\s+)?(?:const|let)\s+(\w+)\s*=\s*(?:async\s*)?(?:\([^)]*\)|\w+)\s*=>"),
        ("type", r"^\s*(?:export\s+)?(?:interface|type|enum)\s+(\w+)"),
        ("import", r"^\s*import\b.*?from\s+['\"]([^'\"]+)"),
        ("import", r"\brequire\(['\"]([^'\"]+)"),
    ],
    "go": [
        ("function", r"^func\s+(?:\([^)]*\)\s*)?(\w+)"),
        ("type", r"^type\s+(\w+)"),
        ("import", r"^\s*(?:import\s+)?\"([\w./-]+)\"$"),
    ],
    "rust": [
        ("function", r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:async\s+)?fn\s+(\w+)"),
        ("type", r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:struct|enum|trait|type)\s+(\w+)"),
        ("import", r"^use\s+([\w:]+)"),
    ],
    "java": [
        ("class", r"^\s*(?:public\s+|private\s+|final\s+|abstract\s+)*(?:class|interface|enum|record)\s+(\w+)"),
        ("function", r"^\s+(?:public|private|protected)\s+[\w<>\[\], ]+\s+(\w+)\s*\("),
        ("import", r"^import\s+([\w.]+)"),
    ],
    "c": [
        ("function", r"^[A-Za-z_][\w\s*]*?\b(\w+)\s*\([^;]*\)\s*\{"),
        ("type", r"^\s*(?:typedef\s+)?(?:struct|enum|union|class)\s+(\w+)"),
        ("import", r"^#include\s+[<\"]([^>\"]+)"),
    ],
    "ruby": [("class", r"^\s*(?:class|module)\s+(\S+)"), ("function", r"^\s*def\s+(\S+)"), ("import", r"^require\S*\s+['\"](.+)['\"]")],
    "bash": [("function", r"^\s*(?:function\s+)?(\w+)\s*\(\)"), ("import", r"^\s*(?:source|\.)\s+(\S+)")],
    "markdown": [("heading", r"^#{1,3}\s+(.+)")],
    "toml": [("table", r"^\[+([^\]]+)\]+")],
    "yaml": [("key", r"^([A-Za-z_][\w-]*):")],
    "json": [("key", r"^ {0,2}\"([^\"]+)\"\s*:")],
}  # fmt: skip
_LIKE = {"typescript": "javascript", "tsx": "javascript", "jsx": "javascript", "cpp": "c"}


@dataclass(slots=True)
class Entry:
    """Something a file defines. `members` are those of a class."""

    kind: str
    name: str
    line: int
    about: str = ""
    members: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Outline:
    language: str
    about: str = ""
    imports: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def fence_of(path: str) -> str:
    """The language name for a code fence."""
    return _FENCES.get(PurePosixPath(path).suffix.lower(), "text")


def outline(path: str, text: str) -> Outline:
    language = fence_of(path)
    if language == "python" and (parsed := _python(text)) is not None:
        return parsed
    return _by_pattern(language, text)


def _python(text: str) -> Outline | None:
    import ast  # only where something is explained

    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    out = Outline("python", _first_line(ast.get_docstring(tree)))
    for node in tree.body:
        match node:
            case ast.Import(names=names):
                out.imports += [alias.name for alias in names]
            case ast.ImportFrom(module=module, level=level):
                out.imports.append("." * level + (module or ""))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                out.entries.append(
                    Entry(
                        "function",
                        f"{node.name}({_signature(node)})",
                        node.lineno,
                        _first_line(ast.get_docstring(node)),
                    )
                )
            case ast.ClassDef():
                methods = [
                    Entry(
                        "method", f"{item.name}({_signature(item)})", item.lineno, _first_line(ast.get_docstring(item))
                    )
                    for item in node.body
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
                ]
                out.entries.append(
                    Entry("class", node.name, node.lineno, _first_line(ast.get_docstring(node)), methods)
                )
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if name.isupper():
                out.entries.append(Entry("constant", name, node.lineno))
            case _:
                pass
    return out


def _signature(node: object) -> str:
    import ast

    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    written = ast.unparse(node.args)
    return written if len(written) <= 60 else written[:57] + "…"


def _first_line(docstring: str | None) -> str:
    return docstring.strip().split("\n", 1)[0].strip() if docstring else ""


def _by_pattern(language: str, text: str) -> Outline:
    out = Outline(language, _leading_comment(text))
    patterns = [(kind, re.compile(pattern)) for kind, pattern in _PATTERNS.get(_LIKE.get(language, language), [])]
    for number, line in enumerate(text.split("\n"), 1):
        for kind, pattern in patterns:
            found = pattern.search(line[:400])
            if not found:
                continue
            if kind == "import":
                out.imports.append(found[1])
            elif found[1] not in {"if", "for", "while", "switch", "return"}:
                out.entries.append(Entry(kind, found[1].strip(), number))
            break
    return out


def _leading_comment(text: str) -> str:
    for line in text.split("\n")[:12]:
        stripped = line.strip()
        if not stripped or stripped.startswith(("#!", "<!--")):
            continue
        found = re.match(r"(?://+|/\*+|#+|--|;)\s*(.*?)(?:\*/)?$", stripped)
        return found[1].strip() if found else ""
    return ""
