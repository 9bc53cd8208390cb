"""Making failing tests pass: run, look, try one small repair at a time, keep the one that helps.

Nothing is left behind but what makes failing tests pass: a repair that does not help is taken
back before the next one is tried. Tests are never edited.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal

from plugsky_tui.simulator.agent.edits import diff_block, edit_call, unique_edit
from plugsky_tui.simulator.agent.reading import failed_edit
from plugsky_tui.simulator.agent.repair.code import Code
from plugsky_tui.simulator.agent.repair.mutations import Candidate
from plugsky_tui.simulator.agent.repair.plan import Plan
from plugsky_tui.simulator.agent.repair.suspects import Library, survey
from plugsky_tui.simulator.agent.steps import Ability, Act, Blocked, Results, checked, shown_plan
from plugsky_tui.simulator.agent.test_output import Failure, TestRun, read_tests
from plugsky_tui.simulator.agent.testing import report, run_once, shell

MAX_TRIES = 40
_STEPS = ["Run the tests", "Try small repairs, one at a time, until they pass"]
SLOW_S = 10.0  # a longer run of all tests is narrowed to the failing files while trying


@dataclass(slots=True)
class Kept:
    """A repair that made failing tests pass."""

    candidate: Candidate
    old: str
    new: str


@dataclass(slots=True)
class _Attempt:
    """The state of one `fix`: how the tests are run, what fails, what was tried and kept."""

    command: str
    failing: list[Failure]
    run: TestRun
    kept: list[Kept] = field(default_factory=list)
    tries: int = 0

    @property
    def names(self) -> set[str]:
        return {failure.test for failure in self.failing}


def fix() -> Ability:
    yield from shown_plan(_STEPS, 0)
    command, run, output = yield from run_once()
    if not run.understood or run.green:
        return report(command, run, output) + ("\n\nThere is nothing to fix." if run.green else "")
    failing = _ours(run)
    if not failing or run.runner not in ("pytest", "unittest"):
        return _out_of_reach(command, run, output, named=bool(failing))
    attempt = _Attempt(command, failing, run)
    yield from shown_plan(_STEPS, 1)
    while attempt.failing and attempt.tries < MAX_TRIES:
        if not (yield from _one_repair(attempt)):
            break
    if not attempt.failing:
        yield from shown_plan(_STEPS, len(_STEPS))
    return _summary(attempt)


def _ours(run: TestRun) -> list[Failure]:
    """The failures that a change of the code can mend: not those for want of a package."""
    return [failure for failure in run.failures if not failure.missing]


def _one_repair(attempt: _Attempt) -> Generator[Act, Results, bool]:
    """Try candidates until one makes failing tests pass. False where none did."""
    scene = yield from survey(attempt.failing, Library())
    plan = Plan(scene)
    while attempt.tries < MAX_TRIES and (candidate := plan.next()) is not None:
        attempt.tries += 1
        code = scene.library.seen(candidate.edit.path)
        assert code is not None  # candidates are made from files that were read
        outcome = yield from _try(attempt, candidate, code)
        if outcome is True:
            return True
        plan.learn(candidate, outcome)
    return False


def _try(attempt: _Attempt, candidate: Candidate, code: Code) -> Generator[Act, Results, Literal[True] | float]:
    """True where the repair helped and is kept; else what it taught about its line (see `Plan.learn`)."""
    path, edit = candidate.edit.path, candidate.edit
    old, new = unique_edit(code.lines, edit.first, edit.last, edit.new)
    [result] = yield Act([edit_call(path, old, new)], _announced(attempt, candidate), _why(candidate))
    if result.refused:
        raise Blocked(_proposal(result.output, path, old, new))
    if failed_edit(checked(result)):
        return 1.0
    # Each run has a name of its own: a client's guard against going in circles would stop the same call with the same result.
    output = yield from shell(_narrowed(attempt), f"Run the tests, try {attempt.tries}")
    run = read_tests(output)
    if run.understood and _helps(attempt, run):
        attempt.kept.append(Kept(candidate, old, new))
        if _narrowed(attempt) != attempt.command:
            run = read_tests((yield from shell(attempt.command, "Run all the tests", "Now all the tests.")))
        attempt.run, attempt.failing = run, _ours(run)
        return True
    back = edit_call(path, *_taken_back(code.lines, candidate))
    [undone] = yield Act([back], "That was not it; I take it back.")
    if undone.refused or undone.interrupted or failed_edit(undone):
        raise Blocked(
            f"I could not take back my trial edit of `{path}`, so **it is still in the file**:\n\n{diff_block(path, old, new)}\n\n"
            f"The tool said: {undone.output.strip().splitlines()[0] if undone.output.strip() else '(nothing)'}"
        )
    return _lesson(attempt, run)


def _lesson(attempt: _Attempt, run: TestRun) -> float:
    """A line whose change breaks what passed was right; one whose change shows nowhere has no part in the failure."""
    after = {failure.test: failure.summary for failure in _ours(run)}
    if not run.understood or after.keys() - attempt.names:
        return 0.4
    if after == {failure.test: failure.summary for failure in attempt.failing}:
        return 0.5
    return 1.2


def _taken_back(lines: list[str], candidate: Candidate) -> tuple[str, str]:
    """The edit that undoes the candidate: found in the changed file, which it must be unique in."""
    edit = candidate.edit
    changed = [*lines[: edit.first], *edit.new, *lines[edit.last + 1 :]]
    return unique_edit(changed, edit.first, edit.first + len(edit.new) - 1, lines[edit.first : edit.last + 1])


def _helps(attempt: _Attempt, run: TestRun) -> bool:
    """Some test passes now in all its cases, and none fails that passed before.

    One case of several would be too little: it may only be that its own answer was written into the code.
    """
    names = {failure.test for failure in _ours(run)}
    if not names < attempt.names or run.failed - len(run.failures) > attempt.run.failed - len(attempt.run.failures):
        return False
    return {name.partition("[")[0] for name in names} < {name.partition("[")[0] for name in attempt.names}


def _narrowed(attempt: _Attempt) -> str:
    if (attempt.run.seconds or 0) <= SLOW_S or attempt.run.runner != "pytest":
        return attempt.command
    files = dict.fromkeys(failure.test.split("::")[0] for failure in attempt.failing if "::" in failure.test)
    return " ".join([attempt.command, *files])


def _announced(attempt: _Attempt, candidate: Candidate) -> str:
    found = ""
    if attempt.tries == 1:
        first = attempt.failing[0]
        more = f" and {len(attempt.failing) - 1} more" if len(attempt.failing) > 1 else ""
        found = f"`{first.test}`{more} fail{'' if more else 's'}: `{_short(first.summary)}`. I try small repairs, one at a time.\n\n"
    return (
        f"{found}**Try {attempt.tries}.** `{candidate.edit.path}:{candidate.line}`: "
        f"`{_short(candidate.was)}` may have to be `{_short(candidate.becomes)}`."
    )


def _why(candidate: Candidate) -> str:
    return f"Rule: {candidate.kind}. Candidates are ranked by the place in the code, the slip, and the evidence of the failing tests."


def _proposal(refusal: str, path: str, old: str, new: str) -> str:
    reason = refusal.strip().splitlines()[0]
    return (
        f"I left the code as it is: my edit of `{path}` was not allowed.\n\n> {reason}\n\nI would have tried this:\n\n"
        f"{diff_block(path, old, new)}\n\nAllow it and say `continue`, and I go on from here."
    )


def _out_of_reach(command: str, run: TestRun, output: str, *, named: bool) -> str:
    reason = (
        f"My repairs are for Python; these tests were run by {run.runner}, so I can report on them and no more."
        if named
        else "None of these failures is one that a change of the code could mend."
    )
    return report(command, run, output) + "\n\n" + reason


def _summary(attempt: _Attempt) -> str:
    if not attempt.kept:
        tried = (
            f"I tried {attempt.tries} small repair{'' if attempt.tries == 1 else 's'} and took each of them back"
            if attempt.tries
            else "I found nothing that my repairs could be tried on"
        )
        return (
            f"**I could not fix it.** {tried}; the code is as it was.\n\n"
            + report(attempt.command, attempt.run, "").split("\n\nSay `fix")[0]
            + "\n\nMy repairs undo slips in one place: a wrong operator, constant, name or condition. This fault is of another kind, "
            "or elsewhere: a person, or a language model, has to look at it."
        )
    done = not attempt.failing
    parts = ["## Fixed" if done else "## Partly fixed"]
    for kept in attempt.kept:
        candidate = kept.candidate
        parts.append(
            f"**`{candidate.edit.path}:{candidate.line}`** — `{_short(candidate.was)}` is now `{_short(candidate.becomes)}`."
        )
        parts.append(diff_block(candidate.edit.path, kept.old, kept.new))
    took = f" in {attempt.run.seconds:g} s" if attempt.run.seconds is not None else ""
    failed = f"{attempt.run.failed} failed, " if attempt.run.failed else ""
    parts.append(f"Tests: **{failed}{attempt.run.passed} passed**{took} (`{attempt.command}`).")
    if not done:
        parts.append("Still failing: " + ", ".join(f"`{failure.test}`" for failure in attempt.failing[:6]) + ".")
    elif attempt.run.failed:
        parts.append("What still fails needs packages that are not installed here.")
    taken_back = attempt.tries - len(attempt.kept)
    if taken_back:
        parts.append(
            f"{taken_back} other repair{'' if taken_back == 1 else 's'} I tried before did not help and {'was' if taken_back == 1 else 'were'} taken back."
        )
    parts.append("_Found by trial, by rule: please read the change before you keep it._")
    return "\n\n".join(parts)


def _short(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= 80 else line[:77] + "…"
