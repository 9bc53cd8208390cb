"""How each thing looks, at the widths people have."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from support.examples import examples

from plugsky_tui.kernel.display import DiffBlock, TableBlock, TextBlock, TodoBlock, TodoItem

WIDTHS = [40, 80, 120]

EVERYTHING = """# One heading that is long enough to need more than one line on a narrow screen

Some *words* with **strong** ones, `code` and a [link](https://example.org/a/rather/long/address/that/needs/room), and on.

- first item with so many words that it does not fit on one line of forty columns
  - nested **item** likewise, which is long as well, so that it wraps too
- [x] done
- [ ] open

12. twelve
13. thirteen

> Quoted words that are long enough to wrap on a narrow screen, surely.
>
> - with a list

```python
def a_function_with_a_name(parameter: int, another: str = "a default that is long") -> dict[str, list[int]]:
    return {"a": [1]}  # done
```

| Name | Value | What it is about, in words |
|:-----|------:|:--------------------------:|
| `a`  | 1     | some words that are long enough to wrap in their column |
| b    | 22    | 宽字符也要换行的很长的一段文字没有空格 |

---

宽字符 wrap 正确吗？ 这是一个很长的句子，用来测试换行的效果，看看它是否会在正确的位置断开。 👩‍💻👨‍👩‍👧 e\u0301
"""


def show(make_screen, text, width=80):
    screen = make_screen(width, 200)
    screen.document.write(text)
    screen.document.end()
    return screen


def lines(make_screen, text, width=80):
    return show(make_screen, text, width).lines()


@pytest.mark.parametrize("width", [1, 5, 12, *WIDTHS, 200])
def test_no_row_is_wider_than_the_screen(make_screen, width):
    screen = show(make_screen, EVERYTHING, width)
    if width >= 12:
        assert max(sum(segment.cell_length for segment in row.segments) for row in screen.rows()) <= width
    screen.frame()
    strips = [
        screen.stage.strip(y, focused=True, selection_style=screen.palette.base)
        for y in range(len(screen.stage.viewport.lines))
    ]
    assert {strip.cell_length for strip in strips} == {width}
    assert {sum(cell_len(segment.text) for segment in strip) for strip in strips} == {width}


@pytest.mark.parametrize("width", WIDTHS)
def test_every_word_is_there_at_every_width(make_screen, width):
    seen = "".join("".join(line.split()).replace("↳", "") for line in lines(make_screen, EVERYTHING, width))
    for word in ["heading", "strong", "twelve", "function", "thirteen", "正确", "default", "surely", "done", "nested"]:
        assert word in seen


def test_a_paragraph(make_screen):
    assert lines(make_screen, "some **strong** words\nand more") == ["  some strong words and more"]
    assert lines(make_screen, "one two three four five six seven", 20) == [
        "  one two three",
        "  four five six",
        "  seven",
    ]


def test_headings(make_screen, palette):
    screen = show(make_screen, "# One\n\n## Two\n\ntext")
    assert screen.lines() == ["  One", "  ━━━", "", "  Two", "", "  text"]
    assert screen.stage.viewport.lines[0].row.segments[-1].style == palette.heading


def test_lists_hang_under_their_markers(make_screen):
    text = (
        "- first item of many words\n  - nested item of words\n    - deep\n- [x] done\n- [ ] open\n\n9. nine\n10. ten"
    )
    assert lines(make_screen, text, 22) == [
        "  • first item of",
        "    many words",
        "    ◦ nested item of",
        "      words",
        "      ▪ deep",
        "  ☑ done",
        "  ☐ open",
        "",
        "  9. nine",
        "  10. ten",
    ]


def test_quotations_have_a_bar_that_runs_through(make_screen):
    assert lines(make_screen, "> one\n>\n> two\n> > deep\n\nout") == [
        "  ▎ one",
        "  ▎",
        "  ▎ two",
        "  ▎ ▎ deep",
        "",
        "  out",
    ]


def test_code_has_its_own_ground_and_wraps_behind_a_mark(make_screen, palette):
    screen = show(make_screen, "```python\nx = 'a long string of words'\n\n\ty = 1\n```", 20)
    assert screen.lines() == ["   python", "   x = 'a long stri", "   ↳ ng of words'", "", "       y = 1"]
    assert all(line.row.fill == palette.block for line in screen.stage.viewport.lines)


def test_code_is_coloured(make_screen, palette):
    screen = show(make_screen, '```python\ndef f():\n    """a\n    b"""\n    return 1  # c\n```')
    screen.frame()
    roles = {}
    for line in screen.stage.viewport.lines:
        for segment in line.row.segments:
            roles[segment.text.strip()] = segment.style
    assert roles["def"] == palette.token("keyword", palette.block)
    assert roles['b"""'] == palette.token("string", palette.block)
    assert roles["# c"] == palette.token("comment", palette.block)


def test_unknown_languages_are_plain(make_screen, palette):
    screen = show(make_screen, "```nosuchlanguage\ndef f():\n```")
    assert screen.lines()[1] == "   def f():"
    assert screen.stage.viewport.lines[1].row.segments[-1].style == palette.block


def test_tables_are_as_wide_as_they_need(make_screen):
    assert lines(make_screen, "| n | value |\n|---|----:|\n| a | 1 |\n| bb | `22` |") == [
        "  n  │ value",
        "  ───┼──────",
        "  a  │     1",
        "  bb │    22",
    ]


def test_tables_wrap_where_there_is_no_room(make_screen):
    text = "| n | words |\n|---|---|\n| a | some words that wrap |"
    assert lines(make_screen, text, 20) == [
        "  n │ words",
        "  ──┼─────────────",
        "  a │ some words",
        "    │ that wrap",
    ]


def test_links_show_their_address_when_their_text_is_another(make_screen):
    screen = show(make_screen, "[here](https://example.org/x) and https://a.b")
    assert screen.lines() == ["  here (https://example.org/x) and https://a.b"]
    row = screen.stage.viewport.lines[0].row
    assert [(row.text[a:b], url) for a, b, url in row.links] == [
        ("here", "https://example.org/x"),
        (" (https://example.org/x)", "https://example.org/x"),
        ("https://a.b", "https://a.b"),
    ]


def test_html_is_text(make_screen):
    assert lines(make_screen, "<script>alert(1)</script> <b>x</b>") == ["  <script>alert(1)</script> <b>x</b>"]


def test_wide_characters_are_never_split(make_screen):
    for row in show(make_screen, "这是一个很长的句子" * 10, 23).rows():
        assert sum(segment.cell_length for segment in row.segments) <= 23
    family = "👨‍👩‍👧"
    assert all(family in line for line in lines(make_screen, f"{family} " * 12, 24))


def test_what_is_nested_too_deeply_still_fits(make_screen):
    for width in (12, 30):
        screen = show(make_screen, "- " * 10_000 + "x\n\n" + "> " * 10_000 + "y", width)
        assert max(sum(segment.cell_length for segment in row.segments) for row in screen.rows()) <= width


# --- Prompts, notices, reasoning ------------------------------------------------------------------------------


def test_a_prompt_stands_behind_a_bar_as_it_was_written(screen):
    screen.document.prompt("fix **this**\n    [b]indented[/b]")
    assert screen.lines() == ["▌ fix **this**", "▌     [b]indented[/b]"]


def test_a_long_prompt_is_folded_until_it_is_opened(screen):
    screen.document.prompt("\n".join(f"line {n}" for n in range(100)))
    assert screen.lines()[-1] == "▌ … 80 more lines"
    screen.document.toggle(0)
    assert len(screen.rows()) == 100


def test_a_prompt_of_one_endless_line_is_folded_too(screen):
    screen.document.prompt("word " * 100_000)
    assert len(screen.rows()) < 80
    assert screen.lines()[-1] == "▌ … 496,000 more characters"


def test_notices_say_what_and_below_it_what_to_do(screen):
    screen.document.note("The key was refused\nSet another one", "error")
    screen.document.note("busy", "warning")
    screen.document.note("saved", "info")
    assert screen.lines() == ["  ✗ The key was refused", "    Set another one", "  ! busy", "  · saved"]


def test_reasoning_is_one_line_until_it_is_opened(make_screen):
    screen = make_screen()
    clock = iter([10.0, 13.2])
    screen.document._clock = lambda: next(clock)
    screen.document.think("First I look.\nThen")
    assert screen.lines() == ["  Thinking… ▸"]
    screen.document.think(" I leap.")
    screen.document.write("Done")
    assert screen.lines() == ["  Thought for 3.2 s ▸", "  Done"]
    screen.document.toggle(0)
    assert screen.lines() == ["  Thought for 3.2 s ▾", "  │ First I look.", "  │ Then I leap.", "", "  Done"]


def test_short_reasoning_names_no_time(make_screen):
    screen = make_screen()
    clock = iter([10.0, 10.7])
    screen.document._clock = lambda: next(clock)
    screen.document.think("Yes.")
    screen.document.end()
    assert screen.lines() == ["  Thought ▸"]


def test_folded_reasoning_and_calls_stand_together_and_texts_apart(screen):
    document = screen.document
    document.prompt("go")
    for number in "12":
        document.think("hm")
        document.tool(number, "read", "a.py", "")
        document.tool_result(number, True, "", 0.0, [])
    document.think("hm")
    document.write("Done.")
    document.think("hm")
    document.note("saved", "info")
    assert screen.lines() == [
        "▌ go",
        "",
        "  Thought ▸",
        "  ✓ read a.py",
        "  Thought ▸",
        "  ✓ read a.py",
        "  Thought ▸",
        "  Done.",
        "",
        "  Thought ▸",
        "",
        "  · saved",
    ]


def test_what_is_unfolded_stands_apart(screen):
    document = screen.document
    document.think("hm")
    document.tool("1", "shell", "make", "")
    document.tool_result("1", False, "no rule", 0.0, [])
    document.think("hm")
    document.end()
    assert screen.lines() == ["  Thought ▸", "  ✗ shell make", "  │ no rule", "", "  Thought ▸"]
    document.toggle(0)
    assert screen.lines()[:4] == ["  Thought ▾", "  │ hm", "", "  ✗ shell make"]


# --- Tools ----------------------------------------------------------------------------------------------------


def test_a_tool_call_is_one_line(screen):
    screen.document.tool("1", "bash", "ls -l", "ls -l")
    assert screen.lines() == ["  ● bash ls -l"]
    screen.document.tool_result("1", True, "a\nb\n", 1.25, [])
    assert screen.lines() == ["  ✓ bash ls -l" + " " * 59 + "1.2 s"]
    screen.document.toggle(0)
    assert screen.lines()[1:] == ["  │ ls -l", "  │", "  │ a", "  │ b"]


def test_a_long_summary_is_cut(screen):
    screen.document.tool("1", "bash", "word " * 100, "")
    assert screen.lines()[0].endswith("…")
    assert len(screen.lines()) == 1


def test_a_failed_call_shows_the_beginning_of_what_it_said(screen):
    screen.document.tool("1", "bash", "x", "")
    screen.document.tool_result("1", False, "one\ntwo\nthree\nfour\nfive\nsix", 0.0, [])
    assert screen.lines() == ["  ✗ bash x", "  │ one", "  │ two", "  │ three", "  │ … 3 more lines"]


def test_a_failed_command_shows_the_end_of_what_it_said(screen):
    screen.document.tool("1", "shell", "pytest", "")
    output = "\n".join(f"line {number}" for number in range(8)) + "\n(exit code 1)"
    screen.document.tool_result("1", False, output, 0.0, [TextBlock(output, "console")])
    assert screen.lines() == [
        "  ✗ shell pytest",
        "  │ … 6 earlier lines",
        "  │ line 6",
        "  │ line 7",
        "  │ (exit code 1)",
    ]


def test_live_output_shows_its_last_lines(screen):
    screen.document.tool("1", "bash", "make", "")
    for number in range(100):
        screen.document.tool_output("1", f"line {number}\nli")
        screen.document.tool_output("1", "ne\n")
    assert screen.lines() == ["  ● bash make", "  │ line 98", "  │ line", "  │ line 99", "  │ line"]


BEFORE = "".join(f"line {n}\n" for n in range(1, 21))
AFTER = BEFORE.replace("line 10\n", "line ten\nand more\n")


def test_an_edit_shows_its_diff(make_screen):
    screen = make_screen(60)
    screen.document.tool("1", "edit", "a.txt", "")
    screen.document.tool_result("1", True, "ok", 0.0, [DiffBlock("a.txt", BEFORE, AFTER)])
    assert screen.lines() == [
        "  ✓ edit a.txt  +2  -1",
        "  │  ⋯",
        "  │  7   line 7",
        "  │  8   line 8",
        "  │  9   line 9",
        "  │ 10 - line 10",
        "  │ 10 + line ten",
        "  │ 11 + and more",
        "  │ 12   line 11",
        "  │ 13   line 12",
        "  │ 14   line 13",
    ]


def test_a_diff_is_split_where_it_is_wide_enough(make_screen):
    screen = make_screen(130)
    screen.document.tool("1", "edit", "a.txt", "")
    screen.document.tool_result("1", True, "ok", 0.0, [DiffBlock("a.txt", BEFORE, AFTER)])
    assert "10 - line 10" in screen.lines()[5] and "10 + line ten" in screen.lines()[5]
    assert "- " not in screen.lines()[6] and "11 + and more" in screen.lines()[6]


def test_a_long_diff_is_folded(make_screen):
    screen = make_screen(100, 200)
    screen.document.tool("1", "write", "new.py", "")
    screen.document.tool_result("1", True, "ok", 0.0, [DiffBlock("new.py", None, "x = 1\n" * 100)])
    assert screen.lines()[-1] == "  │ … 84 more lines"
    screen.document.toggle(0)
    assert len(screen.lines()) == 101


def test_megabytes_of_output_are_a_screenful_of_rows(make_screen):
    screen = make_screen(80, 20)
    for call, output in {"1": "x" * 2_000_000, "2": "line\n" * 400_000}.items():
        screen.document.tool(call, "bash", "", "")
        screen.document.tool_result(call, True, output, 0.0, [])
        screen.document.toggle(len(screen.document.units) - 1)
    after = "".join(f"x = {number}\n" for number in range(50_000))
    screen.document.tool("3", "write", "", "")
    screen.document.tool_result("3", True, "", 0.0, [DiffBlock("a.py", None, after)])
    screen.document.toggle(2)
    assert len(screen.rows()) < 1000
    assert screen.lines()[-1] == "  │ … 49600 more lines"


def test_todos_are_a_checklist(screen):
    items = [TodoItem("a", "completed"), TodoItem("b", "in_progress"), TodoItem("c")]
    screen.document.tool("1", "todo", "", "")
    screen.document.tool_result("1", True, "ok", 0.0, [TodoBlock(items)])
    assert screen.lines()[1:] == ["  │ ☑ a", "  │ ▸ b", "  │ ☐ c"]


def test_text_and_tables_of_a_tool_show_when_it_is_opened(screen):
    screen.document.tool("1", "q", "", "")
    blocks = [TextBlock("**as it is**"), TableBlock(["a", "b"], [["`x`", "[y](z)"], ["1"]])]
    screen.document.tool_result("1", True, "ok", 0.0, blocks)
    assert screen.lines() == ["  ✓ q"]
    screen.document.toggle(0)
    assert screen.lines()[1:] == [
        "  │ **as it is**",
        "  │ a   │ b",
        "  │ ────┼───────",
        "  │ `x` │ [y](z)",
        "  │ 1   │",
    ]


def test_tool_calls_stand_close_but_not_below_what_one_shows(screen):
    for call in "123":
        screen.document.tool(call, "t", call, "")
    screen.document.tool_result("2", True, "", 0.0, [TodoBlock([TodoItem("x")])])
    assert screen.lines() == ["  ● t 1", "  ✓ t 2", "  │ ☐ x", "", "  ● t 3"]


# --- However it came ------------------------------------------------------------------------------------------


def look(screen):
    return [(row.segments, row.gutter, row.join, row.fill, row.links, row.bare) for row in screen.rows()]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("size", [1, 7, 64])
def test_streamed_and_whole_look_the_same(make_screen, width, size):
    whole = show(make_screen, EVERYTHING, width)
    screen = make_screen(width, 30)
    for start in range(0, len(EVERYTHING), size):
        screen.document.write(EVERYTHING[start : start + size])
        screen.stage.frame(30)
    screen.document.end()
    assert look(screen) == look(whole)


PIECES = st.lists(
    st.sampled_from(
        [
            "- a *b",
            "* c\n",
            "\n",
            "```py\n",
            "x = '''\n",
            "```\n",
            "| a | b |\n",
            "|--|:-:|\n",
            "> ",
            "**",
            "`",
            "# h",
            "[l](http://x",
            ")",
            "  ",
            "1. ",
            "\x1b[3",
            "1m",
            "\u202e",
            "漢字",
            "é",
            "---\n",
            "word ",
            "\t",
            "- [x] ",
        ]
    ),
    max_size=30,
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PIECES, st.lists(st.integers(0, 120), max_size=6))
@example(["| a | b |\n", "|--|:-:|\n", "- a *b"], [3])
@example(["- a *b\n\n"], [])
@example(["- a *b\n\n", "x"], [8])
def test_any_markdown_cut_anywhere_looks_like_the_whole(make_screen, pieces, cuts):
    text = "".join(pieces)
    screen = make_screen(40, 20)
    for a, b in pairwise(sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})):
        screen.document.write(text[a:b])
        screen.stage.frame(20)
    screen.document.end()
    assert look(screen) == look(show(make_screen, text, 40))
