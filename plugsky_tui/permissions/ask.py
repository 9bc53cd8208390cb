"""The question the gate puts to a front end, and its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from plugsky_tui.kernel.events import Verdict
from plugsky_tui.kernel.ports import Judgement, Prepared


@dataclass(slots=True)
class Approval:
    """`remember`: for this call only, for this thread, or always; `rules` are then the rules to keep
    (as suggested, or as the user edited them). `word` is a word of the user's to the model. `hunks` are the numbers of
    those allowed; None: all of it."""

    verdict: Verdict
    remember: Literal["once", "thread", "always"] = "once"
    rules: list[str] = field(default_factory=list)
    word: str = ""
    hunks: list[int] | None = None


Asker = Callable[[Prepared, Judgement], Awaitable[Approval]]
