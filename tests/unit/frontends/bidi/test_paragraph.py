"""What a line looks like: order, joined letters, clusters, and which character stands where."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugsky_tui.frontends.bidi.classes import has_rtl
from plugsky_tui.frontends.bidi.clusters import clusters_of
from plugsky_tui.frontends.bidi.isolates import technical_spans
from plugsky_tui.frontends.bidi.paragraph import Paragraphs

LETTERS = "abc1٣ ()/._-\"'ابتلمىלשم\u064e\u0651\u200c\u200d\n\u05b8😀\U0001f1f8\U0001f1e6漢é"


def display(text: str, way: str = "visual", base: int | None = None) -> str:
    """`text`, a single line, as the terminal gets it."""
    return "".join(glyph.text for glyph in Paragraphs(text, base=base).line(0, len(text), way))  # type: ignore[arg-type]


def test_letters_join_and_lam_alef_is_one() -> None:
    assert display("سلام") == "\ufee1\ufefc\ufeb3"
    assert display("بِسْم") == "\ufee2\ufeb4\u0652\ufe91\u0650"


def test_letters_keep_apart_where_a_non_joiner_stands() -> None:
    assert display("می\u200cخ") == "\ufea5\ufbfd\ufee3"


def test_letters_without_forms_of_their_own_still_join_their_neighbours() -> None:
    assert display("بټب") == "\ufe90\u067c\ufe91"


def test_hebrew_is_turned_round_and_keeps_its_points() -> None:
    assert display("שָׁלוֹם") == "םוֹלשָׁ"


def test_brackets_are_mirrored_and_numbers_stay_readable() -> None:
    assert display("שלום (12)") == "(12) םולש"


def test_english_in_arabic_and_arabic_in_english() -> None:
    assert display("קובץ readme חדש") == "שדח readme ץבוק"
    assert display("the word שלום means peace") == "the word םולש means peace"


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("افتح src/main.py.", ["src/main.py"]),
        ("شغّل git commit --amend الآن", ["git commit --amend"]),
        ("المسار (/etc/passwd) هنا", ["/etc/passwd"]),
        ("استدع `parse_config()`، ثم", ["parse_config()"]),
        ("الرابط https://example.org/a?b=c!", ["https://example.org/a?b=c"]),
        ("كلمة hello world فقط", []),
        ("الإصدار v1.2.3", ["v1.2.3"]),
        ('قال "src/a.py" لنا', ["src/a.py"]),
        ("الخيار -v مفيد", ["-v"]),
        ("المجموع 12 + 3", ["12 + 3"]),
        ("أ -> ب", []),
        ("نص -- نص + نص", []),
        ("العدد 12.5 هنا", []),
        ("افتح src/ملف.py، ثم", ["src/ملف.py"]),
        ("في /home/محمد/ملف.", ["/home/محمد/ملف"]),
        ("و/أو", []),
    ],
)
def test_paths_options_and_names_are_seen_as_such(text: str, spans: list[str]) -> None:
    assert [text[start:end] for start, end in technical_spans(text)] == spans


def test_a_path_reads_from_left_to_right_in_a_sentence_from_right_to_left() -> None:
    assert display("פתח /etc/hosts עכשיו") == "וישכע /etc/hosts חתפ"


def test_a_path_at_the_beginning_does_not_make_the_sentence_go_left_to_right() -> None:
    text = "src/main.py הוא הקובץ"
    assert Paragraphs(text).base_at(0) == 1
    assert display(text) == "ץבוקה אוה src/main.py"


def test_the_parts_of_a_path_stay_in_their_order() -> None:
    assert display("/home/שלום/עולם/a.py", base=0) == "/home/םולש/םלוע/a.py"
    assert display("הקובץ src/קובץ.py כאן") == "ןאכ src/ץבוק.py ץבוקה"


def test_code_keeps_its_order_and_its_words_can_be_read() -> None:
    code = 'f("שלום עולם", "קובץ")'
    text = f"קוד {code} כאן"
    assert "".join(glyph.text for glyph in Paragraphs(text, [(4, 4 + len(code))]).line(0, len(text))) == (
        'ןאכ f("םלוע םולש", "ץבוק") דוק'
    )


def test_each_paragraph_has_its_own_direction() -> None:
    paragraphs = Paragraphs("hello\nשלום\n123")
    assert [paragraphs.base_at(place) for place in (0, 6, 11)] == [0, 1, 0]


def test_a_line_of_a_paragraph_keeps_the_paragraphs_direction() -> None:
    text = "שלום hello world"
    assert "".join(glyph.text for glyph in Paragraphs(text).line(5, 16)) == "hello world"
    assert Paragraphs(text).base_at(5) == 1


def test_terminals_that_turn_words_round_get_the_words_in_order_and_their_letters_as_they_are() -> None:
    assert display("السلام عليكم (12)", "words") == "(12) عليكم السلام"


def test_flags_and_families_are_never_torn() -> None:
    text = "🇸🇦🇫🇷👨‍👩‍👧👍🏽❤️"
    assert [text[start:end] for start, end, _ in clusters_of(text)] == ["🇸🇦", "🇫🇷", "👨‍👩‍👧", "👍🏽", "❤️"]
    assert [cells for _, _, cells in clusters_of(text)] == [2] * 5


def test_text_without_right_to_left_letters_is_told_at_once() -> None:
    assert not has_rtl("plain")
    assert not has_rtl("Grüße, 漢字, 😀, ελληνικά")
    for text in ("ا", "a\u05d0", "\u202eabc", "٣", "\U0001e900", "\U00010800"):
        assert has_rtl(text)


@settings(max_examples=150, deadline=None)
@given(st.text(LETTERS, max_size=40), st.sampled_from(["visual", "words"]))
def test_every_character_stands_in_exactly_one_place(text: str, way: str) -> None:
    paragraphs = Paragraphs(text)
    start = 0
    for part in text.split("\n"):
        end = start + len(part)
        glyphs = paragraphs.line(start, end, way)  # type: ignore[arg-type]
        places = sorted((glyph.start, glyph.end) for glyph in glyphs)
        assert [place for a, b in places for place in range(a, b)] == list(range(start, end))
        start = end + 1


@settings(max_examples=100, deadline=None)
@given(st.text("abc 漢é12.,()/-_", max_size=30))
def test_text_from_left_to_right_looks_as_it_is(text: str) -> None:
    assert display(text) == text
