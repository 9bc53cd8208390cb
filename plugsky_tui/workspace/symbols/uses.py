"""Where a name is used in one file: as a token of the language, not as a word in a comment or a text.

Runs in a worker process.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from plugsky_tui.workspace.symbols.extract import parser_of
from plugsky_tui.workspace.symbols.languages import Language

if TYPE_CHECKING:
    import tree_sitter

FILE_LIMIT = 500  # lines of one file
LINE_LIMIT = 200  # characters of a line
_COMMANDS = frozenset(("command_name", "function_definition", "command"))


def find_uses(data: bytes, language: Language, name: str) -> list[tuple[int, str]]:
    """Number (from 1) and text of each line with `name` on it as a token, at most FILE_LIMIT."""
    wanted = name.encode("utf-8")
    expression = re.compile(rb"(?<![\w\x80-\xff])" + re.escape(wanted) + rb"(?![\w\x80-\xff])")
    found: list[tuple[int, str]] = []
    root: tree_sitter.Node | None = None
    number, counted, line_end = 1, 0, -1
    for match in expression.finditer(data):
        at = match.start()
        if at < line_end:  # a line is told once
            continue
        if root is None:
            root = parser_of(language).parse(data).root_node
        if not _is_token(root, at, match.end(), language):
            continue
        number += data.count(b"\n", counted, at)
        counted = at
        start = data.rfind(b"\n", 0, at) + 1
        line_end = data.find(b"\n", at)
        line_end = len(data) if line_end < 0 else line_end
        found.append((number, _shown(data[start:line_end])))
        if len(found) >= FILE_LIMIT:
            break
    return found


def _is_token(root: tree_sitter.Node, start: int, end: int, language: Language) -> bool:
    node = root.descendant_for_byte_range(start, end)
    if node is None or not node.is_named or node.end_byte != end:
        return False
    if node.type == "simple_symbol":  # Ruby names methods so: `before_action :authenticate`
        return node.start_byte == start - 1
    if node.start_byte != start:
        return False
    if "comment" in node.type or "string" in node.type or node.type in ("heredoc_body", "text", "jsx_text"):
        return False
    if language.name == "bash" and node.type == "word":
        return node.parent is not None and node.parent.type in _COMMANDS
    return True


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return text if len(text) <= LINE_LIMIT else text[: LINE_LIMIT - 1] + "…"
