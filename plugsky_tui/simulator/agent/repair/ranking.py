"""Which candidate first: how likely the slip, how suspect the place, what the evidence speaks for."""

from __future__ import annotations

from plugsky_tui.simulator.agent.repair.evidence import Evidence
from plugsky_tui.simulator.agent.repair.mutations import Candidate

_DIRECTED = {"text", "constant", "name", "exception", "syntax"}


def affinity(candidate: Candidate, evidence: Evidence) -> float:
    """By how much `evidence` makes `candidate` more or less likely (1: not at all)."""
    if candidate.kind in _DIRECTED:
        return 1.0
    if evidence.exception:
        return _for_exception(candidate, evidence)
    if evidence.not_raised:
        return 2.0 if candidate.kind in {"boundary", "direction", "inversion", "connective"} else 0.7
    if not evidence.both_known:
        return 1.0
    actual, expected = evidence.actual, evidence.expected
    if isinstance(actual, bool) and isinstance(expected, bool):
        return _LOGICAL.get(candidate.kind, 0.6)
    if actual is None and expected is not None:
        return 6.0 if candidate.kind == "missing-return" else 0.8
    if isinstance(actual, int | float) and isinstance(expected, int | float):
        return _for_numbers(candidate, actual, expected)
    if isinstance(actual, str) and isinstance(expected, str):
        return _for_texts(candidate, actual, expected)
    if isinstance(actual, list | tuple | set | dict) and isinstance(expected, list | tuple | set | dict):
        return _for_collections(candidate, actual, expected)
    return 1.0


def for_breadth(candidate: Candidate, cases: int) -> float:
    """A fault at an edge shows in few cases, an inverted condition in most."""
    if candidate.kind in ("boundary", "off-by-one"):
        return 1.3 if cases <= 2 else 0.6 if cases >= 8 else 1.0
    if candidate.kind in ("direction", "inversion", "connective", "arithmetic"):
        return 1.3 if cases >= 8 else 1.0
    return 1.0


_LOGICAL = {"boundary": 2.0, "direction": 2.0, "inversion": 2.5, "connective": 2.5, "flag": 2.0, "mistaken-name": 1.5}


def _for_exception(candidate: Candidate, evidence: Evidence) -> float:
    if candidate.kind == "wrong-name" and candidate.was == evidence.absent:
        return 10.0
    match evidence.exception:
        case "IndexError" | "StopIteration" | "ZeroDivisionError" | "RecursionError":
            return 2.0 if candidate.kind in {"boundary", "off-by-one", "slice", "direction", "inversion"} else 0.7
        case "TypeError" | "AttributeError" | "ValueError":
            return (
                1.5
                if candidate.kind in {"order", "mistaken-name", "inversion", "wrong-name", "missing-return"}
                else 0.8
            )
        case _:
            return 1.0


def _for_numbers(candidate: Candidate, actual: float, expected: float) -> float:
    kind = candidate.kind
    if actual == -expected:
        return (
            3.0 if kind in {"sign", "order"} or (kind == "arithmetic" and {candidate.was, candidate.becomes}) else 0.6
        )
    if abs(actual - expected) == 1:
        return {"off-by-one": 2.5, "boundary": 2.0, "arithmetic": 1.2, "slice": 1.5}.get(kind, 0.8)
    return {"arithmetic": 2.0, "scale": 1.6, "order": 1.2, "mistaken-name": 1.2}.get(kind, 0.9)


def _for_texts(candidate: Candidate, actual: str, expected: str) -> float:
    kind = candidate.kind
    if actual.strip() == expected.strip():
        return 4.0 if kind == "mistaken-name" and "strip" in candidate.was else 0.8
    if actual.lower() == expected.lower():
        return (
            4.0
            if kind == "mistaken-name" and candidate.was.strip(".") in {"lower", "upper", "title", "capitalize"}
            else 0.8
        )
    if actual in expected or expected in actual:
        return {"slice": 1.8, "off-by-one": 1.5, "boundary": 1.8, "inversion": 1.3, "connective": 1.3}.get(kind, 0.9)
    return {"boundary": 1.3, "direction": 1.1, "scale": 1.2, "arithmetic": 1.2}.get(kind, 1.0)


def _for_collections(candidate: Candidate, actual: object, expected: object) -> float:
    kind = candidate.kind
    assert isinstance(actual, list | tuple | set | dict) and isinstance(expected, list | tuple | set | dict)
    if len(actual) != len(expected):
        close = abs(len(actual) - len(expected)) <= 2
        usual = {"boundary": 2.0, "inversion": 1.6, "off-by-one": 1.5, "slice": 1.8, "connective": 1.3, "flow": 1.3}
        return (
            usual.get(kind, 0.8)
            if close
            else {"inversion": 2.0, "direction": 1.6, "connective": 1.5, "slice": 1.4}.get(kind, 0.9)
        )
    if isinstance(actual, list | tuple) and sorted(map(repr, actual)) == sorted(map(repr, expected)):
        return {"order": 2.0, "direction": 1.8, "flag": 2.0, "slice": 1.6, "mistaken-name": 1.3}.get(kind, 0.8)
    return {"order": 1.4, "arithmetic": 1.4, "slice": 1.3, "off-by-one": 1.2}.get(kind, 1.0)
