"""What each mode lets through, and how modes and rules together make a verdict.

deny beats ask beats allow. A mode that refuses is not widened by an allow rule: in plan mode
nothing changes, whatever the rules say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plugsky_tui.permissions.finding import Effect, Finding

Mode = Literal["plan", "ask", "edit", "auto"]
MODES: tuple[Mode, ...] = ("plan", "ask", "edit", "auto")

Verdict = Literal["allow", "ask", "deny"]

_PASSES: dict[str, frozenset[Effect]] = {
    "plan": frozenset({"read"}),
    "ask": frozenset({"read"}),
    "edit": frozenset({"read", "edit"}),
    "auto": frozenset({"read", "edit", "run"}),
}
_ASKED_IN_PLAN: frozenset[Effect] = frozenset({"look"})


@dataclass(slots=True)
class Decision:
    """The verdict on one part. `rememberable`: a rule could let it pass next time."""

    verdict: Verdict
    by: Literal["rule", "mode"]
    reason: str
    rememberable: bool


def decide(finding: Finding, mode: str) -> Decision:
    """The verdict on `finding` in `mode`, its rule counted in."""
    rule = finding.rule
    if finding.effect == "forbidden":
        return Decision("deny", "mode", finding.reason, rememberable=False)
    if rule is not None and rule.verdict == "deny":
        return Decision("deny", "rule", f"The rule {rule.text} refuses it.", rememberable=False)
    passes = finding.effect in _PASSES[mode]
    if mode == "plan" and not passes and finding.effect not in _ASKED_IN_PLAN:
        return Decision("deny", "mode", f"Plan mode only reads: {_lower_first(finding.reason)}", rememberable=False)
    if rule is not None and rule.verdict == "ask":
        return Decision("ask", "rule", f"The rule {rule.text} wants it asked.", rememberable=False)
    if passes:
        return Decision("allow", "mode", finding.reason, rememberable=True)
    if rule is not None:
        return Decision("allow", "rule", f"The rule {rule.text} allows it.", rememberable=True)
    return Decision("ask", "mode", finding.reason, rememberable=finding.suggestion is not None)


def _lower_first(sentence: str) -> str:
    """`sentence` to go on after a colon; names in backticks and paths keep their case."""
    first = sentence[:1]
    return sentence if not first.isupper() or sentence[1:2].isupper() else first.lower() + sentence[1:]
