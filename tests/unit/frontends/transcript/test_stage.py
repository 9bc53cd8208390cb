"""What is on the screen: following the end, scrolling without jumps, and what a frame costs."""

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from plugsky_tui.frontends.tui.transcript import leaf_layout
from plugsky_tui.frontends.tui.transcript.copying import place_of

PARAGRAPH = "Some words of a paragraph that is long enough to be wrapped on a screen of forty columns.\n\n"


def fill(screen, count, text=PARAGRAPH):
    for number in range(count):
        screen.document.write(f"{number}: {text}")
    screen.document.end()
    screen.frame()
    return screen


def top(screen):
    return screen.lines()[0]


def test_the_end_is_kept_in_sight(make_screen):
    screen = fill(make_screen(40, 10), 50)
    assert screen.lines()[-1].startswith("  screen of forty")
    screen.document.write("the last line")
    assert screen.lines()[-1] == "  the last line"


def test_scrolling_up_stops_following_and_down_to_the_end_starts_it_again(make_screen):
    screen = fill(make_screen(40, 10), 50)
    screen.stage.scroll(-3, 0)
    before = screen.lines()
    fill(screen, 20)
    assert screen.lines() == before
    assert screen.stage.new_below == 20
    screen.stage.scroll(10_000, 10_000)
    assert screen.stage.viewport.follow
    assert screen.stage.new_below == 0


def test_scrolling_up_line_by_line_moves_by_one_line_each(make_screen):
    """Heights of what was never seen are estimates; measuring them must not make the text jump."""
    screen = make_screen(40, 12)
    fill(
        screen, 300, PARAGRAPH + "| a | b |\n|--|--|\n| some words that wrap a lot in here | x |\n\n```\ncode\n```\n\n"
    )
    previous = screen.lines()
    for _ in range(400):
        screen.stage.scroll(-1, screen.stage.viewport.top - 1)
        now = screen.lines()
        assert now[1:] == previous[:-1]
        previous = now


@pytest.mark.parametrize("step", [-7, -12, -40])
def test_paging_up_and_down_comes_back_to_the_same_place(make_screen, step):
    screen = fill(make_screen(40, 12), 300)
    screen.stage.scroll(-100, screen.stage.viewport.top - 100)
    before = screen.lines()
    for direction in (1, -1):
        for _ in range(10):
            screen.stage.scroll(step * direction, 0)
            screen.frame()
    assert screen.lines() == before


def test_one_can_reach_the_very_beginning_and_the_very_end(make_screen):
    screen = fill(make_screen(40, 12), 500)
    for _ in range(2000):
        if not screen.stage.scroll(-12, screen.stage.viewport.top - 12):
            break
        screen.frame()
    assert top(screen).startswith("  0: Some words")
    while screen.stage.scroll(12, screen.stage.viewport.top + 12) and not screen.stage.viewport.follow:
        screen.frame()
    assert screen.stage.viewport.at_end


def test_a_far_jump_lays_out_only_where_it_lands(make_screen):
    screen = fill(make_screen(40, 12), 2000)
    laid_out = screen.stage.sheet.layouts
    screen.stage.scroll(-4000, 1000)
    screen.frame()
    assert screen.stage.sheet.layouts - laid_out < 12
    assert abs(screen.stage.viewport.top - 1000) < 12


def test_another_width_keeps_what_is_read_on_the_screen(make_screen):
    screen = fill(make_screen(40, 12), 200)
    screen.stage.scroll(-200, screen.stage.viewport.top - 200)
    number = screen.stage.viewport.lines and screen.frame() and screen.stage.viewport.lines[0].unit
    screen.resize(70)
    assert screen.stage.viewport.lines[0].unit == number
    screen.stage.viewport.follow = True
    screen.resize(33)
    assert screen.stage.viewport.at_end


