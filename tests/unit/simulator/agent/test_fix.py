"""Faults planted in real code, found and mended through the tools: real files, a real shell, a real pytest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

STATS = '''"""Little statistics."""

SEPARATOR = ", "


def mean(values):
    if not values:
        raise ValueError("no values")
    return sum(values) / len(values)


def clamp(value, low, high):
    return max(low, min(value, high))


def window(values, size):
    return [values[i : i + size] for i in range(len(values) - size + 1)]


def first_over(values, limit):
    for value in values:
        if value > limit:
            return value
    return None


def is_sorted(values):
    return all(a <= b for a, b in zip(values, values[1:]))


def joined(values):
    return SEPARATOR.join(str(value) for value in values)


def running(values):
    total = 0
    result = []
    for value in values:
        total += value
        result.append(total)
    return result


def cents(euros):
    return round(euros * 100)
'''
TESTS = """import pytest

from stats import cents, clamp, first_over, is_sorted, joined, mean, running, window


def test_mean():
    assert mean([1, 2, 6]) == 3


def test_mean_of_nothing():
    with pytest.raises(ValueError):
        mean([])


@pytest.mark.parametrize(("value", "expected"), [(5, 5), (-1, 0), (11, 10), (10, 10)])
def test_clamp(value, expected):
    assert clamp(value, 0, 10) == expected


def test_window():
    assert window([1, 2, 3], 2) == [[1, 2], [2, 3]]


def test_first_over():
    assert first_over([1, 5, 9], 5) == 9
    assert first_over([], 5) is None


def test_is_sorted():
    assert is_sorted([1, 1, 2]) is True
    assert is_sorted([2, 1]) is False


def test_joined():
    assert joined([1, 2]) == "1, 2"


def test_running():
    assert running([1, 2, 3]) == [1, 3, 6]


def test_cents():
    assert cents(1.25) == 125
