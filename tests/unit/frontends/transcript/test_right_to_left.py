"""The transcript's lines where text goes from right to left: order, sides, tables, selection; and wide characters."""

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection

from plugsky_tui.frontends.tui.transcript.colours import load_now
from plugsky_tui.frontends.tui.transcript.copying import place_of
from plugsky_tui.frontends.tui.transcript.stage import Stage
from plugsky_tui.frontends.tui.transcript.wrap import chop, wrap

MARKED = Style(reverse=True)


class Drawn:
    """A Markdown text as it comes out, in lines of `width` cells."""

    def __init__(self, palette, text="", width=40, way="visual"):
        self.stage = Stage(load_now)
        self.stage.dress(width, 0, palette, way)
        if text:
            self.stage.document.markdown(text)

    def strips(self, height=30):
        self.stage.frame(height)
        while self.stage.unfinished:
            self.stage.frame(height)
        return [self.stage.strip(y, focused=False, selection_style=MARKED) for y in range(height)]

    def lines(self):
        strips = self.strips()
        assert {cell_len(strip.text) for strip in strips} == {strips[0].cell_length}
        return [line for strip in strips if (line := strip.text.rstrip())]

    def marked(self, y):
        """What is drawn as selected in line `y`, from the left."""
        return "".join(part.text for part in self.strips()[y] if part.style is not None and part.style.reverse)


@pytest.fixture
def draw(palette):
    return lambda text="", **options: Drawn(palette, text, **options)


def test_a_paragraph_from_right_to_left_stands_at_the_right(draw):
    lines = draw("שלום עולם, זה משפט ארוך מספיק כדי לגלוש").lines()
    assert [line.strip() for line in lines] == ["ידכ קיפסמ ךורא טפשמ הז ,םלוע םולש", "שולגל"]
    assert {len(line) for line in lines} == {38}  # the margin is free


def test_words_of_the_other_direction_keep_theirs_across_the_end_of_a_line(draw):
    lines = draw("המילים האלה one two three four five six seven בסוף").lines()
    assert [line.strip() for line in lines] == ["one two three four five הלאה םילימה", "ףוסב six seven"]


def test_bullets_numbers_and_bars_stand_at_the_side_the_text_begins_on(draw):
    lines = draw("- אחת\n  - שתיים\n\n1. ראשון\n\n> ציטוט\n>\n> שני\n\n- [x] בוצע\n- one\n").lines()
    assert [line.strip() for line in lines] == [
        "תחא •", "םייתש ◦", "ןושאר .1", "טוטיצ ▕", "▕", "ינש ▕", "עצוב ☑", "• one",
    ]  # fmt: skip
    assert len(lines[0]) == len(lines[1]) + 2 == 38
    assert lines[-1].startswith("  • one")


def test_a_heading_has_its_line_below_it(draw):
    heading, line = draw("# כותרת").lines()
    assert (heading.strip(), line.strip()) == ("תרתוכ", "━" * 5)
    assert heading.index("ת") == line.index("━")


def test_code_stays_where_it_is_and_its_words_can_be_read(draw):
    lines = draw('```python\nx = f("שלום עולם", 1)  # הערה\n```').lines()
    assert lines[-1].strip() == 'x = f("םלוע םולש", 1)  # הרעה'


def test_the_first_column_of_a_table_from_right_to_left_is_at_the_right(draw):
    lines = draw("| שם | ערך |\n|---|---|\n| נתיב | `a.py` |\n| ab | 12 |").lines()
    assert [line.strip() for line in lines] == ["ךרע │   םש", "─────┼─────", "a.py │ ביתנ", "12 │   ab"]
    assert {len(line) for line in lines} == {38}


def test_a_table_from_left_to_right_keeps_its_columns_and_their_edges(draw):
    lines = draw("| name | word |\n|---|---|\n| a | שלום לך |\n| b | لا إله |").lines()
    assert [line.index("│") for line in (lines[0], *lines[2:])] == [7, 7, 7]
    assert lines[2] == "  a    │ ךל םולש"


