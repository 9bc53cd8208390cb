from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.providers.text import SurrogateJoiner, ThoughtSplitter, join_surrogates


def split(*texts: str) -> tuple[str, str]:
    """(visible, thought)"""
    splitter = ThoughtSplitter()
    pieces = [piece for text in texts for piece in splitter.feed(text)] + splitter.end()
    return "".join(p for thought, p in pieces if not thought), "".join(p for thought, p in pieces if thought)


@pytest.mark.parametrize(
    ("text", "visible", "thought"),
    [
        ("Hello", "Hello", ""),
        ("<think>a b</think>Hello", "Hello", "a b"),
        ("\n <think>\na\n</think>\n\nHello", "Hello", "\na\n"),
        ("<thinking>a</thinking>b", "b", "a"),
        ("<think>a</think>\n<think>b</think>c", "c", "ab"),
        ("<think></think>Hello", "Hello", ""),
        ("<think>never closed", "", "never closed"),
        ("<think>a</think>", "", "a"),
        ("<think>a </thin b</think>c", "c", "a </thin b"),
        ("The tag <think> is written so</think>.", "The tag <think> is written so</think>.", ""),
        ("<thin air", "<thin air", ""),
        ("<", "<", ""),
        ("  indented", "  indented", ""),
        ("<table>", "<table>", ""),
    ],
)
def test_thoughts_before_the_answer_are_set_apart_wherever_they_are_cut(text: str, visible: str, thought: str) -> None:
    assert split(text) == (visible, thought)
    assert split(*text) == (visible, thought)
    for at in range(len(text)):
        assert split(text[:at], text[at:]) == (visible, thought)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<th", "ink>", "a", "\n", " ", "</", "<"]), max_size=10))
def test_no_cut_changes_what_is_thought(parts: list[str]) -> None:
    text = "".join(parts)
    assert split(*parts) == split(text) == split(*text)


def test_blanks_are_not_held_back_for_ever() -> None:
    splitter = ThoughtSplitter()
    assert splitter.feed(" " * 2000) == [(False, " " * 2000)]


@pytest.mark.parametrize(
    ("deltas", "text"),
    [
        (["\ud83d", "\ude00"], "😀"),
        (["a\ud83d", "\ude00b"], "a😀b"),
        (["\ud83d", "x"], "\ufffdx"),
        (["\ude00"], "\ufffd"),
        (["\ud83d"], "\ufffd"),
        (["\ud83d\ude00"], "😀"),
        (["\ud83d", "", "\ude00"], "😀"),
        (["é", "ü"], "éü"),
    ],
)
def test_halves_of_a_character_are_joined_and_lone_ones_replaced(deltas: list[str], text: str) -> None:
    joiner = SurrogateJoiner()
    joined = "".join(joiner.feed(delta) for delta in deltas) + joiner.end()
    assert joined == text
    joined.encode()


def test_text_without_surrogates_comes_back_as_it_is() -> None:
    text = "plain é 😀"
    assert join_surrogates(text) is text
