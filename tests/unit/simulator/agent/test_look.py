"""Looking around a repository."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

SHAPES = '''"""Shapes and their areas.

More about it.
"""

import math
from typing import Protocol

UNIT = 1


class Circle:
    """A round thing."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def area(self) -> float:
        """Its area."""
        return math.pi * self.radius**2


def total(shapes: list[Circle]) -> float:
    """The sum of the areas."""
    return sum(shape.area() for shape in shapes)
'''
FILES = {
    "README.md": "# Shapes\n\n[![badge](x)](y)\n\nA small library for areas of round things, with examples.\n\nMore.\n",
    "src/shapes.py": SHAPES,
    "tests/test_shapes.py": "from shapes import total\n\n\ndef test_total():\n    assert total([]) == 0\n",
    "docs/notes.md": "total is explained here: total()\n",
}


@pytest.fixture
def driver(repo: Callable[..., Any]) -> Any:
    return repo(FILES)


def test_an_overview_shows_the_files_and_what_the_readme_says(driver: Any) -> None:
    text = driver.ask("what is in this repo?")
    assert "> A small library for areas of round things" in text and "src/shapes.py" in text and "python (2)" in text


def test_a_definition_is_found_before_its_uses(driver: Any) -> None:
    text = driver.ask("where is `total`?")
    assert "**`src/shapes.py:23`** defines it" in text
    assert "def total(shapes: list[Circle]) -> float:" in text and "```python" in text
    assert "`tests/test_shapes.py:1`" in text and "`docs/notes.md:1`" in text


def test_a_description_is_searched_by_its_words(driver: Any) -> None:
    assert "`src/shapes.py:" in driver.ask("find where the sum of the areas is computed")


def test_a_name_in_other_case_is_found_all_the_same(driver: Any) -> None:
    assert "`src/shapes.py:12`" in driver.ask("where is circle?")


def test_a_file_is_found_by_its_name(driver: Any) -> None:
    assert "**`src/shapes.py`**" in driver.ask("where is shapes.py?")


def test_what_is_not_there_is_said_to_be_not_there(driver: Any) -> None:
    assert "Nothing here matches `unobtainium`" in driver.ask("where is unobtainium?")


def test_signs_in_a_search_are_no_regular_expression(driver: Any) -> None:
    assert "`src/shapes.py:20`" in driver.ask("find `self.radius**2`")


def test_a_python_file_is_explained_by_its_outline(driver: Any) -> None:
    text = driver.ask("explain src/shapes.py")
    assert "> Shapes and their areas." in text and "`math`, `typing`" in text
    assert "- constant `UNIT` (line 9)" in text
    assert "- class `Circle` (line 12) — A round thing." in text and "  - `area(self)` — Its area." in text
    assert "- function `total(shapes: list[Circle])` (line 23) — The sum of the areas." in text
    assert "I do not understand what the code means" in text


def test_a_file_given_by_its_bare_name_is_found_and_explained(driver: Any) -> None:
    assert "## `src/shapes.py`" in driver.ask("explain shapes.py")


def test_a_function_is_explained_by_its_definition(driver: Any) -> None:
    text = driver.ask("what does `total` do?")
    assert "**`src/shapes.py:23`** (3 lines)" in text and "> The sum of the areas." in text and "`area`, `sum`" in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.go",
            'package a\nimport "fmt"\ntype T struct{}\nfunc (t T) Run() {}\n',
            ["type `T`", "function `Run`", "`fmt`"],
        ),
        (
            "a.ts",
            "import x from './x'\nexport class A {}\nexport const f = (a) => a\n",
            ["class `A`", "function `f`", "`./x`"],
        ),
        ("a.rs", "use std::io;\npub struct S;\npub fn go() {}\n", ["type `S`", "function `go`", "`std::io`"]),
        ("b.py", "def broken(:\n    pass\n\ndef fine():\n    pass\n", ["It begins"]),
        ("a.toml", "[project]\nname = 'x'\n[tool.x]\n", ["table `project`", "table `tool.x`"]),
        ("empty.py", "", ["0 lines"]),
        ("a.xyz", "some\nlines\n", ["It begins", "some"]),
    ],
)
def test_other_files_are_outlined_by_patterns(
    repo: Callable[..., Any], name: str, content: str, said: list[str]
) -> None:
    text = repo({name: content}).ask(f"explain {name}")
    assert all(part in text for part in said), text


def test_a_missing_file_is_told_in_the_tool_s_words(driver: Any) -> None:
    assert "could not read `nothing.py`" in driver.ask("explain nothing.py") and "no such file" in driver.said()[-1]


def test_a_refused_read_ends_it_plainly(driver: Any) -> None:
    driver.refuse = {"read": "Not allowed: secrets are not read."}
    assert "secrets are not read" in driver.ask("explain src/shapes.py")