def test_arabic_letters_join_and_take_no_more_room_than_they_have(draw):
    lines = draw("لا إله إلا الله").lines()
    assert [line.strip() for line in lines] == ["ﻪﻠﻟﺍ ﻻﺇ ﻪﻟﺇ ﻻ"]
    assert len(lines[0]) == 38
    assert draw("| a | b |\n|---|---|\n| لا | x |").lines()[-1] == "   ﻻ │ x"


def test_where_the_terminal_orders_lines_they_are_as_written(draw):
    assert [line.strip() for line in draw("- שלום `a.py` עולם", way="logical").lines()] == ["• שלום a.py עולם"]


def test_what_is_selected_is_marked_where_it_is_seen_and_copied_as_written(draw):
    drawn = draw("ab שלום cd")
    drawn.strips()
    drawn.stage.selection = Selection(Offset(0, place_of(0, 0)), Offset(5, place_of(0, 0)))
    assert drawn.marked(0) == "ab לש"
    assert drawn.stage.selected(drawn.stage.selection) == "ab של"


def test_a_point_on_the_screen_is_the_letter_seen_there(draw):
    drawn = draw("[שלום](https://example.org) סוף")
    line = drawn.strips()[0].text
    for letter, number in (
        ("ש", 0),
        ("ם", 3),
        ("ס", line.strip() and drawn.stage.viewport.lines[0].row.text.index("ס")),
    ):
        assert drawn.stage.hit(line.index(letter), 0).char == number
    assert drawn.stage.hit(line.index("ש"), 0).link == "https://example.org"
    assert drawn.stage.hit(line.index("ס"), 0).link is None


def test_offsets_for_the_mouse_are_those_of_the_letters_seen(draw):
    drawn = draw("ab שלום")
    drawn.strips()
    offsets = [
        (part.text, part.style.meta["offset"][0])
        for part in drawn.stage.strip_with_offsets(0)
        if part.style is not None and part.style.meta
    ]
    assert offsets[2:] == [("a", 0), ("b", 1), (" ", 2), ("ם", 6), ("ו", 5), ("ל", 4), ("ש", 3), ("", 7)]


def test_streaming_ends_with_the_lines_that_come_at_once(draw):
    text = "- שלום `a.py` עולם (אחת) ושתיים\n\n> ציטוט\n\n| שם | ערך |\n|---|---|\n| א | ב |\n\nab אבג"
    drawn = draw()
    for char in text:
        drawn.stage.document.write(char)
        drawn.strips()
    drawn.stage.document.end()
    assert drawn.lines() == draw(text).lines()


@pytest.mark.parametrize(
    "cluster",
    [
        "👨‍👩‍👧",
        "🇸🇦",
        "👍🏽",
        "❤️",
        "1️⃣",
        "e\u0301",
        "漢",
        "سَّ",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_no_wrap_tears_what_is_one_character(cluster):
    text = cluster * 12
    whole = {number * len(cluster) for number in range(13)}
    for cut in (wrap, chop):
        for width in (2, 3, 5, 7):
            spans = cut(text, width)
            assert {place for span in spans for place in span} <= whole
            assert all(cell_len(text[start:end]) <= width for start, end in spans)


def test_a_lam_is_not_parted_from_its_alef():
    text = "لا" * 10
    assert all((end - start) % 2 == 0 for start, end in wrap(text, 5))


def test_a_word_with_a_lam_alef_is_one_word():
    text = "هذا السلام عليكم"
    assert [text[start:end] for start, end in wrap(text, 8)] == ["هذا", "السلام", "عليكم"]


def test_emoji_and_flags_in_text_from_right_to_left_stay_whole(draw):
    line = draw("שלום 👨‍👩‍👧 וגם 🇸🇦 סוף").lines()[0]
    assert line.strip() == "ףוס 🇸🇦 םגו 👨‍👩‍👧 םולש"
