"""The graph and the ranks on it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.symbols.graph import Graph, build_graph, is_test
from plugsky_tui.workspace.symbols.pagerank import pagerank
from plugsky_tui.workspace.symbols.tags import Definition, FileTags
from plugsky_tui.workspace.symbols.tokens import estimate


def file(*defines: str, uses: dict[str, int] | None = None, kind: str = "function", **more: object) -> str:
    definitions = [Definition(name, kind, at + 1, at + 1, -1, f"def {name}()") for at, name in enumerate(defines)]
    return FileTags(definitions, uses or {}, **more).to_json()  # type: ignore[arg-type]


def graph_of(files: dict[str, str], language: str = "python") -> Graph:
    return build_graph(
        {path: f"{language}:{path}" for path in sorted(files)}, {f"{language}:{p}": t for p, t in files.items()}
    )


def links(graph: Graph, files: dict[str, str]) -> set[tuple[str, str, int]]:
    """(user, defining file, place) of each link."""
    paths = sorted(files)
    return {
        (paths[source], paths[graph.files[definition]], graph.places[definition])
        for source, definition in zip(graph.sources, graph.definitions, strict=True)
    }


def test_the_ranks_of_a_known_graph() -> None:
    # the ring 0 -> 1 -> 2 -> 0 with a chord 0 -> 2; by hand: r = 0.05 + 0.85 * (…)
    ranks = pagerank([0, 0, 1, 2], [1, 2, 2, 0], [1, 1, 1, 1], [1, 1, 1])
    assert ranks == pytest.approx([0.387790, 0.214811, 0.397400], abs=1e-5)


@given(st.integers(1, 12), st.integers(0, 40), st.integers(0, 2**32))
def test_ranks_add_up_to_one_and_none_is_negative(nodes: int, edges: int, seed: int) -> None:
    chance = random.Random(seed)
    pairs = sorted({(chance.randrange(nodes), chance.randrange(nodes)) for _ in range(edges)})
    weights = [chance.random() + 0.01 for _ in pairs]
    interest = [chance.random() for _ in range(nodes - 1)] + [1.0]
    ranks = pagerank([a for a, _ in pairs], [b for _, b in pairs], weights, interest)
    assert sum(ranks) == pytest.approx(1.0)
    assert min(ranks) >= 0


def test_a_name_leads_to_the_file_that_defines_it() -> None:
    files = {"a.py": file("helper"), "b.py": file("main", uses={"helper": 2, "print": 1})}
    assert links(graph_of(files), files) == {("b.py", "a.py", 0)}


def test_a_file_that_defines_the_name_itself_means_its_own() -> None:
    files = {"a.py": file("check"), "b.py": file("check", uses={"check": 1})}
    assert links(graph_of(files), files) == set()


def test_a_name_defined_everywhere_means_nothing() -> None:
    files = {f"m{number}.py": file("get") for number in range(21)} | {"z.py": file("z", uses={"get": 5})}
    assert links(graph_of(files), files) == set()


def test_a_bare_name_is_no_method_and_a_member_may_be_anything() -> None:
    methods = file("push", kind="method")
    files = {"a.py": methods, "b.py": file(uses={"push": 1}), "c.py": file(members={"push": 1})}
    assert links(graph_of(files), files) == {("c.py", "a.py", 0)}
    java = {"a.java": methods, "b.java": file(uses={"push": 1})}
    assert links(graph_of(java, "java"), java) == {("b.java", "a.java", 0)}


def test_what_every_list_can_do_means_nothing_of_ours() -> None:
    files = {"a.py": file("append", kind="method"), "b.py": file(members={"append": 3})}
    assert links(graph_of(files), files) == set()


def test_code_does_not_use_what_tests_define() -> None:
    files = {
        "src/a.py": file(uses={"helper": 1}),
        "tests/test_b.py": file(uses={"helper": 1}),
        "tests/util.py": file("helper"),
    }
    assert links(graph_of(files), files) == {("tests/test_b.py", "tests/util.py", 0)}


def test_generated_and_foreign_files_have_no_part() -> None:
    files = {
        "a.py": file("made", generated=True),
        "vendor/b.py": file("foreign"),
        "c.py": file("c", uses={"made": 1, "foreign": 1}),
    }
    assert links(graph_of(files), files) == set()


def test_one_language_does_not_refer_to_anothers_names() -> None:
    bodies = {
        "python:a": file("helper"),
        "go:b": file(uses={"helper": 1}),
        "cpp:c": file(uses={"queue": 1}),
        "c:d": file("queue"),
    }
    graph = build_graph({"a.py": "python:a", "b.go": "go:b", "c.cpp": "cpp:c", "d.h": "c:d"}, bodies)
    assert list(zip(graph.sources, [graph.files[each] for each in graph.definitions], strict=True)) == [(2, 3)]


def test_a_graph_survives_being_written_down_and_nothing_else_is_taken_for_one() -> None:
    files = {"a.py": file("helper"), "b.py": file("main", uses={"helper": 2})}
    graph = graph_of(files)
    data = graph.to_bytes()
    assert Graph.from_bytes(data) == graph
    for broken in (b"", data[:-1], data + b"\0", b"\0" * len(data), b"x" * 5):
        assert Graph.from_bytes(broken) is None


def test_more_use_gives_more_score_and_the_focus_more_still() -> None:
    files = {f"u{number}.py": file(uses={"popular_name": 1}) for number in range(5)}
    files |= {"a.py": file("popular_name"), "b.py": file("rare_name"), "v.py": file(uses={"rare_name": 1})}
    graph = graph_of(files)
    by_name = {("a.py"): 0.0, ("b.py"): 0.0}
    paths = sorted(files)

    def scores(interest: list[float]) -> dict[str, float]:
        found = graph.rank_definitions(graph.rank_files(interest))
        return {paths[graph.files[number]]: score for number, score in enumerate(found)}

    plain = scores([1.0] * len(paths))
    assert plain["a.py"] > plain["b.py"]
    focused = scores([1.0 if path == "v.py" else 0.01 for path in paths])
    assert focused["b.py"] > focused["a.py"]
    assert set(plain) == set(by_name)


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("tests/a.py", True),
        ("src/test_a.py", True),
        ("a_test.go", True),
        ("src/a.spec.ts", True),
        ("src/contest.py", False),
    ],
)
def test_tests_are_known_by_their_names(path: str, test: bool) -> None:
    assert is_test(path) is test


def test_tokens_are_rather_over_than_underestimated() -> None:
    assert estimate("") == 0
    assert estimate("abcdef") == 2
    assert estimate("長さ") == 2
