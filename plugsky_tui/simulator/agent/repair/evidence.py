"""What a failing test says about its fault: what was expected, what came instead, what was raised."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any, Final

from plugsky_tui.simulator.agent.test_output import Failure


class _Unknown:
    """The value of an expression that could not be read back from its repr."""

    def __repr__(self) -> str:
        return "(unknown)"


UNKNOWN: Final = _Unknown()


@dataclass(slots=True)
class Evidence:
    """`exception` is the type's name ("" for a failed assertion), `detail` its message.

    `meant` is a name the interpreter suggested ("Did you mean"), `absent` the one it missed.
    """

    expected: Any = UNKNOWN
    actual: Any = UNKNOWN
    exception: str = ""
    detail: str = ""
    absent: str = ""
    meant: str = ""
    not_raised: str = ""

    @property
    def both_known(self) -> bool:
        return self.expected is not UNKNOWN and self.actual is not UNKNOWN


_NOT_RAISED = re.compile(r"DID NOT RAISE .*?(\w+)'?>?$|(\w+) not raised")
_RAISED = re.compile(
    r"^(?:[\w.]+\.)?([A-Z]\w*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Found|Timeout)?)(?:: (.*))?$"
)
_ABSENT = re.compile(r"(?:name|attribute|argument|import name|key) '([\w.]+)'")
_MEANT = re.compile(r"Did you mean:? '([\w.]+)'\?")
_NOT_EQUAL = re.compile(r"^(?:AssertionError: )?(.+?) != (.+?)(?: : .*)?$")


def read_evidence(failure: Failure, *, expected_first: bool = False) -> Evidence:
    """The evidence in `failure`. `expected_first`: the test writes `assert expected == actual`."""
    first = failure.summary
    text = "\n".join(failure.message)
    if found := _NOT_RAISED.search(first):
        return Evidence(not_raised=found[1] or found[2], detail=first)
    sides = _assertion_sides(first)
    if sides is not None:
        actual, expected = reversed(sides) if expected_first else sides
        evidence = Evidence(_value(expected), _value(actual), detail=first)
        if not evidence.both_known:
            _from_diff(evidence, failure.message, expected_first=expected_first)
        return evidence
    raised = _RAISED.match(first)
    if raised is None or raised[1] == "AssertionError" or first.startswith("assert "):
        return Evidence(detail=first)
    evidence = Evidence(exception=raised[1], detail=raised[2] or "")
    if found := _ABSENT.search(text):
        evidence.absent = found[1]
    elif raised[1] == "KeyError" and (quoted := re.fullmatch(r"'([^']+)'", evidence.detail)):
        evidence.absent = quoted[1]
    if found := _MEANT.search(text):
        evidence.meant = found[1]
    return evidence


def _assertion_sides(line: str) -> tuple[str, str] | None:
    """The two sides of the comparison an assertion failed on, as text: left, right."""
    stated = line.removeprefix("AssertionError: ")
    if stated.startswith("assert "):
        stated = stated.removeprefix("assert ")
        for sign in (" == ", " is "):
            for place in _places(stated, sign):
                left, right = stated[:place], stated[place + len(sign) :]
                if _balanced(left) and _balanced(right):
                    return left, right
        if stated in ("True", "False"):
            return stated, "True" if stated == "False" else "False"
        if stated.startswith("not "):
            return stated[4:], "False"
        return None
    if found := _NOT_EQUAL.match(line):
        return found[1], found[2]
    if found := re.match(r"(?:AssertionError: )?(True|False|None) is not (true|false|None)", line):
        return found[1], found[2].capitalize()
    return None


def _places(text: str, part: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(part), text)]


def _balanced(text: str) -> bool:
    """Whether brackets and quotes are closed: a cut inside a literal leaves them open."""
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text.count("(") == text.count(")") and text.count("[") == text.count("]") and text.count("'") % 2 == 0
    return True


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return UNKNOWN


def _from_diff(evidence: Evidence, message: list[str], *, expected_first: bool) -> None:
    """pytest cuts long values in the assertion and shows them whole below: "- right", "+ left"."""
    right = [line[2:] for line in message[1:] if line.startswith("- ")]
    left = [line[2:] for line in message[1:] if line.startswith("+ ") and not line.startswith("+  where")]
    if len(right) == 1 and len(left) == 1:
        evidence.actual, evidence.expected = (right[0], left[0]) if expected_first else (left[0], right[0])
