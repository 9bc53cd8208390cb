"""The parts a transcript is made of: wrapping, heights, diffs, lexers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from plugsky_tui.frontends.diffing import compare
from plugsky_tui.frontends.markdown.leaves import Code
from plugsky_tui.frontends.tui.transcript.colours import Colours, Lexers
from plugsky_tui.frontends.tui.transcript.heights import Heights
from plugsky_tui.frontends.tui.transcript.lexing import START, find_lexer
from plugsky_tui.frontends.tui.transcript.words import duration, fit
from plugsky_tui.frontends.tui.transcript.wrap import chop, is_simple, wrap


def wrapped(text, width):
    return [text[start:end] for start, end in wrap(text, width)]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 3, ["one", "two", "thr", "ee"]),
        ("a  b", 1, ["a", "b"]),
        ("", 5, [""]),
        ("one\n\ntwo", 9, ["one", "", "two"]),
        ("    indented", 20, ["    indented"]),
        ("漢字漢字漢", 4, ["漢字", "漢字", "漢"]),
        ("漢字漢字。", 8, ["漢字漢", "字。"]),
        ("word 漢字", 6, ["word", "漢字"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("👨‍👩‍👧👨‍👩‍👧", 3, ["👨‍👩‍👧", "👨‍👩‍👧"]),
        ("— “quoted” …", 8, ["—", "“quoted”", "…"]),
    ],
)
def test_lines_break_at_spaces_and_between_wide_characters(text, width, expected):
    assert wrapped(text, width) == expected


CHARACTERS = ["a", "b", " ", "é", "漢", "字", "。", "e\u0301", "👩‍💻", "👨‍👩‍👧", "—"]
TEXT = st.lists(st.sampled_from([*CHARACTERS, "\n"]), max_size=60).map("".join)
CODE = st.lists(st.sampled_from([*CHARACTERS, "\t"]), max_size=60).map("".join)


@given(TEXT, st.integers(2, 20))
def test_rows_fit_and_hold_everything_but_the_spaces_between(text, width):
    rows = wrapped(text, width)
    assert all(cell_len(row.rstrip(" ")) <= width for row in rows)
    assert "".join(rows).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    spans = wrap(text, width)
    assert all(text[a[1] : b[0]].strip(" ") in ("", "\n") for a, b in pairwise(spans))


@given(CODE, st.integers(2, 20))
def test_code_is_cut_where_the_width_ends(text, width):
    spans = chop(text, width)
    assert "".join(text[start:end] for start, end in spans) == text
    assert all(cell_len(text[start:end]) <= width for start, end in spans)


def test_simple_text_is_as_wide_as_it_is_long():
    assert is_simple("plain — “typographic” text → №".replace("№", "")) and is_simple("Привет, Ελλάδα, naïve")
    assert not any(map(is_simple, ["漢", "👩", "e\u0301", "\u200d", "\u3000"]))


@given(st.lists(st.tuples(st.sampled_from(["append", "set", "truncate", "find"]), st.integers(0, 30)), max_size=60))
def test_heights_are_sums(steps):
    heights, plain = Heights(), []
    for what, number in steps:
        match what:
            case "append":
                heights.append(number)
                plain.append(number)
            case "set" if plain:
                heights.set(number % len(plain), number * 2)
                plain[number % len(plain)] = number * 2
            case "truncate":
                heights.truncate(number)
                del plain[number:]
            case "find" if plain and number < sum(plain):
                found, rest = heights.find(number)
                assert sum(plain[:found]) + rest == number and rest < plain[found]
        assert heights.total == sum(plain)
        assert [heights.before(n) for n in range(len(plain) + 1)] == [sum(plain[:n]) for n in range(len(plain) + 1)]


LINES = st.lists(st.sampled_from("abcdef"), max_size=25).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(LINES, LINES)
def test_a_diff_tells_how_to_get_from_one_text_to_the_other(before, after):
    diff = compare(before, after)
    old, new = before.splitlines(), after.splitlines()
    for line in diff.lines:
        if line.old is not None:
            assert old[line.old - 1] == line.text
        if line.new is not None:
            assert new[line.new - 1] == line.text
    removed = {line.old for line in diff.lines if line.kind == "removed"}
    added = {line.new for line in diff.lines if line.kind == "added"}
    assert [text for n, text in enumerate(old, 1) if n not in removed] == [
        text for n, text in enumerate(new, 1) if n not in added
    ]
    assert (len(removed), len(added)) == (diff.removed, diff.added)
    shown = [line.new for line in diff.lines if line.new is not None]
    assert shown == sorted(set(shown))


def test_a_diff_of_a_new_a_deleted_and_an_unchanged_file():
    assert [(line.kind, line.text) for line in compare(None, "a\nb").lines] == [("added", "a"), ("added", "b")]
    assert [line.kind for line in compare("a\n", None).lines] == ["removed"]
    assert compare("a\n", "a\n").lines == []


def test_a_diff_marks_the_words_that_changed_within_a_line():
    def words(before, after):
        return [[line.text[slice(*span)] for span in line.changed] for line in compare(before, after).lines]

    assert words("total = value\n", "total = values * 2\n") == [["value"], ["values * 2"]]
    assert words("name, value = line.split(x)\n", "name, _, value = line.partition(x)\n") == [
        ["split"],
        ["_, ", "partition"],
    ]
    assert words("abc\n", "xyz\n") == [[], []]
    assert words("a = 1\n" * 300, "a = 2\n" * 300)[-1] == []
    assert words(f"f({'a, ' * 500})\n", f"f({'a, ' * 501})\n") == [[], []]


def test_comparing_texts_with_nothing_in_common_takes_no_time():
    before = "".join(f"a {n}\n" for n in range(20_000))
    after = "".join(f"b {n}\n" for n in range(20_000))
    assert (compare(before, after).removed, compare(before, after).added) == (20_000, 20_000)


# --- Lexers ---------------------------------------------------------------------------------------------------


def lexed(language, text):
    lexer, state, out = find_lexer(language), START, []
    for line in text.split("\n"):
        tokens, state = lexer.lex(line, state)
        assert "".join(part for _, part in tokens) == line
        out.append(tokens)
    return out


def roles(language, text, word):
    return {role for line in lexed(language, text) for role, part in line if word in part}


@pytest.mark.parametrize(
    ("language", "text", "word", "role"),
    [
        ("python", "def f():\n    return 1", "return", "keyword"),
        ("python", '"""a\nmiddle\nb"""\nx = 1', "middle", "string"),
        ("python", '"""a\nmiddle\nb"""\nfor x', "for", "keyword"),
        ("js", "/* a\n middle\n */ let x", "middle", "comment"),
        ("js", "/* a\n middle\n */ let x", "let", "keyword"),
        ("c", 'char *s = "/* no"; // c\nint x', "int", "type"),
        ("rust", "/* a /* b */ still */ fn f() {}", "fn", "keyword"),
        ("html", "<!-- a\n middle --><p>", "middle", "comment"),
        ("css", "/* a\n middle */ a { color: red }", "middle", "comment"),
        ("yaml", "key: 1 # note", "note", "comment"),
        ("json", '{"a": true}', "true", "number"),
        ("bash", "if true; then echo; fi # c", "then", "keyword"),
        ("app.py", "import os", "import", "keyword"),
        ("Main.RS", "fn main() {}", "fn", "keyword"),
        ("tsx", "const x = 1", "const", "keyword"),
    ],
)
def test_code_is_coloured_line_by_line(language, text, word, role):
    assert roles(language, text, word) == {role}


def test_unknown_languages_have_no_lexer():
    assert [find_lexer(word) for word in ("", "text", "nosuch", "a.nosuch", "..", "*", "[")] == [None] * 7


@pytest.mark.parametrize(
    "language", ["python", "js", "c", "html", "bash", "yaml", "rust", "go", "sql", "toml", "diff", "php"]
)
@given(line=st.text("\"'`/*#<>!-{}()[]\\ ab1\t漢", max_size=40))
def test_no_line_loses_a_character(language, line):
    lexer = _lexers.setdefault(language, find_lexer(language))
    state = START
    for _ in range(2):
        tokens, state = lexer.lex(line, state)
        assert "".join(part for _, part in tokens) == line


_lexers = {}


def test_only_so_many_lines_are_coloured_in_one_frame():
    colours = Colours(Lexers())
    code = Code((), 0, False, 0, 0, 0, lines=["x = 1"] * 30, language="python")
    colours.budget = 10
    assert [len(colours.of(code)[0]), colours.of(code)[1]] == [10, False]
    colours.budget = 100
    assert [len(colours.of(code)[0]), colours.of(code)[1]] == [30, True]
    assert colours.budget == 80


def test_a_fence_goes_on_in_the_state_the_leaf_before_ended_in():
    colours = Colours(Lexers())
    colours.budget = 100
    first = Code((), 0, False, 0, 0, 0, lines=['"""a', "b"], language="python")
    second = Code((), 0, False, 0, 0, 0, lines=["c", '"""', "x = 1"], language="python", before=first)
    assert [tokens[0][0] for tokens in colours.of(second)[0]] == ["string", "string", "text"]


def test_a_grammar_that_is_still_being_made_is_waited_for():
    waiting = []
    lexers = Lexers(lambda language, done: waiting.append((language, done)))
    colours = Colours(lexers)
    code = Code((), 0, False, 0, 0, 0, lines=["x"], language="python")
    assert colours.of(code) == ([], False)
    assert colours.of(code) == ([], False)
    [(language, done)] = waiting
    done(find_lexer(language))
    assert colours.of(code)[1]


# --- Words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (9.96, "10 s"), (3.24, "3.2 s"), (59.4, "59 s"), (185, "3 min 5 s"), (7260, "2 h 1 min")],
)
def test_durations(seconds, words):
    assert duration(seconds) == words


@given(TEXT, st.integers(0, 10))
def test_what_is_fitted_fits(text, width):
    assert cell_len(fit(text, width)) <= width or (not text and not width)
