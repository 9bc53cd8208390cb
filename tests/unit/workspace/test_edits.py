"""Replacing quoted text: a ladder of relaxations, and nothing guessed beyond it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.edits import NoMatch, replace_text
from plugsky_tui.workspace.text import decode, encode


def edit(text: str, old: str, new: str, **options: bool) -> str:
    return replace_text(text, old, new, **options).text


def relaxed(text: str, old: str, new: str = "new") -> str:
    return replace_text(text, old, new).relaxed


def test_text_that_is_there_once_is_replaced_as_it_is() -> None:
    edited = replace_text("one two three", "two", "2")
    assert (edited.text, edited.relaxed, edited.replaced) == ("one 2 three", "", [("two", "2")])


def test_several_places_are_named_by_their_lines() -> None:
    with pytest.raises(NoMatch, match=r"3 places, at lines 1, 3, 4") as caught:
        edit("x = 1\ny\nx = 1\nx = 1\n", "x = 1", "x = 2")
    assert "replace_all" in caught.value.hint


def test_overlapping_places_are_several_places() -> None:
    with pytest.raises(NoMatch, match="2 places"):
        edit("aaa", "aa", "b")


def test_all_places_are_replaced_when_asked_for() -> None:
    assert edit("a b a b", "a", "c", replace_all=True) == "c b c b"
    assert edit("a\r\nb\na\nb\n", "a\nb", "c\nd", replace_all=True) == "c\r\nd\nc\nd\n"


def test_line_ends_of_the_file_are_kept() -> None:
    assert edit("a\r\nb\r\nc\r\n", "a\nb\n", "a\nB\n") == "a\r\nB\r\nc\r\n"
    assert edit("a\rb\rc\r", "a\nb\n", "x\ny\n") == "x\ry\rc\r"
    assert edit("x\r\ny\r\n", "x", "x\nz") == "x\r\nz\r\ny\r\n"


def test_new_lines_take_the_line_end_of_their_neighbour_where_ends_are_mixed() -> None:
    assert edit("a\r\nb\nc\r\n", "b", "b\nb2") == "a\r\nb\nb2\nc\r\n"
    assert edit("a\r\nb\nc\r\n", "a", "a\na2") == "a\r\na2\r\nb\nc\r\n"


def test_untouched_lines_inside_the_quoted_block_keep_their_ends() -> None:
    assert edit("a\r\nb\nc\r\nd\n", "a\nb\nc\nd", "a\nB\nc\nd") == "a\r\nB\nc\r\nd\n"


def test_no_line_end_is_added_to_or_taken_from_the_last_line() -> None:
    assert edit("a\nb", "b", "c") == "a\nc"
    assert edit("a\nb", "b", "b\nc") == "a\nb\nc"
    assert edit("a\nb\n", "b", "c") == "a\nc\n"


def test_carriage_returns_that_are_asked_for_are_taken_literally() -> None:
    assert edit("a\r\nb\r\n", "a\r\n", "a\n") == "a\nb\r\n"


def test_space_at_line_ends_does_not_matter_and_stays_where_nothing_changed() -> None:
    edited = replace_text("foo   \nbar\t\nbaz\n", "foo\nbar\nbaz", "foo\nBAR\nbaz")
    assert edited.text == "foo   \nBAR\nbaz\n"
    assert "space at line ends" in edited.relaxed


def test_a_quote_that_ends_in_space_only_matches_at_a_line_end() -> None:
    with pytest.raises(NoMatch):
        edit("foobar\n", "foo  ", "x")


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        (
            "    if x:\n        y()\n",
            "if x:\n    y()\n",
            "if x:\n    z()\n\n    w()\n",
            "    if x:\n        z()\n\n        w()\n",
        ),
        ("if x:\n    y()\n", "  if x:\n      y()", "  if x:\n      z()", "if x:\n    z()\n"),
        ("\tif x:\n\t\ty()\n", "    if x:\n        y()", "    if x:\n        z()", "\tif x:\n\t\tz()\n"),
        ("  if x:\n    y()\n", "\tif x:\n\t\ty()", "\tif x:\n\t\t\tz()", "  if x:\n      z()\n"),
        ("    a\n\n    b\n", "a\n\nb", "a\n\nc", "    a\n\n    c\n"),
        ("    a\r\n    b\r\n", "a\nb\n", "a\nc\nd\n", "    a\r\n    c\r\n    d\r\n"),
    ],
)
def test_indentation_that_differs_by_one_rule_is_adapted(text: str, old: str, new: str, expected: str) -> None:
    assert edit(text, old, new) == expected
    assert "indentation" in replace_text(text, old, new).relaxed


def test_indentation_that_differs_by_no_single_rule_is_not_guessed() -> None:
    with pytest.raises(NoMatch):
        edit("  a\n      b\n", "a\nb", "c\nd")


def test_typographic_characters_match_plain_ones_and_stay_where_nothing_changed() -> None:
    text = "say \u201chello\u201d \u2014 to\u00a0bob\n"
    edited = replace_text(text, 'say "hello" - to bob', 'say "hello" - to ann')
    assert edited.text == "say \u201chello\u201d \u2014 to\u00a0ann\n"
    assert "typographic" in edited.relaxed


def test_a_relaxed_match_in_several_places_is_no_match_even_for_all() -> None:
    with pytest.raises(NoMatch, match="lines 1, 3"):
        edit("  a\n    b\n  a\n    b\n", "a\n  b", "c", replace_all=True)


def test_a_miss_shows_the_nearest_block_and_what_differs() -> None:
    text = "def f():\n    return 1\n\ndef g():\n    return 2\n"
    with pytest.raises(NoMatch) as caught:
        edit(text, "def g():\n    return 3\n", "x")
    assert "     4\tdef g():" in caught.value.message
    assert "Line 5 differs: the file has '    return 2', old_string '    return 3'" in caught.value.message


def test_a_miss_by_case_or_space_says_so() -> None:
    with pytest.raises(NoMatch, match="upper and lower case only"):
        edit("Hello World\n", "hello world", "x")
    with pytest.raises(NoMatch, match="in space only"):
        edit("x  =  1  # value\n", "x = 1 # value", "x")


def test_line_numbers_quoted_with_the_text_are_pointed_out() -> None:
    with pytest.raises(NoMatch) as caught:
        edit("x = 1\n", "     2\tx = 1", "y")  # a single number counts only where it is the right one
    assert "line numbers" in caught.value.hint


def test_a_change_made_before_is_pointed_out() -> None:
    with pytest.raises(NoMatch) as caught:
        edit("total = a + b\n", "total = a - b", "total = a + b")
    assert "made before" in caught.value.hint


@pytest.mark.parametrize(("old", "new"), [("x", "x"), ("", "y")])
def test_requests_without_sense_are_refused(old: str, new: str) -> None:
    with pytest.raises(ToolError):
        edit("x", old, new)


def test_a_line_of_a_million_spaces_takes_no_time() -> None:
    with pytest.raises(NoMatch):
        edit(" " * 1_000_000 + "x", "y \nz", "z")


LINES = st.lists(
    st.tuples(st.text("ab \t\u00e9\u201c'", max_size=6), st.sampled_from(["\n", "\r\n", "\r"])), min_size=1, max_size=8
)


@given(LINES, st.data())
def test_whatever_matches_nothing_outside_the_place_changes(lines: list[tuple[str, str]], data: st.DataObject) -> None:
    text = "".join(line + end for line, end in lines)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    old = text[start:end].replace("\r\n", "\n").replace("\r", "\n")
    new = data.draw(st.text("xyz\n", max_size=6))
    assume(old != new and old)
    try:
        edited = replace_text(text, old, new)
    except NoMatch:
        return
    ((was, now),) = edited.replaced
    at = text.index(was) if text.count(was) == 1 else None
    assert len(edited.text) == len(text) - len(was) + len(now)
    if at is not None:
        assert edited.text == text[:at] + now + text[at + len(was) :]


@given(
    st.lists(
        st.sampled_from(["alpha", "beta caf\u00e9", "  gamma", "delta \u00fc", ""]), min_size=2, max_size=8, unique=True
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.integers(0, 7),
)
def test_one_word_edited_in_any_encoding_leaves_all_other_bytes(
    lines: list[str], end: str, codec: str, at: int
) -> None:
    at %= len(lines)
    assume(lines[at].strip())
    data = end.join(lines).encode(codec)
    text, encoding = decode(data)
    word = lines[at].split()[0]
    assume(text.count(word) == 1)
    after = encode(replace_text(text, word, "omega").text, encoding)
    start = data.index(encode(word, encoding)[len(encoding.mark) :])
    length = len(encode(word, encoding)) - len(encoding.mark)
    assert after[:start] == data[:start]
    assert after.endswith(data[start + length :])


@pytest.mark.parametrize(
    "line",
    [
        "// ... existing code ...",
        "    # ... rest of the code remains the same ...",
        "/* ... unchanged ... */",
        "<!-- ... rest of the page ... -->",
        "// rest of methods ...",
        "# ... (rest of the function is the same as before)",
        "-- \u2026 remaining columns \u2026",
        "... rest of code ...",
        "(rest of the methods ...)",
        "{/* ... other props stay the same ... */}",
        "// ... keep existing imports ...",
    ],
)
def test_a_line_that_leaves_code_out_is_never_written(line: str) -> None:
    with pytest.raises(ToolError, match="leaves code out"):
        edit("a\nb\nc\n", "a\nb\n", f"a\n{line}\n")
    assert edit(f"a\n{line}\n42\n", "42", f"c\n{line}") == f"a\n{line}\nc\n{line}\n"


@pytest.mark.parametrize(
    "line",
    [
        "    ...",
        "def f(*args: int, **rest) -> None: ...",
        "const all = [...rest, ...other];",
        "print('loading the rest of the code...')",
        "// wait for the rest...  then go on",
        "## The rest of the story",
        "return { ...existing, name };",
        "case 1...5:",
        "Read on...",
    ],
)
def test_a_line_with_dots_is_not_always_a_placeholder(line: str) -> None:
    assert edit("a\nb\n", "b", line) == f"a\n{line}\n"


def test_a_quoted_line_deeper_in_the_file_takes_added_lines_with_it() -> None:
    text = "if a:\n        x = 1\n"
    edited = replace_text(text, "    x = 1", "    x = 1\n    if x:\n        y = 2")
    assert edited.text == "if a:\n        x = 1\n        if x:\n            y = 2\n"
    assert "indentation" in edited.relaxed


def test_of_two_steps_that_explain_one_line_none_is_made_up() -> None:
    """From 2 to 4 may be two more or twice as much: the lines of a block must say which."""
    assert edit("  a\n    b\n", "a\n  b\n", "a\n  b\n    c\n") == "  a\n    b\n      c\n"
    assert edit("a\n    b\n", "a\n  b\n", "a\n  b\n    c\n") == "a\n    b\n        c\n"
    with pytest.raises(NoMatch):
        edit("  a\n      b\n", "a\n  b\n", "a\n")


def test_equal_lines_in_a_block_each_keep_their_own_bytes() -> None:
    assert edit("x  \nx\t\nx\n", "x\nx\nx\n", "y\nx\nx\n") == "y\nx\t\nx\n"


def test_a_miss_of_a_part_of_a_line_finds_the_line() -> None:
    with pytest.raises(NoMatch, match=r"Line 2 differs"):
        edit('a\n    "name": "the quick brown fox jumps",\n', '"the quick brown foxes jump"', "x")


def test_a_block_of_lines_that_are_all_alike_is_looked_for_in_one_pass() -> None:
    # Were each place compared line by line, this would take a minute.
    for old in ("0, 0\n" * 1_000 + "0, 1\n", "  0, 0\n" * 1_000):
        with pytest.raises(NoMatch, match="not in the file"):
            edit("0, 0\n" * 30_000, old, "1, 1\n")


def test_all_that_a_place_was_found_apart_from_is_told() -> None:
    assert relaxed("if x: \n\ty()\n", "  if x:\n  \ty()", "  z()") == (
        "apart from its indentation, which was adapted, and from space at line ends"
    )
    assert relaxed("\tif x:\r\n\t\ty()\r\n", "if x:\n\ty() ", "z()") == (
        "apart from its indentation, which was adapted, and from space at line ends and its line ends"
    )
    assert relaxed("a \r\nb\r\n", "a\nb") == "apart from space at line ends, and from its line ends"


def test_places_in_one_line_name_it_once() -> None:
    with pytest.raises(NoMatch, match=r"3 places, all in line 1: it"):
        edit("a a a\n", "a", "b")


def test_a_short_new_text_that_is_there_anyway_is_no_sign_of_an_earlier_change() -> None:
    with pytest.raises(NoMatch) as caught:
        edit("if x:\n    pass\n", "while y:", "if x")
    assert "made before" not in caught.value.hint
