"""What goes along with a prompt comes apart again as it was put together, whatever is in it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from plugsky_tui.session.enclosures import Enclosure, Ran, enclose, quoted, ran_of, ran_text, split

lines = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
words = st.text(st.characters(exclude_characters='"\n\r', exclude_categories=["Cs"]), min_size=1, max_size=12)


@st.composite
def enclosures(draw: st.DrawFn) -> Enclosure:
    content = draw(st.lists(st.one_of(lines, st.sampled_from(["</file>", "</thread>", '<file name="a" note="">']))))
    if draw(st.booleans()):
        numbered = "\n".join(f"{at:6}\t{line}" for at, line in enumerate(" ".join(content).split("\n"), 1))
        return Enclosure("file", draw(words), draw(words), numbered)
    return Enclosure("thread", draw(words), draw(words), quoted("\n".join(content)).rstrip("\n"))


@given(lines, st.lists(enclosures(), max_size=3))
@settings(max_examples=60)
def test_a_message_comes_apart_into_its_words_and_enclosures(prompt: str, among: list[Enclosure]) -> None:
    assert split(enclose(prompt, among)) == (prompt, among)


def test_what_only_looks_like_an_enclosure_stays_with_the_words() -> None:
    message = 'see\n\n<file name="a" note="">\nno number\n</file>'
    assert split(message) == (message, [])
    assert split(message + " and more") == (message + " and more", [])


@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), min_size=1), lines)
@settings(max_examples=60)
def test_a_command_and_its_output_are_found_again_in_the_message(command: str, output: str) -> None:
    ran = Ran(command, output.rstrip(), "exit code 0")
    found = ran_of(ran_text(ran))
    assert found is not None
    assert (found.command, found.output, found.end) == (command, output.rstrip(), "exit code 0")


def test_a_fence_in_the_output_does_not_end_it() -> None:
    ran = Ran("cat README.md", "```console\nx\n```\n(exit code 0)", "exit code 0")
    assert ran_of(ran_text(ran)) == ran


def test_a_prompt_is_no_command() -> None:
    assert ran_of("I ran in the shell: git status") is None
    assert ran_of("hello") is None
