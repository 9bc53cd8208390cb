"""Searching the transcript's texts, and finding what was found in the rows on the screen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment

from plugsky_tui.frontends.tui.transcript.finding import MOST, Found, Texts
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.transcript.units import Note, Prompt, Thought, Tool


def units(*texts: str) -> list[Prompt]:
    return [Prompt(text) for text in texts]


def test_every_place_is_found_unit_by_unit():
    assert Texts(units("a cat", "no", "cat cat\ncat")).places("cat") == [(0, 0), (2, 0), (2, 1), (2, 2)]


def test_nothing_is_found_across_two_units_and_nothing_in_nothing():
    assert Texts(units("ca", "t")).places("cat") == []
    assert Texts([]).places("cat") == []
    assert Texts(units("cat")).places("") == []


def test_capitals_count_only_where_the_query_has_some():
    texts = Texts(units("Cat", "cat", "CAT"))
    assert len(texts.places("cat")) == 3
    assert texts.places("Cat") == [(0, 0)]


def test_characters_that_grow_when_lowered_shift_nothing():
    assert Texts(units("İ" * 30, "cat")).places("cat") == [(1, 0)]


def test_line_breaks_are_spaces_and_all_of_a_call_is_searched():
    tool = Tool("c", "shell", "make all", "make\nall -j2", output="error: x")
    texts = Texts([Prompt("one\ntwo"), tool, Thought(["deep ", "thought"]), Note("info", "told")])
    assert [texts.places(query)[0][0] for query in ("one two", "all -j2", "error: x", "deep thought", "told")] == [
        0,
        1,
        1,
        2,
        3,
    ]


def test_no_more_places_are_counted_than_anybody_reads():
    assert len(Texts(units("a" * (MOST + 500))).places("a")) == MOST


def rows(*texts: str) -> list[Row]:
    return [Row([Segment("  "), Segment(text)], 2, join=" ") for text in texts]


def test_what_was_wrapped_is_found_across_its_rows():
    found = Found("quick brown fox", [(0, 0)])
    lines = rows("the quick", "brown", "fox jumps")
    assert [[span for span, _ in row] for row in found.spans(0, lines)] == [[(4, 9)], [(0, 5)], [(0, 3)]]
    assert found.row_of(0, 0, lines) == 0
    assert found.row_of(0, 1, lines) is None


def test_decoration_is_not_searched():
    assert Found("more", [(0, 0)]).spans(0, [Row([Segment("… 5 more lines")], 0, bare=True)]) == [[]]


@settings(max_examples=60)
@given(st.lists(st.text("ab \n", max_size=12), max_size=6), st.text("ab", min_size=1, max_size=3))
def test_as_many_are_found_as_there_are(texts, query):
    assert len(Texts(units(*texts)).places(query)) == sum(text.count(query) for text in texts)


def test_steps_go_round_and_begin_with_what_is_above():
    found = Found("x", [(2, 0), (5, 0), (9, 0)])
    found.begin(6)
    assert found.here == (5, 0)
    found.step(1)
    found.step(1)
    assert found.here == (2, 0)
    found.begin(1)
    assert found.here == (2, 0)
    nothing = Found("x", [])
    nothing.begin(3)
    nothing.step(1)
    assert nothing.here is None
