"""The order of the trying: every candidate for every suspect, the likeliest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plugsky_tui.simulator.agent.look import is_test
from plugsky_tui.simulator.agent.repair import directed
from plugsky_tui.simulator.agent.repair.mutations import Candidate, candidates
from plugsky_tui.simulator.agent.repair.ranking import affinity, for_breadth
from plugsky_tui.simulator.agent.repair.suspects import Case, Scene, Suspect

IN_TRACEBACK = 2.5  # how much likelier a line is that stands in a traceback of an exception

SPREAD = 0.1


@dataclass(slots=True)
class Ranked:
    """A candidate and how likely it is by all that is known."""

    candidate: Candidate
    weight: float


class Plan:
    """The candidates still to try. What a try shows about its line changes the order of the rest."""

    def __init__(self, scene: Scene) -> None:
        self._library = scene.library
        self._left = _without_doubles(scene)

    def next(self) -> Candidate | None:
        """The likeliest candidate left, and left no more. None at the end."""
        while self._left:
            best = max(self._left, key=lambda entry: entry.weight)  # the first of equals: the order is a fixed one
            self._left.remove(best)
            code = self._library.seen(best.candidate.edit.path)
            if code is not None and code.parses_with(best.candidate.edit):
                return best.candidate
        return None

    def learn(self, tried: Candidate, factor: float) -> None:
        """The other candidates on the line of `tried` become likelier or less likely by `factor`."""
        for entry in self._left:
            other = entry.candidate
            if other.line == tried.line and other.edit.path == tried.edit.path:
                entry.weight *= factor


def _without_doubles(scene: Scene) -> list[Ranked]:
    best: dict[tuple[str, int, int, tuple[str, ...]], Ranked] = {}
    for candidate, weight in _all(scene):
        code = scene.library.seen(candidate.edit.path)
        edit = code.trimmed(candidate.edit) if code is not None else None
        if edit is None:
            continue
        entry = best.setdefault((edit.path, edit.first, edit.last, tuple(edit.new)), Ranked(candidate, weight))
        entry.weight = max(entry.weight, weight)
    return list(best.values())


def _all(scene: Scene) -> Iterator[tuple[Candidate, float]]:
    yield from _by_place(scene)
    for suspect in scene.suspects:
        yield from _spread(_undoing_slips(suspect, scene))
        yield from _by_difference(suspect, scene)
        for case in scene.cases:
            for candidate in directed.exceptions(suspect.code, suspect.node, case.evidence, case.wanted_exception):
                yield candidate, suspect.weight * candidate.weight


def _by_difference(suspect: Suspect, scene: Scene) -> Iterator[tuple[Candidate, float]]:
    """Constants that make the difference: the more of the cases one would explain, the likelier it is."""
    found: dict[tuple[int, str], list[Candidate]] = {}
    for case in scene.cases:
        for candidate in directed.constants(suspect.code, suspect.node, case.evidence):
            found.setdefault((candidate.line, candidate.becomes), []).append(candidate)
    for same in found.values():
        share = min(1.0, len(same) / len(scene.cases))
        yield same[0], suspect.weight * max(candidate.weight for candidate in same) * share


def _undoing_slips(suspect: Suspect, scene: Scene) -> Iterator[tuple[Candidate, float]]:
    for candidate in candidates(suspect.code, suspect.node):
        hints = [affinity(candidate, case.evidence) * _of_the_test(candidate, case) for case in scene.cases] or [1.0]
        hint = sum(hints) / len(hints) * for_breadth(candidate, len(scene.cases)) * _as_elsewhere(candidate, suspect)
        yield candidate, suspect.weight * candidate.weight * _at(suspect, candidate, scene) * hint


def _as_elsewhere(candidate: Candidate, suspect: Suspect) -> float:
    """A file is of a piece: the sign it uses often is likelier than the one that stands there alone."""
    if candidate.signs is None:
        return 1.0
    was, becomes = (suspect.code.usage.get(sign, 0) + 1 for sign in candidate.signs)
    ratio: float = becomes / was
    return float(min(2.0, max(0.5, ratio**0.35)))


def _of_the_test(candidate: Candidate, case: Case) -> float:
    """Tests are made at the edges: a number that a failing test names is the likelier one."""
    return 2.0 if candidate.kind in ("off-by-one", "scale") and candidate.becomes in case.numbers else 1.0


def _spread(found: Iterator[tuple[Candidate, float]]) -> Iterator[tuple[Candidate, float]]:
    """The longer one suspect has been tried in vain, the likelier it is the next one."""
    for rank, (candidate, weight) in enumerate(sorted(found, key=lambda entry: -entry[1])):
        yield candidate, weight / (1 + SPREAD * rank)


def _by_place(scene: Scene) -> Iterator[tuple[Candidate, float]]:
    """What a traceback's own lines give: names that are not there, lines that do not parse."""
    for case in scene.cases:
        distance = 0
        for frame in reversed(case.failure.frames):
            code = scene.library.seen(frame.path)
            if code is None or is_test(code.path):
                continue  # a test is what the code is held to: it is never changed to make itself pass
            if case.evidence.exception in ("SyntaxError", "IndentationError"):
                found = directed.syntax(code, frame.line, case.evidence)
            else:
                found = directed.names(code, frame.line, case.evidence)
            for candidate in found:
                yield candidate, 3.0 * candidate.weight / (1 + distance)
            distance += 1
        for code in scene.library.all():
            if not is_test(code.path):
                for candidate in directed.misspelled_definition(code, case.evidence):
                    yield candidate, candidate.weight


def _at(suspect: Suspect, candidate: Candidate, scene: Scene) -> float:
    raised = any(case.evidence.exception for case in scene.cases)
    return IN_TRACEBACK if raised and candidate.line in suspect.lines else 1.0
