"""What messages are understood as."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.simulator.agent.intents import understood
from plugsky_tui.simulator.agent.tasks import (
    CallTool,
    CallTools,
    Continue,
    Create,
    Delegate,
    Delegated,
    Explain,
    Find,
    Fix,
    Greet,
    Introduce,
    Overview,
    Rename,
    Replace,
    RunCommand,
    RunTests,
    Stop,
    Task,
    Thanks,
    Unknown,
)


@pytest.mark.parametrize(
    ("message", "tasks"),
    [
        ("hi", [Greet()]),
        ("hello, what can you do?", [Greet()]),
        ("thanks!", [Thanks()]),
        ("stop", [Stop()]),
        ("continue", [Continue()]),
        ("yes please", [Continue(consent=True)]),
        ("fix the failing test", [Fix()]),
        ("There is a failing test here. Find the fault and fix it, then run the tests.", [Fix()]),
        ("make the tests pass", [Fix()]),
        ("fix it", [Fix()]),
        ("run the tests", [RunTests()]),
        ("do the tests pass?", [RunTests()]),
        ("Why does test_add fail?", [RunTests()]),
        ("find the failing test", [RunTests()]),
        ("run `ls -la`", [RunCommand("ls -la")]),
        (
            "use two subagents to find parse_line and Bag",
            [Delegate([Delegated("explore", "find parse_line"), Delegated("explore", "find Bag")])],
        ),
        (
            "Use subagents: explain src/a.py, find 'salt and pepper', and run the tests.",
            [
                Delegate(
                    [
                        Delegated("explore", "explain src/a.py"),
                        Delegated("explore", "find 'salt and pepper'"),
                        Delegated("general", "run the tests"),
                    ]
                )
            ],
        ),
        ("what is in this repo?", [Overview()]),
        ("What's this project about?", [Overview()]),
        ("list the files", [Overview()]),
        ("where is `naturalsize` defined?", [Find("naturalsize", exact=True)]),
        ("where is naturalsize()", [Find("naturalsize", exact=True)]),
        ("find where the timeout is handled", [Find("timeout", exact=True)]),
        ("where does the parser read tokens?", [Find("parser read tokens", exact=False)]),
        ('search for "a b" in this repo', [Find("a b", exact=True)]),
        ("where is config.toml?", [Find("config.toml", exact=True)]),
        ("explain src/app.py", [Explain("src/app.py")]),
        ("what does toolz/itertoolz.py do?", [Explain("toolz/itertoolz.py")]),
        ("explain the function naturalsize.", [Explain("naturalsize")]),
        ("rename foo to bar in a.py", [Rename("foo", "bar", "a.py")]),
        ("Please rename the method `foo` to `bar`.", [Rename("foo", "bar", None)]),
        ("rename foo to bar in a.py and run the tests", [Rename("foo", "bar", "a.py"), RunTests()]),
        ("replace 'colour' with 'color' in README.md", [Replace("colour", "color", "README.md")]),
        ("in src/x.py, change `a < b` to `a <= b`", [Replace("a < b", "a <= b", "src/x.py")]),
        ('change "a b" to "c d" in x.py, then run the tests', [Replace("a b", "c d", "x.py"), RunTests()]),
        ("create notes.txt with hello world", [Create("notes.txt", "hello world\n")]),
        ("create a file docs/x.md with\n```\n# hi\n\n- run the tests\n```", [Create("docs/x.md", "# hi\n\n- run the tests\n")]),
        ('call get_weather with {"city": "Dubai"}', [CallTool("get_weather", '{"city": "Dubai"}')]),
        ("explain a.py, then explain b.py; run the tests", [Explain("a.py"), Explain("b.py"), RunTests()]),
        ("write me a poem", [Unknown()]),
        ("what is 2+2?", [Unknown()]),
        ("change the colour to red", [Unknown()]),
        ("", [Unknown()]),
    ],
)  # fmt: skip
def test_english(message: str, tasks: list[Task]) -> None:
    assert understood(message) == tasks


@pytest.mark.parametrize(
    ("message", "tasks"),
    [
        ("مرحبا", [Greet(arabic=True)]),
        ("ماذا يمكنك أن تفعل؟", [Greet(arabic=True)]),
        ("أصلح الاختبار الفاشل", [Fix()]),
        ("شغّل الاختبارات", [RunTests()]),
        ("ما هذا المشروع؟", [Overview()]),
        ("أين `naturalsize`؟", [Find("naturalsize", exact=True)]),
        ("اشرح src/app.py", [Explain("src/app.py")]),
        ("أعد تسمية foo إلى bar في a.py", [Rename("foo", "bar", "a.py")]),
        ("استبدل «أحمد» بـ «مُحمّد» في a.txt", [Replace("أحمد", "مُحمّد", "a.txt")]),
        ("أنشئ ملفا notes.txt يحتوي على إنَّ السلام", [Create("notes.txt", "إنَّ السلام\n")]),
        ("اكتب لي قصيدة", [Unknown(arabic=True)]),
        ("أكمل", [Continue()]),
    ],
)
def test_arabic_with_its_spelling_kept(message: str, tasks: list[Task]) -> None:
    assert understood(message) == tasks


def test_what_is_attached_is_not_read_as_a_request() -> None:
    assert understood('<file path="a.md">\nrun the tests\n</file>\nexplain a.md') == [Explain("a.md")]


@given(st.text(max_size=300))
def test_any_text_is_understood_as_something(message: str) -> None:
    assert understood(message)


def test_a_long_message_takes_no_long_time() -> None:
    import time

    for text in ("find " + "x " * 20_000, "replace " + "'a" * 10_000, "create " + "a/" * 20_000, "أ" * 40_000):
        began = time.monotonic()
        understood(text)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "message",
    ["who are you?", "Which model am I talking to? Are you GPT-4?", "are you an AI", "من أنت؟", "هل أنت نموذج لغوي؟"],
)
def test_who_is_talking_is_a_question_of_its_own(message: str) -> None:
    assert understood(message) == [Introduce(arabic=message[0] > "z")]


def test_calls_spelled_out_one_after_another_are_several() -> None:
    said = 'call a with {"x": {"y": "}"}} and then use the tool b with {}'
    assert understood(said) == [CallTools([CallTool("a", '{"x": {"y": "}"}}'), CallTool("b", "{}")])]
    assert understood('call a with {"x": 1} please') == [CallTool("a", '{"x": 1}')]
    assert understood('call a with {"x": 1} and call b with {x}') != [CallTools([])]


@pytest.mark.parametrize("word", ["run", "fix", "show", "what is", "explain", "find", "make", "call x {"])
def test_a_long_line_of_the_words_of_rules_is_read_in_no_time(word: str) -> None:
    """With unbounded gaps in the rules, 40 KB took a minute, in which nobody else was answered."""
    began = time.process_time()
    understood(f"{word} " * (40_000 // len(word)))
    assert time.process_time() - began < 5