def test_folding_the_unit_at_the_top_leaves_no_hole(make_screen):
    screen = make_screen(40, 5)
    screen.document.tool("1", "t", "", "\n".join("abcdefghij"))
    screen.document.tool_result("1", True, "", 0, [])
    screen.stage.toggle(0)
    fill(screen, 3)
    screen.stage.scroll(-1000, 0)
    screen.stage.scroll(8, 8)
    screen.frame()
    screen.stage.toggle(0)
    assert len(screen.lines()) == 5


# --- Cost -----------------------------------------------------------------------------------------------------

STREAMS = {
    "paragraphs": ("", PARAGRAPH),
    "one paragraph": ("", "some **words** of `one` endless paragraph and "),
    "one line": ("", "x"),
    "one fence": ("```python\n", "    x = 'some code'  # and more\n"),
    "one line of code": ("```\n", "x = 1; "),
    "one table": ("| a | b |\n|--|--|\n", "| some | row with **words** |\n"),
    "one list": ("", "- an item of some words\n"),
    "one quotation": ("", "> quoted words\n"),
    "nested": ("", "- a\n  - b\n"),
    "one reasoning": (None, "thinking about it\n"),
    "one line of reasoning": (None, "thinking about it "),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_chunk_costs_the_same_however_long_it_has_been_going_on(make_screen, name, monkeypatch):
    """Counted: units laid out, rows made, and characters of prose parsed, per frame."""
    opening, text = STREAMS[name]
    screen = make_screen(80, 30)
    rows = characters = 0
    flow, code_rows, parse = leaf_layout.flow, leaf_layout.code_rows, leaf_layout.parse

    def count(function):
        def counting(*args, **kwargs):
            nonlocal rows
            made = function(*args, **kwargs)
            rows += len(made)
            return made

        return counting

    def count_parse(source, **kwargs):
        nonlocal characters
        characters += len(source)
        return parse(source, **kwargs)

    monkeypatch.setattr(leaf_layout, "flow", count(flow))
    monkeypatch.setattr(leaf_layout, "code_rows", count(code_rows))
    monkeypatch.setattr(leaf_layout, "parse", count_parse)
    put = screen.document.write if opening is not None else screen.document.think
    put(opening or "go\n")
    screen.frame()
    if opening is None:
        screen.document.toggle(0)
    worst = []
    pieces = [text[start : start + 5] for start in range(0, len(text), 5)]
    for _ in range(3):
        layouts, rows, characters = screen.stage.sheet.layouts, 0, 0
        for number in range(300):
            put(pieces[number % len(pieces)])
            screen.stage.frame(30)
        worst.append((screen.stage.sheet.layouts - layouts, rows, characters))
        for _ in range(40):  # a lot more, at once
            put(text * 100)
        screen.frame()
    first, *later = worst
    for layouts, made, parsed in later:
        assert layouts <= max(first[0] * 2, 4 * 300)
        assert made <= max(first[1] * 2, 300 * 40)
        assert parsed <= 300 * 2 * 2000


def test_what_is_finished_is_not_laid_out_again(make_screen):
    screen = fill(make_screen(80, 30), 30)
    laid_out = screen.stage.sheet.layouts
    for _ in range(100):
        screen.document.write("word ")
        screen.stage.frame(30)
    assert screen.stage.sheet.layouts - laid_out <= 101


def test_what_is_off_the_screen_is_not_laid_out_at_all(make_screen):
    screen = make_screen(80, 30)
    for number in range(5000):
        screen.document.prompt(f"question {number}")
        screen.document.write(PARAGRAPH)
        screen.document.end()
    screen.frame()
    assert screen.stage.sheet.layouts < 40


def test_only_lines_that_changed_are_drawn_again(make_screen):
    screen = fill(make_screen(80, 30), 5)
    screen.document.write("a paragraph")
    screen.frame()
    screen.document.write(" goes on")
    first, last = screen.stage.frame(30)
    assert last - first == 1
    assert screen.stage.frame(30) == (len(screen.stage.viewport.lines), len(screen.stage.viewport.lines))


def test_rows_are_forgotten_when_they_are_long_out_of_sight(make_screen):
    screen = fill(make_screen(40, 12), 2000)
    for _ in range(300):
        screen.stage.scroll(-12, screen.stage.viewport.top - 12)
        screen.frame()
    assert len(screen.stage.sheet._rows) <= 600


# --- Copying --------------------------------------------------------------------------------------------------

ANSWER = """First **paragraph** that is long enough to be wrapped on forty columns.

- one `item`
- another

```python
def f():
\treturn 1
```

| a | b |
|---|---|
| 1 | 2 |
"""


def answered(make_screen):
    screen = make_screen(40, 40)
    screen.document.prompt("question\n  indented")
    screen.document.write(ANSWER)
    screen.document.end()
    screen.frame()
    return screen


def line_of(screen, text):
    number = next(n for n, line in enumerate(screen.lines()) if text in line)
    line = screen.stage.viewport.lines[number]
    return line, place_of(line.unit, line.number)


def test_a_selection_within_a_block_is_what_one_sees_without_what_was_drawn_around(make_screen):
    screen = answered(make_screen)
    _, place = line_of(screen, "First")
    _, end = line_of(screen, "forty columns")
    text = screen.stage.selected(Selection(Offset(6, place), Offset(22, end)))
    assert text == "paragraph that is long enough to be wrapped on forty"


def test_a_selection_over_several_blocks_is_their_source(make_screen):
    screen = answered(make_screen)
    assert screen.stage.selected(Selection(None, None)) == (
        "question\n  indented\n\nFirst **paragraph** that is long enough to be wrapped on forty columns.\n\n"
        "- one `item`\n- another\n\ndef f():\n\treturn 1\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )


def test_a_selection_that_cuts_blocks_takes_the_middle_ones_as_source(make_screen):
    screen = answered(make_screen)
    _, start = line_of(screen, "indented")
    _, end = line_of(screen, "another")
    text = screen.stage.selected(Selection(Offset(2, start), Offset(3, end)))
    assert text.startswith("indented\n\nFirst **paragraph** that") and text.endswith("one item\nano")


def test_code_is_copied_without_its_label_and_its_wrap_marks(make_screen):
    screen = make_screen(20, 20)
    screen.document.write("```python\n" + "x = '" + "y" * 40 + "'\nz = 1\n```\n\nafter")
    screen.document.end()
    screen.frame()
    first = place_of(screen.stage.viewport.lines[0].unit, 0)
    _, end = line_of(screen, "z = 1")
    assert screen.stage.selected(Selection(Offset(0, first), Offset(5, end))) == "x = '" + "y" * 40 + "'\nz = 1"


def test_the_cursor_walks_over_blocks_and_copies_their_source(make_screen):
    screen = answered(make_screen)
    stage = screen.stage
    copied = []
    stage.walk.move_cursor(-1)
    for _ in range(5):
        copied.append(stage.walk.block_text())
        stage.walk.move_cursor(-1)
    assert copied == [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "def f():\n\treturn 1",
        "- one `item`\n- another",
        "First **paragraph** that is long enough to be wrapped on forty columns.",
        "question\n  indented",
    ]
    stage.walk.move_cursor(1)
    assert stage.walk.block_text() == copied[3]


def test_the_cursor_scrolls_to_what_it_stands_on(make_screen):
    screen = fill(make_screen(40, 12), 100)
    for _ in range(60):
        screen.stage.walk.move_cursor(-1)
        screen.frame()
    first = screen.stage.walk._cursor[0]
    assert first in screen.stage.viewport.units()
    for _ in range(30):
        screen.stage.walk.move_cursor(1)
        screen.frame()
        assert screen.stage.walk._cursor[0] in screen.stage.viewport.units()


def test_a_point_on_the_screen_is_a_character(make_screen):
    screen = make_screen(40, 10)
    screen.document.write("ab漢字 [x](https://e.org)")
    screen.frame()
    assert [screen.stage.hit(x, 0).char for x in (0, 2, 3, 4, 5, 6, 39)] == [-2, 0, 1, 2, 2, 3, 22]
    assert screen.stage.hit(9, 0).link == "https://e.org"
    assert screen.stage.hit(3, 0).link is None
    assert screen.stage.hit(3, 5) is None
