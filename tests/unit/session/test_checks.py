"""Checks after edits: which run and for what, what the model is told, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from support.scripted import OpenGate, Stage, Step, says, stage

from plugsky_tui.kernel.events import Event, Notice, ThreadCompleted
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.kernel.ports import Finished
from plugsky_tui.session import checks as checks_module
from plugsky_tui.session.checks import Checks
from plugsky_tui.session.checks_commands import checks_of, command_line
from plugsky_tui.session.checks_words import OUTPUT_LIMIT, excerpt
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.spill import Spill

NO_BAD = "! grep -Hn BAD {files}"


class Bench:
    """A run whose model changes files as `edits` says and then ends its answer, with real checks after it."""

    def __init__(self, folder: Path, configured: dict[str, str | list[str]], *answers: list[Step]) -> None:
        self.folder = folder
        self.context = ToolContext(Root(str(folder)), spill=Spill(str(folder.parent / "spilled")))
        self.gate = OpenGate()
        self.stage: Stage = stage(*answers)
        toolbox = ToolboxOf([], self.context)
        toolbox.reads_only = self.stage.tools.reads_only  # type: ignore[method-assign]
        self.checks = Checks(configured, toolbox=toolbox, gate=self.gate, keys=lambda: ["psk_live_secret"])
        self.stage.run.reviews = self.checks.reviews(self.stage.run)

    def play(self) -> list[Event]:
        events = asyncio.run(self.stage.play())
        assert isinstance(events[-1], ThreadCompleted)
        return events

    def told(self) -> list[tuple[str, str]]:
        return [(event.code, event.text) for event in self.play() if isinstance(event, Notice)]

    @property
    def objections(self) -> list[str]:
        return [m.text for m in self.stage.run.conversation if isinstance(m, UserMessage)][1:]


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    """`bench({glob: command}, {file: text}, {file: text}, …)`: one answer for each set of edits."""
    folder = tmp_path / "work"
    folder.mkdir()

    def build(configured: dict[str, str | list[str]], *edits: dict[str, str]) -> Bench:
        def answer(files: dict[str, str]) -> list[Step]:
            async def change() -> None:
                for name, text in files.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_text(text)
                    made.stage.run.changed.append(name)

            return [change, *says("Done.")]

        made = Bench(folder, configured, *map(answer, edits))
        return made

    return build


def codes(told: list[tuple[str, str]]) -> list[str]:
    return [code for code, _ in told]


# --- which, and for what ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("*.py", ["a.py", "deep/er/a.py"], ["a.pyi", "py", "/etc/a.py", "~/a.py", "../a.py"]),
        ("src/**/*.ts", ["src/a.ts", "src/x/y/a.ts"], ["a.ts", "lib/src/a.ts"]),
        ("*.{js,ts}", ["a.js", "x/a.ts"], ["a.json"]),
        ("docs/", ["docs/a.md", "docs/x/b.md"], ["docs", "x/docs/a.md"]),
        ("Makefile", ["Makefile", "x/Makefile"], ["Makefile.am"]),
        ("*", ["a", "x/.hidden"], []),
    ],
)
def test_globs_match_as_in_gitignore_with_braces(glob: str, matching: list[str], others: list[str]) -> None:
    (check,), problems = checks_of({glob: "x"})
    assert not problems
    assert [path for path in [*matching, *others] if check.concerns(path)] == matching


def test_a_command_that_several_globs_name_is_one_check_at_its_first_place() -> None:
    checks, _ = checks_of({"*.py": ["ruff {files}", "pytest"], "*.toml": "pytest", "*.md": "prose {files}"})
    assert [check.command for check in checks] == ["ruff {files}", "pytest", "prose {files}"]
    assert checks[1].concerns("pyproject.toml") and not checks[0].concerns("pyproject.toml")


def test_a_glob_beyond_reason_is_told_and_left_out() -> None:
    checks, problems = checks_of({"{a,b}" * 9: "x", "*.py": "y"})
    assert [check.command for check in checks] == ["y"]
    assert "too many patterns" in problems[0]


def test_files_are_quoted_and_only_those_still_there_are_named(tmp_path: Path) -> None:
    names = ["plain.py", "it's $(touch x).py", "-v.py", "ünï.py"]
    for name in names:
        (tmp_path / name).touch()
    line = command_line("check {files} --twice {files}", [*names, "gone.py"], str(tmp_path))
    quoted = """plain.py 'it'"'"'s $(touch x).py' ./-v.py 'ünï.py'"""
    assert line == f"check {quoted} --twice {quoted}"
    assert command_line("check {files}", ["gone.py"], str(tmp_path)) is None
    assert command_line("make", ["gone.py"], str(tmp_path)) == "make"


def test_only_what_changed_is_checked_and_each_command_once(bench: Callable[..., Bench]) -> None:
    made = bench(
        {"*.py": ["echo {files} >> ran", "echo all >> ran"], "*.txt": "echo all >> ran", "*.md": "echo never >> ran"},
        {"a.py": "1", "sub/b.py": "2", "c.txt": "3"},
    )
    assert codes(made.told()) == ["checks", "checks_passed"] * 2
    assert (made.folder / "ran").read_text() == "a.py sub/b.py\nall\n"


def test_a_run_that_changes_nothing_checks_nothing(bench: Callable[..., Bench]) -> None:
    assert bench({"*": "echo ran >> ran; false"}, {}).told() == []


# --- failing, and mending ------------------------------------------------------------------------


def test_what_fails_goes_back_to_the_model_and_once_it_passes_nothing_is_said(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": NO_BAD}, {"a.py": "x\nBAD = 1\n"}, {"a.py": "x\n"})
    told = made.told()
    assert told == [
        ("checks", "Running ! grep -Hn BAD a.py …"),
        ("checks_failed", "Check failed (exit code 1): ! grep -Hn BAD a.py\na.py:2:BAD = 1"),
        ("asked_again", "Sent back to the model (1 of 3)."),
        ("checks", "Running ! grep -Hn BAD a.py …"),
        ("checks_passed", "Check passed: ! grep -Hn BAD a.py"),
    ]
    (objection,) = made.objections
    assert "`! grep -Hn BAD a.py` (exit code 1):\n```\na.py:2:BAD = 1\n```" in objection
    assert "Fix what it finds, or say why it cannot be fixed." in objection


def test_after_three_times_the_run_ends_completed_and_says_what_still_fails(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": [NO_BAD, "true"]}, *[{"a.py": f"BAD {n}"} for n in range(4)])
    events = made.play()
    assert len(made.objections) == 3
    assert "time 3 of 3" in made.objections[-1]
    last, completed = events[-2:]
    assert isinstance(last, Notice) and isinstance(completed, ThreadCompleted)
    assert (last.code, completed.status) == ("checks_given_up", "completed")
    assert last.text == "The checks still fail: ! grep -Hn BAD a.py\nThe model was told of it 3 times."


def test_a_model_that_changes_nothing_is_not_asked_again(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": NO_BAD + "; echo ran >> ran; false"}, {"a.py": "BAD"}, {})
    told = made.told()
    assert codes(told) == ["checks", "checks_failed", "asked_again", "checks_given_up"]
    assert told[-1][1].endswith("ran >> ran; false\nThe model changed nothing more.")
    assert (made.folder / "ran").read_text() == "ran\n"


def test_what_a_command_of_the_models_may_have_mended_is_looked_at_again(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": NO_BAD}, {"a.py": "BAD"}, {}, {})

    async def mended_by_shell() -> None:
        (made.folder / "a.py").write_text("fine")

    call = [mended_by_shell, Finished("tool_calls", "m", calls("shell"))]
    made.stage.model.answers[1] = call
    assert codes(made.told()) == ["checks", "checks_failed", "asked_again", "checks", "checks_passed"]


def calls(name: str) -> list:
    from plugsky_tui.kernel.messages import ToolCall

    return [ToolCall("c1", name, {})]


@pytest.mark.parametrize("name", ["read", "edit", "todo", "make"])
def test_reading_trying_and_asking_in_vain_is_no_change(bench: Callable[..., Bench], name: str) -> None:
    made = bench({"*.py": NO_BAD}, {"a.py": "BAD"}, {}, {})
    made.gate.verdicts["make"] = "deny"
    made.stage.gate = made.gate
    made.stage.model.answers[1] = [Finished("tool_calls", "m", calls(name))]
    assert codes(made.told()) == ["checks", "checks_failed", "asked_again", "checks_given_up"]


def test_all_failures_are_told_at_once_and_only_they_run_again(bench: Callable[..., Bench]) -> None:
    made = bench(
        {"*.py": [NO_BAD, "echo whole >> ran"], "*.txt": "test -e flag"},
        {"a.py": "BAD", "b.txt": ""},
        {"flag": ""},
        {"a.py": "fine"},
    )
    told = made.told()
    first, second = made.objections
    assert "these checks fail" in first and "BAD" in first and "`test -e flag` (exit code 1)" in first
    assert "(no output)" in first
    assert "grep" in second and "flag" not in second
    assert codes(told)[-4:] == ["checks", "checks_passed"] * 2  # grep and what a.py brings with it; test had passed
    assert (made.folder / "ran").read_text() == "whole\nwhole\n"


def test_a_file_that_was_deleted_needs_no_check(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": NO_BAD}, {"a.py": "BAD"}, {"b.txt": ""})

    async def delete() -> None:
        (made.folder / "a.py").unlink()

    made.stage.model.answers[1].insert(0, delete)
    assert codes(made.told()) == ["checks", "checks_failed", "asked_again"]


# --- what is told --------------------------------------------------------------------------------


def test_a_formatter_is_told_to_the_model_with_the_files_it_changed(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": ["sed -i s/1/2/ {files}", NO_BAD]}, {"a.py": "BAD 1", "b.py": "3"}, {})
    told = made.told()
    assert ("checks_passed", "Check passed: sed -i s/1/2/ a.py b.py (it changed a.py)") in told
    assert "`sed -i s/1/2/ a.py b.py` has changed a.py: read again what you edit of that." in made.objections[0]


def test_writing_the_same_again_is_no_change(bench: Callable[..., Bench]) -> None:
    told = bench({"*.py": "touch {files} && cp a.py b && mv b a.py"}, {"a.py": "1"}).told()
    assert told[-1] == ("checks_passed", "Check passed: touch a.py && cp a.py b && mv b a.py")


def test_long_output_is_bounded_for_both_and_kept_in_a_file(bench: Callable[..., Bench]) -> None:
    made = bench({"*": "seq 1 5000; false"}, {"a": ""}, {})
    told = made.told()
    assert told[1][1] == "Check failed (exit code 1): seq 1 5000; false\n1\n2\n3\n… 4994 more lines …\n4998\n4999\n5000"
    (objection,) = made.objections
    assert len(objection) < OUTPUT_LIMIT + 1_000
    path = objection.partition("the whole output is in ")[2].partition(" …]")[0]
    assert Path(path).read_text().split() == [str(n) for n in range(1, 5001)]
    assert made.context.spill.made(path)


def test_fences_in_the_output_do_not_end_it_and_keys_are_not_in_it(bench: Callable[..., Bench]) -> None:
    made = bench({"*": r"printf '```\npsk_live_secret\n'; false"}, {"a": ""}, {})
    made.play()
    assert "````\n```\n[key]\n````" in made.objections[0]


def test_a_few_lines_are_shown_whole() -> None:
    assert excerpt("\n".join("abcdefg")) == "\n".join("abcdefg")
    assert excerpt("\n\n") == ""
    assert excerpt("1\n2\n3\n4\n[… cut …]\n6\n7\n8\n9", whole=False) == "1\n2\n3\n…\n7\n8\n9"
    assert excerpt("x" * 200) == "x" * 159 + "…"


# --- what does not run ---------------------------------------------------------------------------


def test_a_missing_program_is_told_the_user_once_and_never_the_model(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": ["no-such-program {files}", NO_BAD]}, {"a.py": "BAD"}, {"a.py": "fine"})
    told = made.told()
    assert codes(told) == [
        "checks",
        "checks_skipped",
        "checks",
        "checks_failed",
        "asked_again",
        "checks",
        "checks",
        "checks_passed",
    ]
    assert "Check left out: no-such-program a.py\nIts program is not installed (exit code 127)" in told[1][1]
    assert "no-such-program" not in made.objections[0]


def test_what_a_rule_denies_does_not_run(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": "echo ran >> ran"}, {"a.py": ""})
    made.gate.verdicts["shell"] = "deny"
    assert made.told() == [("checks_skipped", "Check left out: echo ran >> ran\nbecause")]
    assert not (made.folder / "ran").exists()


def test_nobody_is_asked_for_a_check(bench: Callable[..., Bench]) -> None:
    made = bench({"*.py": "echo ran >> ran"}, {"a.py": ""})
    made.gate.verdicts["shell"] = "ask"
    assert codes(made.told()) == ["checks", "checks_passed"]


def test_one_that_takes_too_long_is_stopped_and_counts_as_failed(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks_module, "TIME_LIMIT_S", 0.3)
    made = bench({"*": "echo begun; sleep 60"}, {"a": ""}, {})
    assert made.told()[1] == (
        "checks_failed",
        "Check failed (stopped: it took longer than 0.3 s): echo begun; sleep 60\nbegun",
    )


def test_cancelling_stops_the_command(bench: Callable[..., Bench]) -> None:
    made = bench({"*": "echo $$ > pid; sleep 60"}, {"a": ""})
    pid = made.folder / "pid"

    async def cancelled() -> bool:
        task = asyncio.create_task(made.stage.play())
        while not (pid.exists() and pid.read_text().strip()):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled()

    assert asyncio.run(cancelled())
    assert not Path("/proc", pid.read_text().strip()).exists()
