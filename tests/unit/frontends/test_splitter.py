"""Markdown is cut into leaves line by line, and the result does not depend on how the text arrived."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.frontends.markdown.blocks import CODE_LINES, DEEPEST, TABLE_ROWS, BlockParser
from plugsky_tui.frontends.markdown.leaves import Code, Heading, Item, Paragraph, Quote, Rule, Table
from plugsky_tui.frontends.markdown.lines import LONGEST, patterns
from plugsky_tui.frontends.markdown.splitter import Splitter


def split(text):
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    return splitter.leaves


def sketch(text):
    """Each leaf as its kind, its containers and its content."""
    out = []
    for leaf in split(text):
        edges = "".join(">" if isinstance(edge, Quote) else edge.kind for edge in leaf.edges)
        match leaf:
            case Paragraph():
                out.append(("p" + edges, "\n".join(leaf.lines)))
            case Heading():
                out.append((f"h{leaf.level}" + edges, leaf.text))
            case Code():
                out.append((f"code:{leaf.language}" + edges, "\n".join(leaf.lines)))
            case Table():
                out.append(("table" + edges, [leaf.header, *leaf.rows]))
            case Rule():
                out.append(("rule" + edges, ""))
    return out


CASES = [
    ("one\ntwo\n\nthree", [("p", "one\ntwo"), ("p", "three")]),
    ("# A\n## B ##\n###### F\n#no", [("h1", "A"), ("h2", "B"), ("h6", "F"), ("p", "#no")]),
    ("Title\n===\nSub\n---", [("h1", "Title"), ("h2", "Sub")]),
    ("a\n\n---\n\n***\n_ _ _", [("p", "a"), ("rule", ""), ("rule", ""), ("rule", "")]),
    ("- a\n- b\n  - c\n* d", [("p-", "a"), ("p-", "b"), ("p--", "c"), ("p*", "d")]),
    ("1. a\n   more\n2) b", [("p.", "a\nmore"), ("p)", "b")]),
    ("text\n- list", [("p", "text"), ("p-", "list")]),
    ("text\n2. no list", [("p", "text\n2. no list")]),
    ("1. a\n  - nested by two", [("p.", "a"), ("p.-", "nested by two")]),
    ("- a\n\n  b\n\nc", [("p-", "a"), ("p-", "b"), ("p", "c")]),
    ("- a\nlazy\n\nno", [("p-", "a\nlazy"), ("p", "no")]),
    ("> q\nlazy\n\n> r\n> > s", [("p>", "q\nlazy"), ("p>", "r"), ("p>>", "s")]),
    ("> - item\n> - two", [("p>-", "item"), ("p>-", "two")]),
    ("```py\na\n\n  b\n```\nc", [("code:py", "a\n\n  b"), ("p", "c")]),
    ("````\n```\n````", [("code:", "```")]),
    ("~~~ js x\n```\n~~~", [("code:js", "```")]),
    ("```\nnever closed", [("code:", "never closed")]),
    ("- a\n  ```sh\n  ls\n    -l\n  ```\n- b", [("p-", "a"), ("code:sh-", "ls\n  -l"), ("p-", "b")]),
    ("> ```\n> x\n> ```", [("code:>", "x")]),
    ("p\n\n    code\n\n    more\n\np", [("p", "p"), ("code:", "code\n\nmore"), ("p", "p")]),
    ("p\n    no code", [("p", "p\nno code")]),
    ("a|b\n-|-\n1|2\n3\n\nx", [("table", [["a", "b"], ["1", "2"], ["3", ""]]), ("p", "x")]),
    ("p\n|a|\n|-|\n|1|2|", [("p", "p"), ("table", [["a"], ["1"]])]),
    ("a | b\nno table", [("p", "a | b\nno table")]),
    ("|a\\|b|c|\n|--|:-:|\n| x | |", [("table", [["a|b", "c"], ["x", ""]])]),
    ("<div>\n<b>x</b>", [("p", "<div>\n<b>x</b>")]),
    ("-\n  later\n-\n\nout", [("p-", "later"), ("p-", ""), ("p", "out")]),
    ("*\tx\n-\ty", [("p*", "x"), ("p-", "y")]),
    ("- - - a", [("p---", "a")]),
    ("[a]: http://x", [("p", "[a]: http://x")]),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_each_construct_is_recognised(text, expected):
    assert sketch(text) == expected


def test_task_items_know_whether_they_are_done():
    assert [leaf.edges[-1].task for leaf in split("- [ ] a\n- [x] b\n- [X] c\n- [y] d")] == [False, True, True, None]


def test_items_are_numbered_in_order_from_the_first():
    assert [leaf.edges[0].number for leaf in split("3. a\n3. b\n3. c")] == [3, 4, 5]
    assert [leaf.edges[0].number for leaf in split("1. a\n\ntext\n\n2. b") if leaf.edges] == [1, 2]


def test_lists_stand_apart_from_text_but_their_items_do_not():
    assert [leaf.gap for leaf in split("text\n- a\n- b\n\ntext")] == [False, True, False, True]
    assert [leaf.gap for leaf in split("- a\n\n- b")] == [False, True]
    assert [leaf.block for leaf in split("text\n- a\n- b\n  - c\n\ntext")] == [0, 1, 1, 1, 2]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_offsets_give_back_the_source(text, expected):
    for leaf in split(text):
        source = text[leaf.start : leaf.end]
        if isinstance(leaf, Paragraph):
            assert all(line.strip() in source for line in leaf.lines)
        if isinstance(leaf, Heading):
            assert leaf.text in source


def look(leaves):
    """What leaves are, without identity."""
    return [
        (
            type(leaf).__name__,
            [repr(edge) for edge in leaf.edges],
            *(getattr(leaf, name) for name in ("shared", "gap", "block", "start", "end")),
            getattr(leaf, "lines", None) or getattr(leaf, "rows", None) or getattr(leaf, "text", None),
            getattr(leaf, "partial", None),
        )
        for leaf in leaves
    ]


LINES = st.sampled_from(
    [
        "",
        "text",
        "more *text*",
        "- item",
        "  - nested",
        "    deep",
        "1. one",
        "2. two",
        "> quote",
        "> > deeper",
        "```",
        "```py",
        "~~~",
        "# head",
        "---",
        "===",
        "|a|b|",
        "|-|-|",
        "| 1 | 2 |",
        "\tcode",
        "- [x] task",
        "-",
        "   para",
        "  ```",
        "***",
        "=",
        "a|b",
    ]
)
MARKDOWN = st.lists(LINES, max_size=14).map("\n".join) | st.text("-*>#`~|=_ 1.)a\n[x]", max_size=60)


@settings(max_examples=examples(100))
@given(MARKDOWN, st.lists(st.integers(0, 200), max_size=8), st.booleans())
def test_the_leaves_do_not_depend_on_how_the_text_was_cut(text, cuts, peek):
    splitter = Splitter()
    for a, b in pairwise(sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})):
        splitter.feed(text[a:b])
        if peek:
            splitter.peek()
    splitter.finish()
    assert look(splitter.leaves) == look(split(text))


@given(MARKDOWN)
def test_feeding_names_the_first_leaf_that_changed(text):
    splitter, before = Splitter(), []
    for char in text:
        changed = splitter.feed(char)
        splitter.peek()
        assert all(a is b for a, b in zip(before[:changed], splitter.leaves, strict=False))
        before = list(splitter.leaves)


def test_a_peek_shows_the_unfinished_line():
    splitter = Splitter()
    splitter.feed("# Tit")
    splitter.peek()
    assert splitter.leaves[0].text == "Tit"
    splitter.feed("le\n\npara")
    splitter.peek()
    assert splitter.leaves[0].text == "Title"
    assert splitter.leaves[1].partial == "para"


@pytest.mark.parametrize(
    "marker", ["-", "- ", "#", "##", "``", "```", "1.", "1", "> ", "**", "---", "|--|", "- [x", "~~"]
)
def test_what_may_still_become_a_marker_is_not_shown_yet(marker):
    splitter = Splitter()
    splitter.feed("text\n\n" + marker)
    splitter.peek()
    assert len(splitter.leaves) == 1


def test_a_text_of_one_endless_line_is_cut_behind_sentences():
    text = "A sentence of some words. " * 400
    leaves = split(text)
    assert all(len("".join(leaf.lines)) <= LONGEST for leaf in leaves)
    assert all(leaf.lines[0].endswith(". ") for leaf in leaves[:-1])
    assert "".join("".join(leaf.lines) for leaf in leaves) == text
    assert not any(leaf.gap for leaf in leaves)


@pytest.mark.parametrize(
    "text", ["x" * 10_000, "word " * 2_000, "```\n" + "y" * 10_000, "# " + "h" * 9_000, "- " + "i " * 5_000]
)
def test_no_leaf_holds_an_endless_line(text):
    assert all(sum(map(len, getattr(leaf, "lines", ()))) <= CODE_LINES * LONGEST for leaf in split(text))
    joined = "".join("".join(getattr(leaf, "lines", [getattr(leaf, "text", "")])) for leaf in split(text))
    assert joined.replace(" ", "") == text.lstrip("`\n#- ").replace(" ", "")


def test_long_fences_and_tables_are_several_leaves():
    codes = split("```py\n" + "x\n" * 100 + "```")
    assert [len(leaf.lines) for leaf in codes] == [CODE_LINES] * 3 + [4]
    assert [leaf.before for leaf in codes] == [None, *codes[:-1]]
    tables = split("|a|\n|-|\n" + "|1|\n" * 100)
    assert [len(leaf.rows) for leaf in tables] == [TABLE_ROWS, TABLE_ROWS, 4]
    assert {leaf.head for leaf in tables[1:]} == {tables[0]}


def test_ten_thousand_nested_lists_are_no_deeper_than_can_be_shown():
    leaves = split("- " * 10_000 + "x") + split("\n".join("  " * n + "- x" for n in range(500)))
    assert max(len(leaf.edges) for leaf in leaves) <= DEEPEST


@pytest.mark.parametrize(
    "line", ["plain words of a paragraph\n", "- item\n", "| a | b |\n", "    x = 1\n", "> quote\n", "1. one\n"]
)
@pytest.mark.parametrize("opening", ["", "```\n", "| a | b |\n|--|--|\n", "- x\n"])
def test_each_line_is_taken_once(opening, line, monkeypatch):
    taken = 0
    plain = BlockParser.line

    def counting(self, *args):
        nonlocal taken
        taken += 1
        plain(self, *args)

    monkeypatch.setattr(BlockParser, "line", counting)
    splitter = Splitter()
    splitter.feed(opening)
    taken = 0
    for _ in range(500):
        for piece in (line[:3], line[3:]):
            splitter.feed(piece)
            splitter.peek()
    assert taken <= 500 * 3 + 3  # once for good, and once for each look at it while it grows


def test_patterns_do_not_backtrack():
    bad = [
        "- " * 3000 + "x",
        "* " * 3000 + "x",
        "|-" * 3000 + "x",
        "#" * 6000,
        "`" * 5999 + "x`",
        "=" * 6000 + "x",
        " " * 6000,
    ]
    for line in bad:
        for pattern in vars(patterns()).values():
            pattern.match(line)  # would take minutes if one were quadratic or worse
    assert isinstance(split("- a")[0].edges[0], Item)


def test_megabytes_in_one_line_are_copied_once():
    text = "x" * 4_000_000
    splitter = Splitter()
    splitter.feed(text)
    splitter.finish()
    assert sum(len(line) for leaf in splitter.leaves for line in leaf.lines) == len(text)
