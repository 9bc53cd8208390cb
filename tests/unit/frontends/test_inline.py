"""What is inside a paragraph."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.frontends.markdown.inline import (
    ADDRESS,
    CODE,
    EMPHASIS,
    IMAGE,
    LINK,
    STRIKE,
    STRONG,
    join_lines,
    parse,
)
from plugsky_tui.frontends.markdown.links import openable, shown


def runs(text, **options):
    return [(run.text, run.flags) for run in parse(text, **options)]


def plain(text):
    return "".join(run.text for run in parse(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", [("plain", 0)]),
        ("a **b** c", [("a ", 0), ("b", STRONG), (" c", 0)]),
        ("*a* _b_ __c__", [("a", EMPHASIS), (" ", 0), ("b", EMPHASIS), (" ", 0), ("c", STRONG)]),
        ("***x***", [("x", STRONG | EMPHASIS)]),
        ("**a *b* c**", [("a ", STRONG), ("b", STRONG | EMPHASIS), (" c", STRONG)]),
        ("~~gone~~ a~b", [("gone", STRIKE), (" a~b", 0)]),
        ("`a*b*` ``x`y`` ` z `", [("a*b*", CODE), (" ", 0), ("x`y", CODE), (" ", 0), ("z", CODE)]),
        ("snake_case_name 2 * 3 * 4", [("snake_case_name 2 * 3 * 4", 0)]),
        ("**open", [("**open", 0)]),
        ("a\\*b\\* \\`c", [("a*b* `c", 0)]),
        ("&lt;b&gt; &amp; &#65; &unknown; &#x1b; &#8238;", [("<b> & A &unknown; &#x1b; &#8238;", 0)]),
        ("<b>html</b>", [("<b>html</b>", 0)]),
        ("\\( x \\) and \\[ y \\]", [("\\( x \\) and \\[ y \\]", 0)]),
    ],
)
def test_runs(text, expected):
    assert runs(text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "url"),
    [
        ("[t](https://e.org)", [("t", LINK), (" (https://e.org)", ADDRESS)], "https://e.org"),
        ("[https://e.org](https://e.org)", [("https://e.org", LINK)], "https://e.org"),
        (
            "[https://good.org](https://evil.org)",
            [("https://good.org", LINK), (" (https://evil.org)", ADDRESS)],
            "https://evil.org",
        ),
        ("[x](javascript:alert(1))", [("x", LINK), (" (javascript:alert(1))", ADDRESS)], None),
        ("[x](plugsky://run)", [("x", LINK), (" (plugsky://run)", ADDRESS)], None),
        ("[x](file:///etc/passwd)", [("x", LINK), (" (file:///etc/passwd)", ADDRESS)], None),
        ('[x](<http://a b> "t")', [("x", LINK), (" (http://a b)", ADDRESS)], "http://a b"),
        ("![a](http://evil/?q=S)", [("image: a", IMAGE), (" (http://evil/?q=S)", ADDRESS)], None),
        ("<https://a.b>", [("https://a.b", LINK)], "https://a.b"),
        ("https://a.b/c_(d)", [("https://a.b/c_(d)", LINK)], "https://a.b/c_(d)"),
        ("[t](https://аpple.com/x)", [("t", LINK), (" (https://xn--pple-43d.com/x)", ADDRESS)], "https://аpple.com/x"),
    ],
)
def test_links_show_where_they_lead(text, expected, url):
    found = parse(text)
    merged = []
    for run in found:
        if merged and merged[-1][1] == run.flags:
            merged[-1] = (merged[-1][0] + run.text, run.flags)
        else:
            merged.append((run.text, run.flags))
    assert merged == expected
    assert url is None or {run.url for run in found if run.flags & LINK} == {url}
    if url is None and not text.startswith("!"):
        assert all(run.url is None for run in found)


def test_an_address_in_a_sentence_ends_before_the_punctuation():
    assert runs("(see https://a.b/c). Yes") == [("(see ", 0), ("https://a.b/c", LINK), ("). Yes", 0)]


def test_only_http_opens():
    assert openable("HTTPS://x.org") and openable("http://x")
    assert not any(
        map(openable, ["javascript:x", "file:///x", "ftp://x", "//x", "http:", "https://", "data:text/html,x", "x"])
    )
    assert shown("https://例え.jp:80/ü?q") == "https://xn--r8jz45g.jp:80/ü?q"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**bol", [("bol", STRONG)]),
        ("a *it", [("a ", 0), ("it", EMPHASIS)]),
        ("run `ls -l", [("run ", 0), ("ls -l", CODE)]),
        ("see [the docs](https://exa", [("see ", 0), ("the docs", LINK)]),
        ("5*3 and a_b", [("5*3 and a_b", 0)]),
    ],
)
def test_what_is_not_closed_yet_is_shown_as_if_it_were(text, expected):
    assert runs(text, growing=True) == expected


MARKUP = [
    "[@click=app.quit]hi[/]",
    "[@click=screen.action('x')]y[/]",
    "a[i] = b[j]",
    "list[str]",
    "[on red]",
    "[/]",
    "[/foo]",
    "[b]x[/i]",
    "[link='javascript:x']x[/link]",
    "[link=file:///etc/passwd]x[/link]",
    "[$primary]x",
    "[0] x",
    "[00] foo",
    "arr[-1]",
    "[[x]]",
    "{'a': [1]}",
    "[bold",
    "[@click]",
    "[@click=]",
    "[@click=()]",
    "\\[bold]",
]


@pytest.mark.parametrize("text", MARKUP)
def test_textual_markup_is_text(text):
    assert plain(text) == text
    assert all(run.url is None for run in parse(text))


@given(st.text("*_~`[]()!\\ab \n;", max_size=80))
def test_no_letter_is_ever_lost(text):
    for growing in (False, True):
        found = parse(text, growing=growing)
        assert all(run.text for run in found)
        if "](" not in text:  # there, addresses are moved and may still be unfinished
            assert [char for run in found for char in run.text if char in "ab"] == [
                char for char in text if char in "ab"
            ]


@pytest.mark.parametrize(
    "text",
    [
        "*a " * 700,
        "*a* **" * 300,
        "[" * 2000,
        "[a](" * 500,
        "`" * 1000 + "``" * 300,
        "a*" * 900,
        "~" * 2000,
        "<http://" * 200,
    ],
)
def test_hostile_paragraphs_are_parsed_in_few_steps(text):
    steps = 0

    def count(frame, event, arg):
        nonlocal steps
        steps += event == "call"
        return

    sys.setprofile(count)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    assert steps < 40 * len(text)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(["a", "b"], "a b"), (["a  ", "b"], "a\nb"), (["a\\", "b"], "a\nb"), (["a  "], "a"), (["", "b"], "b")],
)
def test_soft_breaks_are_spaces_and_hard_ones_newlines(lines, expected):
    assert join_lines(lines) == expected