"""


@pytest.fixture
def broken(repo: Callable[..., Any]) -> Callable[[str, str], Any]:
    """A repository in which one thing is not what it was."""

    def make(right: str, wrong: str) -> Any:
        assert STATS.count(right) >= 1
        return repo(
            {
                "pyproject.toml": "[project]\nname = 'stats'\n",
                "stats.py": STATS.replace(right, wrong, 1),
                "tests/test_stats.py": TESTS,
                "tests/conftest.py": "import sys\n\nsys.path.insert(0, '.')\n",
            }
        )

    return make


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("value > limit", "value >= limit"),
        ("/ len(values)", "* len(values)"),
        ("max(low, min(", "min(low, min("),
        ("- size + 1", "- size"),
        ("if not values:", "if values:"),
        ("total += value", "total -= value"),
        ('SEPARATOR = ", "', 'SEPARATOR = "; "'),
        ("    return result\n", ""),
        ("result.append(total)", "result.append(totl)"),
        ("round(euros", "ruond(euros"),
        ('raise ValueError("no values")', 'raise KeyError("no values")'),
        ("def clamp(", "def clmap("),
        ("return max(low, min(value, high))", "return max(low, min(value, high)"),
    ],
)
def test_a_planted_fault_is_mended(broken: Callable[[str, str], Any], right: str, wrong: str) -> None:
    driver = broken(right, wrong)
    text = driver.ask("fix the failing test")
    assert text.startswith("## Fixed"), text
    assert (driver.folder / "stats.py").read_text() == STATS
    assert "12 passed" in text and "```diff" in text and "please read the change" in text
    assert (driver.folder / "tests/test_stats.py").read_text() == TESTS


def test_what_did_not_help_is_taken_back_before_the_next_try(broken: Callable[[str, str], Any]) -> None:
    driver = broken("a <= b for a, b in zip(values, values[1:])", "a < b for a, b in zip(values, values[1:])")
    seen: list[str] = []
    real = driver._edit

    def edit(**arguments: Any) -> str:
        answer: str = real(**arguments)
        seen.append((driver.folder / "stats.py").read_text())
        return answer

    driver._edit = edit
    start = (driver.folder / "stats.py").read_text()
    assert driver.ask("fix it").startswith("## Fixed")
    tried, taken_back = seen[::2], seen[1::2]
    assert all(text == start for text in taken_back) and tried[-1] == STATS


def test_two_faults_are_mended_one_after_the_other(broken: Callable[[str, str], Any]) -> None:
    driver = broken("euros * 100", "euros * 10")
    path: Path = driver.folder / "stats.py"
    path.write_text(path.read_text().replace("total += value", "total -= value"))
    text = driver.ask("make the tests pass")
    assert text.startswith("## Fixed") and path.read_text() == STATS and text.count("```diff") == 2


def test_green_tests_need_no_fix(broken: Callable[[str, str], Any]) -> None:
    driver = broken("SEPARATOR", "SEPARATOR")
    assert "There is nothing to fix" in driver.ask("fix the failing test")
    assert "edit" not in [name for name, _ in driver.calls]


HOPELESS = {
    "pyproject.toml": "",
    "a.py": "def shout(text):\n    if len(text) > 2:\n        return text\n    return text + text\n",
    "test_a.py": "from a import shout\n\n\ndef test_shout():\n    assert shout('ab') == 'A-B-X-Y-Z'\n",
}


def test_a_fault_of_another_kind_is_given_up_plainly_and_nothing_is_left_behind(repo: Callable[..., Any]) -> None:
    driver = repo(HOPELESS)
    text = driver.ask("fix the failing test")
    assert "**I could not fix it.**" in text and "took each of them back" in text
    assert (driver.folder / "a.py").read_text() == HOPELESS["a.py"]


def test_where_there_is_nothing_to_try_it_says_so(repo: Callable[..., Any]) -> None:
    text = repo({**HOPELESS, "a.py": "def shout(text):\n    return text\n"}).ask("fix the failing test")
    assert "**I could not fix it.** I found nothing that my repairs could be tried on" in text


def test_the_answer_of_one_case_is_not_written_into_the_code(repo: Callable[..., Any]) -> None:
    test = "import pytest\n\nfrom a import name\n\n\n@pytest.mark.parametrize(('n', 'said'), [(1, 'one!'), (2, 'two!'), (3, 'three!')])\ndef test_name(n, said):\n    assert name(n) == said\n"
    driver = repo({"pyproject.toml": "", "a.py": "def name(n):\n    return 'none'\n", "test_a.py": test})
    assert "**I could not fix it.**" in driver.ask("fix the failing test")


def test_failures_for_want_of_a_package_are_left_alone(repo: Callable[..., Any]) -> None:
    driver = repo({"pyproject.toml": "", "test_a.py": "import not_installed_anywhere\n\n\ndef test_a():\n    pass\n"})
    text = driver.ask("fix the failing test")
    assert "`not_installed_anywhere`" in text and "None of these failures" in text


def test_a_refused_edit_ends_with_the_proposal_and_continue_goes_on(broken: Callable[[str, str], Any]) -> None:
    driver = broken("euros * 100", "euros * 10")
    driver.refuse = {"edit": "Not allowed: plan mode reads only."}
    text = driver.ask("fix the failing test")
    assert "plan mode reads only" in text and "```diff" in text and "continue" in text
    driver.refuse = {}
    assert driver.ask("continue").startswith("## Fixed")


def test_a_trial_that_cannot_be_taken_back_is_not_hidden(repo: Callable[..., Any]) -> None:
    driver = repo(HOPELESS)
    real, calls = driver._edit, []

    def edit(**arguments: Any) -> str:
        calls.append(arguments)
        return real(**arguments) if len(calls) == 1 else "a.py has changed since it was read."

    driver._edit = edit
    text = driver.ask("fix the failing test")
    assert "**it is still in the file**" in text and "```diff" in text and "changed since it was read" in text


def test_unittest_failures_are_mended_too(repo: Callable[..., Any]) -> None:
    test = "import unittest\n\nfrom a import inc\n\n\nclass Case(unittest.TestCase):\n    def test_inc(self):\n        self.assertEqual(inc(1), 2)\n"
    driver = repo(
        {
            "Makefile": "test:\n\t@python -B -m unittest -q\n",
            "a.py": "def inc(x):\n    return x - 1\n",
            "checks/__init__.py": "",
            "checks/test_inc.py": test,
        }
    )
    assert "## Fixed" in driver.ask("fix the failing test")
    assert driver.calls[1][1] == {"path": ".", "depth": 2} and (driver.folder / "a.py").read_text().endswith("x + 1\n")


@pytest.mark.skipif(find_spec("mdurl") is None, reason="mdurl, a dependency of rich, is not installed")
def test_a_third_party_package_is_mended(tmp_path: Path, repo: Callable[..., Any]) -> None:
    """mdurl's own source, with a slip in it, held to what its documentation promises."""
    spec = find_spec("mdurl")
    assert spec is not None and spec.submodule_search_locations
    shutil.copytree(
        spec.submodule_search_locations[0], tmp_path / "mdurl", ignore=shutil.ignore_patterns("__pycache__")
    )
    tests = (
        "from mdurl import decode, encode\n\n\n"
        "def test_decode():\n    assert decode('%CE%B1%CE%B2') == 'αβ'\n    assert decode('a%20b') == 'a b'\n    assert decode('%E2%82%AC') == '€'\n\n\n"
        "def test_decode_keeps_reserved_characters():\n    assert decode('%3B%2F') == '%3B%2F'\n\n\n"
        "def test_encode():\n    assert encode('a b') == 'a%20b'\n"
    )
    driver = repo({"pyproject.toml": "[project]\nname = 'mdurl'\n", "tests/test_mdurl.py": tests})
    source = tmp_path / "mdurl" / "_decode.py"
    right = source.read_text()
    assert "(b1 & 0xE0) == 0xC0" in right
    source.write_text(right.replace("(b1 & 0xE0) == 0xC0", "(b1 & 0xE0) != 0xC0", 1))
    text = driver.ask("There is a failing test. Find the fault, fix it, and run the tests.")
    assert text.startswith("## Fixed") and source.read_text() == right
