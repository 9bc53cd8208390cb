"""Nothing untrusted text contains reaches the terminal as anything but text."""

import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugsky_tui.frontends.text import Cleaner, clean, reveal

FAMILY = "👨\u200d👩\u200d👧"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

CASES = [
    ("\x1b[31mRed\x1b[0m text", "Red text"),
    ("hello\x1b[9D\x1b[Kworld", "helloworld"),
    ("\x1b[1;32;40mBold\x1b[0m", "Bold"),
    ("\x1b[32mSuccess:\x1b[0m File saved\x07\n\x1b[?25hDone", "Success: File saved\nDone"),
    ("important\x90data after DCS", "importantdata after DCS"),
    ("keep\x9b42mthis text", "keepthis text"),
    ("start\x90\x9b\x85middle\x80end", "startmiddleend"),
    ("a\tb\nc", "a\tb\nc"),
    ("one\r\ntwo\r\n", "one\ntwo\n"),
    ("overwritten\rby this", "overwrittenby this"),
    ("del\x7fete", "delete"),
    ("nbsp\u00a0here", "nbsp\u00a0here"),
    ("Résumé naïve Zürich", "Résumé naïve Zürich"),
    ("漢字 かな 한국어 العربية עברית हिन्दी ไทย", "漢字 かな 한국어 العربية עברית हिन्दी ไทย"),
    ("می\u200cخواهم", "می\u200cخواهم"),
    (f"family {FAMILY} ok", f"family {FAMILY} ok"),
    ("heart ❤️‍🔥, key 1️⃣, warn ⚠️", "heart ❤️‍🔥, key 1️⃣, warn ⚠️"),
    ("\ud83d\ude00 pair", "😀 pair"),
    ("lone \ud83d half \ude00", "lone \ufffd half \ufffd"),
    ("safe\u202etxt.sh", "safetxt.sh"),
    ("a\u200bb\ufeffc", "abc"),
    ("a\u2060b\u00adc\u034fd\u115fe\u3164f", "abcdef"),
    ("x\ufe0fy\ufe00z 1\ufe0f2", "xyz 12"),
    ("a\u2028b\u2029c", "a b c"),
    ("hi" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all rules") + "!", "hi!"),
    ("no flag \U000e0067\U000e0062\U000e007f", "no flag "),
    (f"flag {ENGLAND}!", f"flag {ENGLAND}!"),
    ("🏴\U000e0067", "🏴"),
    ("vs supplement \U000e0101\U000e01efx", "vs supplement x"),
    ("\x1b]52;c;QQ==\x07x", "x"),
    ("\x1b]52;c;QQ==\x1b\\x", "x"),
    ("\x9d52;c;QQ==\x07x", "x"),
    ("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
    ("\x1b]0;title\x07a\x1b]2;t\x1b\\b\x1b]4;1;?\x07c\x1b]10;?\x07d\x1b]11;?\x1b\\e", "abcde"),
    ("\x1b]7;file://h/p\x07a\x1b]9;note\x07b\x1b]777;notify;t;b\x07c\x1b]1337;File=inline=1:QQ==\x07d", "abcd"),
    ("\x1b[6na\x1b[cb\x1b[>qc\x1b[?2026$pd", "abcd"),
    ("a\x1bP1$r0m\x1b\\b\x1b_Gf=32;QUJD\x1b\\c\x1b^pm\x1b\\d\x1bXsos\x1b\\e", "abcde"),
    ("text \x1b]0;never ends", "text "),
    ("\x1b]0;" + "x" * 4094 + "shown", "shown"),
    ("\x1b[?1049ha\x1b[2Jb\x1b[?1000hc\x1bcd", "abcd"),
    ("\x1b(Ba\x1b#8b\x1b=c\x1b7d\x1b8e", "abcde"),
    ("\x1b[31", ""),
    ("half \x1b", "half "),
    ("\x1b\x1b\x1b[0mx", "x"),
    ("\x1bé", "é"),
]


@pytest.mark.parametrize(("dirty", "expected"), CASES)
def test_only_text_is_left(dirty, expected):
    assert clean(dirty) == expected


@pytest.mark.parametrize("code", [c for c in range(0x20) if c not in (0x09, 0x0A, 0x0D, 0x1B)])
def test_each_control_character_is_removed(code):
    assert clean(f"hello{chr(code)}world") == "helloworld"


@pytest.mark.parametrize(
    "code", [0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0x80, 0x9B)]
)
def test_each_bidi_and_invisible_character_is_removed(code):
    assert clean(f"a{chr(code)}b") == "ab"


@pytest.mark.parametrize(("dirty", "expected"), CASES)
def test_a_stream_cut_anywhere_is_cleaned_like_the_whole(dirty, expected):
    for cut in range(len(dirty) + 1):
        cleaner = Cleaner()
        assert cleaner.feed(dirty[:cut]) + cleaner.feed(dirty[cut:]) + cleaner.flush() == expected
    cleaner = Cleaner()
    assert "".join(map(cleaner.feed, dirty)) + cleaner.flush() == expected


NASTY = st.text(
    st.sampled_from(
        "\x1b[]P\\m;?0 9a\n\r\t\x07\x9b\x9c\x9d\x90\x85\u0301\u200d\u200c\ufe0f\u20e31⚠🏴"
        "\U000e0067\U000e007f\ud83d\ude00é漢\u202e\u200b\u2028"
    ),
    max_size=60,
)


@given(NASTY, st.lists(st.integers(0, 60), max_size=6))
@example("⚠\ufe0f\u200b\ufe0f", [1, 2, 3])
def test_any_cuts_of_any_text_give_what_the_whole_gives(text, cuts):
    cleaner = Cleaner()
    places = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    out = "".join(cleaner.feed(text[a:b]) for a, b in pairwise(places)) + cleaner.flush()
    assert out == clean(text)


@given(st.one_of(NASTY, st.text()))
def test_what_is_clean_stays_as_it_is(text):
    once = clean(text)
    assert clean(once) == once
    assert not any(
        (ord(c) < 32 and c not in "\t\n") or 0x7F <= ord(c) <= 0x9F or 0xD800 <= ord(c) < 0xE000 for c in once
    )


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_printable_ascii_is_never_touched(text):
    assert clean(text) == text
    assert reveal(text) == text


@pytest.mark.parametrize(
    "bomb",
    [
        "\x1b[",
        "\x1b]",
        "\x1b",
        "\x9d",
        "\x90x",
        "\x9b1",
        "\x1b]0;a\x1b",
        "\u0301",
        "\ufe0f",
        "\ud83d",
        "\u200b",
        "\x00",
    ],
)
def test_megabytes_of_one_sequence_take_linear_time(bomb):
    def seconds(characters):
        text = bomb * (characters // len(bomb))
        started = time.process_time()
        clean(text)
        cleaner = Cleaner()
        for start in range(0, len(text), 65536):
            cleaner.feed(text[start : start + 65536])
        cleaner.flush()
        return time.process_time() - started

    clean(bomb)
    small = min(seconds(50_000) for _ in range(3)) + 0.002
    assert seconds(500_000) < 40 * small


def test_marks_heaped_on_one_character_are_cut():
    assert clean("Z" + "\u0301" * 10_000 + "algo") == "Z" + "\u0301" * 8 + "algo"
    assert clean("\u0602" * 3) == "\u0602" * 3
    cleaner = Cleaner()
    out = "".join(cleaner.feed("\u0301") for _ in range(10_000))
    assert out + cleaner.flush() == "\u0301" * 8


def test_ordinary_text_is_given_back_as_the_same_object():
    text = "ordinary text " * 100
    assert clean(text) is text
    assert Cleaner().feed(text) is text


@pytest.mark.parametrize(
    ("dirty", "shown"),
    [
        ("\x1b[31mrm\x1b[0m", "␛[31mrm␛[0m"),
        ("a\x00b\x7fc\rd\x85", "a␀b␡c␍d⟨U+0085⟩"),
        ("safe\u202etxt.sh", "safe⟨U+202E⟩txt.sh"),
        ("a\u200bb", "a⟨U+200B⟩b"),
        ("hi\U000e0041", "hi⟨U+E0041⟩"),
        ("rm\u00a0-rf", "rm⟨U+00A0⟩-rf"),
        ("ls\u200d", "ls⟨U+200D⟩"),
        ("a\ufe0f", "a⟨U+FE0F⟩"),
        ("half \ud83d", "half ⟨U+D83D⟩"),
        ("e\u0301", "e\u0301"),
        (f"{FAMILY} {ENGLAND} ⚠️ 1️⃣", f"{FAMILY} {ENGLAND} ⚠️ 1️⃣"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\u202e\u0301", "⟨U+202E⟩\u0301"),
        ("Z" + "\u0301" * 100, "Z" + "\u0301" * 8 + "⟨+92 marks⟩"),
    ],
)
def test_reveal_shows_what_hides(dirty, shown):
    assert reveal(dirty) == shown


@given(st.one_of(NASTY, st.text()))
def test_what_reveal_shows_holds_nothing_to_remove(text):
    shown = reveal(text)
    assert clean(shown) == shown


def test_importing_it_loads_next_to_nothing():
    code = "import sys; import plugsky_tui.frontends.text; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"textual", "rich", "asyncio", "unicodedata", "dataclasses", "plugsky_tui.frontends.marks"} & set(loaded)
