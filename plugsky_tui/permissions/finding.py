"""What is known about one part of a call before mode and rules have spoken, and what they make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.rules import Rule

Effect = Literal["read", "edit", "run", "look", "guarded", "forbidden"]
"""What a part does, from harmless to never:

read       plainly reads in the workspace
edit       changes an ordinary file of the workspace
run        runs or changes something else
look       reads what must be asked for: secrets, files outside the workspace
guarded    is dangerous, reaches outside the workspace or touches settings: even `auto` asks
forbidden  refused in every mode; no rule lifts it
"""


@dataclass(slots=True)
class Finding:
    """`subject` is the part as written, `reason` one sentence for people.

    `suggestion` is the rule that would let it pass next time, None where it must not be remembered.
    `needs` is what an allow rule must be to cover it. `rule` is the rule that speaks about it.
    """

    subject: str
    effect: Effect
    reason: str
    suggestion: str | None = None
    needs: Power = Power.ANY
    rule: Rule | None = None


_STRICTNESS: dict[Effect, int] = {"read": 0, "edit": 1, "run": 2, "look": 3, "guarded": 4, "forbidden": 5}


def strictness(effect: Effect) -> int:
    return _STRICTNESS[effect]
