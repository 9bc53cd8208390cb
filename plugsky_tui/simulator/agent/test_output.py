"""What a test run printed, read: how many passed, which failed, where and why.

Knows pytest, unittest, go test, cargo test, and jest-like runners.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from plugsky_tui.simulator.agent.reading import plain


@dataclass(slots=True)
class Frame:
    """One step of a traceback. `function` "" where it is not named."""

    path: str
    line: int
    function: str = ""


@dataclass(slots=True)
class Failure:
    """One failing test. `test` is its name as the runner gives it; `message` what went wrong, in its words."""

    test: str
    frames: list[Frame] = field(default_factory=list)
    message: list[str] = field(default_factory=list)

    @property
    def place(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    @property
    def summary(self) -> str:
        return self.message[0] if self.message else ""

    @property
    def missing(self) -> str:
        """The package whose absence made the test fail, by its import's name or its fixture's ("" for another reason)."""
        text = "\n".join(self.message)
        found = re.search(r"ModuleNotFoundError: No module named '([\w.]+)'", text)
        if found:
            return found[1]
        fixture = re.search(r"fixture '(\w+)' not found", text)
        return f"{fixture[1]} (a pytest fixture)" if fixture else ""


@dataclass(slots=True)
class TestRun:
    """`understood` is False where the output shows no test run at all; `seconds` None where not said."""

    __test__ = False  # its name is no invitation to pytest

    passed: int = 0
    failed: int = 0
    failures: list[Failure] = field(default_factory=list)
    seconds: float | None = None
    understood: bool = True
    runner: str = ""

    @property
    def green(self) -> bool:
        return self.understood and self.failed == 0 and not self.failures


_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)\b")
_PYTEST_END = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+) in ([\d.]+)s\b.*$", re.MULTILINE)
_PYTEST_NONE = re.compile(r"^=*\s*no tests ran\b", re.MULTILINE)
_SECTION = re.compile(r"^_{3,} (.+?) _{3,}$", re.MULTILINE)
_SHORT_FRAME = re.compile(r"^([^\s:][^:\n]*\.\w+):(\d+): in (.+)$")
_LONG_FRAME = re.compile(r"^([^\s:][^:\n]*\.\w+):(\d+):(?: \w+)?\s*$")
_PYTHON_FRAME = re.compile(r'^\s*File "([^"]+)", line (\d+)(?:, in (.+))?$')
_SUMMARY_LINE = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$", re.MULTILINE)
_DOCTEST = re.compile(r"^(\S+):(\d+): (?:DocTestFailure|UnexpectedException)\s*$")


def read_tests(output: str) -> TestRun:
    text = plain(output)
    for reader in (_pytest, _unittest, _go, _cargo, _jest):
        if (run := reader(text)) is not None:
            return run
    return TestRun(understood=False)


def _pytest(text: str) -> TestRun | None:
    ends = list(_PYTEST_END.finditer(text))
    if not ends:
        if _PYTEST_NONE.search(text):
            return TestRun(understood=False, runner="pytest")
        return None
    counts: dict[str, int] = {kind.rstrip("s"): int(count) for count, kind in _COUNT.findall(ends[-1][1])}
    run = TestRun(counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0), runner="pytest")
    run.seconds = float(ends[-1][2])
    sections = list(_SECTION.finditer(text))
    stop = text.find("short test summary info")
    for place, section in enumerate(sections):
        if 0 <= stop < section.start():
            break
        end = sections[place + 1].start() if place + 1 < len(sections) else (stop if stop > 0 else ends[-1].start())
        run.failures.append(_pytest_failure(section[1].strip(), text[section.end() : end]))
    _name_fully(run.failures, text)
    known = {failure.test for failure in run.failures}
    for test, reason in _SUMMARY_LINE.findall(text):
        if test not in known and len(run.failures) < run.failed:  # its section was cut away
            run.failures.append(Failure(test, message=[reason] if reason else []))
    return run


def _pytest_failure(title: str, section: str) -> Failure:
    failure = Failure(title)
    lines = section.split("\n")
    for line in lines:
        if found := _SHORT_FRAME.match(line) or _PYTHON_FRAME.match(line.removeprefix("E   ")):
            failure.frames.append(Frame(found[1], int(found[2]), found[3] or ""))
        elif found := _DOCTEST.match(line) or _LONG_FRAME.match(line):
            failure.frames.append(Frame(found[1], int(found[2])))
        if line.startswith("E  "):
            failure.message.append(line[1:].strip() if not failure.message else line[4:].rstrip())
    if failure.message and failure.message[0].startswith("File "):  # a file that does not parse: its line stands first
        named = next((place for place, line in enumerate(failure.message) if re.match(r"\w+Error: ", line.strip())), 0)
        failure.message = [failure.message.pop(named).strip(), *failure.message]
    if not failure.message:
        failure.message = _doctest_message(lines)
    return failure


def _doctest_message(lines: list[str]) -> list[str]:
    """Expected and got of a failing doctest, in the manner of an assertion."""
    text = "\n".join(lines)
    found = re.search(r"^Expected:\n((?:    .*\n?)+)Got:\n((?:    .*\n?)+)", text, re.MULTILINE)
    if not found:
        return []
    expected, got = (part.strip().split("\n")[0].strip() for part in found.groups())
    return [f"AssertionError: assert {got} == {expected}"]


def _name_fully(failures: list[Failure], text: str) -> None:
    """Section titles are short ("Class.test_x"); the summary's names have the file, as the runner takes them."""
    full = [test for test, _ in _SUMMARY_LINE.findall(text)]
    for failure in failures:
        short = failure.test.removeprefix("ERROR collecting ").removeprefix("ERROR at setup of ")
        short = short.removeprefix("[doctest] ")
        wanted = (
            short.replace(".", "::")
            if "[" not in short
            else short.split("[")[0].replace(".", "::") + short[short.index("[") :]
        )
        for name in full:
            if name in (short, wanted) or name.endswith(("::" + wanted, "::" + short)):
                failure.test = name
                full.remove(name)
                break


