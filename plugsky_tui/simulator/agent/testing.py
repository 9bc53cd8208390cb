"""Running the tests: finding out how, doing it, reporting what failed and where."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

from plugsky_tui.simulator.agent.reading import Unreadable, listed_names, plain, read_file
from plugsky_tui.simulator.agent.steps import Ability, Act, Blocked, Call, Results, ToolMissing, checked
from plugsky_tui.simulator.agent.test_output import TestRun, read_tests

MAX_FAILURES_SHOWN = 10

_PYTHON_MARKS = {"pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini", "conftest.py"}
_NO_COMMAND = re.compile(r"(?:command not found|No such file or directory|not found\n|: not found)", re.IGNORECASE)
_UNCOLLECTED = re.compile(r"^!+ Interrupted: \d+ errors? during collection", re.MULTILINE)
_NO_PYTEST = re.compile(r"No module named '?pytest'?\b")


@dataclass(slots=True)
class Runner:
    """Commands to try, in order: the next one where a program is missing."""

    commands: list[str]


def run_tests() -> Ability:
    command, run, output = yield from run_once()
    return report(command, run, output)


def run_once() -> Generator[Act, Results, tuple[str, TestRun, str]]:
    """Find the test command and run it: the command, what came of it, and its output."""
    runner = yield from find_runner()
    output = ""
    for place, command in enumerate(runner.commands):
        say = f"I run the tests: `{command}`" if place == 0 else f"That program is missing here; I try `{command}`."
        output = yield from shell(command, "Run the tests", say)
        if _NO_PYTEST.search(output) or (_NO_COMMAND.search(output) and not read_tests(output).understood):
            continue
        run = read_tests(output)
        if run.runner == "pytest" and _UNCOLLECTED.search(output) and all(f.missing for f in run.failures):
            command += " --continue-on-collection-errors"
            output = yield from shell(
                command, "Run the tests", "Some tests need packages that are missing here; I run the others."
            )
            run = read_tests(output)
        return command, run, output
    raise Blocked(
        "I could not run the tests: the program for them is missing here.\n\n"
        f"```text\n{_tail(output, 6)}\n```\n\nInstall it (for Python: `pip install pytest`), or tell me the command: ``run `COMMAND` ``."
    )


def shell(command: str, description: str, say: str = "", why: str = "") -> Generator[Act, Results, str]:
    """Run a command: its output, without colours. Raises Blocked where it was not allowed."""
    [result] = yield Act([Call("shell", {"command": command, "description": description})], say, why)
    return plain(checked(result).output)


def find_runner() -> Generator[Act, Results, Runner]:
    """How this project's tests are run, from the files it has."""
    [listing] = yield Act([Call("list", {"path": ".", "depth": 2})], "I look for how the tests are run here.")
    names = listed_names(checked(listing).output)
    top = {name.rstrip("/").rsplit("/", 1)[-1] for name in names}
    if top & _PYTHON_MARKS or any(re.match(r"test_\w+\.py$|\w+_test\.py$", name) for name in top):
        return (yield from _python_runner(top))
    if "go.mod" in top:
        return Runner(["go test ./..."])
    if "Cargo.toml" in top:
        return Runner(["cargo test"])
    if "package.json" in top:
        return Runner(["npm test"])
    if "Makefile" in top:
        try:
            makefile = yield from read_file("Makefile")
        except (Unreadable, ToolMissing):
            makefile = None
        if makefile and re.search(r"^(test|check)\s*:", makefile.text, re.MULTILINE):
            return Runner(["make test" if re.search(r"^test\s*:", makefile.text, re.MULTILINE) else "make check"])
    if any(name.endswith(".py") for name in top):
        return (yield from _python_runner(top))
    raise Blocked(
        "I found no sign of how the tests are run here (no pyproject.toml, package.json, go.mod, Cargo.toml or Makefile "
        "with a `test` target). Tell me the command: ``run `COMMAND` ``."
    )


def _python_runner(top: set[str]) -> Generator[Act, Results, Runner]:
    config = ""
    for name in ("pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg"):
        if name in top:
            try:
                source = yield from read_file(name)
            except (Unreadable, ToolMissing):
                continue
            config += source.text
    # A second -q would take away the counts we read.
    quiet = "" if re.search(r"addopts\s*=.*-q", config) else " -q"
    # Without an installed package, a src layout is found by its path alone; beside one, it is the same files.
    place = "PYTHONPATH=src " if "src" in top and not re.search(r"^\s*pythonpath\s*=", config, re.MULTILINE) else ""
    # -B: an edit within the second of the last run, of the same length, would be taken for the old
    # bytecode (it is told apart by whole seconds and size).
    options = f"-B -m pytest{quiet} --tb=short"
    return Runner([f"{place}{python} {options}" for python in ("python", "python3", ".venv/bin/python")])


def report(command: str, run: TestRun, output: str) -> str:
    """The answer after a run of the tests."""
    if not run.understood:
        return f"`{command}` ran, but I see no tests in what it printed:\n\n```text\n{_tail(output, 20)}\n```"
    took = f" in {run.seconds:g} s" if run.seconds is not None else ""
    if run.green:
        return f"**All green**: {run.passed} passed{took} (`{command}`)."
    parts = [f"**{run.failed} failed**, {run.passed} passed{took} (`{command}`)."]
    absent = sorted({failure.missing for failure in run.failures} - {""})
    shown = [failure for failure in run.failures if not failure.missing]
    for number, failure in enumerate(shown[:MAX_FAILURES_SHOWN], 1):
        place = f" at `{failure.place.path}:{failure.place.line}`" if failure.place else ""
        said = "\n".join(failure.message[:6]).strip()
        detail = f"\n   ```text\n{_indented(said)}\n   ```" if said else ""
        parts.append(f"{number}. `{failure.test}`{place}{detail}")
    if len(shown) > MAX_FAILURES_SHOWN:
        parts.append(f"… and {len(shown) - MAX_FAILURES_SHOWN} more.")
    if absent:
        parts.append(
            "Some tests need packages that are not installed here: " + ", ".join(f"`{name}`" for name in absent) + "."
        )
    if not run.failures:
        parts.append(f"```text\n{_tail(output, 20)}\n```")
    if shown and run.runner in ("pytest", "unittest"):
        parts.append("Say `fix the failing test` and I try my small set of repairs on it.")
    return "\n\n".join(parts)


def _tail(output: str, count: int) -> str:
    return "\n".join(output.rstrip().split("\n")[-count:])


def _indented(text: str) -> str:
    return "\n".join("   " + line for line in text.split("\n"))
