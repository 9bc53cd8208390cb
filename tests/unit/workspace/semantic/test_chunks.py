"""Chunks: whole definitions where they fit; every line that says something is in exactly one of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.semantic import sources
from plugsky_tui.workspace.semantic.chunks import LONGEST_LINE, MOST, Chunk, Span, body_of, cut_up
from plugsky_tui.workspace.semantic.spans import spans_of_markdown
from plugsky_tui.workspace.symbols.extract import extract
from plugsky_tui.workspace.symbols.languages import language_of
from plugsky_tui.workspace.symbols.source import Unreadable

PACKAGE = Path(sources.__file__).parents[2]

LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=120)
TEXT = st.lists(st.one_of(st.just(""), LINE, st.just("    indented = line"), st.just("x" * 900)), max_size=120)


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[Span]]:
    """Lines, and spans in order, some with others inside; some reach beyond the file or overlap, as tags of a file that
    has changed do."""
    lines = draw(TEXT)
    numbers = st.integers(1, len(lines) + 5)
    spans = []
    for first, last in draw(st.lists(st.tuples(numbers, numbers), max_size=8)):
        inside = [Span(a, b, "inner") for a, b in draw(st.lists(st.tuples(numbers, numbers), max_size=4))]
        spans.append(Span(first, last, "outer", inside))
    return lines, spans


@given(files())
def test_every_line_that_is_not_blank_is_in_exactly_one_chunk(file: tuple[list[str], list[Span]]) -> None:
    lines, spans = file

    chunks = cut_up(lines, spans)

    covered = [line for chunk in chunks for line in range(chunk.first, chunk.last + 1)]
    assert covered == sorted(set(covered))
    assert {number for number, line in enumerate(lines, 1) if line.strip()} <= set(covered)


@given(files())
def test_chunks_are_bounded_and_begin_and_end_with_text(file: tuple[list[str], list[Span]]) -> None:
    lines, spans = file

    for chunk in cut_up(lines, spans):
        assert chunk.text == body_of(lines, chunk.first, chunk.last)
        assert chunk.text.strip()
        assert lines[chunk.first - 1].strip() and lines[chunk.last - 1].strip()
        assert len(chunk.text) <= MOST or chunk.first == chunk.last


def test_of_one_endless_line_the_beginning_is_looked_at() -> None:
    [chunk] = cut_up(["word " * 10_000], [])

    assert len(chunk.given) == LONGEST_LINE


def chunks_of(path: Path) -> list[Chunk]:
    source = sources.read(str(path))
    language = language_of(path.name)
    return sources.chunks_of(path.name, source, extract(path.read_bytes(), language) if language else None)


@pytest.mark.parametrize("name", ["kernel/loop.py", "providers/client.py", "workspace/web/markdown.py"])
def test_definitions_of_real_code_are_not_torn_where_they_fit(name: str) -> None:
    path = PACKAGE / name
    lines = path.read_text().split("\n")
    language = language_of(name)
    assert language is not None
    tags = extract(path.read_bytes(), language)

    chunks = chunks_of(path)

    for definition in tags.definitions:
        size = sum(len(line) + 1 for line in lines[definition.line - 1 : definition.end])
        if definition.kind in ("function", "method") and size <= MOST:
            assert any(chunk.first <= definition.line and definition.end <= chunk.last for chunk in chunks), definition
    assert {number for number, line in enumerate(lines, 1) if line.strip()} == {
        line for chunk in chunks for line in range(chunk.first, chunk.last + 1) if lines[line - 1].strip()
    }


def test_decorators_and_comments_stay_with_what_they_are_about(tmp_path: Path) -> None:
    body = "\n".join(f"    step_{number} = {number} * 'some length to fill the chunk with'" for number in range(20))
    path = tmp_path / "a.py"
    path.write_text(
        f"import os\n\nX = 1\n\n\ndef first():\n{body}\n\n\n# why there is\n# a second\n@decorated(\n    1,\n)\ndef second():\n{body}\n"
    )

    texts = {chunk.name: chunk.text for chunk in chunks_of(path)}

    assert texts["second"].startswith("# why there is\n# a second\n@decorated(")


def test_in_c_what_stands_before_a_name_stays_with_it(tmp_path: Path) -> None:
    body = "\n".join(f"  call_number_{number}(with, some, arguments, to, it);" for number in range(25))
    path = tmp_path / "a.c"
    path.write_text(
        f"static int\nfirst(void)\n{{\n{body}\n}}\n\n/* the other */\nstatic struct list *\nsecond(int a)\n{{\n{body}\n}}\n"
    )

    chunks = chunks_of(path)

    assert [(chunk.name, chunk.text.split("\n")[0]) for chunk in chunks] == [
        ("first", "static int"),
        ("second", "/* the other */"),
    ]


def test_a_long_class_is_cut_between_its_methods_which_keep_its_name(tmp_path: Path) -> None:
    body = "\n".join(f"        value_{number} = self.compute_something({number})" for number in range(25))
    path = tmp_path / "a.py"
    path.write_text("class Queue:\n" + "\n".join(f"    def method_{at}(self):\n{body}\n" for at in range(6)))

    chunks = chunks_of(path)

    assert [chunk.name.split(", ")[-1] for chunk in chunks] == [f"Queue.method_{at}" for at in range(6)]
    assert chunks[1].given.startswith("Queue.method_1\n    def method_1(self):")


def test_markdown_is_cut_at_its_headings_but_not_at_comments_in_code() -> None:
    text = "intro\n\n# Guide\n\n## Install\n\n```sh\n# not a heading\n```\n\n## Use ##\n\nhow\n\n# End\n"

    spans = spans_of_markdown(text.split("\n"))

    assert [(span.name, span.first, [each.name for each in span.inside]) for span in spans] == [
        ("Guide", 3, ["Guide > Install", "Guide > Use"]),
        ("End", 15, []),
    ]


def test_a_chunk_that_moves_to_another_file_needs_no_new_vector() -> None:
    lines = ["def f():", "    return 1"]

    assert cut_up(lines, [])[0].key == cut_up(["", "", *lines], [])[0].key


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.bin", b"\0\1\2" * 100, "is binary"),
        ("a.txt", b"word\n" * 60_000, "is larger than 256 KiB and no source code"),
        ("a.js", b"var a=1;" * 2000, "is minified"),
    ],
    ids=["binary", "large", "minified"],
)
def test_what_is_no_text_that_people_write_is_left_out(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Unreadable, match=why):
        sources.read(str(tmp_path / name))


@pytest.mark.parametrize(
    "name", ["uv.lock", "web/package-lock.json", "a.min.js", "data/rows.csv", "logo.svg", "web/node_modules/x/a.js"]
)
def test_files_that_programs_write_are_not_even_read(name: str) -> None:
    assert sources.left_alone(name)
    assert not sources.left_alone("src/package.py")


@pytest.mark.parametrize("encoded", [b"a\r\nb\r\n", "é\nb".encode("latin-1"), "a\nb".encode("utf-16")])
def test_lines_are_counted_as_read_counts_them(tmp_path: Path, encoded: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(encoded)

    assert len(sources.read(str(tmp_path / "a.txt")).lines) == 2