_UNITTEST_END = re.compile(r"^Ran (\d+) tests? in ([\d.]+)s", re.MULTILINE)
_UNITTEST_SECTION = re.compile(
    r"^(?:FAIL|ERROR): (\S+)(?: \(([^)]*)\))?.*\n(?:.*\n)??-{20,}\n((?:.*\n)*?)(?=^=+$|^-+$|\Z)", re.MULTILINE
)


def _unittest(text: str) -> TestRun | None:
    end = _UNITTEST_END.search(text)
    if not end:
        return None
    run = TestRun(runner="unittest", seconds=float(end[2]))
    for found in _UNITTEST_SECTION.finditer(text):
        failure = Failure(
            f"{found[2]}.{found[1]}" if found[2] and not found[2].endswith(found[1]) else (found[2] or found[1])
        )
        lines = found[3].rstrip().split("\n")
        failure.frames = [Frame(m[1], int(m[2]), m[3] or "") for line in lines if (m := _PYTHON_FRAME.match(line))]
        raised = next(
            (
                place
                for place, line in enumerate(lines)
                if re.match(r"[\w.]+(?:Error|Exception|Warning)?\b(?::|$)", line) and not line.startswith("Traceback")
            ),
            None,
        )
        failure.message = lines[raised:] if raised is not None else lines[-1:]
        run.failures.append(failure)
    run.failed = len(run.failures)
    run.passed = max(0, int(end[1]) - run.failed)
    run.understood = int(end[1]) > 0
    return run


def _go(text: str) -> TestRun | None:
    if not re.search(r"^(?:(?:ok  |FAIL|\?   )\t\S|--- (?:FAIL|PASS): )", text, re.MULTILINE):
        return None
    run = TestRun(runner="go")
    for found in re.finditer(r"^\s*--- FAIL: (\S+).*\n((?:\s{4,}.*\n?)*)", text, re.MULTILINE):
        places = re.findall(r"^\s+(\S+\.go):(\d+): ?(.*)$", found[2], re.MULTILINE)
        run.failures.append(
            Failure(
                found[1], [Frame(path, int(line)) for path, line, _ in places], [said for _, _, said in places if said]
            )
        )
    for path, line, said in re.findall(r"^(?:\./)?(\S+\.go):(\d+):\d+: (.+)$", text, re.MULTILINE):
        run.failures.append(Failure("build", [Frame(path, int(line))], [said]))
    run.passed = len(re.findall(r"^\s*--- PASS", text, re.MULTILINE)) or len(re.findall(r"^ok\s", text, re.MULTILINE))
    run.failed = len(run.failures) or len(re.findall(r"^FAIL\s+\S", text, re.MULTILINE))
    return run


def _cargo(text: str) -> TestRun | None:
    ends = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed", text, re.MULTILINE)
    errors = re.findall(r"^error(?:\[\w+\])?: (.+)\n\s*--> ([^:\n]+):(\d+)", text, re.MULTILINE)
    if not ends and not errors:
        return None
    run = TestRun(sum(int(p) for p, _ in ends), sum(int(f) for _, f in ends) + len(errors), runner="cargo")
    panics = re.finditer(
        r"^---- (\S+) stdout ----\n(?:.*\n)*?.*panicked at (?:'(.*?)', )?([^:\n]+):(\d+)(?::\d+)?:?\n?(.*)",
        text,
        re.MULTILINE,
    )
    run.failures = [Failure(p[1], [Frame(p[3], int(p[4]))], [p[2] or p[5].strip()]) for p in panics]
    run.failures += [Failure("build", [Frame(path, int(line))], [said]) for said, path, line in errors]
    return run


def _jest(text: str) -> TestRun | None:
    end = re.search(r"^Tests:\s+(.*)$", text, re.MULTILINE) or re.search(
        r"^(?:# |ℹ )?(?:pass \d+\s+(?:# |ℹ )?fail \d+)", text, re.MULTILINE
    )
    if not end:
        return None
    passed = re.search(r"(\d+) passed|pass (\d+)", end[0])
    failed = re.search(r"(\d+) failed|fail (\d+)", end[0])
    run = TestRun(runner="jest")
    run.passed = int(next(filter(None, passed.groups()), 0)) if passed else 0
    run.failed = int(next(filter(None, failed.groups()), 0)) if failed else 0
    for found in re.finditer(
        r"^\s*(?:●|not ok \d+ -|✖) (.+)\n((?:(?!\s*(?:●|not ok|✖) ).*\n?){0,40})", text, re.MULTILINE
    ):
        places = re.findall(r"\(?((?:\./|/|\w)[\w./@-]*\.[cm]?[jt]sx?):(\d+):\d+\)?", found[2])
        said = next((line.strip() for line in found[2].split("\n") if line.strip()), "")
        if found[1].strip() not in {failure.test for failure in run.failures}:
            run.failures.append(
                Failure(found[1].strip(), [Frame(path, int(line)) for path, line in places[:1]], [said])
            )
    return run
