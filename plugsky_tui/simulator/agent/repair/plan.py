"""The order of the trying: every candidate for every suspect, the likeliest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from plugsky_tui.simulator.agent.look import is_test
from plugsky_tui.simulator.agent.repair import directed
from plugsky_tui.simulator.agent.repair.mutations import Candidate, candidates
from plugsky_tui.simulator.agent.repair.ranking import affinity
from plugsky_tui.simulator.agent.repair.suspects import Scene, Suspect

IN_TRACEBACK = 2.5  # how much likelier a line is that stands in a traceback of an exception


def ranked(scene: Scene) -> list[tuple[Candidate, str]]:
    """(candidate, the file's text after it), the likeliest first, without doubles and what does not parse."""
    scored: list[tuple[float, int, Candidate, str]] = []
    for place, (candidate, weight) in enumerate(_all(scene)):
        text = scene.files[candidate.edit.path].with_edit(candidate.edit)
        scored.append((-weight, place, candidate, text))
    scored.sort(key=lambda entry: entry[:2])
    seen: set[tuple[str, str]] = {(path, code.text) for path, code in scene.files.items()}
    plan: list[tuple[Candidate, str]] = []
    for _, _, candidate, text in scored:
        if (candidate.edit.path, text) not in seen:
            seen.add((candidate.edit.path, text))
            plan.append((candidate, text))
    return plan


def parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _all(scene: Scene) -> Iterator[tuple[Candidate, float]]:
    yield from _by_place(scene)
    for suspect in scene.suspects:
        for candidate in candidates(suspect.code, suspect.node):
            hints = [affinity(candidate, case.evidence) for case in scene.cases] or [1.0]
            yield (
                candidate,
                suspect.weight * candidate.weight * _at(suspect, candidate, scene) * sum(hints) / len(hints),
            )
        for case in scene.cases:
            for candidate in directed.constants(suspect.code, suspect.node, case.evidence):
                yield candidate, suspect.weight * candidate.weight
            for candidate in directed.exceptions(suspect.code, suspect.node, case.evidence, case.wanted_exception):
                yield candidate, suspect.weight * candidate.weight


def _by_place(scene: Scene) -> Iterator[tuple[Candidate, float]]:
    """What a traceback's own lines give: names that are not there, lines that do not parse."""
    for case in scene.cases:
        # A test is what the code is held to: it is never changed to make itself pass.
        frames = [
            frame for frame in reversed(case.failure.frames) if frame.path in scene.files and not is_test(frame.path)
        ]
        for distance, frame in enumerate(frames):
            code = scene.files[frame.path]
            if case.evidence.exception in ("SyntaxError", "IndentationError"):
                found = directed.syntax(code, frame.line, case.evidence)
            else:
                found = directed.names(code, frame.line, case.evidence)
            for candidate in found:
                yield candidate, 3.0 * candidate.weight / (1 + distance)
        for code in [code for path, code in scene.files.items() if not is_test(path)]:
            for candidate in directed.misspelled_definition(code, case.evidence):
                yield candidate, candidate.weight


def _at(suspect: Suspect, candidate: Candidate, scene: Scene) -> float:
    raised = any(case.evidence.exception for case in scene.cases)
    return IN_TRACEBACK if raised and candidate.line in suspect.lines else 1.0
