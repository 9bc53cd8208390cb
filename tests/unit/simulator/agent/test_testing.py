"""Running tests for real, and reporting on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

PASSING = {"pyproject.toml": "[project]\nname = 'x'\n", "tests/test_a.py": "def test_one():\n    assert 1 + 1 == 2\n"}


def test_a_green_run_is_one_line(repo: Callable[..., Any]) -> None:
    text = repo(PASSING).ask("run the tests")
    assert "**All green**: 1 passed" in text and "`python -B -m pytest -q --tb=short`" in text


def test_a_red_run_names_test_file_line_and_message(repo: Callable[..., Any]) -> None:
    driver = repo({**PASSING, "tests/test_b.py": "def test_two():\n    assert [1, 2] == [1, 3]\n"})
    text = driver.ask("run the tests")
    assert "**1 failed**, 1 passed" in text
    assert "`tests/test_b.py::test_two` at `tests/test_b.py:2`" in text and "assert [1, 2] == [1, 3]" in text
    assert "Say `fix the failing test`" in text


def test_a_src_layout_is_put_on_the_path(repo: Callable[..., Any]) -> None:
    driver = repo(
        {
            "setup.cfg": "",
            "src/pkg/__init__.py": "x = 1\n",
            "tests/test_a.py": "from pkg import x\n\n\ndef test_x():\n    assert x == 1\n",
        }
    )
    assert "`PYTHONPATH=src python -B -m pytest -q --tb=short`" in driver.ask("run the tests")


def test_settings_of_the_project_are_respected(repo: Callable[..., Any]) -> None:
    config = '[tool.pytest.ini_options]\naddopts = "-q"\npythonpath = ["src"]\n'
    driver = repo(
        {
            "pyproject.toml": config,
            "src/pkg.py": "x = 1\n",
            "tests/test_a.py": "import pkg\n\n\ndef test_x():\n    assert pkg.x == 1\n",
        }
    )
    assert "**All green**: 1 passed" in driver.ask("run the tests")
    assert driver.calls[-1][1]["command"] == "python -B -m pytest --tb=short"


def test_tests_that_lack_a_package_do_not_keep_the_others_from_running(repo: Callable[..., Any]) -> None:
    driver = repo({**PASSING, "tests/test_i.py": "import not_installed_anywhere\n"})
    text = driver.ask("run the tests")
    assert "1 passed" in text and "`not_installed_anywhere`" in text


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"go.mod": "module x\n"}, "go test ./..."),
        ({"Cargo.toml": "[package]\n"}, "cargo test"),
        ({"package.json": '{"scripts": {"test": "jest"}}'}, "npm test"),
        ({"Makefile": "test:\n\ttrue\n"}, "make test"),
        ({"Makefile": "check:\n\ttrue\n"}, "make check"),
        ({"test_x.py": ""}, "python -B -m pytest -q --tb=short"),
    ],
)
def test_the_command_follows_from_the_files(repo: Callable[..., Any], files: dict[str, str], command: str) -> None:
    driver = repo(files)
    driver.refuse = {"shell": "Not allowed: there is no one to ask."}
    assert f"`{command}`" in driver.ask("run the tests")


def test_a_missing_program_is_worked_around(repo: Callable[..., Any]) -> None:
    driver = repo(PASSING)
    real = driver._shell
    driver._shell = lambda command, **more: (
        "bash: line 1: python: command not found" if command.startswith("python ") else real(command, **more)
    )
    assert "**All green**" in driver.ask("run the tests")
    assert driver.calls[-1][1]["command"].startswith("python3 ")


def test_without_any_runner_it_says_what_to_install(repo: Callable[..., Any]) -> None:
    driver = repo(PASSING)
    driver._shell = lambda command, **more: "/usr/bin/python3: No module named pytest"
    assert "pip install pytest" in driver.ask("run the tests")


def test_a_folder_without_tests_is_told(repo: Callable[..., Any]) -> None:
    assert "no sign of how the tests are run" in repo({"a.txt": "x"}).ask("run the tests")
    assert "I see no tests" in repo({"pyproject.toml": ""}).ask("run the tests")


def test_a_yes_after_a_red_run_is_taken_as_the_wish_to_fix_it(repo: Callable[..., Any]) -> None:
    driver = repo(
        {
            "pyproject.toml": "",
            "a.py": "def inc(x):\n    return x - 1\n",
            "test_a.py": "from a import inc\n\n\ndef test_inc():\n    assert inc(1) == 2\n",
        }
    )
    driver.ask("run the tests")
    assert "## Fixed" in driver.ask("yes please")
    assert (driver.folder / "a.py").read_text() == "def inc(x):\n    return x + 1\n"
