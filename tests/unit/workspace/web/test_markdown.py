"""HTML as Markdown: what a reader sees, whatever the page is like."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.web.html_tokens import Tag, tokens
from plugsky_tui.workspace.web.markdown import to_markdown
from plugsky_tui.workspace.web.urls import joined, web_url

URL = "https://example.org/docs/page.html"


def md(html: str) -> str:
    return to_markdown(html, URL).markdown


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>A</h1><h3>B <em>c</em></h3>", "# A\n\n### B *c*"),
        ("<p>one<p>two <br> three", "one\n\ntwo\nthree"),
        ("a <b> bold </b>word, <code>x = 1</code>; <del>no</del>", "a **bold** word, `x = 1`; ~~no~~"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "- a\n- b\n  - c\n- d"),
        ("<ul><li>a</ul><ol start=3><li>x<li><p>y<p>z</ol>", "- a\n\n3. x\n4. y\n   z"),
        ("<blockquote><p>a<p>b</blockquote>c", "> a\n\n> b\n\nc"),
        ("<dl><dt>T<dd>D<dt>U<dd>E</dl>", "T\n\n: D\n\nU\n\n: E"),
        ("a<hr>b", "a\n\n---\n\nb"),
        ("<ul><li><input type=checkbox checked>done<li><input type=checkbox>open</ul>", "- [x] done\n- [ ] open"),
        (
            "<pre><code class='hljs language-py'>def f():\n    return &lt;1&gt;\n</code></pre>",
            "```py\ndef f():\n    return <1>\n```",
        ),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<div class='highlight-source-rust'><pre><div>a</div><div>b</div></pre></div>", "```\na\nb\n```"),
        ("<a href='../x?a=1&amp;b=2'>l</a>", "[l](https://example.org/x?a=1&b=2)"),
        ("<a href='//other.org/(x)'>l</a>", "[l](https://other.org/%28x%29)"),
        ("<a href='#top'>up</a> <a href='javascript:alert(1)'>js</a> <a>none</a>", "up js none"),
        ("<h2>Head<a class=headerlink href='#head'>¶</a></h2>", "## Head"),
        ("<a href=/card><h3>Card</h3><p>text</p></a>", "### [Card](https://example.org/card)\n\ntext"),
        ("<img src=a.png alt='A picture'><img src=x><img alt=B src='data:image/png;base64,xx'>",
         "![A picture](https://example.org/docs/a.png)B"),
        ("<base href='https://b.org/d/'><a href=e>l</a>", "[l](https://b.org/d/e)"),
        ("<table><tr><th>a<th>b|c<tr><td>1<td><p>2<p>3</table>", "| a | b\\|c |\n| --- | --- |\n| 1 | 2 3 |"),
        ("<table><tr><td>only<td>a row</table>", "only a row"),
        ("<table><tr><td><h1>T</h1><table><tr><td>1<td>2<tr><td>3<td>4</table></table>",
         "T\n\n| 1 | 2 |\n| --- | --- |\n| 3 | 4 |"),
        ("1 < 2 &amp;&amp; 3 > 2 &copy; &#x4e2d; &unknown;", "1 < 2 && 3 > 2 © 中 &unknown;"),
        ("a<!-- b > -- c -->d<?php e ?>f<![CDATA[ g > ]]>h<!doctype x>", "adfh"),
        ("<script>if (a < b) '</p>'</script><style>p{}</style><noscript>n</noscript>x", "x"),
        ("<nav>n</nav><p hidden>h</p><p style='color:red; display: none'>i</p><div aria-hidden=true>j<div>k</div></div>x", "x"),
        ("<p hidden>secret<p>shown", "shown"),
        ("<body style='visibility:hidden'>shown</body>", "shown"),
        ("<svg><title>no</title><text>no</text></svg><button>no</button>yes", "yes"),
    ],
)  # fmt: skip
def test_elements(html: str, markdown: str) -> None:
    assert md(html) == markdown


def test_the_main_part_is_the_page_where_it_is_large_enough() -> None:
    text = "word " * 100
    assert md(f"<header>Logo</header><main><p>{text}</main><aside>Ads</aside>") == text.strip()
    assert md("<p>All of it<main>small</main>") == "All of it\n\nsmall"


def test_the_title_is_one_line_and_no_text() -> None:
    page = to_markdown("<head><title> A\n &lt;b&gt; </title></head><p>x<svg><title>no</title></svg>", URL)
    assert (page.title, page.markdown) == ("A <b>", "x")


def test_quotes_in_tags_and_tags_in_quotes() -> None:
    assert [token for token in tokens("<a title='>' HREF=\"x\" b c=d/e>t</A >") if isinstance(token, Tag)] == [
        Tag("a", False, {"title": ">", "href": "x", "b": "", "c": "d/e"}),
        Tag("a", True, {}),
    ]


@pytest.mark.parametrize(
    "part",
    ["<!--", '<a "', "<div>", "<ul><li>", "<b>x", "<table><tr><td>", "<a href=x>y<p>", "<a '\">", "<", "</li>",
     "<script>", "<title>", "<svg>", "<blockquote>x", "<dl><dd>", "&amp", "<p hidden>", "<pre>", "<h1>a"],
)  # fmt: skip
def test_no_page_takes_long_or_breaks_it(part: str) -> None:
    began = time.monotonic()
    page = to_markdown(part * 60_000, URL, longest_s=3)
    assert time.monotonic() - began < 8
    assert len(page.markdown) < 40 * 60_000


PARTS = (
    "<p> </p> <ul> <ol> <li> </li> </ul> <a href=x> </a> <b> </b> <pre> </pre> <table> <tr> <td> </td> </table> <h1> </h1> "
    "<blockquote> </blockquote> <dd> <br> <main> </main> <nav> </nav> <p/hidden> <!-- --> <title> </title> &lt; text ` | <"
)


@given(st.lists(st.sampled_from(PARTS.split()), max_size=40))
def test_any_page_is_read_and_its_text_kept(parts: list[str]) -> None:
    page = to_markdown(" ".join(parts), URL)
    assert page.whole
    if not {"<nav>", "<p/hidden>", "<!--", "<title>"} & set(parts):
        assert len(re.findall("text", page.markdown)) == parts.count("text")


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    to_markdown(text, URL)


@given(st.text(max_size=60))
def test_urls_have_one_spelling(text: str) -> None:
    from plugsky_tui.kernel.errors import ToolError

    for given_url in (f"https://example.org/{text}", f"http://{text}", text):
        try:
            url = web_url(given_url)
        except ToolError:
            continue
        assert web_url(url) == url
        assert url.isascii() and url.startswith(("http://", "https://")) and " " not in url


def test_redirects_are_joined_as_urls_are() -> None:
    assert joined("https://a.org/b/c?d", "../e#f") == "https://a.org/e"
    assert joined("https://a.org/b", "//c.org") == "https://c.org/"
