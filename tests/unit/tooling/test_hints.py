"""Every error that a tool answers with tells the model its next step."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import plugsky_tui

PACKAGE = Path(plugsky_tui.__file__).parent
PLACES = [PACKAGE.parent / "tools", PACKAGE / "tooling", PACKAGE / "workspace"]


def errors_without_a_hint(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("ToolError", "PatchError", "NoMatch")
            and len(node.args) < 2
            and not any(keyword.arg == "hint" for keyword in node.keywords)
        ):
            yield f"{file.relative_to(PACKAGE.parent)}:{node.lineno}"


def test_no_error_of_a_tool_is_without_a_next_step() -> None:
    assert [each for place in PLACES for file in place.rglob("*.py") for each in errors_without_a_hint(file)] == []
