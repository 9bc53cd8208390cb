"""semantic_search: what the model is told of the places that the index finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.tooling import ToolError
from plugsky_tui.tooling.semantic import Found, Passage
from plugsky_tui.tooling.toolbox import ToolboxOf


@dataclass
class Index:
    """Finds what it was given, and notes what it was asked."""

    found: Found = field(default_factory=lambda: Found([], []))
    built: bool = True
    asked: list[tuple[str, int, Sequence[str]]] = field(default_factory=list)

    async def search(self, query: str, limit: int, within: Sequence[str] = ()) -> Found:
        self.asked.append((query, limit, list(within)))
        return self.found


@pytest.fixture
def index(ws) -> Index:  # type: ignore[no-untyped-def]
    index = Index(Found([Passage("src/a.py", 7, 8, 0.8312, "def f():\n    return 1")], ["1 file has changed"]))
    ws.context.semantic = index
    ws.toolbox = ToolboxOf(_tools(), ws.context)
    return index


def _tools():  # type: ignore[no-untyped-def]
    from plugsky_tui.tooling.registry import load_tools

    return load_tools().instances()


async def test_places_are_told_with_path_lines_and_score(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    result = await ws("semantic_search", query="where is f?", limit=3)

    assert result.output == "src/a.py:7-8  0.83\n     7\tdef f():\n     8\t    return 1\n\n(1 file has changed)"
    assert index.asked == [("where is f?", 3, [])]


async def test_it_looks_eight_places_up_unless_told(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    await ws("semantic_search", query="f")

    assert index.asked[0][1] == 8


@pytest.mark.parametrize(
    ("path", "within"),
    [
        ("src", ["/src", "src/**"]),
        ("./src/", ["/src", "src/**"]),
        ("src/**/*.py", ["src/**/*.py"]),
        (".", []),
        ("", []),
    ],
)
async def test_a_path_narrows_it(ws, index: Index, path: str, within: list[str]) -> None:  # type: ignore[no-untyped-def]
    await ws("semantic_search", query="f", path=path)

    assert index.asked[0][2] == within


async def test_absolute_paths_into_the_folder_will_do(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    await ws("semantic_search", query="f", path=str(ws.path / "src"))
    await ws("semantic_search", query="f", path=str(ws.path))

    assert [asked[2] for asked in index.asked] == [["/src", "src/**"], []]


async def test_what_makes_no_sense_is_an_error_with_the_next_step(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    assert "empty" in await ws.fails("semantic_search", query="  ")
    assert "from 1 to 50" in await ws.fails("semantic_search", query="f", limit=0)
    assert "outside the folder" in await ws.fails("semantic_search", query="f", path="../other")
    assert "outside the folder" in await ws.fails("semantic_search", query="f", path="/etc")


async def test_results_are_bounded_and_say_what_is_left_out(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    long = "\n".join("x" * 2000 for _ in range(100))
    index.found = Found([Passage(f"f{at}.txt", 1, 100, 0.5, long) for at in range(50)], [])

    output = (await ws("semantic_search", query="f", limit=50)).output

    assert len(output) < 80_000
    assert " more)" in output
    assert "for which there is no room" in output
    assert "(2,000 characters)" in output


async def test_lines_that_have_changed_since_are_marked(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    index.found = Found([Passage("a.py", 1, 1, 0.5, "x", changed=True)], [])

    assert "changed since it was indexed" in (await ws("semantic_search", query="f")).output


async def test_nothing_found_is_said(ws, index: Index) -> None:  # type: ignore[no-untyped-def]
    index.found = Found([], [])

    assert "Nothing is indexed in src" in (await ws("semantic_search", query="f", path="src")).output


async def test_without_an_index_it_is_not_offered_and_whoever_calls_it_is_told_why(ws) -> None:  # type: ignore[no-untyped-def]
    for semantic in (None, Index(built=False)):
        ws.context.semantic = semantic
        toolbox = ToolboxOf(_tools(), ws.context)
        assert "semantic_search" not in [each.name for each in toolbox.definitions()]
        with pytest.raises(ToolError) as caught:
            await toolbox.prepare(ToolCall("c", "semantic_search", {"query": "f"}))
        assert "plugsky index" in caught.value.hint
