"""What tools answer is read back, however they number lines and name hits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.simulator.agent.reading import Hit, failed_edit, listed_names, numbered_lines, search_hits
from plugsky_tui.simulator.agent.steps import Call, Result

lines = st.lists(
    st.text(st.characters(blacklist_characters="\n\r", blacklist_categories=("Cs",)), max_size=30),
    min_size=1,
    max_size=30,
)


@given(lines, st.integers(1, 5000))
def test_lines_numbered_with_a_tab_come_back_exactly(texts: list[str], first: int) -> None:
    shown = "\n".join(f"{number:6}\t{text}" for number, text in enumerate(texts, first))
    assert numbered_lines(shown + "\n\n(read on with offset=99)") == list(enumerate(texts, first))


@pytest.mark.parametrize("shape", ["{n}→{t}", "{n:>4}|{t}", "{n}: {t}", "{n:>3}│ {t}", "     {n}\t{t}"])
def test_other_ways_of_numbering_are_read_too(shape: str) -> None:
    texts = ["def f(a: int):", "    return {1: 2}", "", "\tx = 3:4"]
    shown = "\n".join(shape.format(n=number, t=text) for number, text in enumerate(texts, 1))
    assert [text for _, text in numbered_lines(shown)] == texts


def test_what_is_no_numbered_text_has_no_lines() -> None:
    assert numbered_lines("No such file: 3 of them") == []
    assert numbered_lines("") == []


@pytest.mark.parametrize(
    "output",
    [
        "src/a.py:3:def f():\nsrc/b.py:10:    f()\n(2 files were not searched)",
        "./src/a.py:3: def f():\n./src/b.py:10:     f()",
        "src/a.py\n3:def f():\n\nsrc/b.py\n10:    f()",
        "src/a.py:\n  3: def f():\nsrc/b.py:\n  10: f()",
    ],
)
def test_hits_are_read_in_line_and_under_headings(output: str) -> None:
    assert search_hits(output) == [Hit("src/a.py", 3, "def f():"), Hit("src/b.py", 10, "f()")]


def test_no_matches_are_no_hits() -> None:
    assert search_hits("No matches.") == search_hits("") == []


@pytest.mark.parametrize(
    "output",
    [
        "./\n  src/\n    a.py\n  README.md\n(3 ignored by .gitignore: x, y, z)",
        ".\n├── src/\n│   └── a.py\n└── README.md",
        "- src/\n- a.py (12 bytes)\n- README.md",
    ],
)
def test_names_are_read_from_any_listing(output: str) -> None:
    assert {"src/", "a.py", "README.md"} <= set(listed_names(output))


@pytest.mark.parametrize(
    ("output", "failed"),
    [
        ("Changed src/errors.py: +1 -1 lines.\nIt now reads:", False),
        ("Edited missing/invalid.py.", False),
        ("Wrote a.txt (12 bytes)", False),
        ("The file a.py has been updated.", False),
        ("old_string was not found in a.py.", True),
        ("old_string is there in 3 places.", True),
        ("a.py has changed since it was read: read it again.", True),
        ("Changed since you read it; re-read first.", True),
        ("Error: cannot write", True),
    ],
)
def test_whether_an_edit_was_made(output: str, failed: bool) -> None:
    assert bool(failed_edit(Result(Call("edit", {}), output))) is failed
