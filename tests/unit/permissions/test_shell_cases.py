"""Verdicts on whole command lines: examples of each rule, in mode ask without rules of the user's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

DATA = Path(__file__).parents[2] / "data"


def cases(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (DATA / name).read_text().split("\n") if line]


@pytest.mark.parametrize("name", ["shell_cases.jsonl", "shell_more_cases.jsonl"])
def test_every_case_gets_its_verdict(name: str, judge_of: Callable[..., Any], workspace: Path, tmp_path: Path) -> None:
    folder = workspace
    if name == "shell_cases.jsonl":  # these are about a folder with nothing in it
        folder = tmp_path / "empty"
        folder.mkdir()
    judge = judge_of(folder=folder)
    wrong = []
    for case in cases(name):
        judgement = judge.shell(str(case["command"]))
        if (judgement.verdict, judgement.rememberable) != (case["verdict"], case["rememberable"]):
            wrong.append((case, judgement))
    assert wrong == []


def test_there_are_enough_cases_of_both_directions() -> None:
    verdicts = [(case["verdict"], case["rememberable"]) for case in cases("shell_more_cases.jsonl")]
    assert verdicts.count(("allow", True)) > 100
    assert verdicts.count(("ask", False)) > 400
    assert verdicts.count(("ask", True)) > 80
    assert verdicts.count(("deny", False)) > 30


@pytest.mark.parametrize("name", ["shell_cases.jsonl", "shell_more_cases.jsonl"])
def test_every_part_of_a_command_is_told_of_and_the_strictest_speaks(name: str, judge_of: Callable[..., Any]) -> None:
    order = ["allow", "ask", "deny"]
    judge = judge_of()
    for case in cases(name):
        judgement = judge.shell(str(case["command"]))
        assert judgement.parts
        assert judgement.verdict == max((part.verdict for part in judgement.parts), key=order.index)
        assert judgement.reason.endswith(".")
        assert bool(judgement.suggested_rules) == (judgement.verdict == "ask" and judgement.rememberable)


@pytest.mark.parametrize("name", ["shell_cases.jsonl", "shell_more_cases.jsonl"])
def test_a_suggested_rule_lets_the_same_command_pass(name: str, judge_of: Callable[..., Any]) -> None:
    for case in cases(name):
        command = str(case["command"])
        judgement = judge_of().shell(command)
        if not judgement.suggested_rules:
            continue
        again = judge_of(allow=tuple(judgement.suggested_rules), source="remembered").shell(command)
        assert again.verdict == "allow", (command, judgement.suggested_rules, again)


def test_no_case_that_is_not_to_be_remembered_is_let_through_by_any_suggested_rule(
    judge_of: Callable[..., Any],
) -> None:
    every = [*cases("shell_cases.jsonl"), *cases("shell_more_cases.jsonl")]
    suggested: set[str] = set()
    for case in every:
        suggested.update(judge_of().shell(str(case["command"])).suggested_rules)
    judge = judge_of(allow=tuple(suggested), source="remembered")
    for case in every:
        if not case["rememberable"]:
            assert judge.shell(str(case["command"])).verdict != "allow", case


def test_in_plan_mode_nothing_passes_that_changes_anything_whatever_the_rules(judge_of: Callable[..., Any]) -> None:
    judge, with_rules = judge_of(mode="plan"), judge_of(mode="plan", allow=("shell", "edit"))
    for case in cases("shell_more_cases.jsonl"):
        command = str(case["command"])
        if case["verdict"] == "allow":
            assert judge.shell(command).verdict == "allow", case
            continue
        assert judge.shell(command).verdict != "allow", case
        if case["rememberable"]:
            assert with_rules.shell(command).verdict == "deny", case


@pytest.mark.parametrize(
    ("command", "suggested"),
    [
        ("docker compose up -d", ["shell(docker compose up *)"]),
        ("npm run dev -- --port 1", ["shell(npm run dev *)"]),
        ("git commit -m 'x y'", ["shell(git commit *)"]),
        ("nohup touch OUT", ["shell(touch *)"]),
        ("rm -rf build", ["shell(rm -rf build)"]),
        ("sudo ls", ["shell(sudo ls)"]),
        ("python3 -m pytest -x", ["shell(python3 -m pytest *)"]),
        ("uv run pytest -x", ["shell(uv run pytest *)"]),
        ("echo hi > sub/x && touch y", ["edit(sub/x)", "shell(touch *)"]),
        ("mv 'a b' c", ["shell(mv 'a b' c)"]),
        ("cat <<EOF > x\nhi\nEOF", ["shell(cat)", "edit(/x)"]),
    ],
)
def test_what_always_would_keep(command: str, suggested: list[str], judge_of: Callable[..., Any]) -> None:
    assert judge_of().shell(command).suggested_rules == suggested


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        ("git commit -m '/health answers again'", "shell(git commit *)"),
        (f"git commit -m '{'long ' * 100}'", "shell(git commit *)"),
        (f"git commit -m {'x' * 300}", "shell(git commit *)"),
        ("npm run dev -- --url=http://x/y", "shell(npm run dev *)"),
        ("pytest tests/test_a.py::test_b", "shell(pytest *)"),
    ],
)
def test_a_word_that_only_looks_like_a_path_is_none(command: str, rule: str, judge_of: Callable[..., Any]) -> None:
    assert judge_of().shell(command).suggested_rules == [rule]


@settings(max_examples=examples(100), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "ls",
                "rm",
                "-rf",
                "git",
                " ",
                " ",
                ";",
                "&&",
                "|",
                ">",
                "<",
                "<<E",
                "\n",
                "E",
                "$(",
                "`",
                ")",
                "(",
                "'",
                '"',
                "~",
                "/",
                "..",
                "*",
                "if",
                "then",
                "fi",
                "for",
                "do",
                "done",
                "{",
                "}",
                "$x",
                "\\",
                "cd",
                "find",
                "-exec",
                "sudo",
                "sh",
                "-c",
                "[",
                "]",
                "=",
                "x",
            ]
        ),
        max_size=25,
    ).map(" ".join)
)
def test_any_text_gets_a_verdict(text: str, judge_of: Callable[..., Any]) -> None:
    judgement = judge_of(deny=("shell(curl *)", "read(x)"), allow=("shell(git *)",)).shell(text)
    assert judgement.verdict in ("allow", "ask", "deny")
    assert judgement.parts


def test_no_text_makes_the_check_fail(judge_of: Callable[..., Any]) -> None:
    judge = judge_of()
    for command in (
        "",
        " ",
        "\n",
        "\ud800",
        "\0",
        "ls \0",
        "'",
        '"',
        "\\",
        "$",
        "`",
        "#",
        "&",
        "\x00ls",
        "ls \udcff",
        "é" * 5000,
        "a" * 9000,
    ):
        judgement = judge.shell(command)
        assert (judgement.verdict, judgement.rememberable) == ("ask", False), command
        assert judgement.parts
